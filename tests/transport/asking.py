"""Asking an agency through the transport, with small bounds."""

from __future__ import annotations

import time

import pytest

from gateway.errors import SubgraphError
from gateway.execution import Answer, SubgraphTransport, TransportLimits
from tests.transport.agency import Agency

LIMITS = TransportLimits(deadline=0.4, response_bytes=20_000, header_bytes=4_000, connections=4, idle_seconds=5.0)


async def post(transport: SubgraphTransport, to: Agency, body: bytes = b"{}", *, again: bool = True) -> Answer:
    return await transport.post(to.at(), body, b"cps-request-id: r\r\n", again=again)


async def failing(transport: SubgraphTransport, to: Agency, *, again: bool = True) -> str:
    """The reason why it fails, which it does within the deadline."""
    began = time.perf_counter()
    with pytest.raises(SubgraphError) as caught:  # noqa: PT011 - its reason is what is returned
        await post(transport, to, again=again)
    assert time.perf_counter() - began < transport.limits.deadline + 2
    assert caught.value.reason in ("UNREACHABLE", "DEADLINE", "BAD_STATUS", "BAD_CONTENT", "TOO_LARGE")
    return caught.value.reason


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"".join((b"HTTP/1.1 ", status, b"\r\n", *(line + b"\r\n" for line in lines), b"\r\n"))


CHUNKED = head(b"transfer-encoding: chunked")
