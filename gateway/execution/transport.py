"""HTTP/1.1 to subgraphs: kept-alive connections on httptools, with a deadline and a bound on everything.

One pool a process, used from one event loop. Answers are taken whole: `Content-Length`, chunked and close-delimited
bodies; 1xx answers and trailers are passed over by the parser. Redirects are not followed: an agency's address is
configuration.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import urlsplit

import httptools

from gateway.errors import ConfigError, SubgraphError

if TYPE_CHECKING:
    from collections.abc import Mapping


_Origin: TypeAlias = tuple[str, int, bool]
_FINAL = 200
"""The first status of an answer that is not provisional."""


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Seconds and bytes; `connections` is for each origin."""

    deadline: float = 5.0
    response_bytes: int = 64 * 1024 * 1024
    header_bytes: int = 64 * 1024
    connections: int = 256
    idle_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """Where a subgraph is, split once; `head` is the request's unchanging beginning."""

    host: str
    port: int
    tls: bool
    head: bytes

    @property
    def origin(self) -> _Origin:
        return (self.host, self.port, self.tls)


def target(url: str) -> Target:
    """Split a subgraph's URL; raises `ConfigError` where it isn't one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _not_a_url(url) from None
    whole = parts.scheme in ("http", "https") and parts.hostname
    if not whole or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise _not_a_url(url)
    tls = parts.scheme == "https"
    port = port or (443 if tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {parts.netloc.rpartition('@')[2]}\r\n"
        "content-type: application/json\r\naccept: application/json\r\n"
    )
    return Target(parts.hostname, port, tls, head.encode("ascii"))


def _not_a_url(url: str) -> ConfigError:
    return ConfigError(f"a subgraph's url is `http(s)://host[:port]/path`, in ASCII, not `{url}`")


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, limits: TransportLimits) -> None:
        self.limits = limits
        self.transport: asyncio.Transport | None = None
        self.closed = False
        self.used = False
        self.idle_since = 0.0
        self._reset()

    def _reset(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.answer: asyncio.Future[Answer] | None = None
        self.content_type = ""
        self.chunks: list[bytes] = []
        self.size = 0
        self.received = 0
        self.fields = 0
        self.head = True
        self.complete = False
        self.keep = False
        self.begun = False
        self.status = 0
        self._close_delimited = True

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass of it

    def data_received(self, data: bytes) -> None:
        self.begun = True
        if self.answer is None or self.complete:  # nothing was asked: an agency that speaks unasked is not reused
            self.keep = False
            self.close()
            return
        self.received += len(data)
        bound = self.limits.header_bytes + (0 if self.head else self.limits.response_bytes)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.keep = False
            self._fail("BAD_CONTENT", "the answer is not HTTP")
        if self.received > bound and not self.complete:
            self._fail("TOO_LARGE", "the answer passes its bound")

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self.answer is None or self.answer.done():
            return
        if exc is None and self.status >= _FINAL and self._close_delimited:
            self._finish()
        else:
            self._fail("UNREACHABLE", "the connection closed before the answer was whole")

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self.complete:  # more than was asked for: whose answer it is can't be told
            self.keep = False
            return
        self.content_type = ""
        self.chunks = []
        self._close_delimited = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields += len(name) + len(value)
        if self.fields > self.limits.header_bytes:
            self._fail("TOO_LARGE", "the answer's headers and trailers pass their bound")
        if self.complete:
            return
        lowered = name.lower()
        if lowered == b"content-type":
            self.content_type = value.decode("latin-1").lower()
        elif lowered in (b"content-length", b"transfer-encoding"):
            self._close_delimited = False

    def on_headers_complete(self) -> None:
        if not self.complete:
            self.status = self.parser.get_status_code()
            self.head = self.status < _FINAL

    def on_body(self, body: bytes) -> None:
        if self.complete:
            return
        self.size += len(body)
        if self.size > self.limits.response_bytes:
            self._fail("TOO_LARGE", "the answer passes its bound")
            return
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        if self.status >= _FINAL and not self.complete:
            self.complete = True
            self.keep = self.parser.should_keep_alive()
            self._finish()

    # one exchange

    def send(self, payload: bytes) -> asyncio.Future[Answer]:
        assert self.transport is not None
        self._reset()
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(payload)
        return self.answer

    def _finish(self) -> None:
        if self.answer is not None and not self.answer.done():
            body = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
            self.answer.set_result(Answer(self.status, self.content_type, body))

    def _fail(self, reason: str, message: str) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(SubgraphError(reason, message))
        self.close()

    def release(self) -> bool:
        """Whether the connection can serve again."""
        self.answer = None
        self.used = True
        return self.keep and not self.closed

    def close(self) -> None:
        self.closed = True
        if self.transport is not None:
            self.transport.abort()


class SubgraphTransport:
    """The pool. `post` raises `SubgraphError` with reason UNREACHABLE, DEADLINE, BAD_CONTENT or TOO_LARGE."""

    def __init__(self, limits: TransportLimits | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.limits = limits or TransportLimits()
        self._tls = tls
        self._idle: dict[_Origin, deque[_Connection]] = defaultdict(deque)
        self._slots: dict[_Origin, asyncio.Semaphore] = {}

    async def post(self, to: Target, body: bytes, headers: Mapping[str, str], *, again: bool) -> Answer:
        """POST one request within the deadline.

        `again`: a kept connection that closes before answering is replaced and asked once more, as it is with a query;
        a mutation could have been carried out.
        """
        extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        payload = b"%b%bcontent-length: %d\r\n\r\n%b" % (to.head, extra.encode("latin-1"), len(body), body)
        slot = self._slots.get(to.origin)
        if slot is None:
            slot = self._slots[to.origin] = asyncio.Semaphore(self.limits.connections)
        try:
            async with asyncio.timeout(self.limits.deadline), slot:
                return await self._exchange(to, payload, again)
        except TimeoutError:
            raise SubgraphError("DEADLINE", f"no answer within {self.limits.deadline:g} s") from None

    async def _exchange(self, to: Target, payload: bytes, again: bool) -> Answer:
        while True:
            connection = self._kept(to) if again else None
            fresh = connection is None
            if connection is None:
                connection = await self._connect(to)
            try:
                answer = await connection.send(payload)
            except SubgraphError as error:
                if error.reason == "UNREACHABLE" and not fresh and not connection.begun:
                    continue
                raise
            except asyncio.CancelledError:
                connection.close()
                raise
            if connection.release():
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle[to.origin].append(connection)
            else:
                connection.close()
            return answer

    def _kept(self, to: Target) -> _Connection | None:
        """The connection that was used last, if one is still good; the ones idle for too long are closed."""
        idle = self._idle[to.origin]
        oldest = asyncio.get_running_loop().time() - self.limits.idle_seconds
        while idle and (idle[0].closed or idle[0].idle_since < oldest):
            idle.popleft().close()
        while idle:
            connection = idle.pop()
            if not connection.closed:
                return connection
        return None

    async def _connect(self, to: Target) -> _Connection:
        loop = asyncio.get_running_loop()
        tls = None
        if to.tls:
            self._tls = tls = self._tls or ssl.create_default_context()
        try:
            _, protocol = await loop.create_connection(lambda: _Connection(self.limits), to.host, to.port, ssl=tls)
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise SubgraphError("UNREACHABLE", f"no connection: {type(error).__name__}") from error
        return protocol

    async def close(self) -> None:
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
