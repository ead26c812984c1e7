"""The audit log by itself: how much it takes, how long it takes to verify, how fast it answers auditors' questions."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

from gateway.audit import Entry, Question, Questions, RemoteLog, Tokeniser
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.database import Where
from gateway.audit.entry import Row
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store
from gateway.audit.verify import verify
from gateway.cli.writer import audit_writer

CHILDREN, PRACTITIONERS, AGENCIES = 2_000, 1_000, 33
BATCH = 2_000
APPENDING = 600
"""Requests that wait for their entry at one time."""

TOKENISER = Tokeniser(bytes(32))
OPERATION = "query($nhs: String) { child(nhsNumber: $nhs) { forename surname police { notices { officer } } } }"


class Rate(NamedTuple):
    """Entries a second that were durable, and how many."""

    workers: int
    entries: int
    seconds: float

    @property
    def each_second(self) -> float:
        return self.entries / self.seconds


class Asked(NamedTuple):
    """A question's first page: milliseconds (the median of some) and how the log is read for it."""

    name: str
    ms: float
    plan: list[str]


def _given(relationships: tuple[str, ...]) -> tuple[dict[str, object], ...]:
    """What two agencies gave of the only child."""
    by = {"index": ("Child.forename", "Child.surname"), "police": ("PoliceNotice.officer",)}
    return tuple(
        {"subgraph": name, "agencies": [name], "children": [0], "relationships": relationships, "fields": fields}
        for name, fields in by.items()
    )


def made(number: int, chance: random.Random) -> Entry:
    """An entry as a look-up of one child by NHS number makes it; one in ten is refused, one in twenty unrelated."""
    child = chance.randrange(CHILDREN)
    practitioner = chance.randrange(PRACTITIONERS)
    refused = number % 10 == 0
    nhs, regional = TOKENISER.token(f"nhs{child}"), TOKENISER.token(f"child{child}")
    return Entry(
        audit_id=f"load-{number}-{chance.getrandbits(64):x}",
        time=1_700_000_000.0 + number,
        subject=f"practitioner-{practitioner}",
        issuer="https://idp.example",
        client="console",
        agency=str(380 + practitioner % AGENCIES),
        roles=("social_worker",),
        purpose="S47",
        outcome="REFUSED" if refused else "ANSWERED",
        operation_hash=sha256(OPERATION.encode()).hexdigest(),
        operation=OPERATION,
        variables={"nhs": nhs},
        identifiers=(nhs,),
        children=() if refused else (regional,),
        links=() if refused else ((nhs, regional),),
        relationships=("none",) if number % 20 == 1 else ("allocated",),
        given=() if refused else _given(("none",) if number % 20 == 1 else ("allocated",)),
        asked=("index", "police"),
        answered=("index", "police"),
        response_digest=sha256(str(number).encode()).hexdigest(),
    )


def fill(where: Where, signing: Path, entries: int) -> Iterator[int]:
    """A log of so many entries with its tree; yields how many there are by now."""
    chance = random.Random(1)  # noqa: S311 - a population, not a secret
    store = Store(where)
    sequencer = Sequencer(store, HeadSigner.of_file(ORIGIN, signing))
    for first in range(0, entries, BATCH):
        store.write(Row.of(made(number, chance)) for number in range(first, min(entries, first + BATCH)))
        sequencer.sequence()
        yield min(entries, first + BATCH)
    sequencer.sequence(closing=True)
    store.close()


def appended(where: Where, signing: Path, workers: int, hosts: int, seconds: float) -> Rate:
    """How many entries a second are made durable for so many gateways' processes, by a writer on each host."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(audit_writer(where, signing)) for _ in range(hosts)]
        pool = stack.enter_context(_processes(workers))
        begun = time.monotonic()
        counts = pool.starmap(_worker, [(sockets[number % hosts], number, seconds) for number in range(workers)])
        return Rate(workers, sum(counts), time.monotonic() - begun)


@contextmanager
def _processes(count: int) -> Iterator[multiprocessing.pool.Pool]:
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        pool.map(abs, range(count))  # all have started
        yield pool


def _worker(socket: Path, number: int, seconds: float) -> int:
    return asyncio.run(_append(socket, number, seconds))


async def _append(socket: Path, number: int, seconds: float) -> int:
    log = RemoteLog(socket)
    chance = random.Random(number)  # noqa: S311 - a population, not a secret
    count = 0
    prepared = [made(chance.randrange(2**40), chance) for _ in range(2_000)]  # what is measured is the log
    last = time.monotonic() + seconds

    async def one() -> None:
        nonlocal count
        while time.monotonic() < last:
            entry = prepared[count % len(prepared)]
            count += 1
            await log.append(replace(entry, audit_id=f"{number}-{count}"))

    await asyncio.gather(*(one() for _ in range(APPENDING)))
    await log.close()
    return count


def verified(where: Where, signing: Path) -> tuple[int, float, float]:
    """Leaves, seconds and the most memory (MB) of checking a log, in a process of its own."""
    with _processes(1) as pool:
        return pool.apply(_verify, (where, signing))


def _verify(where: Where, signing: Path) -> tuple[int, float, float]:
    begun = time.monotonic()
    found = verify(where, [HeadSigner.of_file(ORIGIN, signing).verifier_key])
    return found.size, time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def asked(where: Where, times: int = 15) -> Iterator[Asked]:
    """The first page of auditors' questions, each of somebody else every time."""
    questions = Questions(where, TOKENISER)
    chance = random.Random(2)  # noqa: S311 - a population, not a secret

    def of(name: str) -> Question:
        child, practitioner = chance.randrange(CHILDREN), chance.randrange(PRACTITIONERS)
        return {
            "accesses(child), by NHS number": Question(child=f"nhs{child}"),
            "accesses(child), by regional id": Question(child=f"child{child}"),
            "accesses(practitioner)": Question(practitioner=f"practitioner-{practitioner}"),
            "accesses(agency)": Question(agency=str(380 + practitioner % AGENCIES)),
            "accesses(refused)": Question(refused=True),
            "accesses(withoutRelationship)": Question(unrelated=True),
            "accesses(since, until)": Question(since=1_700_000_500.0, until=1_700_003_000.0),
        }[name]

    for name in (
        "accesses(child), by NHS number",
        "accesses(child), by regional id",
        "accesses(practitioner)",
        "accesses(agency)",
        "accesses(refused)",
        "accesses(withoutRelationship)",
        "accesses(since, until)",
    ):
        taken = []
        for _ in range(times):
            question = of(name)
            begun = time.perf_counter()
            page = questions.page(question, 50)
            taken.append((time.perf_counter() - begun) * 1_000)
            if not page.entries:
                raise RuntimeError(f"{name} finds nothing")
        yield Asked(name, median(taken), questions.explain(of(name)))
