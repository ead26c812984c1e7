"""Whether the time of an answer tells whom somebody else has asked about: it must not.

A gateway and the six subgraphs over a synthetic population, in this process, so that nothing but their own work takes
time. One practitioner asks about a child about whom a colleague has just asked, or about whom nobody has; the two are
told apart as well as chance where the area under the ROC curve is one half.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sqlite3
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from authz.assertion import AssertionVerifier, Signer, make_key
from authz.policy import Policies
from authz.policy.files import PARTNERSHIP
from authz.principal import Principal, Purpose, Role
from gateway.audit import Entry, Sealer, Tokeniser
from gateway.composition import SubgraphSource, compose
from gateway.edge import Auditing, Pipeline, Settings
from gateway.edge.request import GraphQLRequest
from gateway.execution import Answer, Target
from gateway.operations import Limits
from gateway.supergraph import read_supergraph
from resolvers.guard import ATTEMPT_HEADER, Guard
from resolvers.serve import application
from resolvers.sources.sql import Database
from resolvers.subgraph import Subgraph
from subgraphs.population.seeding import TODAY, Order, seed
from tests.transport.scripted import ScriptedTransport

CHILDREN: Final = 6_000
RESAMPLES: Final = 500
NAMES: Final = ("index", "social_care", "police", "acute", "community", "education")
GATEWAY: Final = "gateway"
RECORDS: Final = "socialCare { leadWorker } police { notices { officer } } education { school }"
LOW, HIGH = 0.45, 0.55


class Question(NamedTuple):
    """What is asked about a child. `ask` gives the text and the variables for an NHS number.

    `anew`: the one who is timed has not asked before, so that all that is kept of a person is made anew.
    """

    name: str
    ask: Callable[[str], tuple[str, dict[str, object]]]
    anew: bool = False


def _literal(number: str) -> tuple[str, dict[str, object]]:
    return f'{{ child(nhsNumber: "{number}") {{ id forename knownTo {{ name }} }} }}', {}


def _name(number: str) -> tuple[str, dict[str, object]]:
    return f'query Of{number} {{ child(nhsNumber: "{number}") {{ id forename }} }}', {}


def _variable(number: str) -> tuple[str, dict[str, object]]:
    return f"query($n: String) {{ child(nhsNumber: $n) {{ id forename {RECORDS} }} }}", {"n": number}


QUESTIONS: Final = (
    Question("documents: a number in the text", _literal),
    Question("plans: a number in a name", _name),
    Question("statements: a number in a variable", _variable),
    Question("assertions: by somebody new", _variable, anew=True),
)


class Found(NamedTuple):
    """The area under the curve with its 95 % interval, and the medians of both (seconds)."""

    name: str
    auc: float
    low: float
    high: float
    warm: float
    cold: float

    @property
    def tells(self) -> bool:
        return self.low < LOW or self.high > HIGH


class _Log:
    async def append(self, entry: Entry) -> None:
        del entry


class _InProcess(ScriptedTransport):
    def __init__(self, clients: dict[str, httpx.AsyncClient]) -> None:
        super().__init__()
        self._clients = clients
        self._attempt = 0

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        self._attempt += 1
        sent = {"content-type": "application/json", ATTEMPT_HEADER: str(self._attempt)}
        for line in headers.decode("ascii").split("\r\n"):
            name, _, value = line.partition(": ")
            if value:
                sent[name] = value
        response = await self._clients[to.host].post("/graphql", content=body, headers=sent)
        return Answer(response.status_code, response.headers["content-type"], response.content)


@asynccontextmanager
async def _gateway(folder: Path) -> AsyncIterator[Pipeline]:
    """A gateway over the subgraphs, which answer whom it asserts."""
    key = make_key()
    signer = Signer(GATEWAY, key)
    async with AsyncExitStack() as stack:
        clients, sources = {}, []
        for name in NAMES:
            subgraph = import_module(f"subgraphs.{name}.schema").subgraph
            assert isinstance(subgraph, Subgraph)
            database = Database(f"sqlite+aiosqlite:///{folder / f'{name}.sqlite'}")
            stack.push_async_callback(database.close)
            guard = Guard(AssertionVerifier(signer.published(), GATEWAY, name.upper()))
            app = application(subgraph, database, guard)
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url=f"http://{name.replace('_', '-')}"
            )
            clients[name.replace("_", "-")] = await stack.enter_async_context(client)
            sources.append(SubgraphSource(name, f"http://{name.replace('_', '-')}/graphql", subgraph.schema.sdl))
        composed = compose(sources)
        assert composed.supergraph is not None, composed.errors
        settings = Settings(
            Policies(PARTNERSHIP),
            Auditing(_Log(), Tokeniser(b"k" * 32), Sealer(b"k" * 32)),
            {},
            Limits(),
            signer=signer,
        )
        yield Pipeline(read_supergraph(composed.supergraph), _InProcess(clients), settings)


def measure(folder: Path, pairs: int, seed_: int = 1) -> Iterator[Found]:
    """Ask each question so many times in either way, by turns in random order; yield what was found of each."""
    children = max(CHILDREN, 4 * pairs)
    seed(Order(children, seed_, TODAY, folder, {}), lambda _database, _done, _total: None)
    with sqlite3.connect(folder / "index.sqlite") as index:
        rows = index.execute("SELECT nhs FROM child WHERE nhs IS NOT NULL AND NOT shielded ORDER BY id").fetchall()
    for question in QUESTIONS:
        numbers = [nhs for (nhs,) in rows]
        generator = random.Random(seed_)  # noqa: S311 - an order, not a secret
        generator.shuffle(numbers)
        yield asyncio.run(_measure(folder, question, numbers, pairs, generator))


def _practitioner(name: str) -> Principal:
    return Principal(
        f"practitioner-{name}", "https://idp.example", "app", (Role.SOCIAL_WORKER,), "380", "380-1",
        scopes=frozenset({"cps.read"}),
    )  # fmt: skip


async def _measure(
    folder: Path, question: Question, numbers: Sequence[str], pairs: int, generator: random.Random
) -> Found:
    unasked = iter(numbers)
    taken: dict[bool, list[float]] = {True: [], False: []}
    async with _gateway(folder) as pipeline:

        async def ask(number: str, who: Principal) -> float:
            text, variables = question.ask(number)
            request = GraphQLRequest(text, None, variables, Purpose.S47)
            began = time.perf_counter()
            answer = await pipeline.answer(request, who)
            took = time.perf_counter() - began
            assert b'"errors"' not in answer.body, answer.body[:500]
            return took

        colleague, asker = _practitioner("colleague"), _practitioner("asker")
        for _ in range(50):  # all that does not depend on the child is there
            await ask(next(unasked), colleague)
            await ask(next(unasked), asker)
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            for pair in range(pairs):
                both = [True, False]
                generator.shuffle(both)
                for is_warm in both:
                    number = next(unasked)
                    await ask(number if is_warm else next(unasked), colleague)
                    who = _practitioner(f"{pair}-{is_warm}") if question.anew else asker
                    taken[is_warm].append(await ask(number, who))
                if pair % 100 == 0:
                    gc.collect()
        finally:
            gc.enable()
    return _found(question.name, taken[True], taken[False], generator)


def _found(name: str, warm: list[float], cold: list[float], generator: random.Random) -> Found:
    resampled = sorted(
        area(
            [warm[i] for i in chosen],
            [cold[i] for i in chosen],
        )
        for chosen in (generator.choices(range(len(warm)), k=len(warm)) for _ in range(RESAMPLES))
    )
    low, high = resampled[int(RESAMPLES * 0.025)], resampled[int(RESAMPLES * 0.975)]
    middle = len(warm) // 2
    return Found(name, area(warm, cold), low, high, sorted(warm)[middle], sorted(cold)[middle])


def area(lower: Sequence[float], higher: Sequence[float]) -> float:
    """Return the probability that one of the first is below one of the second, where equal ones count half."""
    ordered = sorted(higher)
    below = sum(2 * len(ordered) - bisect_left(ordered, one) - bisect_right(ordered, one) for one in lower)
    return below / (2 * len(lower) * len(ordered))
