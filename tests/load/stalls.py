"""What one agency's answer can do to everybody else: the longest time for which the event loop serves nobody.

Each attack is an answer of one agency to a question that anybody may ask, made anew in this process.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from authz.withholding import WithholdingReason
from gateway.cli.worker import settle_memory
from gateway.edge.request import GraphQLRequest
from gateway.errors import RequestError
from gateway.execution import Answer, Target
from gateway.execution.refusals import STANDARD
from tests.federation.harness import Network
from tests.transport.scripted import ScriptedTransport

LISTS = {
    "a": ('type Query { people: [Person!]! } type Person @key(fields: "id") { id: ID! name: String }'),
    "b": ('type Person @key(fields: "id") { id: ID! notices: [Notice] rank: Int } type Notice { text: String }'),
}
_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) '


class Attack(NamedTuple):
    """`answers` gives each agency's answer, by its name; `many` is how much of it there is.

    `is_new`: the document is one that has not been asked before, so that it is read, planned and compiled meanwhile.
    """

    name: str
    query: str
    answers: Mapping[str, Callable[[int], bytes]]
    is_new: bool = False


class Found(NamedTuple):
    """Seconds: the longest in which nobody else was served, and all in all; the peak of memory in MB, bytes left."""

    stall: float
    seconds: float
    peak_mb: float
    answered: int


class _Answering(ScriptedTransport):
    def __init__(self, answers: Mapping[str, bytes]) -> None:
        super().__init__()
        self._answers = answers

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        return Answer(200, "application/json", self._answers[to.host])


async def measure(attack: Attack, many: int) -> Found:
    """Ask, while somebody else wants to be served all the time; the collector is as a worker has it."""
    settle_memory()
    network = Network.of({name: (_LINK + sdl, {}) for name, sdl in LISTS.items()})
    pipeline = network.gateway().pipeline
    request = GraphQLRequest(attack.query, None, {}, None)
    pipeline._transport = _Answering(dict.fromkeys(LISTS, b'{"data":null}'))
    if not attack.is_new:
        await pipeline.answer(request, None)  # all is planned and compiled before
    pipeline._transport = _Answering({name: make(many) for name, make in attack.answers.items()})
    longest, ended = 0.0, asyncio.Event()

    async def other() -> None:
        nonlocal longest
        last = time.perf_counter()
        while not ended.is_set():
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now

    waiting = asyncio.ensure_future(other())
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    try:
        body = (await pipeline.answer(request, None)).body
    except RequestError:
        body = b""  # it is refused, and that takes time too
    finally:
        ended.set()
        await waiting
    seconds = time.perf_counter() - began
    return Found(longest, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(body))


def _listed(item: bytes, many: int) -> bytes:
    """Return so many items of a list of JSON, each with its number where it has a `%d`."""
    return b",".join(item % number for number in range(many)) if b"%d" in item else b",".join([item] * many)


def _people(many: int) -> bytes:
    return b'{"data":{"people":[%b]}}' % _listed(b'{"id":"%d","name":"n"}', many)


def _errors(many: int) -> bytes:
    error = b'{"message":"x","path":["people",%d,"name"],"extensions":{"code":"TIMEOUT"}}'
    return b'{"data":{"people":[]},"errors":[%b]}' % _listed(error, many)


def _errors_of_entities(many: int) -> bytes:
    error = b'{"message":"x","path":["_entities",%d,"rank"],"extensions":{"code":"TIMEOUT"}}'
    ranks = _listed(b'{"rank":null}', ENTITIES)
    return b'{"data":{"_entities":[%b]},"errors":[%b]}' % (ranks, _listed(error, many))


def _errors_of_all(many: int) -> bytes:
    return b'{"data":null,"errors":[%b]}' % _listed(b'{"message":"%d","extensions":{"code":"TIMEOUT"}}', many)


def _errors_above(many: int) -> bytes:
    """Errors of every code at each beginning of the paths of all items."""
    error = b'{"message":"x","path":["_entities",0,"notices"],"extensions":{"code":"%b","reason":"%b"}}'
    codes = [word.encode() for word in sorted(STANDARD)]
    reasons = [word.encode() for word in sorted(WithholdingReason)]
    errors = [error % (code, reason) for code in codes for reason in reasons]
    some = min(many, 10_000)  # an answer of more objects is refused by their number
    listed = _listed(b'{"text":"t"}', some)
    return b'{"data":{"_entities":[{"notices":[%b]}]},"errors":[%b]}' % (listed, b",".join(errors))


def _errors_of_no_index(many: int) -> bytes:
    error = b'{"message":"x","path":["_entities","rank"],"extensions":{"code":"%b"}}'
    errors = [error % code.encode() for code in sorted(STANDARD)] * (many // 10)
    ranks = _listed(b'{"rank":null}', ENTITIES)
    return b'{"data":{"_entities":[%b]},"errors":[%b]}' % (ranks, b",".join(errors))


def _keys_missing(many: int) -> bytes:
    return b'{"data":{"_entities":[%b]}}' % _listed(b"{}", many)


def _of_no_type(many: int) -> bytes:
    return b'{"data":{"_entities":[%b]}}' % _listed(b'{"rank":"%d"}', many)


def _values_of_no_type(many: int) -> bytes:
    return b'{"data":{"_entities":[{"notices":[%b]}]}}' % _listed(b"7", many)


def _notices(many: int) -> bytes:
    return b'{"data":{"_entities":[{"notices":[%b]}]}}' % _listed(b"{}", many)


def _some_people(_: int) -> bytes:
    return _people(ENTITIES)


def _nothing(_: int) -> bytes:
    return b'{"data":null}'


def _no_json(_: int) -> bytes:
    return b"x"


def _aliased(count: int) -> str:
    return "{ people { id " + " ".join(f"a{number}: rank" for number in range(count)) + " } }"


def _roots(count: int) -> str:
    return "{ " + " ".join(f"a{number}: people {{ id rank notices {{ text }} }}" for number in range(count)) + " }"


ENTITIES = 1_000
RANKS = "{ people { id rank } }"
NOTICES = "{ people { id notices { text } } }"
ATTACKS = (
    Attack("so many entities of no type of theirs", RANKS, {"a": _people, "b": _of_no_type}),
    Attack("so many values of no type of theirs", NOTICES, {"a": lambda _: _people(1), "b": _values_of_no_type}),
    Attack("errors, each of a path of its own", "{ people { id name } }", {"a": _errors, "b": _nothing}),
    Attack("errors of 1,000 entities", RANKS, {"a": _some_people, "b": _errors_of_entities}),
    Attack("errors of all of 1,000 entities", RANKS, {"a": _some_people, "b": _errors_of_all}),
    Attack("no answer about so many entities", RANKS, {"a": _people, "b": _no_json}),
    Attack("so many entities without what was asked", RANKS, {"a": _people, "b": _keys_missing}),
    Attack("errors that lead to all of a large answer", NOTICES, {"a": lambda _: _people(1), "b": _errors_above}),
    Attack("errors without an index", RANKS, {"a": _some_people, "b": _errors_of_no_index}),
    Attack(
        "so many objects of one entity",
        NOTICES,
        {"a": lambda _: _people(1), "b": _notices},
    ),
    Attack("so many entities, as asked", "{ people { id name } }", {"a": _people, "b": _nothing}),
)


DOCUMENTS = (
    Attack("a new document of 290 aliases", _aliased(290), {"a": _some_people, "b": _no_json}, is_new=True),
    Attack("a new document of 50 root fields", _roots(50), {"a": _some_people, "b": _no_json}, is_new=True),
    Attack("a new document of 1,900 comments", "# x\n" * 1_900 + RANKS, {"a": _people, "b": _no_json}, is_new=True),
    Attack(
        "a string that never ends", '{ people { id } } "' + "x" * 200_000, {"a": _people, "b": _no_json}, is_new=True
    ),
)
"""What one person may send; how much of an agency's answer there is does not count."""


def measured(many: int) -> Iterator[tuple[Attack, Found]]:
    """Measure each attack with so many of what it sends."""
    for attack in ATTACKS:
        yield attack, asyncio.run(measure(attack, many))


def measured_documents() -> Iterator[tuple[Attack, Found]]:
    """Measure each document that has not been asked before."""
    for attack in DOCUMENTS:
        yield attack, asyncio.run(measure(attack, 10))
