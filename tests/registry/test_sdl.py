"""SDLs from configuration and from running subgraphs, good and bad."""

from __future__ import annotations

import asyncio

import pytest

from gateway.composition import SubgraphSource
from gateway.config import SubgraphConfig
from gateway.errors import ConfigError
from gateway.registry import asking, fetch_sources
from tests.transport.agency import Line, agency, answering

SDL = "type Query { a: Int }"


def http(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body)


GOOD = http(b'{"data": {"_service": {"sdl": "%b"}}}' % SDL.encode())


async def test_an_sdl_that_is_given_is_not_asked_for() -> None:
    found = await fetch_sources([SubgraphConfig("a", "http://127.0.0.1:1/", SDL), SubgraphConfig("b", "", "type B")])
    assert found == [SubgraphSource("a", "http://127.0.0.1:1/", SDL), SubgraphSource("b", "", "type B")]


async def test_a_running_subgraph_is_asked_as_federation_says() -> None:
    async with agency(answering(GOOD)) as there:
        url = f"http://127.0.0.1:{there.port}/graphql"
        found = await fetch_sources([SubgraphConfig("given", "", "x"), SubgraphConfig("a", url)])
        assert found == [SubgraphSource("given", "", "x"), SubgraphSource("a", url, SDL)]
        assert b"_service" in there.connections[0][0]
        assert there.heads[0].startswith(b"POST /graphql ")


@pytest.mark.parametrize(
    "answer",
    [
        http(b""),
        http(b"<html>"),
        http(b"[]"),
        http(b"null"),
        http(b"{}"),
        http(b'{"data": null, "errors": [{"message": "no"}]}'),
        http(b'{"data": {"_service": null}}'),
        http(b'{"data": {"_service": {"sdl": null}}}'),
        http(b'{"data": {"_service": {"sdl": 5}}}'),
        http(b'{"data": {"_service": ["sdl"]}}'),
        http(b"[" * 100_000),
        http(b"\xff\xfe\xfd"),
        http(b'{"data": {"_service": {"sdl": "x"}}}', b"500 Oops"),
        http(b'{"data": {"_service": {"sdl": "x"}}}', b"302 Found\r\nlocation: http://127.0.0.1:1/"),
        b"not http",
        b"",
    ],
)
async def test_what_is_no_sdl_names_its_subgraph(answer: bytes) -> None:
    async with agency(answering(answer, then_close=True)) as there:
        subgraphs = [
            SubgraphConfig("good", "", SDL),
            SubgraphConfig("bad", f"http://127.0.0.1:{there.port}/"),
            SubgraphConfig("gone", "http://127.0.0.1:1/"),
        ]
        with pytest.raises(ConfigError) as caught:
            await fetch_sources(subgraphs, seconds=2.0)
    assert "`bad`, `gone`" in str(caught.value)
    assert "`good`" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://h:notaport/", "not an address", "http://", "ftp://a.example/", "http://[::1/", "/rel"]
)
async def test_an_address_that_is_none_names_its_subgraph(url: str) -> None:
    with pytest.raises(ConfigError, match="`bad`"):
        await fetch_sources([SubgraphConfig("bad", url)])


async def test_a_subgraph_that_hangs_is_given_up() -> None:
    async def hang(line: Line) -> None:
        await asyncio.sleep(30)

    async with agency(hang) as there, asyncio.timeout(3):
        with pytest.raises(ConfigError, match="`slow`"):
            await fetch_sources([SubgraphConfig("slow", f"http://127.0.0.1:{there.port}/")], seconds=0.1)


async def test_an_sdl_past_its_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_SDL_BYTES", len(GOOD))
    async with agency(answering(GOOD)) as there:
        subgraph = SubgraphConfig("a", f"http://127.0.0.1:{there.port}/")
        assert await fetch_sources([subgraph])
        monkeypatch.setattr(asking, "MAX_SDL_BYTES", 20)
        with pytest.raises(ConfigError, match="`a`"):
            await fetch_sources([subgraph])
