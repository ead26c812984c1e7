"""All types of all subgraphs, merged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphql import DirectiveDefinitionNode, print_ast

from gateway.composition.merge.costs import weight
from gateway.composition.merge.directives import carried, description, used_features
from gateway.composition.merge.enums import merge_values
from gateway.composition.merge.fields import merge_fields
from gateway.composition.merge.inputs import merge_inputs
from gateway.composition.merge.merged import Collected, MergedField, MergedSchema, MergedType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.composition.subgraph import Element, Subgraph, TypeElement

_ROOTS = ("Query", "Mutation", "Subscription")


def merge_schema(collected: Collected) -> MergedSchema:
    """Merge everything; what can't be merged becomes errors of `collected`, and is left out."""
    names = dict.fromkeys([r for r in _ROOTS if collected.having(r)])
    names.update(dict.fromkeys(sorted(name for s in collected.subgraphs for name in s.types)))
    types: dict[str, MergedType] = {}
    for name in names:
        definitions = collected.having(name)
        kinds = list(dict.fromkeys(_kind(type_) for _, type_ in definitions))
        if len(kinds) > 1:
            found = ", ".join(f"`{t.kind}` in `{s.name}`" for s, t in definitions)
            places = [t.place for _, t in definitions]
            collected.error("TYPE_KIND_MISMATCH", f"type `{name}` is of different kinds: {found}", *places)
            continue
        types[name] = _merge_type(kinds[0], name, definitions, collected)
    _add_interface_object_fields(types, collected)
    roots = {r.lower(): r for r in _ROOTS if r in types}
    links = {link.identity: link for s in collected.subgraphs for link in s.composed.values()}
    features = used_features(e for s in collected.subgraphs for e in _elements(s))
    return MergedSchema(types, roots, features, list(links.values()), _definitions(collected))


def _add_interface_object_fields(types: dict[str, MergedType], collected: Collected) -> None:
    """What a subgraph adds to an interface that it has as an object (`@interfaceObject`), its implementations have."""
    for interface in types.values():
        if not any(type_.interface_object for _, type_ in collected.having(interface.name)):
            continue
        for type_ in types.values():
            if interface.name not in type_.interfaces or type_.kind != "type":
                continue
            for name, field in interface.fields.items():
                directives = ["@join__field", *(d for d in field.directives if not d.startswith("@join__"))]
                added = MergedField(name, field.type, field.arguments, field.description, directives)
                type_.fields.setdefault(name, added)


def _kind(type_: TypeElement) -> str:
    return "interface" if type_.interface_object else type_.kind


def _merge_type(
    kind: str, name: str, definitions: Sequence[tuple[Subgraph, TypeElement]], collected: Collected
) -> MergedType:
    merged = MergedType(kind, name, description(definitions))
    for subgraph, type_ in definitions:
        merged.directives += _join_type(subgraph, type_)
    if name == "Query":  # the query root can be entered everywhere
        known = {subgraph.id for subgraph, _ in definitions}
        merged.directives += [f"@join__type(graph: {s.id})" for s in collected.subgraphs if s.id not in known]
    for subgraph, type_ in definitions:
        for interface in type_.interfaces:
            merged.directives.append(f'@join__implements(graph: {subgraph.id}, interface: "{interface}")')
            if interface not in merged.interfaces:
                merged.interfaces.append(interface)
        for member in type_.members:
            merged.directives.append(f'@join__unionMember(graph: {subgraph.id}, member: "{member}")')
            if member not in merged.members:
                merged.members.append(member)
    merged.directives += carried(definitions)
    if kind in ("type", "scalar", "enum"):
        merged.directives += weight(name, definitions, collected)
    if kind in ("type", "interface"):
        merged.fields = merge_fields(name, definitions, collected)
    elif kind == "input":
        merged.inputs = merge_inputs("input field", name, [(s, t.inputs) for s, t in definitions], collected)
        if not set.intersection(*(set(t.inputs) for _, t in definitions)):
            collected.error("EMPTY_MERGED_INPUT_TYPE", f"no field of input `{name}` is in every subgraph that has it")
    elif kind == "enum":
        merged.values = merge_values(name, definitions, collected)
    return merged


def _join_type(subgraph: Subgraph, type_: TypeElement) -> list[str]:
    """`join__type` for one subgraph: once for each key, or once."""
    out: list[str] = []
    for key in type_.keys:
        parts = [f"graph: {subgraph.id}", f"key: {json.dumps(key.fields)}"]
        if type_.extension:
            parts.append("extension: true")
        if not key.resolvable:
            parts.append("resolvable: false")
        if type_.interface_object:
            parts.append("isInterfaceObject: true")
        out.append(f"@join__type({', '.join(parts)})")
    if not out:
        more = ", isInterfaceObject: true" if type_.interface_object else ""
        out.append(f"@join__type(graph: {subgraph.id}{more})")
    return out


def _elements(subgraph: Subgraph) -> Iterator[Element]:
    for type_ in subgraph.types.values():
        yield type_
        yield from type_.inputs.values()
        yield from type_.values.values()
        for field in type_.fields.values():
            yield field
            yield from field.arguments.values()


def _definitions(collected: Collected) -> list[str]:
    """The definitions of the directives that subgraphs export, each once."""
    found: dict[str, str] = {}
    for subgraph in collected.subgraphs:
        for definition in subgraph.document.definitions:
            if isinstance(definition, DirectiveDefinitionNode) and definition.name.value in subgraph.composed:
                found.setdefault(definition.name.value, print_ast(definition))
    return list(found.values())
