"""EXTERNAL_UNUSED, EXTERNAL_MISSING_ON_BASE: what is external is used, and is somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.selections import Field, SelectionSet, parse_field_set
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import Subgraph


def used_fields(subgraph: Subgraph) -> set[tuple[str, str]]:
    """Every (type, field) that a key, a requirement or a provision of the subgraph names, and what they imply.

    An external field that an interface of the subgraph asks of its implementations is used by being there.
    """
    found: set[tuple[str, str]] = set()

    def walk(selections: SelectionSet, type_name: str) -> None:
        for selection in selections:
            if not isinstance(selection, Field):
                walk(selection.selections, selection.type_name)
                continue
            for name in (type_name, *_implementations(subgraph, type_name)):
                found.add((name, selection.name))
            field = subgraph.types[type_name].fields.get(selection.name) if type_name in subgraph.types else None
            if field is not None and field.type is not None and selection.selections:
                walk(selection.selections, named_type(field.type))

    for type_ in subgraph.types.values():
        for key in type_.keys:
            walk(parse_field_set(key.fields or ""), type_.name)
        for field in type_.fields.values():
            if field.requires:
                walk(parse_field_set(field.requires), type_.name)
            if field.provides and field.type is not None:
                walk(parse_field_set(field.provides), named_type(field.type))
        for interface in type_.interfaces:
            if interface in subgraph.types:
                found |= {(type_.name, name) for name in subgraph.types[interface].fields}
    return found


def check_external_in_sets(collected: Collected) -> None:
    """What is provided or required is external here: what the subgraph has by itself needs neither."""
    for subgraph in collected.subgraphs:
        if subgraph.federation_1:
            continue
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                where = f"[{subgraph.name}] `{type_.name}.{field.name}`"
                if field.provides and field.type is not None:
                    missing = _own(parse_field_set(field.provides), named_type(field.type), subgraph)
                    if missing:
                        message = f"{where} provides `{missing}`, which is not external"
                        collected.error("PROVIDES_FIELDS_MISSING_EXTERNAL", message, field.place)
                if field.requires:
                    missing = _own(parse_field_set(field.requires), type_.name, subgraph)
                    if missing:
                        message = f"{where} requires `{missing}`, which is not external"
                        collected.error("REQUIRES_FIELDS_MISSING_EXTERNAL", message, field.place)


def _own(selections: SelectionSet, type_name: str, subgraph: Subgraph) -> str | None:
    """The first leaf that the subgraph has by itself: neither it, nor what leads to it, is external."""
    for selection in selections:
        if not isinstance(selection, Field):
            found = _own(selection.selections, selection.type_name, subgraph)
            if found:
                return found
            continue
        names = [type_name, *_implementations(subgraph, type_name)]
        elements = [subgraph.types[n].fields.get(selection.name) for n in names if n in subgraph.types]
        if selection.name == "__typename" or any(e is not None and e.external for e in elements):
            continue
        element = elements[0] if elements else None
        if not selection.selections or element is None or element.type is None:
            return f"{type_name}.{selection.name}"
        found = _own(selection.selections, named_type(element.type), subgraph)
        if found:
            return found
    return None


def _implementations(subgraph: Subgraph, type_name: str) -> list[str]:
    return [t.name for t in subgraph.types.values() if type_name in t.interfaces]


def check_external_used(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        if subgraph.federation_1:
            continue
        used = used_fields(subgraph)
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if field.external and (type_.name, field.name) not in used:
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` is external, and nothing uses it"
                    collected.error("EXTERNAL_UNUSED", message, field.place)


def check_external_base(collected: Collected) -> None:
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        having = collected.having(name)
        for field in dict.fromkeys(f for _, t in having for f in t.fields):
            elements = [t.fields[field] for _, t in having if field in t.fields]
            interfaces = {i for _, t in having for i in t.interfaces}
            if any(t.interface_object and field in t.fields for i in interfaces for _, t in collected.having(i)):
                continue  # an interface object gives it
            if all(element.external for element in elements):
                message = f"`{name}.{field}` is external wherever it is: no subgraph has it"
                collected.error("EXTERNAL_MISSING_ON_BASE", message, *(e.place for e in elements))
