"""Batches of rows as they pass between the gateway's processes and the one that writes the log: JSON in a frame.

The answer is empty where they are durable, and else says why they are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.audit.entry import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def encode(rows: Sequence[Row]) -> bytes:
    return orjson.dumps([list(row) for row in rows])


def decode(content: bytes) -> list[Row]:
    """Return rows, of which what is a pair is one tuple; raises `ValueError` where the content is not rows."""
    rows = []
    for values in orjson.loads(content):
        row = Row(*values)
        if row.links or row.sealed:
            row = row._replace(links=_pairs(row.links), sealed=_pairs(row.sealed))
        rows.append(row)
    return rows


def _pairs(found: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in found)
