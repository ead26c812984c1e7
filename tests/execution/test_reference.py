"""Reference data: kept for everyone only where no policy could part those who are given it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from gateway.app import AppConfig, Served, build
from gateway.composition import SubgraphSource, compose
from gateway.edge import Pipeline, Settings
from gateway.edge.request import GraphQLRequest
from gateway.errors import ConfigError, SubgraphError
from gateway.execution import Answer, Target, reference
from gateway.execution.reference import ReferenceCache, lifetime
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Planner
from gateway.supergraph import Supergraph, read_supergraph
from tests.transport.scripted import ScriptedTransport

SDL = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7",
    import: ["@key", "@policy", "@authenticated", "@composeDirective"])
  @link(url: "https://cps.example/subject/v1.0", import: ["@subject"])
  @link(url: "https://cps.example/cacheControl/v1.0", import: ["@cacheControl"])
  @composeDirective(name: "@subject") @composeDirective(name: "@cacheControl")
directive @subject on OBJECT
enum CacheControlScope { PUBLIC PRIVATE }
directive @cacheControl(maxAge: Int, scope: CacheControlScope) on FIELD_DEFINITION
type Query {
  factors(from: Int): [Factor] @cacheControl(maxAge: 60, scope: PUBLIC)
  needs: [String] @cacheControl(maxAge: 30, scope: PUBLIC)
  short: String @cacheControl(maxAge: 1, scope: PUBLIC)
  private: String @cacheControl(maxAge: 60, scope: PRIVATE)
  unsaid: String @cacheControl(maxAge: 60)
  never: String @cacheControl(maxAge: 0, scope: PUBLIC)
  plain: String
  guarded: String @cacheControl(maxAge: 60, scope: PUBLIC) @authenticated
  things: [Thing] @cacheControl(maxAge: 60, scope: PUBLIC)
  children: [Child] @cacheControl(maxAge: 60, scope: PUBLIC)
  held: Held @cacheControl(maxAge: 60, scope: PUBLIC)
}
type Factor { code: String label: String @policy(policies: [["status.detail"]]) }
interface Thing { name: String }
type Open implements Thing { name: String }
type Shut implements Thing { name: String @authenticated }
type Child @key(fields: "id") @subject { id: ID! }
type Held { child: Child count: Int }
"""


def supergraph() -> Supergraph:
    result = compose([SubgraphSource("a", "http://a/", SDL)])
    assert result.supergraph is not None, result.errors
    return read_supergraph(result.supergraph)


SUPERGRAPH = supergraph()


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("{ factors { code } }", 60),
        ("{ factors { code __typename } needs }", 30),
        ("{ factors { code label } }", 0),
        ("{ factors { code } plain }", 0),
        ("{ private }", 0),
        ("{ unsaid }", 0),
        ("{ never }", 0),
        ("{ guarded }", 0),
        ("{ needs guarded }", 0),
        ("{ things { name } }", 0),
        ("{ things { ... on Open { name } } }", 60),
        ("{ things { ... on Shut { name } } }", 0),
        ("{ children { id } }", 0),
        ("{ held { count } }", 60),
        ("{ held { child { id } } }", 0),
    ],
)
def test_what_may_be_kept(query: str, seconds: int) -> None:
    operation = normalise(read_document(query, None, SUPERGRAPH.api_schema, Limits()), SUPERGRAPH).operation
    assert [lifetime(request, SUPERGRAPH) for request in Planner(SUPERGRAPH).plan(operation).requests] == [seconds]


class Counting(ScriptedTransport):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.errors: list[object] = []
        self.failing = False

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        sent = orjson.loads(body)
        self.asked.append(sent["query"])
        await asyncio.sleep(0.01)
        if self.failing:
            raise SubgraphError("DEADLINE", "too late")
        data = {"factors": [{"code": f"{len(self.asked)}"}], "short": f"{len(self.asked)}", "plain": "p"}
        payload: dict[str, object] = {"data": data}
        if self.errors:
            payload["errors"] = [self.errors.pop()]
        return Answer(200, "application/json", orjson.dumps(payload))


class Kept:
    def __init__(self, cache: ReferenceCache | None) -> None:
        self.transport = Counting()
        settings = Settings(None, None, {}, Limits(), reference=cache)
        self.pipeline = Pipeline(SUPERGRAPH, self.transport, settings)

    async def ask(self, query: str, **variables: object) -> object:
        response = await self.pipeline.answer(GraphQLRequest(query, None, variables, None), None)
        return orjson.loads(response.body)["data"]


@pytest.fixture
async def cache() -> AsyncIterator[ReferenceCache]:
    made = ReferenceCache()
    yield made
    await made.close()


