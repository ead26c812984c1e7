"""What field sets of a subgraph name: its `@key`s, `@requires` and `@provides` (Federation, scalar `FieldSet`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.contexts import from_context
from gateway.errors import SupergraphError
from gateway.supergraph.selections import Field, SelectionSet, parse_field_set
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.subgraph import Subgraph


def readable(fields: str | None) -> SelectionSet:
    """The field set that a string means; empty where it is none, as another rule says."""
    try:
        return parse_field_set(fields or "")
    except SupergraphError:
        return ()


def named_fields(selections: SelectionSet, type_name: str, subgraph: Subgraph) -> Iterator[tuple[str, str]]:
    """Every (type, field) of a field set on a type, at any depth."""
    for selection in selections:
        if not isinstance(selection, Field):
            yield from named_fields(selection.selections, selection.type_name, subgraph)
            continue
        yield type_name, selection.name
        field = subgraph.types[type_name].fields.get(selection.name) if type_name in subgraph.types else None
        if field is not None and field.type is not None and selection.selections:
            yield from named_fields(selection.selections, named_type(field.type), subgraph)


def used_fields(subgraph: Subgraph) -> set[tuple[str, str]]:
    """Every (type, field) that a key, a requirement or a provision of the subgraph names, and what they imply.

    An external field that an interface of the subgraph asks of its implementations is used by being there.
    """
    found: set[tuple[str, str]] = set()

    def walk(selections: SelectionSet, type_name: str) -> None:
        for owner, field in named_fields(selections, type_name, subgraph):
            found.update((name, field) for name in (owner, *_implementations(subgraph, owner)))

    for type_ in subgraph.types.values():
        for key in type_.keys:
            walk(readable(key.fields), type_.name)
        for field in type_.fields.values():
            if field.requires:
                walk(readable(field.requires), type_.name)
            if field.provides and field.type is not None:
                walk(readable(field.provides), named_type(field.type))
            for argument in field.arguments.values():
                source = from_context(argument.from_context)
                for other in subgraph.types.values():
                    if source is not None and source.context in other.contexts:
                        walk(readable(source.selection), other.name)
        for interface in type_.interfaces:
            if interface in subgraph.types:
                found |= {(type_.name, name) for name in subgraph.types[interface].fields}
    return found


def own_leaf(selections: SelectionSet, type_name: str, subgraph: Subgraph) -> str | None:
    """The first leaf that the subgraph has by itself: neither it, nor what leads to it, is external."""
    for selection in selections:
        if not isinstance(selection, Field):
            found = own_leaf(selection.selections, selection.type_name, subgraph)
            if found:
                return found
            continue
        names = [type_name, *_implementations(subgraph, type_name)]
        elements = [subgraph.types[n].fields.get(selection.name) for n in names if n in subgraph.types]
        if selection.name == "__typename" or any(e is not None and e.external for e in elements):
            continue
        element = elements[0] if elements else None
        if element is None or element.type is None:
            continue  # it is not there at all, as another rule says
        if not selection.selections:
            return f"{type_name}.{selection.name}"
        found = own_leaf(selection.selections, named_type(element.type), subgraph)
        if found:
            return found
    return None


def _implementations(subgraph: Subgraph, type_name: str) -> list[str]:
    return [t.name for t in subgraph.types.values() if type_name in t.interfaces]
