"""Fields of object and interface types, and who resolves each: `join__field` (join specification, v0.3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gateway.composition.contexts import from_context
from gateway.composition.merge.costs import list_size, weight
from gateway.composition.merge.directives import carried, description
from gateway.composition.merge.inputs import merge_inputs
from gateway.composition.merge.merged import Collected, MergedField
from gateway.composition.merge.types import output_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.subgraph import FieldElement, InputElement, Subgraph, TypeElement


def merge_fields(
    name: str, definitions: Sequence[tuple[Subgraph, TypeElement]], collected: Collected
) -> dict[str, MergedField]:
    """Merge the fields of a type over the subgraphs that define it, in the order in which they are met."""
    out: dict[str, MergedField] = {}
    for field_name in dict.fromkeys(f for _, type_ in definitions for f in type_.fields):
        having = [(s, t.fields[field_name]) for s, t in definitions if field_name in t.fields]
        merged = _merge_field(name, field_name, definitions, having, collected)
        if merged is not None:
            out[field_name] = merged
    return out


def overriding(subgraph: Subgraph, having: Sequence[tuple[Subgraph, FieldElement]]) -> FieldElement | None:
    """The field of another subgraph that takes this one's over (Federation, @override)."""
    return next((e for s, e in having if e.override_from == subgraph.name and s is not subgraph), None)


def _kept(subgraph: Subgraph, element: FieldElement, having: Sequence[tuple[Subgraph, FieldElement]]) -> bool:
    """Whether the supergraph still speaks of a subgraph's field: it may be used, or its new owner's is not always."""
    over = overriding(subgraph, having)
    return over is None or over.override_label is not None or element.external or element.used


def _merge_field(
    type_name: str,
    name: str,
    definitions: Sequence[tuple[Subgraph, TypeElement]],
    having: Sequence[tuple[Subgraph, FieldElement]],
    collected: Collected,
) -> MergedField | None:
    coordinate = f"{type_name}.{name}"
    places = [element.place for _, element in having]
    types = [element.type for _, element in having if element.type is not None]
    type_ = output_type(types, collected)
    if type_ is None:
        found = ", ".join(f"`{e.type}` in `{s.name}`" for s, e in having)
        owned = [e.type for _, e in having if e.type is not None and not e.external]
        agreed = bool(owned) and output_type(owned, collected) is not None
        code = "EXTERNAL_TYPE_MISMATCH" if agreed else "FIELD_TYPE_MISMATCH"
        if code == "FIELD_TYPE_MISMATCH":
            collected.error(code, f"field `{coordinate}` has types that do not fit: {found}", *places)
    external = frozenset(s.name for s, e in having if e.external)
    contextual = {a.name for _, e in having for a in e.arguments.values() if a.from_context is not None}
    asked = [(s, {n: a for n, a in e.arguments.items() if n not in contextual}) for s, e in having]
    arguments = merge_inputs("argument", coordinate, asked, collected, external)
    if type_ is None:
        return None
    kept = [(s, e) for s, e in having if _kept(s, e, having)]
    everywhere = len(collected.subgraphs) if type_name == "Query" else len(definitions)
    joins = (
        []
        if _plain(everywhere, having, type_) and not contextual
        else [_join(s, e, type_, having, collected) for s, e in kept]
    )
    costs = [*weight(coordinate, having, collected), *list_size(coordinate, having, arguments, collected)]
    return MergedField(name, type_, arguments, description(having), [*joins, *carried(having), *costs])


def _plain(everywhere: int, having: Sequence[tuple[Subgraph, FieldElement]], type_: object) -> bool:
    """Whether every subgraph of the type resolves the field in the same way, so that nothing need be said.

    `everywhere` is the number of those subgraphs: the query type is in all, as it can be entered everywhere.
    """
    return len(having) == everywhere and all(
        e.type == type_ and not (e.external or e.requires or e.provides or e.override_from) for _, e in having
    )


def _join(
    subgraph: Subgraph,
    element: FieldElement,
    type_: object,
    having: Sequence[tuple[Subgraph, FieldElement]],
    collected: Collected,
) -> str:
    parts = [f"graph: {subgraph.id}"]
    if any(e.type != type_ for _, e in having):
        parts.append(f"type: {json.dumps(str(element.type))}")
    if element.external:
        parts.append("external: true")
    if element.requires is not None:
        parts.append(f"requires: {json.dumps(element.requires)}")
    if element.provides is not None:
        parts.append(f"provides: {json.dumps(element.provides)}")
    known = {s.name for s in collected.subgraphs}
    if element.override_from in known:
        parts.append(f"override: {json.dumps(element.override_from)}")
    over = overriding(subgraph, having)
    if over is not None and over.override_label is None and not element.external:
        parts.append("usedOverridden: true")
    own = element.override_label if element.override_from in known else None
    label = own or (over.override_label if over is not None else None)
    if label is not None:
        parts.append(f"overrideLabel: {json.dumps(label)}")
    contexts = [_context_argument(subgraph, a) for a in element.arguments.values() if a.from_context is not None]
    if contexts:
        parts.append(f"contextArguments: [{', '.join(contexts)}]")
    return f"@join__field({', '.join(parts)})"


def _context_argument(subgraph: Subgraph, argument: InputElement) -> str:
    source = from_context(argument.from_context)
    assert source is not None
    context, selection = json.dumps(f"{subgraph.name}__{source.context}"), json.dumps(source.selection)
    type_ = json.dumps(str(argument.type))
    return f"{{context: {context}, name: {json.dumps(argument.name)}, type: {type_}, selection: {selection}}}"