async def test_it_is_asked_once_for_everyone_who_asks_meanwhile_and_after(cache: ReferenceCache) -> None:
    kept = Kept(cache)
    answers = await asyncio.gather(*(kept.ask("{ factors { code } }") for _ in range(20)))
    answers.append(await kept.ask("{ factors { code } }"))
    assert answers == [{"factors": [{"code": "1"}]}] * 21
    assert len(kept.transport.asked) == 1


async def test_an_agency_that_does_not_answer_is_waited_for_once(cache: ReferenceCache) -> None:
    kept = Kept(cache)
    kept.transport.failing = True
    answers = await asyncio.gather(*(kept.ask("{ factors { code } }") for _ in range(20)))
    assert answers == [{"factors": None}] * 20
    assert len(kept.transport.asked) == 1
    kept.transport.failing = False
    assert await kept.ask("{ factors { code } }") == {"factors": [{"code": "2"}]}


async def test_other_values_and_other_documents_are_others(cache: ReferenceCache) -> None:
    kept = Kept(cache)
    query = "query($n: Int) { factors(from: $n) { code } }"
    assert await kept.ask(query, n=1) == {"factors": [{"code": "1"}]}
    assert await kept.ask(query, n=2) == {"factors": [{"code": "2"}]}
    assert await kept.ask(query, n=1) == {"factors": [{"code": "1"}]}
    assert await kept.ask("{ f: factors { code } }") is not None
    assert len(kept.transport.asked) == 3


async def test_it_is_let_go_in_its_time(cache: ReferenceCache) -> None:
    kept = Kept(cache)
    assert await kept.ask("{ short }") == await kept.ask("{ short }") == {"short": "1"}
    await asyncio.sleep(1.1)
    assert await kept.ask("{ short }") == {"short": "2"}


async def test_an_answer_with_an_error_is_nobodys_but_the_askers(cache: ReferenceCache) -> None:
    kept = Kept(cache)
    kept.transport.errors = [{"message": "no", "path": ["factors"]}]
    await kept.ask("{ factors { code } }")
    await kept.ask("{ factors { code } }")
    assert len(kept.transport.asked) == 2
    await kept.ask("{ factors { code } }")
    assert len(kept.transport.asked) == 2


async def test_without_a_cache_it_is_asked_each_time() -> None:
    kept = Kept(None)
    await kept.ask("{ factors { code } }")
    await kept.ask("{ factors { code } }")
    assert len(kept.transport.asked) == 2


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "MAX_BYTES", 100)
    cache = ReferenceCache(size=5)
    asked: list[int] = []

    async def fetch(number: int, size: int = 10) -> None:
        async def ask() -> bytes:
            asked.append(number)
            return b"x" * size

        await cache.fetch(f"k{number}", 60, ask)

    for number in range(50):
        await fetch(number)
    assert len(cache._cache._cache) == 5
    await fetch(49)
    await fetch(0)
    assert asked == [*range(50), 0]
    await fetch(99, size=101)
    await fetch(99, size=101)
    assert asked[-2:] == [99, 99]
    assert len(cache._cache._cache) == 5
    await cache.close()


async def test_a_cache_that_fails_is_no_cache() -> None:
    cache = ReferenceCache()
    kept = Kept(cache)

    async def fail(*_: object, **__: object) -> object:
        raise OSError("gone")

    cache._cache.get = cache._cache.set = fail
    assert await kept.ask("{ factors { code } }") == {"factors": [{"code": "1"}]}
    assert await kept.ask("{ factors { code } }") == {"factors": [{"code": "2"}]}


@pytest.mark.parametrize("url", ["", "file:///x", "nothing", "redis2://h"])
def test_a_url_of_no_cache_is_said(url: str) -> None:
    with pytest.raises(ConfigError, match="is no cache: `memory"):
        ReferenceCache(url)


async def test_a_gateway_has_its_cache_once_there_is_something_to_keep() -> None:
    plain = compose([SubgraphSource("a", "http://a/", "type Query { plain: String }")]).read
    assert plain is not None
    application = build(Served(plain, {}, frozenset()), AppConfig((), None))

    async def kept(supergraph: Supergraph) -> ReferenceCache | None:
        await application.swap(Served(supergraph, {}, frozenset()))
        return application.pipeline.settings.reference

    assert application.pipeline.settings.reference is None
    assert await kept(plain) is None
    made = await kept(SUPERGRAPH)
    assert made is not None
    assert [await kept(plain), await kept(SUPERGRAPH)] == [made, made]
    await made.close()


def test_a_cache_that_can_not_be_had_is_said_at_start() -> None:
    plain = compose([SubgraphSource("a", "http://a/", "type Query { plain: String }")]).read
    assert plain is not None
    with pytest.raises(ConfigError, match="is no cache"):
        build(Served(plain, {}, frozenset()), AppConfig((), None, reference="nowhere://"))
