"""The order of the log's leaves: what is durable gets its place in the tree, and the tree's head is signed.

A leaf is 16 random bytes and the entry's canonical JSON, so that its hash says nothing of an entry that can be guessed.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Final

import orjson

from gateway.audit.entry import CLOCK_STEPPED, Entry, Row
from gateway.audit.tree import Growing, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.checkpoint import HeadSigner
    from gateway.audit.database import Connection
    from gateway.audit.database import Row as Found
    from gateway.audit.store import Store

SEQUENCED_WITHIN: Final = 1.0
"""Seconds within which an entry that is durable gets its leaf."""

SIGNED_EVERY: Final = 60.0
STEP: Final = 2.0
"""Seconds by which a clock has been set where that is written down: less is how clocks are kept right."""

NONCE_BYTES: Final = 16
MOST_AT_ONCE: Final = 10_000
_LEAVES: Final = """
WITH given AS (
    SELECT * FROM json_to_recordset(CAST(? AS json)) AS x(n bigint, s bigint, nonce text, hash text)
), placed AS (DELETE FROM unplaced USING given WHERE unplaced.seq = given.s)
INSERT INTO leaf (number, seq, nonce, hash) SELECT n, s, decode(nonce, 'hex'), decode(hash, 'hex') FROM given"""

LEASE: Final = 7_235_820
"""The number of PostgreSQL's lock under which leaves are ordered."""


log = logging.getLogger("gateway.audit")


class Sequencer:
    """Gives leaves their numbers, in the process that writes the log. Of several hosts one does at a time."""

    def __init__(
        self,
        store: Store,
        signer: HeadSigner,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] | None = None,
    ) -> None:
        """`steady` is a clock that is never set: by it is told that `clock` was. Without one that is not told."""
        self._store = store
        self._signer = signer
        self._clock = clock
        self._steady = steady
        self._ahead = clock() - steady() if steady is not None else 0.0
        self._tree: Growing | None = None
        self._placed = 0
        self._leased = False
        self._signed_at = float("-inf")

    def sequence(self, *, closing: bool = False) -> bool:
        """Give every entry without one its leaf, in the order in which they became durable, and sign when it is due.

        False where another host is at it, so that what is this one's may have to wait.

        A crash in between leaves entries without leaves, or leaves without a signed head: the next time both come, by
        this same code. Raises `AuditUnavailable` where the log can't be written.
        """
        self._note_step()
        while True:
            self._placed, self._leased = 0, False
            try:
                self._store.transact(lambda connection: self._step(connection, closing=closing))
            except BaseException:
                self._tree = None  # what it says may not be on the disk: it is read again
                raise
            if self._placed < MOST_AT_ONCE:
                return self._leased

    def _step(self, connection: Connection, *, closing: bool) -> None:
        if not _is_leased(connection):
            return
        self._leased = True
        tree = self._known(connection)
        rows = self._unplaced(connection)
        leaves: list[tuple[int, int, bytes, bytes]] = []
        drawn = os.urandom(NONCE_BYTES * len(rows))
        for at, (seq, body) in enumerate(rows):
            nonce = drawn[at * NONCE_BYTES : (at + 1) * NONCE_BYTES]
            hashed = leaf_hash(nonce + bytes(body))
            leaves.append((tree.size, seq, nonce, hashed))
            tree.add(hashed)
        _place(connection, leaves)
        self._placed = len(rows)
        self._tree = tree
        now = self._clock()
        if tree.size and (closing or now - self._signed_at >= SIGNED_EVERY):
            note = self._signer.sign(tree.size, tree.root())
            peaks = orjson.dumps([[size, root.hex()] for size, root in tree.peaks]).decode()
            if connection.one("SELECT 1 FROM head WHERE size = ?", (tree.size,)) is None:
                values = (tree.size, now, note, peaks)
                connection.run("INSERT INTO head (size, time, note, peaks) VALUES (?, ?, ?, ?)", values)
            self._signed_at = now

    def _note_step(self) -> None:
        """Write down that the clock was set, and by how much: the order of leaves is that in which entries came."""
        if self._steady is None:
            return
        ahead = self._clock() - self._steady()
        step = ahead - self._ahead
        if abs(step) < STEP:
            return
        entry = Entry.of_act(CLOCK_STEPPED, (f"{step:+.1f} s",), client="audit writer")
        self._store.write([Row.of(entry)])
        self._ahead = ahead
        self._signed_at = min(self._signed_at, self._clock())
        log.warning("the clock was set by %+.1f s: that is in the log", step)

    def _unplaced(self, connection: Connection) -> list[Found]:
        """The entries that have no leaf yet. In PostgreSQL they do not become visible in the order of their numbers."""
        if connection.dialect.name == "sqlite":
            after = connection.one("SELECT max(seq) FROM leaf")
            last = after[0] if after is not None and after[0] is not None else 0
            query = "SELECT seq, body FROM entry WHERE seq > ? ORDER BY seq LIMIT ?"
            return list(connection.rows(query, (last, MOST_AT_ONCE)))
        connection.run("DELETE FROM unplaced USING leaf WHERE leaf.seq = unplaced.seq")  # none of ours ever is
        query = "SELECT e.seq, e.body FROM unplaced u JOIN entry e ON e.seq = u.seq ORDER BY u.seq LIMIT ?"
        return list(connection.rows(query, (MOST_AT_ONCE,)))

    def _known(self, connection: Connection) -> Growing:
        """The tree as the log has it: what is remembered, unless another host has gone on since."""
        row = connection.one("SELECT max(number) FROM leaf")
        size = row[0] + 1 if row is not None and row[0] is not None else 0
        if self._tree is not None and self._tree.size == size:
            return self._tree
        tree = Growing()
        head = connection.one("SELECT size, peaks FROM head ORDER BY size DESC LIMIT 1")
        if head is not None:
            tree = Growing(head[0], [(size, bytes.fromhex(root)) for size, root in orjson.loads(head[1])])
        since = "SELECT hash FROM leaf WHERE number >= ? ORDER BY number"
        for (hashed,) in connection.rows(since, (tree.size,)):
            tree.add(bytes(hashed))
        return tree


def _is_leased(connection: Connection) -> bool:
    """Whether this transaction alone orders leaves. The lease ends with the transaction, however that ends."""
    if connection.dialect.name == "sqlite":
        return True
    row = connection.one("SELECT pg_try_advisory_xact_lock(?)", (LEASE,))
    return row is not None and bool(row[0])


def _place(connection: Connection, leaves: list[tuple[int, int, bytes, bytes]]) -> None:
    if not leaves:
        return
    if connection.dialect.name == "sqlite":
        connection.many("INSERT INTO leaf (number, seq, nonce, hash) VALUES (?, ?, ?, ?)", leaves)
        return
    given = [{"n": n, "s": seq, "nonce": nonce.hex(), "hash": hashed.hex()} for n, seq, nonce, hashed in leaves]
    connection.run(_LEAVES, (orjson.dumps(given).decode(),))
