"""What passes between the gateway's processes and the one that writes the log: frames of a length and JSON.

A request holds rows; the answer is empty where they are durable, and else says why they are not.
"""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING

import orjson

from gateway.audit.entry import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FRAME = 64 * 1024 * 1024
_LENGTH = struct.Struct("!I")


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Raises `asyncio.IncompleteReadError` at the end, `ValueError` where a frame passes its bound."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > MAX_FRAME:
        raise ValueError(f"a frame has at most {MAX_FRAME} bytes")
    return await reader.readexactly(length) if length else b""


def write_frame(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(_LENGTH.pack(len(content)) + content)


def encode(rows: Sequence[Row]) -> bytes:
    return orjson.dumps([list(row) for row in rows])


def decode(content: bytes) -> list[Row]:
    """Raises `ValueError` where the content is not rows."""
    rows = []
    for values in orjson.loads(content):
        row = Row(*values)
        rows.append(row._replace(links=tuple((identifier, child) for identifier, child in row.links)))
    return rows
