"""Clients' connections as uvicorn serves them, within bounds: of a head's size, of time, and of how many wait.

The gateway and agencies' subgraphs serve by it: whoever connects and says nothing, or little, keeps out nobody.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

HEAD_BYTES: Final = 64 * 1024
HEADERS: Final = 100
"""Of a head and its trailers together."""

REQUEST_BYTES: Final = 4 * 2**20
"""Of a whole request as it is sent; what its body may hold is less, and for the endpoint to say."""

READ_SECONDS: Final = 20.0
"""From a request's first byte, or the connection's beginning, to the request's end."""

WRITE_SECONDS: Final = 60.0
"""How long a client may take nothing of an answer."""

CONNECTIONS: Final = 3_000
"""From so many on, one more takes the place of the one that has been without a request for longest."""

_UPGRADE: Final = re.compile(rb"\r\nupgrade[ \t]*:", re.IGNORECASE)
_END: Final = b"\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A request that comes whole costs a few looks more, and no timer."""

    most: ClassVar[int] = CONNECTIONS
    waiting: ClassVar[OrderedDict[BoundedProtocol, None]] = OrderedDict()
    """Those without a request under way, in the order in which they began to wait."""

    _timer: asyncio.TimerHandle | None = None
    _watch: asyncio.TimerHandle | None = None
    _in_head = True
    _begun = False
    _head = 0
    _size = 0
    _answers = 0
    _seen = (0, 0)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer = self.loop.call_later(READ_SECONDS, self._late)
        self.waiting[self] = None
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self.waiting.pop(self, None)
        self._settle()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._begun = True
        self._size += len(data)
        if self._in_head:
            data = _without_upgrade(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._begun:
            self._settle()
            return
        if self._timer is None:
            self._timer = self.loop.call_later(READ_SECONDS, self._late)
        if (self._in_head and self._size > HEAD_BYTES) or self._size > REQUEST_BYTES:
            self.send_400_response("The request is too large.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += 1
        if self._head > HEADERS:
            raise ValueError("too many headers")
        if self._in_head:  # trailers are of no use to anyone here
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self.waiting.pop(self, None)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._begun = True, False
        self._head = self._size = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._answers += 1
        self._look_later()
        if self.cycle.response_complete and not self.transport.is_closing():
            self.waiting[self] = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_later()

    def _look_later(self) -> None:
        """See after some time whether the client takes what it is sent: one look is enough for all that is sent."""
        left = self.transport.get_write_buffer_size()
        if left and self._watch is None:
            self._seen = (self._answers, left)
            self._watch = self.loop.call_later(WRITE_SECONDS, self._look)

    def _look(self) -> None:
        self._watch = None
        answers, before = self._seen
        if answers == self._answers and self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._look_later()

    def _make_room(self) -> None:
        for longest in self.waiting:
            if not longest.transport.get_write_buffer_size():
                del self.waiting[longest]
                longest.transport.abort()
                return

    def _late(self) -> None:
        self._timer = None
        if self.flow.read_paused:  # it has more to say, and is not listened to yet
            self._timer = self.loop.call_later(READ_SECONDS, self._late)
        else:
            self.transport.abort()

    def _settle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _without_upgrade(data: bytes) -> bytes:
    """A head that asks for no other protocol: a server may go on as if it had not (RFC 9110, section 7.8).

    The parser would leave what comes after such a head.
    """
    end = data.find(_END)
    if _UPGRADE.search(data, 0, end if end >= 0 else len(data)) is None:
        return data
    if end < 0:
        return _UPGRADE.sub(b"\r\nx-upgrade:", data)
    return _UPGRADE.sub(b"\r\nx-upgrade:", data[:end]) + data[end:]
