"""INVALID_FIELD_SHARING: a field that several subgraphs resolve is `@shareable` in all of them.

What a subgraph declares external, or has lost to an `@override`, it does not resolve; what it uses in a key it shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.field_sets import named_fields, readable
from gateway.composition.merge.fields import overriding

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph, TypeElement


def check_field_sharing(collected: Collected) -> None:
    in_keys = {s.name: _in_keys(s) for s in collected.subgraphs}
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        definitions = [(s, t) for s, t in collected.having(name) if t.kind == "type"]
        for field_name in dict.fromkeys(f for _, t in definitions for f in t.fields):
            _check_field(name, field_name, definitions, in_keys, collected)


def _check_field(
    type_name: str,
    name: str,
    definitions: list[tuple[Subgraph, TypeElement]],
    in_keys: dict[str, set[tuple[str, str]]],
    collected: Collected,
) -> None:
    having: list[tuple[Subgraph, FieldElement]] = [(s, t.fields[name]) for s, t in definitions if name in t.fields]
    having += [
        (s, t.fields[name])
        for interface in dict.fromkeys(i for _, t in definitions for i in t.interfaces)
        for s, t in collected.having(interface)
        if t.interface_object and name in t.fields and (interface, name) not in in_keys[s.name]
    ]
    resolving = [(s, e) for s, e in having if not e.external and overriding(s, having) is None]
    if len(resolving) < 2:
        return
    alone = [
        (s, e)
        for s, e in resolving
        if type_name == "Subscription" or not (e.shareable or (type_name, name) in in_keys[s.name])
    ]
    if alone:
        collected.error(
            "INVALID_FIELD_SHARING",
            f"`{type_name}.{name}` is resolved by {', '.join(f'`{s.name}`' for s, _ in resolving)}, and is not"
            f" `@shareable` in {', '.join(f'`{s.name}`' for s, _ in alone)}",
            *(element.place for _, element in alone),
        )


def _in_keys(subgraph: Subgraph) -> set[tuple[str, str]]:
    """Every (type, field) that any key of a subgraph names, at any depth."""
    keys = ((type_.name, readable(key.fields)) for type_ in subgraph.types.values() for key in type_.keys)
    return {field for name, key in keys for field in named_fields(key, name, subgraph)}
