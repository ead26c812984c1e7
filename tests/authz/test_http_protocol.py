"""Clients' connections: what is too much, too slow or asks for another protocol."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from authz import http_protocol as protocol
from authz.http_protocol import BoundedProtocol

MiB = 2**20
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answers with the length of what it was sent; at /N with N bytes."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    asked = scope["path"][1:]
    body = bytes(int(asked)) if asked else str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(connections: set[Any] | None = None, **more: Any) -> AsyncIterator[Callable[[], Awaitable[Streams]]]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http=BoundedProtocol, ws="none", log_level="critical", lifespan="off", **more
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it has no event for it
        await asyncio.sleep(0.01)
    if connections is not None:
        server.server_state.connections = connections
    port = server.servers[0].sockets[0].getsockname()[1]
    writers: list[asyncio.StreamWriter] = []

    async def connect() -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in writers:
            writer.transport.abort()
        server.should_exit = True
        await running


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other end is closed, which has to be soon."""
    try:
        return await asyncio.wait_for(reader.read(), 3)
    except ConnectionResetError:
        return b""


async def answer(streams: Streams, request: bytes) -> bytes:
    reader, writer = streams
    writer.write(request)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    return head.split(b" ")[1] + b" " + await reader.readexactly(length)


POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n"


async def test_requests_one_after_the_other_and_in_pieces() -> None:
    async with served() as connect:
        streams = await connect()
        assert await answer(streams, POST + b"\r\n12345") == b"200 5"
        for piece in (POST[:9], POST[9:], b"\r\n12"):
            streams[1].write(piece)
            await asyncio.sleep(0.01)
        assert await answer(streams, b"345") == b"200 5"
        assert await answer(streams, (POST + b"\r\n12345") * 3) == b"200 5"
    assert not BoundedProtocol.waiting


@pytest.mark.parametrize(
    "head",
    [
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        b"upgrade : websocket\r\nconnection: upgrade\r\n",
    ],
)
async def test_who_would_rather_have_another_protocol_gets_this_one(head: bytes) -> None:
    async with served() as connect:
        streams = await connect()
        for _ in range(2):
            assert (
                await answer(streams, POST + head + b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n12345")
                == b"200 5"
            )
        body = b"\r\nUpgrade: x"
        assert await answer(streams, POST.replace(b"5", b"12") + b"\r\n" + body) == b"200 12"


@pytest.mark.parametrize(
    "head",
    [b"x: " + b"y" * (protocol.HEAD_BYTES + 300_000), b"".join(b"a%d: b\r\n" % n for n in range(200)) + b"\r\n"],
    ids=["large", "many"],
)  # fmt: skip
async def test_a_head_is_bounded(head: bytes) -> None:
    async with served() as connect:
        reader, writer = await connect()
        writer.write(POST + head)
        assert b" 200 " not in await rest(reader)
        assert await answer(await connect(), POST + b"\r\n12345") == b"200 5"


@pytest.mark.parametrize("sent", [b"", b"POST / HT", b"\r\n\r\n", POST + b"\r\n123"])
async def test_a_request_comes_within_its_time(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "READ_SECONDS", 0.2)
    async with served() as connect:
        reader, writer = await connect()
        writer.write(sent)
        assert await rest(reader) == b""
        streams = await connect()
        assert await answer(streams, POST + b"\r\n12345") == b"200 5"
        await asyncio.sleep(0.3)
        assert await answer(streams, POST + b"\r\n12345") == b"200 5", "between requests it may wait"


async def test_who_does_not_take_an_answer_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.2)
    async with served() as connect:
        reader, writer = await connect()
        writer.write(b"GET /20971520 HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.sleep(1)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(20 * MiB), 5)


async def test_who_has_taken_all_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.2)
    async with served() as connect:
        streams = await connect()
        for _ in range(2):
            assert await answer(streams, POST + b"\r\n12345") == b"200 5"
            await asyncio.sleep(0.5)


@pytest.mark.parametrize("more", [b"", b"connection: close\r\n"])
async def test_nor_is_who_leaves_only_a_little_of_it(more: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than what a transport calls full, on a connection that is kept, or about to be closed."""
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.5)
    connections: set[Any] = set()
    async with served(connections) as connect:
        await connect()
        await asyncio.sleep(0.1)
        there = next(iter(connections)).transport.get_extra_info("sockname")
        size, left = 20 * MiB, 20 * MiB
        for _ in range(20):  # how much the system takes by itself is its own affair, and changes
            with contextlib.closing(socket.create_connection(there)) as client:
                client.sendall(b"GET /%d HTTP/1.1\r\nhost: a\r\n%b\r\n" % (size, more))
                await asyncio.sleep(0.2)
                left = max(one.transport.get_write_buffer_size() for one in connections)
                if 0 < left < 60_000:
                    await asyncio.sleep(1.5)
                    assert len(connections) == 1, "the one that was made first"
                    return
            size -= left - 30_000
            await asyncio.sleep(0.1)
        raise AssertionError("the system takes a different amount each time")


async def test_trailers_are_bounded_and_nobody_s() -> None:
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n"
    async with served() as connect:
        streams = await connect()
        assert await answer(streams, head + b"host: b\r\n\r\n") == b"200 5"
        assert await answer(streams, POST + b"\r\n12345") == b"200 5"
        for more in (b"a: b\r\n" * 1_000_000, b"a: " + b"b" * 8 * MiB):
            reader, writer = await connect()
            writer.write(head + more)
            assert b"200" not in await rest(reader)


async def test_who_takes_an_answer_slowly_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 1.0)
    async with served() as connect:
        reader, writer = await connect()
        writer.write(b"GET /20971520 HTTP/1.1\r\nhost: a\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        left = 20 * MiB
        while left:
            await asyncio.sleep(0.02)
            left -= len(await reader.read(MiB))
        assert head.startswith(b"HTTP/1.1 200")


async def test_those_that_wait_longest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "most", 5)
    async with served(limit_concurrency=8) as connect:
        first = await connect()
        idle = [await connect() for _ in range(20)]
        streams = await connect()
        assert await answer(streams, POST + b"\r\n12345") == b"200 5"
        for reader, _ in (first, *idle[:15]):
            assert await rest(reader) == b""
