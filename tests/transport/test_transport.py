"""The transport against agencies that misbehave on a real socket; every wait is bounded by a small deadline."""

from __future__ import annotations

import asyncio
import time
import tracemalloc

import pytest

from gateway.execution import Answer, SubgraphTransport, TransportLimits
from tests.transport.agency import BODY, GOOD, Line, Script, agency, answering
from tests.transport.asking import CHUNKED, LIMITS, failing, head, post


async def test_a_request_is_what_an_agency_expects(transport: SubgraphTransport) -> None:
    async with agency(answering(GOOD)) as there:
        answer = await transport.post(there.at("/g?x=1"), b'{"query": "{a}"}', b"x-more: 1\r\n", again=True)
        assert answer == Answer(200, "application/json", BODY)
        assert there.connections == [[b'{"query": "{a}"}']]
        lines = there.heads[0].decode().split("\r\n")
        assert lines[0] == "POST /g?x=1 HTTP/1.1"
        assert f"host: 127.0.0.1:{there.port}" in lines
        assert "content-type: application/json" in lines
        assert "x-more: 1" in lines


# waiting


async def hang(line: Line) -> None:
    await line.request()
    await asyncio.sleep(30)


async def hang_after_headers(line: Line) -> None:
    await line.request()
    await line.send(GOOD[:-5])
    await asyncio.sleep(30)


async def hang_unread(line: Line) -> None:
    await asyncio.sleep(30)


async def drip(line: Line) -> None:
    """A byte at a time, each well within the deadline."""
    await line.request()
    for byte in GOOD:
        await line.send(bytes([byte]))
        await asyncio.sleep(0.05)


async def endless_continue(line: Line) -> None:
    await line.request()
    while True:
        await line.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("script", [hang, hang_after_headers, hang_unread, drip, endless_continue])
async def test_the_deadline_covers_the_whole_exchange(transport: SubgraphTransport, script: Script) -> None:
    async with agency(script) as there:
        assert await failing(transport, there) == "DEADLINE"
        assert there.requests <= 1


async def test_the_deadline_covers_waiting_for_a_slot(transport: SubgraphTransport) -> None:
    async with agency(hang) as there:
        began = time.perf_counter()
        results = await asyncio.gather(*(post(transport, there) for _ in range(9)), return_exceptions=True)
        assert time.perf_counter() - began < LIMITS.deadline + 0.7  # in turns they would take three times the deadline
        assert [getattr(result, "reason", None) for result in results] == ["DEADLINE"] * 9
        assert len(there.connections) == LIMITS.connections


async def test_a_slot_is_given_back_after_a_failure(transport: SubgraphTransport) -> None:
    answers = iter([hang] * LIMITS.connections)

    async def script(line: Line) -> None:
        await next(answers, answering(GOOD))(line)

    async with agency(script) as there:
        await asyncio.gather(*(post(transport, there) for _ in range(LIMITS.connections)), return_exceptions=True)
        assert (await post(transport, there)).body == BODY


async def test_no_more_connections_than_the_limit(transport: SubgraphTransport) -> None:
    open_now, most = 0, 0

    async def script(line: Line) -> None:
        nonlocal open_now, most
        while True:
            await line.request()
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0.01)
            open_now -= 1
            await line.send(GOOD)

    async with agency(script) as there:
        await asyncio.gather(*(post(transport, there) for _ in range(30)))
        assert most == LIMITS.connections == len(there.connections)
        assert there.requests == 30


async def test_a_request_that_is_given_up_leaves_nothing_behind(transport: SubgraphTransport) -> None:
    """Its connection is not used again: the answer to it could come later."""

    async def late(line: Line) -> None:
        await line.request()
        await asyncio.sleep(0.1)
        await line.send(GOOD.replace(b"true", b"fals"))
        await line.request()

    scripts = iter([late])

    async def script(line: Line) -> None:
        await next(scripts, answering(GOOD))(line)

    async with agency(script) as there:
        task = asyncio.ensure_future(post(transport, there))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):  # noqa: PT011 - it says nothing
            await task
        await asyncio.sleep(0.1)
        assert (await post(transport, there)).body == BODY
        assert [len(found) for found in there.connections] == [1, 1]


async def test_nobody_there_is_unreachable(transport: SubgraphTransport) -> None:
    async with agency(hang) as there:
        pass
    assert await failing(transport, there) == "UNREACHABLE"


# broken answers


