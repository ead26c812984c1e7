"""Checking a log against itself, its signed heads and an older head: `cps audit verify`.

It reads the file and shares no code with what writes it: it hashes by itself what RFC 6962 says.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from authz.bounded import Bounded
from gateway.audit.checkpoint import Checkpoint, read_checkpoint
from gateway.audit.database import Connection, Failure, connect
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateway.audit.database import Where

LATEST: Final = 900.0
"""Seconds before the newest entry under a signed head that one after it may have begun: it is written when it ends."""

_REPORT_EVERY: Final = 10_000
"""Leaves."""

MAX_FOUND: Final = 50_000
"""Of what is kept beside entries and has been found that is remembered: memory does not grow with the log."""

_LEAVES: Final = """
SELECT l.number, l.seq, l.nonce, l.hash, e.body, e.time, e.audit_id, e.subject, e.agency, e.purpose, e.outcome,
    e.operation_hash, (SELECT {tokens} FROM entry_token t WHERE t.seq = e.seq)
FROM leaf l LEFT JOIN entry e ON e.seq = l.seq ORDER BY l.number"""

REFUSALS: Final = frozenset((
    "BREAK_GLASS_NOT_YOURS", "CASE_EXHAUSTED", "CLAIMS_SUSPENDED", "CLAIM_NOT_YOURS", "NOT_AN_AUDITOR",
    "NOT_A_GUARDIAN", "NO_SUCH_CASE", "NO_SUCH_CHILD", "NO_SUCH_CLAIM", "NO_SUCH_GRANT", "OWN_CLAIM", "OWN_GRANT",
    "PURPOSE_NOT_YOURS", "TOO_MANY_CASES", "TOO_MANY_CLAIMS", "TOO_MANY_GRANTS",
))  # fmt: skip
"""Codes that say that something was refused, as those who write entries have them."""

_FOUND_BY: Final = ("time", "audit_id", "subject", "agency", "purpose", "outcome", "operation_hash")
"""What an entry is looked up by, in the order of `_LEAVES`."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is whole. `pending` are entries that have no leaf yet.

    `older` are entries that say to be of before what was signed before them, by up to `seconds`: a clock was set back,
    or they were back-dated. Their place in the log is that in which they became durable.
    """

    size: int
    root: str
    heads: int
    pending: int
    older: int = 0
    seconds: float = 0.0


class Broken(Exception):
    """The log is not what was signed; `index` is the first leaf that is wrong."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(f"leaf {index}: {why}")
        self.index = index


def verify(
    where: Where, verifier_keys: list[str], older: str | None = None, progress: Callable[[int], None] | None = None
) -> Verified:
    """Check every leaf, every head and, where it is given, an older head's note. Memory does not grow with the log.

    Raises `Broken` at the first leaf that is wrong, and `ConfigError` where there is no log or no key fits.
    """
    if isinstance(where, Path) and not where.is_file():
        raise ConfigError(f"there is no audit log at `{where}`")
    try:
        with (
            contextlib.closing(connect(where, readonly=True)) as connection,
            contextlib.closing(connect(where, readonly=True)) as beside,
        ):
            connection.begin(reading=True)
            return _verified(connection, beside, verifier_keys, older, progress)
    except Failure as error:
        raise ConfigError(f"this is no audit log, or it is damaged: {error}") from error


