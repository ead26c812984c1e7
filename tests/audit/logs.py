"""A log with its tree, whose time is the test's, and what may be done to it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.entry import Entry, Row
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store
from tests.audit.entries import entry

SEED = b"s" * 32
KEY = HeadSigner(ORIGIN, SEED).verifier_key


class Log:
    """A log whose time is the test's."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "audit.sqlite"
        self.now = 1_000_000.0
        self.written = 0
        self.open()

    def open(self) -> None:
        self.store = Store(self.path)
        self.sequencer = Sequencer(self.store, HeadSigner(ORIGIN, SEED), lambda: self.now)

    def write(self, count: int, *, closing: bool = True) -> None:
        rows = []
        for _ in range(count):
            self.written += 1
            self.now += 1.0
            made = Entry(f"a{self.written}", self.now, "s", "i", "c", "380", ("social_worker",), "S47", "ANSWERED")
            if self.written in (4, 5):  # two of them are about a child
                made = entry(audit_id=f"a{self.written}", time=self.now, asked=("9990000018",), children=("child",))
            rows.append(Row.of(made))
        self.store.write(rows)
        self.sequencer.sequence(closing=closing)

    def alter(self, *statements: str) -> None:
        """What somebody does who can write the file: the triggers do not stop them."""
        self.store.close()
        connection = sqlite3.connect(self.path)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.executescript(";\n".join(statements))
        connection.commit()
        connection.close()
