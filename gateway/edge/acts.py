"""What the log keeps beside requests: what the gateway serves from when on, and sign-ins that failed.

Failed sign-ins are added up and written down once a minute, so that nobody fills the disk by failing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from gateway.audit import Entry
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from gateway.edge.settings import Auditing

SECONDS: Final = 60.0
MAX_REASONS: Final = 50
"""Reasons that are told apart within one entry; others are counted together."""

_OTHERS: Final = "for other reasons"

log = logging.getLogger("gateway.edge")


class Acts:
    """Without a log they do nothing. `close` writes down what was not yet."""

    def __init__(self, auditing: Auditing | None, seconds: float = SECONDS) -> None:
        self._auditing = auditing
        self._seconds = seconds
        self._failed: dict[str, int] = {}
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
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._later())

    async def close(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
        await self._write_failed()

    async def _later(self) -> None:
        await asyncio.sleep(self._seconds)
        await self._write_failed()

    async def _write_failed(self) -> None:
        failed, self._failed = self._failed, {}
        if failed:
            await self._write("SIGN_IN_FAILED", tuple(f"{several} x {why}" for why, several in sorted(failed.items())))

    async def _write(self, what: str, why: tuple[str, ...], schema_version: str = "", policy_version: str = "") -> None:
        """An act needs no answer: where it can't be written that is logged, and no request is answered either."""
        if self._auditing is None:
            return
        entry = Entry.of_act(what, why, client="gateway")
        entry.schema_version, entry.policy_version = schema_version, policy_version
        try:
            await self._auditing.log.append(entry)
        except AuditUnavailable as error:
            log.error("%s could not be written down: %s", what, error)