BROKEN: dict[str, tuple[bytes, str]] = {
    "closed at once": (b"", "UNREACHABLE"),
    "closed in the status line": (b"HTTP/1.1 20", "UNREACHABLE"),
    "closed in the headers": (GOOD[:40], "UNREACHABLE"),
    "closed after the headers": (GOOD[: -len(BODY)], "UNREACHABLE"),
    "closed in the body": (GOOD[:-1], "UNREACHABLE"),
    "closed in a chunk": (CHUNKED + b"16\r\n" + BODY[:5], "UNREACHABLE"),
    "closed after a chunk": (CHUNKED + b"16\r\n" + BODY + b"\r\n", "UNREACHABLE"),
    "closed before the last line": (CHUNKED + b"16\r\n" + BODY + b"\r\n0\r\n", "UNREACHABLE"),
    "closed after a 100": (head(status=b"100 Continue"), "UNREACHABLE"),
    "not HTTP": (b"\x16\x03\x01\x02\x00\x01\x00", "BAD_CONTENT"),
    "SSH": (b"SSH-2.0-OpenSSH_9.6\r\n", "BAD_CONTENT"),
    "a bad length": (head(b"content-length: x") + BODY, "BAD_CONTENT"),
    "a negative length": (head(b"content-length: -1") + BODY, "BAD_CONTENT"),
    "two lengths": (head(b"content-length: 2", b"content-length: 22") + BODY, "BAD_CONTENT"),
    "length and chunks": (head(b"content-length: 3", b"transfer-encoding: chunked") + b"16\r\n" + BODY, "BAD_CONTENT"),
    "another coding": (head(b"transfer-encoding: gzip, chunked") + b"16\r\n" + BODY + b"\r\n0\r\n\r\n", "BAD_CONTENT"),
    "a bad chunk": (CHUNKED + b"xyz\r\n" + BODY, "BAD_CONTENT"),
    "a chunk of a huge size": (CHUNKED + b"f" * 20 + b"\r\n" + BODY, "BAD_CONTENT"),
    "a request": (b"GET / HTTP/1.1\r\n\r\n", "BAD_CONTENT"),
    "switching protocols": (head(b"upgrade: websocket", b"connection: upgrade", status=b"101 x"), "BAD_CONTENT"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer(transport: SubgraphTransport, name: str, caplog: pytest.LogCaptureFixture) -> None:
    sent, reason = BROKEN[name]
    async with agency(answering(sent, then_close=True)) as there:
        assert await failing(transport, there) == reason
        assert there.requests == 1
    assert caplog.records == []


async def test_a_reset_in_a_body_without_a_length_is_no_end(transport: SubgraphTransport) -> None:
    async def script(line: Line) -> None:
        await line.request()
        await line.send(head(b"connection: close") + BODY[:6])
        await asyncio.sleep(0.05)
        line.reset()

    async with agency(script) as there:
        assert await failing(transport, there) == "UNREACHABLE"


# sizes


BIG = b"x" * (LIMITS.response_bytes + 1)

LARGE: dict[str, bytes] = {
    "by its length": head(b"content-length: %d" % len(BIG)) + BIG,
    "by its chunks": CHUNKED + (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 6,
    "by its end": head(b"connection: close") + BIG,
    "by one header": head(b"x-more: " + b"y" * LIMITS.header_bytes, b"content-length: 0"),
    "by many headers": head(*(b"x-%d: y" % n for n in range(1_000)), b"content-length: 0"),
    "by trailers": CHUNKED + b"0\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(1_000)) + b"\r\n",
}


@pytest.mark.parametrize("name", LARGE)
async def test_an_answer_past_its_bounds(transport: SubgraphTransport, name: str) -> None:
    async with agency(answering(LARGE[name], then_close=True)) as there:
        assert await failing(transport, there) == "TOO_LARGE"


async def test_an_answer_of_exactly_the_bound_is_taken(transport: SubgraphTransport) -> None:
    whole = BIG[:-1]
    async with agency(answering(head(b"content-length: %d" % len(whole)) + whole)) as there:
        assert len((await post(transport, there)).body) == LIMITS.response_bytes


ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "header value": (b"HTTP/1.1 200 OK\r\nx: ", b"y"),
    "header name": (b"HTTP/1.1 200 OK\r\n", b"y"),
    "reason phrase": (b"HTTP/1.1 200 ", b"y"),
    "chunk extension": (CHUNKED + b"5;", b"y"),
    "trailer": (CHUNKED + b"0\r\nx: ", b"y"),
    "first line": (b"", b"\r\n"),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_what_never_ends_is_cut_off_long_before_the_deadline(name: str) -> None:
    """A header that never ends is collected by the parser: it counts before it is whole."""
    start, more = ENDLESS[name]
    transport = SubgraphTransport(TransportLimits(deadline=1.0, response_bytes=20_000, header_bytes=4_000))

    async def script(line: Line) -> None:
        await line.request()
        await line.send(start)
        for _ in range(2_000):
            await line.send(more * (16_384 // len(more)))

    async with agency(script) as there:
        tracemalloc.start()
        try:
            reason = await failing(transport, there)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert reason in ("TOO_LARGE", "BAD_CONTENT")
        assert peak < 4_000_000
    await transport.close()


# whole answers of every form


WHOLE: dict[str, tuple[bytes, int]] = {
    "a length": (GOOD, 200),
    "chunks": (CHUNKED + b"5\r\n" + BODY[:5] + b"\r\n11\r\n" + BODY[5:] + b"\r\n0\r\n\r\n", 200),
    "chunks with extensions": (CHUNKED + b"16;a=b\r\n" + BODY + b"\r\n0;c\r\n\r\n", 200),
    "trailers": (CHUNKED + b"16\r\n" + BODY + b"\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n", 200),
    "after 100": (head(status=b"100 Continue") + GOOD, 200),
    "after 103 twice": (head(b"link: <x>", status=b"103 Early Hints") * 2 + GOOD, 200),
    "429": (GOOD.replace(b"200 OK", b"429 Too Many Requests"), 429),
    "503": (GOOD.replace(b"200 OK", b"503 Service Unavailable"), 503),
    "302": (GOOD.replace(b"200 OK", b"302 Found\r\nlocation: http://127.0.0.1:1/"), 302),
}


@pytest.mark.parametrize("name", WHOLE)
async def test_an_answer_split_at_every_byte(transport: SubgraphTransport, name: str) -> None:
    """Whatever falls into which segment, the answer is the same, and the connection is used again."""
    sent, status = WHOLE[name]

    async def script(line: Line) -> None:
        while True:
            at = int(await line.request())
            await line.send(sent[:at])
            await asyncio.sleep(0.0002)
            await line.send(sent[at:])

    async with agency(script) as there:
        for at in range(len(sent) + 1):
            answer = await post(transport, there, b"%d" % at)
            assert (answer.status, answer.body) == (status, BODY)
        assert len(there.connections) == 1


@pytest.mark.parametrize("name", WHOLE)
async def test_an_answer_byte_by_byte(transport: SubgraphTransport, name: str) -> None:
    sent, status = WHOLE[name]
    async with agency(answering(*(bytes([byte]) for byte in sent))) as there:
        answer = await post(transport, there)
        assert (answer.status, answer.body) == (status, BODY)


async def test_a_body_that_ends_with_the_connection(transport: SubgraphTransport) -> None:
    for start in (head(), head(b"connection: close"), b"HTTP/1.0 200 OK\r\n\r\n"):
        async with agency(answering(start, BODY[:5], BODY[5:], then_close=True)) as there:
            assert (await post(transport, there)).body == BODY
            assert (await post(transport, there)).body == BODY
            assert len(there.connections) == 2


async def test_an_empty_body_is_whole(transport: SubgraphTransport) -> None:
    async with agency(answering(head(status=b"204 No Content"))) as there:
        assert await post(transport, there) == Answer(204, "", b"")
        assert (await post(transport, there)).status == 204
        assert len(there.connections) == 1


async def test_the_type_is_passed_on_whatever_it_is(transport: SubgraphTransport) -> None:
    async with agency(answering(GOOD.replace(b"application/json", b"Text/HTML; Charset=X"))) as there:
        assert (await post(transport, there)).content_type == "text/html; charset=x"


async def test_a_head_and_much_of_a_long_body_may_come_in_one_read(transport: SubgraphTransport) -> None:
    """The bound of the head is not that of what comes with it."""
    body = b'"' + b"x" * (LIMITS.header_bytes * 4) + b'"'
    whole = head(b"content-type: application/json", b"content-length: %d" % len(body)) + body

    async def script(line: Line) -> None:
        while True:
            await line.request()
            await line.send(whole[:-100])
            await asyncio.sleep(0.02)
            await line.send(whole[-100:])

    async with agency(script) as there:
        for _ in range(3):
            assert (await post(transport, there)).body == body
