"""An agency that misbehaves on a real socket, as a test scripts it, connection by connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.execution import Target, target

BODY = b'{"data": {"ok": true}}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


@dataclass
class Agency:
    """The requests that came: for each connection, their bodies."""

    port: int = 0
    connections: list[list[bytes]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(len(found) for found in self.connections)

    def at(self, path: str = "/graphql") -> Target:
        return target(f"http://127.0.0.1:{self.port}{path}")


class Line:
    """One connection, on the agency's side."""

    def __init__(self, agency: Agency, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.agency = agency
        self.number = number
        self.reader = reader
        self.writer = writer

    async def request(self) -> bytes:
        """The next request's body; raises `IncompleteReadError` at the connection's end."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await self.reader.readexactly(int(length.partition(b":")[2]))
        self.agency.heads.append(head)
        self.agency.connections[self.number].append(body)
        return body

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End with RST."""
        found = self.writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script: TypeAlias = Callable[[Line], Awaitable[None]]


@asynccontextmanager
async def agency(script: Script) -> AsyncIterator[Agency]:
    """A server on loopback that runs the script for each connection; the connection ends with it."""
    found = Agency()
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        found.connections.append([])
        line = Line(found, len(found.connections) - 1, reader, writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await script(line)
        with contextlib.suppress(OSError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def answering(*parts: bytes, then_close: bool = False) -> Script:
    """Answers each request with these bytes, one write each."""

    async def script(line: Line) -> None:
        while True:
            await line.request()
            for part in parts:
                await line.send(part)
                await asyncio.sleep(0)
            if then_close:
                return

    return script
