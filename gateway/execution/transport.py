"""HTTP/1.1 to subgraphs: a pool of kept-alive connections with a deadline and a bound on everything.

One pool a process, used from one event loop. Answers come by callback, from the read that brought them: no task or
future stands between an answer and what it sets off. Redirects are not followed: an agency's address is configuration.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
from collections import deque
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from gateway.errors import SubgraphError
from gateway.execution.connection import ATTEMPT, Answer, Connection, Done, Exchange, TransportLimits

if TYPE_CHECKING:
    from gateway.execution.target import Origin, Target


_PAYLOAD: Final = b"%b%b" + ATTEMPT + b"content-length: %d\r\n\r\n%b"


class _Pool:
    """The connections of one origin: `open` counts them all, also those that are being made."""

    __slots__ = ("idle", "open", "waiting")

    def __init__(self) -> None:
        self.open = 0
        self.idle: deque[Connection] = deque()
        self.waiting: deque[Exchange] = deque()

    def reap(self, since: float) -> None:
        while self.idle and self.idle[0].idle_since < since:
            self.idle.popleft().close()

    def kept(self, since: float) -> Connection | None:
        """The connection that was used last, if one is still good; those that have been idle for longer are closed."""
        self.reap(since)
        while self.idle:
            connection = self.idle.pop()
            if not connection.closed:
                return connection
        return None


class SubgraphTransport:
    """The pool. What goes wrong is a `SubgraphError` with reason UNREACHABLE, DEADLINE, BAD_CONTENT or TOO_LARGE."""

    def __init__(self, limits: TransportLimits | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.limits = limits or TransportLimits()
        self._tls = tls
        self._pools: dict[Origin, _Pool] = {}
        self._under_way: dict[Exchange, None] = {}
        self._numbers = itertools.count(1)
        self._timer: asyncio.TimerHandle | None = None
        self._reaper: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    def send(self, to: Target, body: bytes, headers: bytes, done: Done, *, again: bool) -> Exchange:
        """POST one request; `done` is called once, within the deadline, with the answer or what went wrong.

        `headers` are whole header lines. `again`: a kept connection that closes before answering is replaced and asked
        once more, as it is with a query; a mutation could have been carried out, and goes on a new connection.
        """
        loop = self._loop = self._loop or asyncio.get_running_loop()
        number = next(self._numbers)
        payload = _PAYLOAD % (to.head, headers, number, len(body), body)
        exchange = Exchange(to, payload, done, again, loop.time() + self.limits.deadline, number)
        self._under_way[exchange] = None
        if self._timer is None:
            self._timer = loop.call_at(exchange.expires, self._expire)
        self._dispatch(exchange)
        return exchange

    async def post(self, to: Target, body: bytes, headers: bytes, *, again: bool) -> Answer:
        """`send` for who can wait; raises what went wrong."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def done(answer: Answer | SubgraphError) -> None:
            if answered.done():
                return
            if isinstance(answer, SubgraphError):
                answered.set_exception(answer)
            else:
                answered.set_result(answer)

        exchange = self.send(to, body, headers, done, again=again)
        try:
            return await answered
        except asyncio.CancelledError:
            self._withdraw(exchange)
            raise

    async def close(self) -> None:
        for exchange in tuple(self._under_way):
            self._withdraw(exchange)
        for task in tuple(self._connecting):
            task.cancel()
        for pool in self._pools.values():
            while pool.idle:
                pool.idle.popleft().close()
        for timer in (self._timer, self._reaper):
            if timer is not None:
                timer.cancel()
        self._timer = self._reaper = self._loop = None

    def _dispatch(self, exchange: Exchange) -> None:
        """Give an exchange a connection: a kept one, a new one, or the next that is free."""
        origin = exchange.to.origin
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = _Pool()
        connection = pool.kept(exchange.expires - self.limits.deadline - self.limits.idle_seconds)
        if connection is not None and exchange.again:
            connection.begin(exchange)
        elif connection is not None:
            connection.close()  # a mutation takes its place; it counts until the loop has closed it
            self._connect(pool, exchange)
        elif pool.open < self.limits.connections:
            self._connect(pool, exchange)
        else:
            pool.waiting.append(exchange)

    def _connect(self, pool: _Pool, exchange: Exchange) -> None:
        assert self._loop is not None
        pool.open += 1
        task = self._loop.create_task(self._connected(pool, exchange))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connected(self, pool: _Pool, exchange: Exchange) -> None:
        """A new connection for an exchange, or for another where that one has ended by the time that it stands."""
        host, port, tls = exchange.to.origin
        context = None
        if tls:
            self._tls = context = self._tls or ssl.create_default_context()
        try:
            async with asyncio.timeout_at(exchange.expires):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self.limits, partial(self._settled, pool), partial(self._lost, pool)),
                    host,
                    port,
                    ssl=context,
                )
        except BaseException as error:
            pool.open -= 1
            if not isinstance(error, OSError | UnicodeError):  # TLS's errors and timeouts are OSErrors
                raise
            if not isinstance(error, TimeoutError):  # at its deadline the exchange ends by itself
                self._finish(exchange, SubgraphError("UNREACHABLE", f"no connection: {type(error).__name__}"))
            self._serve(pool)
            return
        connection.counted = True
        if connection.closed:
            self._lost(pool, connection)
            self._finish(exchange, SubgraphError("UNREACHABLE", "the connection closed before it was used"))
        elif exchange in self._under_way:
            connection.begin(exchange)
        else:
            self._release(pool, connection)

    def _settled(self, pool: _Pool, connection: Connection, exchange: Exchange, answer: Answer | SubgraphError) -> None:
        """An exchange's end: its connection is free again before what comes of the answer."""
        if isinstance(answer, SubgraphError):
            connection.close()
            raced = answer.reason == "UNREACHABLE" and connection.used and not connection.begun
            if raced and exchange.again and exchange in self._under_way:
                exchange.renew(next(self._numbers))  # an agency refuses an attempt that it has seen
                self._dispatch(exchange)
                return
        elif connection.keep and not connection.closed and connection.is_sent(exchange):
            self._release(pool, connection)
        else:
            connection.close()
        self._finish(exchange, answer)

    def _release(self, pool: _Pool, connection: Connection) -> None:
        """To whoever has waited longest, or to rest."""
        assert self._loop is not None
        connection.used = True
        waiting = self._next(pool)
        if waiting is None:
            connection.idle_since = self._loop.time()
            pool.idle.append(connection)
            if self._reaper is None:
                self._reaper = self._loop.call_later(self.limits.idle_seconds, self._reap)
        elif waiting.again:
            connection.begin(waiting)
        else:
            connection.close()
            self._connect(pool, waiting)

    def _lost(self, pool: _Pool, connection: Connection) -> None:
        if connection.counted:
            connection.counted = False
            pool.open -= 1
            with contextlib.suppress(ValueError):
                pool.idle.remove(connection)
            self._serve(pool)

    def _serve(self, pool: _Pool) -> None:
        """Make connections for those that wait for one, where there is room again."""
        while pool.open < self.limits.connections and (waiting := self._next(pool)) is not None:
            self._connect(pool, waiting)

    def _next(self, pool: _Pool) -> Exchange | None:
        while pool.waiting:
            exchange = pool.waiting.popleft()
            if exchange in self._under_way:
                return exchange
        return None

    def _finish(self, exchange: Exchange, answer: Answer | SubgraphError) -> None:
        if exchange in self._under_way:
            del self._under_way[exchange]
            exchange.done(answer)

    def _reap(self) -> None:
        """Close what has been idle for too long, and wake again while there is more: an origin may be asked no more."""
        assert self._loop is not None
        now = self._loop.time()
        for origin, pool in list(self._pools.items()):
            pool.reap(now - self.limits.idle_seconds)
            if not pool.open and not pool.waiting:
                del self._pools[origin]
        self._reaper = self._loop.call_later(self.limits.idle_seconds, self._reap) if self._pools else None

    def _withdraw(self, exchange: Exchange) -> None:
        """Forget an exchange; a connection with half an answer in it can't be used again."""
        if exchange in self._under_way:
            del self._under_way[exchange]
            exchange.payload = b""  # it may stand in a queue for some time yet
            if exchange.connection is not None:
                exchange.connection.close()

    def _expire(self) -> None:
        """End what has passed its deadline, and wake again for the next; all have the same time, in their order."""
        assert self._loop is not None
        now = self._loop.time()
        expired = list(takewhile(lambda exchange: exchange.expires <= now, self._under_way))
        for exchange in expired:
            self._withdraw(exchange)
        oldest = next(iter(self._under_way), None)
        self._timer = self._loop.call_at(oldest.expires, self._expire) if oldest is not None else None
        for exchange in expired:
            exchange.done(SubgraphError("DEADLINE", f"no answer within {self.limits.deadline:g} s"))
