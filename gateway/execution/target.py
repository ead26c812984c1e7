"""Where a subgraph is, and the beginning of every request to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from gateway.errors import ConfigError

Origin: TypeAlias = tuple[str, int, bool]
"""Host, port, and whether by TLS."""


@dataclass(frozen=True, slots=True)
class Target:
    """A subgraph's URL, split once; `head` is the request's unchanging beginning.

    `response_bytes` is how large its answers may be, where that is not as is usual.
    """

    host: str
    origin: Origin
    head: bytes
    response_bytes: int | None = None


def target(url: str, response_bytes: int | None = None) -> Target:
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
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {parts.netloc.rpartition('@')[2]}\r\n"
        "content-type: application/json\r\naccept: application/json\r\n"
    )
    origin = (parts.hostname, port or (443 if tls else 80), tls)
    return Target(parts.hostname, origin, head.encode("ascii"), response_bytes)


def _not_a_url(url: str) -> ConfigError:
    return ConfigError(f"a subgraph's url is `http(s)://host[:port]/path`, in ASCII, not `{url}`")
