"""One HTTP/1.1 connection to a subgraph, one exchange at a time, on httptools.

Answers are taken whole: `Content-Length`, chunked and close-delimited bodies (RFC 9112, section 6); 1xx answers and
trailers are passed over. An answer is handed on once the parser has let go of the bytes that it came in, so that what
it sets off may use the connection at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast

import httptools

from gateway.answer_limits import OF_AN_ANSWER
from gateway.errors import SubgraphError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.execution.target import Target

_FINAL = 200
"""The first status of an answer that is not provisional."""

_REFUSED = 300
_SMALL = 64 * 1024


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Seconds and bytes; `connections` is for each origin, those that are idle among them."""

    deadline: float = 5.0
    response_bytes: int = OF_AN_ANSWER.bytes
    header_bytes: int = 64 * 1024
    connections: int = 256
    idle_seconds: float = 30.0


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


ATTEMPT: Final = b"cps-request-attempt: %d\r\n"

Done: TypeAlias = "Callable[[Answer | SubgraphError], None]"


class Exchange:
    """One request on its way. `done` is called once. `again`: it may be asked once more, on another connection.

    `attempt` is its number among all that this process sends: with the request's id, no two have the same.
    """

    __slots__ = ("again", "attempt", "connection", "done", "expires", "payload", "to")

    def __init__(self, to: Target, payload: bytes, done: Done, again: bool, expires: float, attempt: int = 0) -> None:
        self.to = to
        self.payload = payload
        self.done = done
        self.again = again
        self.expires = expires
        self.attempt = attempt
        self.connection: Connection | None = None

    def renew(self, attempt: int) -> None:
        """Make it another attempt."""
        self.payload = self.payload.replace(ATTEMPT % self.attempt, ATTEMPT % attempt, 1)
        self.attempt = attempt


class Connection(asyncio.Protocol):
    """`settled` is told of each exchange's end, `lost` of the connection's.

    `counted`: it is one of its pool's. `used`: it has served before, and may be closed by the other side as we write.
    `begun`: the answer has.
    """

    def __init__(
        self,
        limits: TransportLimits,
        settled: Callable[[Connection, Exchange, Answer | SubgraphError], None],
        lost: Callable[[Connection], None],
    ) -> None:
        self.limits = limits
        self.closed = False
        self.counted = False
        self.used = False
        self.begun = False
        self.idle_since = 0.0
        self._settled = settled
        self._lost = lost
        self._exchange: Exchange | None = None
        self._transport: asyncio.Transport | None = None
        self._secure = False
        self._parser = httptools.HttpResponseParser(self)
        self._failure: SubgraphError | None = None
        self._most = 0
        self._reset()

    def _reset(self) -> None:
        self.begun = False
        self._content_type = ""
        self._chunks: list[bytes] = []
        self._size = 0
        self._received = 0
        self._fields = 0
        self._status = 0
        self._in_head = True
        self._complete = False
        self._close_delimited = True
        self.keep = False

    def begin(self, exchange: Exchange) -> None:
        """Send a request; its answer is what comes next."""
        assert self._transport is not None
        self._reset()
        self._exchange = exchange
        exchange.connection = self
        own = exchange.to.response_bytes
        self._most = self.limits.response_bytes if own is None else own
        self._transport.write(exchange.payload)

    def is_sent(self, exchange: Exchange) -> bool:
        """Whether all of a request is sent: an agency may answer, and refuse, before it has read it.

        Of TLS that can't be told: there a large request that was refused is taken to be on its way still.
        """
        assert self._transport is not None
        if self._secure:
            return self._status < _REFUSED or len(exchange.payload) < _SMALL
        return not self._transport.get_write_buffer_size()

    def close(self) -> None:
        """End it at once; an exchange under way is forgotten."""
        self._exchange = None
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass of it
        self._secure = transport.get_extra_info("sslcontext") is not None

    def data_received(self, data: bytes) -> None:
        self.begun = True
        if self._exchange is None:  # nothing was asked: an agency that speaks unasked is not reused
            self.close()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.keep = False
            self._fail("BAD_CONTENT", "the answer is not HTTP")
        bound = self.limits.header_bytes + (0 if self._in_head else self._most)
        if self._received > bound and not self._complete:
            self._fail("TOO_LARGE", "the answer passes its bound")
        if self._complete:
            self._settle(self._answer())
        elif self._failure is not None:
            self._settle(self._failure)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._lost(self)
        if exc is None and self._status >= _FINAL and self._close_delimited:
            self._settle(self._answer())
        else:
            self._settle(SubgraphError("UNREACHABLE", "the connection closed before the answer was whole"))

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self._complete:  # more than was asked for: whose answer it is can't be told
            self.keep = False
            return
        self._content_type = ""
        self._chunks = []
        self._close_delimited = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += len(name) + len(value)
        if self._fields > self.limits.header_bytes:
            self._fail("TOO_LARGE", "the answer's headers and trailers pass their bound")
        if self._complete:
            return
        lowered = name.lower()
        if lowered == b"content-type":
            self._content_type = value.decode("latin-1").lower()
        elif lowered == b"content-length":
            self._close_delimited = False
        elif lowered == b"transfer-encoding":
            self._close_delimited = False
            if value.strip().lower() != b"chunked":
                self._fail("BAD_CONTENT", "the answer comes in a coding that was not asked for")

    def on_headers_complete(self) -> None:
        if not self._complete:
            self._status = self._parser.get_status_code()
            self._in_head = self._status < _FINAL

    def on_body(self, body: bytes) -> None:
        if self._complete:
            return
        self._size += len(body)
        if self._size > self._most:
            self._fail("TOO_LARGE", "the answer passes its bound")
        elif self._failure is None:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        if self._status >= _FINAL and not self._complete:
            self._complete = True
            self.keep = self._parser.should_keep_alive()

    # the end of an exchange

    def _answer(self) -> Answer:
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        return Answer(self._status, self._content_type, body)

    def _fail(self, reason: str, message: str) -> None:
        if self._failure is None and not self._complete:
            self._failure = SubgraphError(reason, message)

    def _settle(self, answer: Answer | SubgraphError) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._settled(self, exchange, self._failure or answer)
