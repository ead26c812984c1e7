"""The order of the log's leaves: what is durable gets its place in the tree, and the tree's head is signed.

A leaf is 16 random bytes and the entry's canonical JSON, so that its hash says nothing of an entry that can be guessed.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

import orjson

from gateway.audit.tree import Growing, leaf_hash

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from gateway.audit.checkpoint import HeadSigner
    from gateway.audit.store import Store

ORIGIN: Final = "child-protection-gateway/audit"
SEQUENCED_WITHIN: Final = 1.0
"""Seconds within which an entry that is durable gets its leaf."""

SIGNED_EVERY: Final = 60.0
NONCE_BYTES: Final = 16
MOST_AT_ONCE: Final = 10_000


class Sequencer:
    """The only one that gives leaves their numbers: it runs in the process that writes the log."""

    def __init__(self, store: Store, signer: HeadSigner, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._tree: Growing | None = None
        self._last = 0
        self._signed_at = float("-inf")

    def sequence(self, *, closing: bool = False) -> None:
        """Give every entry without one its leaf, in the order in which they became durable, and sign when it is due.

        A crash in between leaves entries without leaves, or leaves without a signed head: the next time both come, by
        this same code. Raises `AuditUnavailable` where the log can't be written.
        """
        while True:
            before = self._last
            try:
                self._store.transact(lambda connection: self._step(connection, closing=closing))
            except BaseException:
                self._tree = None  # what it says may not be on the disk: it is read again
                raise
            if self._last - before < MOST_AT_ONCE:
                return

    def _step(self, connection: sqlite3.Connection, *, closing: bool) -> None:
        tree = self._tree if self._tree is not None else self._read(connection)
        rows = connection.execute(
            "SELECT seq, body FROM entry WHERE seq > ? ORDER BY seq LIMIT ?", (self._last, MOST_AT_ONCE)
        ).fetchall()
        leaves = []
        for seq, body in rows:
            nonce = os.urandom(NONCE_BYTES)
            hashed = leaf_hash(nonce + body)
            leaves.append((tree.size, seq, nonce, hashed))
            tree.add(hashed)
        connection.executemany("INSERT INTO leaf (number, seq, nonce, hash) VALUES (?, ?, ?, ?)", leaves)
        if rows:
            self._last = rows[-1][0]
        self._tree = tree
        now = self._clock()
        if tree.size and (closing or now - self._signed_at >= SIGNED_EVERY):
            note = self._signer.sign(tree.size, tree.root())
            peaks = orjson.dumps([[size, root.hex()] for size, root in tree.peaks])
            connection.execute(
                "INSERT INTO head (size, time, note, peaks) SELECT ?, ?, ?, ?"
                " WHERE NOT EXISTS (SELECT 1 FROM head WHERE size = ?)",
                (tree.size, now, note, peaks, tree.size),
            )
            self._signed_at = now

    def _read(self, connection: sqlite3.Connection) -> Growing:
        """The tree as the log has it: the last head's, and the leaves since."""
        tree = Growing()
        head = connection.execute("SELECT size, peaks FROM head ORDER BY size DESC LIMIT 1").fetchone()
        if head is not None:
            tree = Growing(head[0], [(size, bytes.fromhex(root)) for size, root in orjson.loads(head[1])])
        for (hashed,) in connection.execute("SELECT hash FROM leaf WHERE number >= ? ORDER BY number", (tree.size,)):
            tree.add(hashed)
        (last,) = connection.execute("SELECT max(seq) FROM leaf").fetchone()
        self._last = last or 0
        return tree
