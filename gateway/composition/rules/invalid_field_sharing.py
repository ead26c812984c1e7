"""INVALID_FIELD_SHARING: a field that several subgraphs resolve is `@shareable` in all of them.

What a subgraph declares external, or has lost to an `@override`, it does not resolve; what it uses in a key it shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge.fields import overridden
from gateway.supergraph.selections import Field, parse_field_set

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph, TypeElement


def check_field_sharing(collected: Collected) -> None:
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        definitions = [(s, t) for s, t in collected.having(name) if t.kind == "type"]
        for field_name in dict.fromkeys(f for _, t in definitions for f in t.fields):
            _check_field(name, field_name, definitions, collected)


def _check_field(
    type_name: str, name: str, definitions: list[tuple[Subgraph, TypeElement]], collected: Collected
) -> None:
    having: list[tuple[Subgraph, FieldElement]] = [(s, t.fields[name]) for s, t in definitions if name in t.fields]
    types = {s.name: t for s, t in definitions}
    resolving = [(s, e) for s, e in having if not e.external and not overridden(s, having)]
    if len(resolving) < 2:
        return
    alone = [(s, e) for s, e in resolving if not e.shareable and name not in _key_fields(types[s.name])]
    if alone:
        collected.error(
            "INVALID_FIELD_SHARING",
            f"`{type_name}.{name}` is resolved by {', '.join(f'`{s.name}`' for s, _ in resolving)}, and is not"
            f" `@shareable` in {', '.join(f'`{s.name}`' for s, _ in alone)}",
            *(element.place for _, element in alone),
        )


def _key_fields(type_: TypeElement) -> set[str]:
    return {item.name for key in type_.keys for item in parse_field_set(key.fields) if isinstance(item, Field)}
