"""Kills of the process that writes the log, under load: each answer that was given has its entry, and the tree holds.

Half of the kills come from outside, at any time; for the others the process ends itself at a write boundary, before or
after the statement that was drawn: `python -m tests.load.crashes LOG KEY SOCKET NUMBER before|after`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gateway.audit import RemoteLog, database, store, writer
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.database import Where
from gateway.audit.sequencer import Sequencer
from gateway.audit.verify import Verified, verify
from gateway.errors import AuditUnavailable
from tests.load.logs import made

BOUNDARIES = 120
"""Statements within which a kill is drawn: some transactions' worth."""

ASKING = 20
CHECKED_EVERY = 25
"""Kills after which the log is verified whole."""

LONGEST = 20.0


class Crashed(NamedTuple):
    """What came of one run: entries that were acknowledged, and whether the process was killed under way."""

    acknowledged: list[str]
    killed: bool


class Outcome(NamedTuple):
    kills: int
    acknowledged: int
    missing: int
    twice: int
    found: Verified


def crash(where: Where, signing: Path, kills: int, seed: int = 1) -> Iterator[Outcome]:
    """Kill the writer of one log so many times; yields what stands every so often, and at the end."""
    chance = random.Random(seed)  # noqa: S311 - where to kill, not a secret
    acknowledged: list[str] = []
    done = 0
    while done < kills:
        crashed = asyncio.run(_run(where, signing, chance))
        acknowledged += crashed.acknowledged
        done += crashed.killed
        if crashed.killed and (done % CHECKED_EVERY == 0 or done == kills):
            yield outcome(where, signing, done, acknowledged)


def outcome(where: Where, signing: Path, kills: int, acknowledged: Iterable[str]) -> Outcome:
    """The log as recovery leaves it: the same code as writes it gives what is left its leaf, and signs."""
    signer = HeadSigner.of_file(ORIGIN, signing)
    recovered = store.Store(where)
    Sequencer(recovered, signer).sequence(closing=True)
    recovered.close()
    with contextlib.closing(database.connect(where, readonly=True)) as connection:
        kept = [str(row[0]) for row in connection.rows("SELECT audit_id FROM entry")]
    told = list(acknowledged)
    missing, twice = len(set(told) - set(kept)), len(kept) - len(set(kept))
    return Outcome(kills, len(told), missing, twice, verify(where, [signer.verifier_key]))


async def _run(where: Where, signing: Path, chance: random.Random) -> Crashed:
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "audit.sock"
        inside = chance.random() < 0.5
        number = chance.randrange(1, BOUNDARIES) if inside else 0
        when = chance.choice(("before", "after"))
        command = [
            sys.executable,
            "-m",
            "tests.load.crashes",
            str(where),
            str(signing),
            str(socket),
            str(number),
            when,
        ]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: ASYNC220 - its end is awaited below
        assert process.stdout is not None
        assert process.stdin is not None
        ready = await asyncio.to_thread(process.stdout.readline)
        acknowledged: list[str] = []
        if ready.strip() == writer.READY.encode():
            log = RemoteLog(socket)
            asking = [asyncio.create_task(_ask(log, chance, acknowledged)) for _ in range(ASKING)]
            if not inside:
                await asyncio.sleep(chance.uniform(0.005, 0.3))
                process.kill()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.to_thread(process.wait), LONGEST)
            for one in asking:
                one.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        process.stdin.close()
        process.stdout.close()
        await asyncio.to_thread(process.wait)
        return Crashed(acknowledged, process.returncode == -signal.SIGKILL)


async def _ask(log: RemoteLog, chance: random.Random, acknowledged: list[str]) -> None:
    """Append until the writer is gone."""
    with contextlib.suppress(AuditUnavailable):
        while True:
            entry = made(chance.randrange(2**40), chance)
            entry.time = time.time()
            await log.append(entry)
            acknowledged.append(entry.audit_id)


class _Ending:
    """Ends the process, as a loss of power does, at the statement that was drawn."""

    def __init__(self, number: int, *, before: bool) -> None:
        self._left = number
        self._before = before

    def wrap(self, method: Any) -> Any:
        def ended(*given: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0 and self._before:
                os.kill(os.getpid(), signal.SIGKILL)
            found = method(*given, **more)
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return ended


def main() -> None:
    where, signing, socket, number, when = sys.argv[1:]
    if int(number):
        ending = _Ending(int(number), before=when == "before")
        for kind in (database._Sqlite, database._Postgres):
            for name in ("run", "many", "begin", "commit"):
                setattr(kind, name, ending.wrap(getattr(kind, name)))
    sys.argv = [sys.argv[0], where, signing, socket]
    writer.main()


if __name__ == "__main__":
    main()
