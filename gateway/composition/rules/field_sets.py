"""KEY_INVALID_FIELDS, REQUIRES_INVALID_FIELDS, PROVIDES_INVALID_FIELDS: field sets name fields that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import SupergraphError
from gateway.supergraph.selections import TYPENAME, SelectionSet, TypeCase, parse_field_set
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.result import Place
    from gateway.composition.subgraph import Subgraph


def check_field_sets(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for key in type_.keys:
                _check("KEY", key.fields, type_.name, f"a key of `{type_.name}`", subgraph, collected, key.place)
            for field in type_.fields.values():
                where = f"`{type_.name}.{field.name}`"
                if field.requires is not None:
                    _check("REQUIRES", field.requires, type_.name, where, subgraph, collected, field.place)
                if field.provides is not None and field.type is not None:
                    value = named_type(field.type)
                    _check("PROVIDES", field.provides, value, where, subgraph, collected, field.place)


def _check(
    directive: str,
    fields: str,
    type_name: str,
    where: str,
    subgraph: Subgraph,
    collected: Collected,
    place: Place | None,
) -> None:
    code = f"{directive}_INVALID_FIELDS"
    try:
        selections = parse_field_set(fields)
    except SupergraphError as error:
        collected.error(code, f"[{subgraph.name}] {where}: {error}", place)
        return
    missing = _missing(selections, type_name, subgraph)
    if missing:
        collected.error(code, f"[{subgraph.name}] {where} names `{missing}`, which is not there", place)


def _missing(selections: SelectionSet, type_name: str, subgraph: Subgraph) -> str | None:
    """The first coordinate in a field set that the subgraph does not have."""
    type_ = subgraph.types.get(type_name)
    if type_ is None:
        return type_name
    for selection in selections:
        if isinstance(selection, TypeCase):
            found = _missing(selection.selections, selection.type_name, subgraph)
        elif selection.name == TYPENAME:
            continue
        else:
            field = type_.fields.get(selection.name)
            if field is None or field.type is None:
                return f"{type_name}.{selection.name}"
            value = named_type(field.type)
            composite = value in subgraph.types and subgraph.types[value].kind in ("type", "interface", "union")
            if composite != bool(selection.selections):
                return f"{type_name}.{selection.name}"
            found = _missing(selection.selections, value, subgraph) if selection.selections else None
        if found:
            return found
    return None
