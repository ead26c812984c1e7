"""The data of all subgraphs as one: what an undivided schema's resolvers would have."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.supergraph.selections import SelectionSet
from tests.federation.subgraph import Subgraph, project
from tests.federation.values import Json, Record


def whole(subgraphs: Sequence[Subgraph]) -> dict[str, Json]:
    """Root fields of all, and records joined where any key that two of them have says the same."""
    out: dict[str, Json] = {}
    names = dict.fromkeys(name for subgraph in subgraphs for name in subgraph.data.data)
    for name in names:
        parts = [subgraph.data.data[name] for subgraph in subgraphs if name in subgraph.data.data]
        if all(isinstance(part, dict) for part in parts):
            merged: Record = {}
            for part in parts:
                merged = _merged(merged, part)
            out[name] = merged
            continue
        keys = [key for subgraph in subgraphs for key in subgraph.keys.get(name, ())]
        joined: list[Record] = []
        for part in parts:
            for record in part:
                _join(dict(record), joined, keys)
        out[name] = joined
    return out


def _join(record: Record, into: list[Record], keys: Sequence[SelectionSet]) -> None:
    """Add a record; what it has in common with others by a key becomes one with them."""
    same = [known for known in into if any(_same(key, known, record) for key in keys)]
    merged: Record = {}
    for part in [*same, record]:
        merged = _merged(merged, part)
    into[:] = [known for known in into if not any(known is one for one in same)] + [merged]


def _merged(left: Record, right: Record) -> Record:
    """Both objects' fields; a null is filled, and objects inside are merged."""
    out = dict(left)
    for name, value in right.items():
        known = out.get(name)
        if isinstance(known, dict) and isinstance(value, dict) and not any(k.startswith("$") for k in (*known, *value)):
            out[name] = _merged(known, value)
        elif known is None:
            out[name] = value
    return out


def _same(key: SelectionSet, left: Record, right: Record) -> bool:
    a, b = project(key, left), project(key, right)
    return bool(a == b and _whole(a))


def _whole(value: Json) -> bool:
    if isinstance(value, dict):
        return all(_whole(item) for item in value.values())
    return value is not None
