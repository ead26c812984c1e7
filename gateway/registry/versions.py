"""The SDLs that agencies have published, each with who approved it and when: what is not approved is not served.

One table, in a file of SQLite's beside the gateway's keys or in the database of the log. A version is known by the hash
of its canonical form, so that a library that prints the same schema in another way publishes nothing new. All of it
blocks.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.audit.database import Failure, connect
from gateway.errors import ConfigError
from gateway.registry.canonical import canonical_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.database import Connection, Row, Where

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS sdl_version (subgraph TEXT NOT NULL, hash TEXT NOT NULL, sdl TEXT NOT NULL,"
    " state TEXT NOT NULL, seen DOUBLE PRECISION NOT NULL, decided_by TEXT, decided DOUBLE PRECISION,"
    " PRIMARY KEY (subgraph, hash))"
)
_SELECT: Final = "SELECT subgraph, hash, sdl, state, seen, decided_by, decided FROM sdl_version"
_ONE: Final = f"{_SELECT} WHERE subgraph = ? AND hash = ?"
_OF_STATE: Final = f"{_SELECT} WHERE state = ? AND (subgraph = ? OR ? = '') ORDER BY seen DESC, hash"
_OFFER: Final = (
    "INSERT INTO sdl_version (subgraph, hash, sdl, state, seen) VALUES (?, ?, ?, 'PENDING', ?)"
    " ON CONFLICT (subgraph, hash) DO UPDATE SET state = excluded.state, seen = excluded.seen"
    " WHERE sdl_version.state = 'REPLACED'"
)
_FORGET: Final = (
    "DELETE FROM sdl_version WHERE subgraph = ? AND state = 'PENDING' AND hash NOT IN"
    " (SELECT hash FROM sdl_version WHERE subgraph = ? AND state = 'PENDING' ORDER BY seen DESC LIMIT 20)"
)
"""Of the versions of one subgraph that wait, the oldest are forgotten: nobody fills the disk."""

_REPLACE: Final = "UPDATE sdl_version SET state = 'REPLACED' WHERE subgraph = ? AND state = 'APPROVED' AND hash <> ?"
_DECIDE: Final = "UPDATE sdl_version SET state = ?, decided_by = ?, decided = ? WHERE subgraph = ? AND hash = ?"


class State(StrEnum):
    """What has been decided about a version. At most one of a subgraph's is `APPROVED`."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REPLACED = "REPLACED"
    REFUSED = "REFUSED"


class SdlVersion(NamedTuple):
    """One SDL of a subgraph. Times are Unix seconds; `decided_by` is None while it waits."""

    subgraph: str
    hash: str
    sdl: str
    state: State
    seen: float
    decided_by: str | None
    decided: float | None


class SdlVersions:
    """The table. Every method raises `ConfigError` where the database can't be used."""

    def __init__(self, where: Where, clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self._where = where
        self._clock = clock

    def approved(self, subgraph: str) -> SdlVersion | None:
        """Return the version of a subgraph that is served; None where none has been approved."""
        return next(iter(self._of_state(State.APPROVED, subgraph)), None)

    def pending(self, subgraph: str = "") -> list[SdlVersion]:
        """Return the versions that wait, of one subgraph or of all, the newest first."""
        return self._of_state(State.PENDING, subgraph)

    def offer(self, subgraph: str, sdl: str) -> SdlVersion:
        """Return the version that an SDL is; one that has not been seen, or was replaced, waits from now on.

        Raises `ConfigError` where it is no GraphQL.
        """
        digest = canonical_hash(sdl)
        with self._connection() as connection:
            connection.run(_OFFER, (subgraph, digest, sdl, self._clock().timestamp()))
            connection.run(_FORGET, (subgraph, subgraph))
            return _version(connection.one(_ONE, (subgraph, digest)))

    def approve(self, subgraph: str, digest: str, by: str) -> SdlVersion:
        """Let a version be served from now on in place of the one before; raises `ConfigError` where it is unknown."""
        return self._decide(subgraph, digest, State.APPROVED, by)

    def refuse(self, subgraph: str, digest: str, by: str) -> SdlVersion:
        """Let a version be refused for good; the one that is served stays. Raises as `approve`."""
        return self._decide(subgraph, digest, State.REFUSED, by)

    def _decide(self, subgraph: str, digest: str, state: State, by: str) -> SdlVersion:
        """In one transaction: a crash leaves the version before as the approved one, or this."""
        with self._connection() as connection:
            connection.begin()
            if state is State.APPROVED:
                connection.run(_REPLACE, (subgraph, digest))
            connection.run(_DECIDE, (state.value, by, self._clock().timestamp(), subgraph, digest))
            found = connection.one(_ONE, (subgraph, digest))
            if found is None:
                raise ConfigError(f"`{subgraph}` has published no SDL with the hash `{digest[:12]}`")
            connection.commit()
            return _version(found)

    def _of_state(self, state: State, subgraph: str) -> list[SdlVersion]:
        with self._connection() as connection:
            return [_version(row) for row in connection.rows(_OF_STATE, (state.value, subgraph, subgraph))]

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with contextlib.closing(connect(self._where)) as connection:
                connection.run(_TABLE)
                yield connection
        except Failure as error:
            raise ConfigError(f"the registry of SDLs can't be used: {error}") from error


def _version(row: Row | None) -> SdlVersion:
    assert row is not None
    return SdlVersion(row[0], row[1], row[2], State(row[3]), *row[4:])
