"""Connections of the transport: kept, closed, never mixed; and the addresses that they lead to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.errors import ConfigError
from gateway.execution import SubgraphTransport, TransportLimits, target
from tests.transport.agency import BODY, GOOD, Line, Script, agency, answering
from tests.transport.asking import LIMITS, failing, head, post

# kept connections


async def test_a_connection_is_kept(transport: SubgraphTransport) -> None:
    async with agency(answering(GOOD)) as there:
        for _ in range(5):
            await post(transport, there)
        assert [len(found) for found in there.connections] == [5]


@pytest.mark.parametrize("line", [b"connection: close", b"Connection: Close"])
async def test_a_connection_that_says_close_is_not_kept(transport: SubgraphTransport, line: bytes) -> None:
    sent = head(line, b"content-length: %d" % len(BODY)) + BODY
    async with agency(answering(sent)) as there:
        for _ in range(3):
            await post(transport, there)
        assert [len(found) for found in there.connections] == [1, 1, 1]


async def test_a_connection_that_says_close_is_closed_though_its_agency_keeps_it(
    transport: SubgraphTransport,
) -> None:
    ended: list[bytes] = []

    async def script(line: Line) -> None:
        await line.request()
        await line.send(head(b"connection: close", b"content-length: %d" % len(BODY)) + BODY)
        ended.append(await line.reader.read())

    async with agency(script) as there:
        await post(transport, there)
        await asyncio.sleep(0.1)
        assert ended == [b""]
        assert [pool.open for pool in transport._pools.values()] == [0]


async def test_an_idle_connection_is_closed_in_time() -> None:
    transport = SubgraphTransport(TransportLimits(deadline=0.5, idle_seconds=0.05))
    async with agency(answering(GOOD)) as there:
        await post(transport, there)
        await asyncio.sleep(0.1)
        await post(transport, there)
        assert [len(found) for found in there.connections] == [1, 1]
    await transport.close()


async def test_an_idle_connection_is_closed_though_its_agency_is_asked_no_more() -> None:
    transport = SubgraphTransport(TransportLimits(deadline=0.5, idle_seconds=0.05))
    ended: list[bytes] = []

    async def script(line: Line) -> None:
        await line.request()
        await line.send(GOOD)
        ended.append(await line.reader.read())

    async with agency(script) as there:
        await post(transport, there)
        await asyncio.sleep(0.3)
        assert ended == [b""]
        assert transport._pools == {}
    await transport.close()


async def test_a_connection_on_which_a_request_is_not_sent_yet_is_not_used_for_another() -> None:
    """An agency may refuse what is too large for it before it has read it."""
    transport = SubgraphTransport(TransportLimits(deadline=2.0))

    async def script(line: Line) -> None:
        if line.number > 0:
            await answering(GOOD)(line)
        await line.reader.readuntil(b"\r\n\r\n")
        await line.send(GOOD.replace(b"200 OK", b"413 Too Large"))
        await asyncio.sleep(5)

    async with agency(script) as there:
        assert (await post(transport, there, b"x" * 20_000_000)).status == 413
        assert (await post(transport, there)).status == 200
        assert len(there.connections) == 2
    await transport.close()


def once_then_close(how: Callable[[Line], None] | None) -> Script:
    """The first connection answers once, and closes as the second request comes; the others answer."""

    async def script(line: Line) -> None:
        if line.number > 0:
            await answering(GOOD)(line)
        await line.request()
        await line.send(GOOD)
        if how is None:
            await line.request()
            line.reset()
        else:
            await line.reader.read(1)  # the request is on its way
            how(line)

    return script


@pytest.mark.parametrize("how", [None, Line.reset, lambda line: line.writer.close()])
async def test_a_kept_connection_that_closes_as_we_write_is_replaced_for_a_query(
    transport: SubgraphTransport, how: Callable[[Line], None] | None
) -> None:
    async with agency(once_then_close(how)) as there:
        await post(transport, there)
        assert (await post(transport, there)).body == BODY
        assert len(there.connections) == 2


async def test_a_mutation_is_never_sent_twice(transport: SubgraphTransport) -> None:
    """It goes on a connection of its own, and if that breaks it fails: it could have been carried out."""

    async def script(line: Line) -> None:
        await line.request()
        if line.number == 0:
            await line.send(GOOD)
            await line.request()
        line.reset()

    async with agency(script) as there:
        await post(transport, there)
        assert await failing(transport, there, again=False) == "UNREACHABLE"
        assert [len(found) for found in there.connections] == [1, 1]


async def test_a_fresh_connection_that_closes_is_not_tried_again(transport: SubgraphTransport) -> None:
    async def script(line: Line) -> None:
        await line.request()

    async with agency(script) as there:
        assert await failing(transport, there) == "UNREACHABLE"
        assert there.requests == 1


async def test_a_kept_connection_that_began_to_answer_is_not_replaced(transport: SubgraphTransport) -> None:
    async def script(line: Line) -> None:
        await line.request()
        await line.send(GOOD)
        await line.request()
        await line.send(GOOD[:20])

    async with agency(script) as there:
        await post(transport, there)
        assert await failing(transport, there) == "UNREACHABLE"
        assert there.requests == 2


async def test_many_dead_connections_cost_one_answer_and_no_error(transport: SubgraphTransport) -> None:
    async def script(line: Line) -> None:
        if line.number >= LIMITS.connections:
            await answering(GOOD)(line)
        await line.request()
        await asyncio.sleep(0.02)
        await line.send(GOOD)
        await line.reader.read(1)
        line.reset()

    async with agency(script) as there:
        await asyncio.gather(*(post(transport, there) for _ in range(LIMITS.connections)))
        assert len(there.connections) == LIMITS.connections
        assert (await post(transport, there)).body == BODY


async def test_a_connection_that_speaks_unasked_is_not_used_again(transport: SubgraphTransport) -> None:
    async def script(line: Line) -> None:
        await line.request()
        await line.send(GOOD)
        if line.number == 0:
            await asyncio.sleep(0.02)
            await line.send(GOOD.replace(b"true", b"fals"))
        await line.request()
        await line.send(GOOD)

    async with agency(script) as there:
        await post(transport, there)
        await asyncio.sleep(0.05)
        assert (await post(transport, there)).body == BODY
        assert len(there.connections) == 2


@pytest.mark.parametrize("more", [GOOD.replace(b"true", b"fals"), GOOD[:30], b"\r\nx", b"garbage"])
async def test_bytes_after_an_answer_end_its_connection(transport: SubgraphTransport, more: bytes) -> None:
    """What follows in the same segment belongs to no request of ours: the next one must not meet its rest."""

    async def script(line: Line) -> None:
        await line.request()
        await line.send(GOOD + (more if line.number == 0 else b""))
        await line.request()
        await line.send(GOOD)

    async with agency(script) as there:
        assert (await post(transport, there)).body == BODY
        assert (await post(transport, there)).body == BODY
        assert len(there.connections) == 2


async def test_answers_do_not_mix_under_load(transport: SubgraphTransport) -> None:
    async def script(line: Line) -> None:
        while True:
            body = await line.request()
            await asyncio.sleep(int(body) % 7 / 1_000)
            await line.send(head(b"content-length: %d" % len(body)) + body)

    async with agency(script) as there:
        answers = await asyncio.gather(*(post(transport, there, b"%d" % n) for n in range(200)))
        assert [int(answer.body) for answer in answers] == list(range(200))


async def test_closing_closes_what_is_idle(transport: SubgraphTransport) -> None:
    closed = asyncio.Event()

    async def script(line: Line) -> None:
        await line.request()
        await line.send(GOOD)
        await line.reader.read()
        closed.set()

    async with agency(script) as there:
        await post(transport, there)
        await transport.close()
        await asyncio.wait_for(closed.wait(), 1)


# addresses


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "first"),
    [
        ("http://a.example", "a.example", 80, False, "POST / HTTP/1.1\r\nhost: a.example\r\n"),
        ("https://a.example/g", "a.example", 443, True, "POST /g HTTP/1.1\r\nhost: a.example\r\n"),
        ("http://u:p@a.example:81/g?x=1#f", "a.example", 81, False, "POST /g?x=1 HTTP/1.1\r\nhost: a.example:81\r\n"),
        ("http://[::1]:81/g", "::1", 81, False, "POST /g HTTP/1.1\r\nhost: [::1]:81\r\n"),
    ],
)
def test_an_address_is_split(url: str, host: str, port: int, tls: bool, first: str) -> None:
    found = target(url)
    assert found.origin == (host, port, tls)
    assert found.head.decode().startswith(first)


@pytest.mark.parametrize(
    "url", ["", "a.example", "ftp://a.example", "http://", "http:///g", "//a.example/g", "file:///g"]
)
def test_what_is_no_address_is_a_fault_of_the_configuration(url: str) -> None:
    with pytest.raises(ConfigError, match="a subgraph's url is `http"):
        target(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example:x/",
        "http://a.example:99999/",
        "http://[::1/",
        "http://b\u00fccher.example/",
        "http://a.example/\u00fc",
        "http://a.example/a b",
    ],
)
def test_an_address_that_cannot_be_sent_is_a_fault_of_the_configuration(url: str) -> None:
    with pytest.raises(ConfigError, match="path`, in ASCII, not `http"):
        target(url)
