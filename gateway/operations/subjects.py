"""Wherever an operation reaches a subject (a type marked `@subject`), its regional id is fetched with it.

The audit names the children that an answer disclosed by this id, whether or not the client asked for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.supergraph.selections import HIDDEN, Field, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.supergraph import CompositeType, Supergraph

SUBJECT_KEY: Final = f"{HIDDEN}subject"
"""The response key under which a subject's id is fetched."""


def subject_key(type_: CompositeType) -> str | None:
    """The field that identifies a subject: its first key, where that is one plain field."""
    if not type_.subject:
        return None
    for membership in type_.memberships.values():
        for key in membership.keys:
            if len(key.fields) == 1 and isinstance(key.fields[0], Field) and not key.fields[0].selections:
                return key.fields[0].name
    return None


def with_subject_keys(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> SelectionSet:
    """The selections with the hidden id added to each subject."""
    return tuple(
        _field(selection, type_name, supergraph)
        if isinstance(selection, Field)
        else replace(selection, selections=_inside(selection.selections, selection.type_name, supergraph))
        for selection in selections
    )


def _field(selection: Field, type_name: str, supergraph: Supergraph) -> Field:
    if not selection.selections:
        return selection
    value = named_type(supergraph.types[type_name].fields[selection.name].type)
    return replace(selection, selections=_inside(selection.selections, value, supergraph))


def _inside(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> SelectionSet:
    inner = with_subject_keys(selections, type_name, supergraph)
    key = subject_key(supergraph.types[type_name])
    return (*inner, Field(SUBJECT_KEY, key)) if key else inner
