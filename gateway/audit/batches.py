"""Batches of rows as they pass between the gateway's processes and the one that writes the log: JSON in a frame.

The answer is empty where they are durable, and else says why they are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.audit.entry import Row

if TYPE_CHECKING:
    from collections.abc import Sequence


def encode(rows: Sequence[Row]) -> bytes:
    return orjson.dumps([list(row) for row in rows])


def decode(content: bytes) -> list[Row]:
    """Return rows, whose tuples have become lists. Raises `ValueError` where the content is not rows."""
    return [Row(*values) for values in orjson.loads(content)]
