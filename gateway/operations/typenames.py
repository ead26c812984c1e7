"""Where the type of a value decides what a client receives, the value's `__typename` is fetched with it.

That is wherever an interface's or a union's values are selected by type. Where a subgraph has an interface as an
object (`@interfaceObject`), asking what its values really are costs a fetch: it is asked only if the answer depends
on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.supergraph import Kind
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet, TypeCase
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.supergraph import Supergraph


def with_typenames(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> SelectionSet:
    """The selections with a hidden `__typename` wherever one is needed."""
    return tuple(
        _field(selection, type_name, supergraph)
        if isinstance(selection, Field)
        else replace(selection, selections=with_typenames(selection.selections, selection.type_name, supergraph))
        for selection in selections
    )


def _field(selection: Field, type_name: str, supergraph: Supergraph) -> Field:
    if not selection.selections:
        return selection
    value = named_type(supergraph.types[type_name].fields[selection.name].type)
    inner = with_typenames(selection.selections, value, supergraph)
    asked = Field(TYPENAME, TYPENAME)
    if _needed(inner, value, supergraph) and asked not in inner:  # under a condition is not enough
        inner = (*inner, asked)
    return replace(selection, selections=inner)


def _needed(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> bool:
    type_ = supergraph.types[type_name]
    if type_.kind is Kind.OBJECT:
        return False
    if any(isinstance(s, TypeCase) or s.name == TYPENAME for s in selections):
        return True
    return not any(membership.interface_object for membership in type_.memberships.values())