def _verified(
    connection: Connection,
    beside: Connection,
    verifier_keys: list[str],
    older: str | None,
    progress: Callable[[int], None] | None,
) -> Verified:
    heads = _heads(connection, verifier_keys, older)
    waiting = list(heads)
    peaks: list[tuple[int, bytes]] = []
    index, last_seq, not_before, newest = 0, 0, float("-inf"), float("-inf")
    back, furthest = 0, 0.0
    in_order = connection.dialect.name == "sqlite"  # in PostgreSQL entries become visible in another order
    leaves = _LEAVES.format(tokens=connection.dialect.tokens)
    kept = _Kept(beside)
    _check_operations(connection, beside)
    for number, seq, nonce, stored, body, moment, *found_by in connection.rows(leaves):
        if number != index:
            raise Broken(index, "it is not there")
        if body is None:
            raise Broken(index, "its entry is not there")
        try:
            hashed = sha256(b"\x00" + bytes(nonce) + bytes(body)).digest()
            if hashed != stored:
                raise Broken(index, "its entry is not the one that was written")
            if in_order and seq <= last_seq:
                raise Broken(index, "it is out of order")
            _check_found_by(kept, index, orjson.loads(body), (moment, *found_by))
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise Broken(index, f"it can't be read: {type(error).__name__}") from error
        if moment < not_before:
            back, furthest = back + 1, max(furthest, not_before - moment)
        last_seq, newest = seq, max(newest, moment)
        add_leaf(peaks, hashed)
        index += 1
        while waiting and waiting[0].size == index:
            head = waiting.pop(0)
            if head.root != root_of(peaks):
                raise Broken(_first_since(heads, head), "here or after it, the log is not the one that was signed")
            not_before = newest - LATEST
        if progress is not None and index % _REPORT_EVERY == 0:
            progress(index)
    if waiting:
        raise Broken(index, f"the log ends here; a head was signed over {waiting[-1].size} leaves")
    _check_links(connection, beside, index)
    pending, skipped = _without_leaf(connection, last_seq)
    if skipped:
        raise Broken(index, f"{skipped} entries have been put in between without a leaf")
    return Verified(index, root_of(peaks).hex(), len(heads), pending, back, furthest)


def _without_leaf(connection: Connection, last_seq: int) -> tuple[int, int]:
    """How many entries wait for a leaf, and how many have none though they should."""
    none = "FROM entry e WHERE NOT EXISTS (SELECT 1 FROM leaf l WHERE l.seq = e.seq)"
    if connection.dialect.name == "sqlite":
        pending = connection.one("SELECT count(*) FROM entry WHERE seq > ?", (last_seq,))
        skipped = connection.one(f"SELECT count(*) {none} AND e.seq <= ?", (last_seq,))
    else:
        pending = connection.one("SELECT count(*) FROM unplaced")
        again = connection.one("SELECT min(l.number) FROM unplaced u JOIN leaf l ON l.seq = u.seq")
        if again is not None and again[0] is not None:
            raise Broken(int(again[0]), "its entry waits for another leaf")
        skipped = connection.one(
            f"SELECT count(*) {none} AND NOT EXISTS (SELECT 1 FROM unplaced u WHERE u.seq = e.seq)"  # noqa: S608
        )
    assert pending is not None
    assert skipped is not None
    return int(pending[0]), int(skipped[0])


