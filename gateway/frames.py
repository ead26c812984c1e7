"""Frames of a length and bytes, by which processes of one host speak over a socket."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FRAME: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct("!I")


class Frames:
    """Puts together the frames of what comes in pieces."""

    def __init__(self, most: int = MAX_FRAME) -> None:
        """`most` is how many bytes a frame has at most."""
        self._most = most
        self._pieces: list[bytes] = []
        self._size = 0
        self._wanted = _LENGTH.size

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the frames that are whole by now; raises `ValueError` where one passes its bound."""
        self._pieces.append(data)
        self._size += len(data)
        while self._size >= self._wanted:
            whole = b"".join(self._pieces)
            (length,) = _LENGTH.unpack_from(whole)
            if length > self._most:
                raise ValueError(f"a frame has at most {self._most} bytes")
            end = _LENGTH.size + length
            if len(whole) < end:
                self._pieces, self._wanted = [whole], end
                return
            rest = whole[end:]
            self._pieces, self._size, self._wanted = [rest], len(rest), _LENGTH.size
            yield whole[_LENGTH.size : end]


def frame(content: bytes) -> bytes:
    """Return the content as a frame."""
    return _LENGTH.pack(len(content)) + content
