"""What the log keeps beside requests: what the gateway serves from when on, sign-ins that failed, limits reached.

Failed sign-ins and what passes the limits per person are added up and written down once a minute, so that nobody
fills the disk by failing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from gateway.audit import Entry
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.principal import Principal
    from gateway.edge.settings import Auditing

SECONDS: Final = 60.0
MAX_REASONS: Final = 50
"""Reasons that are told apart within one entry; others are counted together."""

MAX_PEOPLE: Final = 1_000
"""People whose limits are told apart within a minute; others are counted together."""

_OTHERS: Final = "for other reasons"

log = logging.getLogger("gateway.edge")


class Acts:
    """Without a log they do nothing. `close` writes down what was not yet."""

    def __init__(self, auditing: Auditing | None, seconds: float = SECONDS) -> None:
        self._auditing = auditing
        self._seconds = seconds
        self._failed: dict[str, int] = {}
        self._limited: dict[tuple[str, str, str], dict[str, int]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def served(self, schema_version: str, policy_version: str) -> None:
        """From here on this schema is served under these policies."""
        await self._write("SCHEMA_SERVED", (), schema_version, policy_version)

    def sign_in_failed(self, reason: str) -> None:
        """Count a sign-in that failed; `reason` is a text that tells nothing of the token."""
        if self._auditing is None:
            return
        known = reason if reason in self._failed or len(self._failed) < MAX_REASONS else _OTHERS
        self._failed[known] = self._failed.get(known, 0) + 1
        self._write_soon()

    def limited(self, principal: Principal, code: str) -> None:
        """Count a request of somebody's that a limit per person refused; `code` says which."""
        if self._auditing is None:
            return
        person = (principal.subject, principal.issuer, principal.agency)
        if person not in self._limited and len(self._limited) >= MAX_PEOPLE:
            person = ("", "", "")
        codes = self._limited.setdefault(person, {})
        codes[code] = codes.get(code, 0) + 1
        self._write_soon()

    def _write_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._later())

    async def close(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
        await self._write_counts()

    async def _later(self) -> None:
        await asyncio.sleep(self._seconds)
        await self._write_counts()

    async def _write_counts(self) -> None:
        failed, self._failed = self._failed, {}
        limited, self._limited = self._limited, {}
        if failed:
            await self._write("SIGN_IN_FAILED", _counts(failed))
        for (subject, issuer, agency), codes in limited.items():
            entry = Entry.of_act("LIMITED", _counts(codes), subject=subject, issuer=issuer, client="gateway")
            entry.agency = agency
            await self._append(entry)

    async def _write(self, what: str, why: tuple[str, ...], schema_version: str = "", policy_version: str = "") -> None:
        entry = Entry.of_act(what, why, client="gateway")
        entry.schema_version, entry.policy_version = schema_version, policy_version
        await self._append(entry)

    async def _append(self, entry: Entry) -> None:
        """An act needs no answer: where it can't be written that is logged, and no request is answered either."""
        if self._auditing is None:
            return
        try:
            await self._auditing.log.append(entry)
        except AuditUnavailable as error:
            log.error("%s could not be written down: %s", entry.outcome, error)


def _counts(found: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{several} x {why}" for why, several in sorted(found.items()))
