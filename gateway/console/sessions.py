"""What the console remembers of a browser: shared by all workers, and encrypted where it is kept.

It is kept beside the audit log, in a file of SQLite's that all workers of a host share or in the log's database, so a
session outlives the worker that opened it. A row's key is a digest of the session's id, and what it holds is encrypted
(AES-256-GCM) by a key that is derived from that id (HKDF, RFC 5869): the browser alone has the id, and whoever reads
the database has neither ids nor tokens.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.audit.database import beside_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.database import Where

TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS console_session (kind TEXT NOT NULL, key TEXT NOT NULL, ends REAL NOT NULL,"
    " idle_ends REAL NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (kind, key))",
    "CREATE INDEX IF NOT EXISTS console_session_by_use ON console_session (kind, idle_ends)",
)
AT_ONCE: Final = 4
"""Threads that one kind takes at a time: strangers who start sign-ins leave the others theirs."""

_ID_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_USES: Final = 30
"""In how many parts idle time is counted: within one of them a use is not written down again."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in, and the access token that speaks for them."""

    subject: str
    name: str
    roles: tuple[str, ...]
    agency: str | None
    access_token: str = field(repr=False)

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def of_json(cls, found: dict[str, object]) -> Session:
        """Return what `as_json` gave; raises `TypeError` where it is something else."""
        roles, agency = found.pop("roles"), found.pop("agency")
        if not isinstance(roles, list) or not (agency is None or isinstance(agency, str)):
            raise TypeError("that is no session")
        texts = {name: str(value) for name, value in found.items()}
        return cls(roles=tuple(map(str, roles)), agency=agency, **texts)


class SessionStore:
    """JSON objects by ids of 256 bits, of one `kind`, least recently used first.

    One ends `idle_seconds` after its last use and `absolute_seconds` after it was opened, whichever is first; when
    `entries` are held, the least recently used one goes. Ids are only ever made here, so one that a browser brings
    along is never adopted. `clock` gives Unix seconds. Methods raise `Failure` where the database can't be used.
    """

    def __init__(
        self,
        where: Where,
        kind: str,
        *,
        entries: int,
        idle_seconds: float,
        absolute_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._where = where
        self._kind = kind
        self._entries = entries
        self._idle_seconds = idle_seconds
        self._absolute_seconds = absolute_seconds
        self._clock = clock
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def open(self, value: dict[str, object], seconds: float | None = None) -> str:
        """Keep a value; return its id. `seconds` can only shorten its life."""
        async with self._turn:
            return await asyncio.to_thread(self._open, value, seconds)

    async def get(self, id_: str) -> dict[str, object] | None:
        """Return the value, which is thereby used; None if the id is unknown or its time is over."""
        async with self._turn:
            return await asyncio.to_thread(self._get, id_)

    async def close(self, id_: str) -> dict[str, object] | None:
        """End an id; return what it held if it was still alive. Of several who close it, one gets it."""
        async with self._turn:
            return await asyncio.to_thread(self._close, id_)

    def count(self) -> int:
        """Return how many are held, some of which may be over."""
        with beside_log(self._where, TABLES) as connection:
            row = connection.one("SELECT count(*) FROM console_session WHERE kind = ?", (self._kind,))
        return int(row[0]) if row else 0

    def _open(self, value: dict[str, object], seconds: float | None) -> str:
        now = self._clock()
        life = self._absolute_seconds if seconds is None else min(seconds, self._absolute_seconds)
        id_ = secrets.token_urlsafe(_ID_BYTES)
        with beside_log(self._where, TABLES) as connection:
            connection.begin()
            connection.run("DELETE FROM console_session WHERE idle_ends <= ? OR ends <= ?", (now, now))
            connection.run(
                "DELETE FROM console_session WHERE kind = ? AND key IN (SELECT key FROM console_session WHERE kind = ?"
                " ORDER BY idle_ends DESC, key LIMIT ? OFFSET ?)",
                (self._kind, self._kind, self._entries, self._entries - 1),
            )
            connection.run(
                "INSERT INTO console_session (kind, key, ends, idle_ends, sealed) VALUES (?, ?, ?, ?, ?)",
                (self._kind, _digest(id_), now + life, now + self._idle_seconds, self._sealed(id_, value)),
            )
            connection.commit()
        return id_

    def _get(self, id_: str) -> dict[str, object] | None:
        now, key = self._clock(), _digest(id_)
        with beside_log(self._where, TABLES) as connection:
            row = connection.one(
                "SELECT sealed, idle_ends FROM console_session WHERE kind = ? AND key = ? AND ends > ?"
                " AND idle_ends > ?",
                (self._kind, key, now, now),
            )
            if row is None:
                return None
            sealed, idle_ends = row
            if now + self._idle_seconds - idle_ends >= self._idle_seconds / _USES:
                connection.run(
                    "UPDATE console_session SET idle_ends = ? WHERE kind = ? AND key = ?",
                    (now + self._idle_seconds, self._kind, key),
                )
        return self._opened(id_, sealed)

    def _close(self, id_: str) -> dict[str, object] | None:
        now = self._clock()
        with beside_log(self._where, TABLES) as connection:
            row = connection.one(
                "DELETE FROM console_session WHERE kind = ? AND key = ? RETURNING sealed, ends, idle_ends",
                (self._kind, _digest(id_)),
            )
        if row is None or now >= row[1] or now >= row[2]:
            return None
        return self._opened(id_, row[0])

    def _sealed(self, id_: str, value: dict[str, object]) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _cipher(id_).encrypt(nonce, json.dumps(value).encode(), self._kind.encode())
        return base64.b64encode(nonce + sealed).decode()

    def _opened(self, id_: str, sealed: str) -> dict[str, object] | None:
        """What is kept under an id; None where it was altered."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            found = json.loads(_cipher(id_).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._kind.encode()))
        except (ValueError, InvalidTag):
            return None
        return found if isinstance(found, dict) else None


def _digest(id_: str) -> str:
    return sha256(id_.encode()).hexdigest()


def _cipher(id_: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cps console session").derive(id_.encode()))
