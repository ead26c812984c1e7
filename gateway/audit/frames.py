"""What passes between the gateway's processes and the one that writes the log: frames of a length and JSON.

A request holds rows; the answer is empty where they are durable, and else says why they are not.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import orjson

from gateway.audit.entry import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_FRAME = 64 * 1024 * 1024
_LENGTH = struct.Struct("!I")


class Frames:
    """Puts together the frames of what comes in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._wanted = _LENGTH.size

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that are whole by now; raises `ValueError` where one passes its bound."""
        self._pieces.append(data)
        self._size += len(data)
        while self._size >= self._wanted:
            whole = b"".join(self._pieces)
            (length,) = _LENGTH.unpack_from(whole)
            if length > MAX_FRAME:
                raise ValueError(f"a frame has at most {MAX_FRAME} bytes")
            end = _LENGTH.size + length
            if len(whole) < end:
                self._pieces, self._wanted = [whole], end
                return
            rest = whole[end:]
            self._pieces, self._size, self._wanted = [rest], len(rest), _LENGTH.size
            yield whole[_LENGTH.size : end]


def frame(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


def encode(rows: Sequence[Row]) -> bytes:
    return orjson.dumps([list(row) for row in rows])


def decode(content: bytes) -> list[Row]:
    """Raises `ValueError` where the content is not rows."""
    rows = []
    for values in orjson.loads(content):
        row = Row(*values)
        if row.links or row.sealed:
            row = row._replace(links=_pairs(row.links), sealed=_pairs(row.sealed))
        rows.append(row)
    return rows


def _pairs(found: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in found)
