"""SDLs from configuration and from running subgraphs, good and bad."""

from __future__ import annotations

import asyncio

import pytest

from gateway.composition import SubgraphSource
from gateway.config import SubgraphConfig
from gateway.errors import ConfigError
from gateway.registry import fetch_sdl, fetch_sources
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
        with pytest.raises(ConfigError) as caught:  # noqa: PT011 - what it says is looked at
            await fetch_sources(subgraphs, seconds=2.0)
    assert "no SDL came from `bad`: " in str(caught.value)
    assert "; nor from `gone`: nothing answers there" in str(caught.value)
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
    monkeypatch.setattr(fetch_sdl, "MAX_SDL_BYTES", len(GOOD))
    async with agency(answering(GOOD)) as there:
        subgraph = SubgraphConfig("a", f"http://127.0.0.1:{there.port}/")
        assert await fetch_sources([subgraph])
        monkeypatch.setattr(fetch_sdl, "MAX_SDL_BYTES", 20)
        with pytest.raises(ConfigError, match="`a`"):
            await fetch_sources([subgraph])


def refused(body: bytes, status: bytes, kind: bytes = b"application/json", more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\n%bcontent-length: %d\r\n\r\n"
    return head % (status, kind, more, len(body)) + body


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refused(b"<html>", b"404 Not Found", b"text/html; charset=utf-8"), "it answered with status 404, text/html"),
        (refused(b"<html>", b"200 OK", b"text/html"), "it answered with status 200, text/html"),
        (refused(b"{}", b"401 Unauthorized"), "status 401, application/json: give `credentials` for the download"),
        (
            refused(b'{"errors": [{"message": "no\\n  such  field"}]}', b"400 Bad Request"),
            "it answered with status 400, application/json, saying “no such field”",
        ),
        (
            http(b'{"data": null, "errors": [{"message": "' + b"x" * 900 + b'"}]}'),
            "its answer holds no `_service { sdl }`, saying “" + "x" * 200 + "”: is it a Federation subgraph?",
        ),
        (
            refused(b"", b"301 Moved", more=b"location: https://other.example/secret?token=1\r\n"),
            "it redirects (301) to `https://other.example`: give that `url`",
        ),
        (http(b'{"data": {"_service": {"sdl": " \\n"}}}'), "its SDL is empty"),
        (refused(b"x", b"200 OK", more=b"content-encoding: gzip\r\n"), "its answer is compressed"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "it does not speak HTTP there: is the port one for `https`?"),
    ],
)
async def test_why_there_is_no_sdl_is_said(answer: bytes, why: str) -> None:
    async with agency(answering(answer, then_close=True)) as there:
        with pytest.raises(ConfigError) as caught:  # noqa: PT011 - what it says is looked at
            await fetch_sources([SubgraphConfig("bad", f"http://127.0.0.1:{there.port}/")], seconds=2.0)
    assert why in str(caught.value)


async def test_tls_to_a_plain_port_is_said() -> None:
    async def plain(line: Line) -> None:
        await line.send(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")

    async with agency(plain) as there:
        with pytest.raises(ConfigError, match="TLS failed: is the port one for plain `http`"):
            await fetch_sources([SubgraphConfig("bad", f"https://127.0.0.1:{there.port}/")], seconds=2.0)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://h:notaport/", "its `url` is no address"),
        ("subgraph:4001/graphql", "needs the scheme `http` or `https`, and has none"),
        ("ftp://a.example/", "needs the scheme `http` or `https`, and has `ftp:`"),
        ("http:///graphql", "its `url` names no host"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said(url: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:  # noqa: PT011 - what it says is looked at
        await fetch_sources([SubgraphConfig("bad", url)])
    assert why in str(caught.value)


async def test_a_trickle_ends_at_the_deadline() -> None:
    async def trickle(line: Line) -> None:
        await line.request()
        await line.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        for _ in range(100):
            await line.send(b" ")
            await asyncio.sleep(0.05)

    async with agency(trickle) as there, asyncio.timeout(3):
        with pytest.raises(ConfigError, match=r"it did not answer within 0.3 s"):
            await fetch_sources([SubgraphConfig("slow", f"http://127.0.0.1:{there.port}/")], seconds=0.3)