class _Kept:
    """What is kept beside entries. Many entries speak of the same: what was found lately is not looked up again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: Bounded[tuple[object, ...], bool] = Bounded(MAX_FOUND)

    def check_sealed(self, index: int, token: str, digest: str | None) -> None:
        """What a pseudonym stands for is what one of its entries brought: of several that bring it one is kept."""
        if digest is None:
            if not self.has("SELECT 1 FROM sealed WHERE token = ?", token):
                raise Broken(index, "what a pseudonym of it stands for is not kept")
            return
        slot = (token, digest)
        if self._found.get(slot):
            return
        row = self._connection.one("SELECT value FROM sealed WHERE token = ?", (token,))
        if row is None:
            raise Broken(index, "what a pseudonym of it stands for is not kept")
        stored = sha256(str(row[0]).encode()).hexdigest()[:32]
        if stored != digest and not self._is_another_s(token, stored):
            raise Broken(index, "what a pseudonym of it stands for is not what was sealed")
        self._found.put(slot, True)

    def _is_another_s(self, token: str, digest: str) -> bool:
        """Whether another entry brought what is kept under a pseudonym, or one of before digests were written."""
        entries = (
            "SELECT e.body FROM entry_token t JOIN entry e ON e.seq = t.seq WHERE t.token = ? AND t.kind <> 'mark'"
        )
        for (body,) in self._connection.rows(entries, (token,)):
            named = orjson.loads(body)["sealed"]
            if [token, digest] in named or token in named:
                return True
        return False

    def has(self, statement: str, *values: object) -> bool:
        slot = (statement, *values)
        if self._found.get(slot) is None:
            if self._connection.one(statement, values) is None:
                return False
            self._found.put(slot, True)
        return True


def _check_found_by(kept: _Kept, index: int, content: Mapping[str, Any], found_by: Sequence[object]) -> None:
    """An entry that stands, but is not found by what it says, is as good as removed."""
    *columns, tokens = found_by
    for name, value in zip(_FOUND_BY, columns, strict=True):
        if content.get(name) != value:
            raise Broken(index, f"the {name} that it is found by is not its entry's")
    told = {f"child {token}" for token in content["children"]} | {f"identifier {t}" for t in content["identifiers"]}
    told |= {f"mark {mark}" for mark in _marks(content)}
    if told != set(str(tokens).split(",") if tokens else ()):
        raise Broken(index, "the children and identifiers, or marks, that it is found by are not its entry's")
    for link in content["links"]:
        if not kept.has("SELECT 1 FROM link WHERE identifier = ? AND child = ?", *link):
            raise Broken(index, "which child an identifier of it led to is not kept")
    for sealed in content["sealed"]:
        token, digest = (sealed, None) if isinstance(sealed, str) else sealed  # before, only the token was written
        kept.check_sealed(index, token, digest)
    hashed = content["operation_hash"]
    if hashed and not kept.has("SELECT 1 FROM operation WHERE hash = ?", hashed):
        raise Broken(index, "the text of its operation is not there")


def _check_links(connection: Connection, beside: Connection, size: int) -> None:
    """No identifier leads to a child to whom no entry says that it did: it would be found by what is not its own."""
    told = (
        "SELECT e.body FROM entry_token a JOIN entry_token b ON b.seq = a.seq AND b.kind = 'child' AND b.token = ?"
        " JOIN entry e ON e.seq = a.seq WHERE a.kind = 'identifier' AND a.token = ?"
    )
    for identifier, child in connection.rows("SELECT identifier, child FROM link"):
        entries = beside.rows(told, (child, identifier))
        if not any([identifier, child] in orjson.loads(body)["links"] for (body,) in entries):
            raise Broken(size, "an identifier leads to a child to whom no entry says that it does")


def _marks(content: Mapping[str, Any]) -> Iterator[str]:
    if content["outcome"] == "REFUSED" or content["withheld"] or REFUSALS.intersection(content["errors"]):
        yield "refused"
    if content["children"] and "none" in content["relationships"]:
        yield "unrelated"
    if content["children"] and "claimed" in content["relationships"]:
        yield "claimed"


def _check_operations(connection: Connection, beside: Connection) -> None:
    """Each text is the one that entries name by its hash."""
    for hashed, text in connection.rows("SELECT hash, text FROM operation"):
        if sha256(str(text).encode()).hexdigest() != hashed:
            first = "SELECT min(l.number) FROM leaf l JOIN entry e ON e.seq = l.seq WHERE e.operation_hash = ?"
            found = beside.one(first, (hashed,))
            raise Broken((found and found[0]) or 0, "the text of its operation is not the one that was written")


@dataclass(frozen=True, slots=True)
class _Head:
    size: int
    root: bytes
    time: float


def _heads(connection: Connection, verifier_keys: list[str], older: str | None) -> list[_Head]:
    """The signed heads by size, with the older one that is given from outside."""
    found: list[_Head] = []
    for size, moment, note in connection.rows("SELECT size, time, note FROM head ORDER BY size"):
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


def add_leaf(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    """Add a leaf's hash to the roots of the perfect subtrees, the largest first."""
    size, root = 1, leaf
    while peaks and peaks[-1][0] == size:
        size, root = size * 2, sha256(b"\x01" + peaks.pop()[1] + root).digest()
    peaks.append((size, root))


def root_of(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    """The root of the tree that these subtrees make."""
    if not peaks:
        return sha256().digest()
    root = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        root = sha256(b"\x01" + left + root).digest()
    return root
