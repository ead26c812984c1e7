"""All types of all subgraphs, merged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gateway.composition.field_sets import used_fields
from gateway.composition.merge.costs import weight
from gateway.composition.merge.definitions import composed_directives, executable_directives
from gateway.composition.merge.directives import carried, description, used_features
from gateway.composition.merge.enums import merge_values
from gateway.composition.merge.fields import merge_fields
from gateway.composition.merge.inputs import merge_inputs
from gateway.composition.merge.merged import Collected, MergedField, MergedSchema, MergedType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.subgraph import Subgraph, TypeElement

_ROOTS = ("Query", "Mutation", "Subscription")


def merge_schema(collected: Collected) -> MergedSchema:
    """Merge everything; what can't be merged becomes errors of `collected`, and is left out."""
    _mark_used(collected)
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
    roots = {r.lower(): r for r in _ROOTS if r in types and types[r].kind == "type"}
    links = {link.identity: link for s in collected.subgraphs for link in s.composed.values()}
    features = used_features(e for s in collected.subgraphs for e in s.elements())
    if any(type_.contexts for s in collected.subgraphs for type_ in s.types.values()):
        features.append("context")
    return MergedSchema(
        types, roots, features, list(links.values()), composed_directives(collected), executable_directives(collected)
    )


def _mark_used(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_name, name in used_fields(subgraph):
            field = subgraph.types[type_name].fields.get(name) if type_name in subgraph.types else None
            if field is not None:
                field.used = True


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
        for context in type_.contexts:
            merged.directives.append(f"@context(name: {json.dumps(f'{subgraph.name}__{context}')})")
    merged.directives += carried(definitions)
    if kind in ("type", "scalar", "enum"):
        merged.directives += weight(name, definitions, collected)
    if kind in ("type", "interface"):
        merged.fields = merge_fields(name, definitions, collected)
    elif kind == "input":
        merged.inputs = merge_inputs("input field", name, [(s, t.inputs) for s, t in definitions], collected)
        if not set.intersection(*(set(t.inputs) for _, t in definitions)):
            message = f"no field of input `{name}` is in every subgraph that has it"
            collected.error("EMPTY_MERGED_INPUT_TYPE", message, *collected.places(name))
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
