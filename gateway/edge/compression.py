"""Answers by gzip, for clients that take it (RFC 9110, section 8.4.1.3)."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final

SHORTEST: Final = 1_024
"""Bytes below which nothing is gained."""

LEVEL: Final = 1
"""The fastest: bodies are made anew for each request, and JSON shrinks well by any."""

_ON_LOOP: Final = 32 * 1_024
"""Bytes up to which the loop can wait; what is longer goes to a thread."""


def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether a client names gzip, and not as what it refuses."""
    offers = accept_encoding.lower()
    if b"gzip" not in offers:
        return False
    for offered in offers.split(b","):
        name, *parameters = (part.strip() for part in offered.split(b";"))
        if name == b"gzip":
            return not any(p.replace(b" ", b"") in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000") for p in parameters)
    return False


async def gzipped(body: bytes) -> bytes:
    return _gzip(body) if len(body) <= _ON_LOOP else await asyncio.to_thread(_gzip, body)


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, LEVEL, wbits=31)
