"""Checking a log against itself, its signed heads and an older head: `cps audit verify`.

It reads the file and shares no code with what writes it: it hashes by itself what RFC 6962 says.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from gateway.audit.checkpoint import Checkpoint, read_checkpoint
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LATEST: Final = 900.0
"""Seconds before the newest entry under a signed head that one after it may have begun: it is written when it ends."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is whole. `pending` are entries that have no leaf yet."""

    size: int
    root: str
    heads: int
    pending: int


class Broken(Exception):
    """The log is not what was signed; `index` is the first leaf that is wrong."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(f"leaf {index}: {why}")
        self.index = index


def verify(
    path: Path, verifier_keys: list[str], older: str | None = None, progress: Callable[[int], None] | None = None
) -> Verified:
    """Check every leaf, every head and, where it is given, an older head's note. Memory does not grow with the log.

    Raises `Broken` at the first leaf that is wrong, and `ConfigError` where there is no log or no key fits.
    """
    if not path.is_file():
        raise ConfigError(f"there is no audit log at `{path}`")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            return _verified(connection, verifier_keys, older, progress)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ConfigError(f"the file is no audit log, or it is damaged: {error}") from error


def _verified(
    connection: sqlite3.Connection,
    verifier_keys: list[str],
    older: str | None,
    progress: Callable[[int], None] | None,
) -> Verified:
    heads = _heads(connection, verifier_keys, older)
    waiting = list(heads)
    peaks: list[tuple[int, bytes]] = []
    index, last_seq, not_before, newest = 0, 0, float("-inf"), float("-inf")
    rows = connection.execute(
        "SELECT l.number, l.seq, l.nonce, l.hash, e.body, e.time FROM leaf l LEFT JOIN entry e ON e.seq = l.seq"
        " ORDER BY l.number"
    )
    for number, seq, nonce, stored, body, moment in rows:
        if number != index:
            raise Broken(index, "it is not there")
        if body is None:
            raise Broken(index, "its entry is not there")
        hashed = sha256(b"\x00" + bytes(nonce) + bytes(body)).digest()
        if hashed != stored:
            raise Broken(index, "its entry is not the one that was written")
        if seq <= last_seq:
            raise Broken(index, "it is out of order")
        if orjson.loads(body).get("time") != moment:
            raise Broken(index, "the time that it is found by is not its entry's")
        if moment < not_before:
            raise Broken(index, "it is older than what was signed before it: it is back-dated")
        last_seq, newest = seq, max(newest, moment)
        _add(peaks, hashed)
        index += 1
        while waiting and waiting[0].size == index:
            head = waiting.pop(0)
            if head.root != _root(peaks):
                raise Broken(_first_since(heads, head), "here or after it, the log is not the one that was signed")
            not_before = newest - LATEST
        if progress is not None and index % 10_000 == 0:
            progress(index)
    if waiting:
        raise Broken(index, f"the log ends here; a head was signed over {waiting[-1].size} leaves")
    (unplaced,) = connection.execute("SELECT count(*) FROM entry WHERE seq > ?", (last_seq,)).fetchone()
    (skipped,) = connection.execute(
        "SELECT count(*) FROM entry e WHERE e.seq <= ? AND NOT EXISTS (SELECT 1 FROM leaf l WHERE l.seq = e.seq)",
        (last_seq,),
    ).fetchone()
    if skipped:
        raise Broken(index, f"{skipped} entries have been put in between without a leaf")
    return Verified(index, _root(peaks).hex(), len(heads), unplaced)


@dataclass(frozen=True, slots=True)
class _Head:
    size: int
    root: bytes
    time: float


def _heads(connection: sqlite3.Connection, verifier_keys: list[str], older: str | None) -> list[_Head]:
    """The signed heads by size, with the older one that is given from outside."""
    found: list[_Head] = []
    for size, moment, note in connection.execute("SELECT size, time, note FROM head ORDER BY size"):
        signed: Checkpoint = read_checkpoint(note, verifier_keys)
        if signed.size != size:
            raise Broken(min(size, signed.size), f"the head kept for {size} leaves was signed over {signed.size}")
        found.append(_Head(size, signed.root, moment))
    if older is not None:
        known = read_checkpoint(older, verifier_keys)
        found.append(_Head(known.size, known.root, float("-inf")))
    return sorted(found, key=lambda head: head.size)


def _first_since(heads: Sequence[_Head], wrong: _Head) -> int:
    """The first leaf that the last good head before a wrong one does not cover."""
    return max((head.size for head in heads if head.size < wrong.size), default=0)


def _add(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    size, root = 1, leaf
    while peaks and peaks[-1][0] == size:
        size, root = size * 2, sha256(b"\x01" + peaks.pop()[1] + root).digest()
    peaks.append((size, root))


def _root(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    if not peaks:
        return sha256().digest()
    root = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        root = sha256(b"\x01" + left + root).digest()
    return root
