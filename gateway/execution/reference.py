"""Reference data: what an agency marks `@cacheControl(scope: PUBLIC)` is kept for as long as it says, for everyone.

Only a whole request at the root is ever kept, and only where nothing that it selects asks anything of its reader or
stands in or under a subject: no policy could part those who are given it. Everything else is asked for each time.
"""

from __future__ import annotations

import asyncio
import logging
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.bounded import Bounded
from gateway.errors import ConfigError
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.planning import Request
    from gateway.supergraph import Supergraph

MEMORY: Final = "memory://"
MAX_KEPT: Final = 1_000
MAX_BYTES: Final = 256 * 1024
MAX_SECONDS: Final = 24 * 3_600
TIMEOUT: Final = 0.25
_PREFIX: Final = "cps:reference:"

log = logging.getLogger("gateway.execution")


class ReferenceCache:
    """Answers by key, in memory or in Redis: `memory://` or `redis://host:port/db`.

    In memory at most `MAX_KEPT` of at most `MAX_BYTES` are kept, those used last. A cache that fails is no cache: the
    agency is asked.
    """

    def __init__(self, url: str = MEMORY, size: int = MAX_KEPT) -> None:
        """Raises `ConfigError` where the URL names no cache that can be had."""
        # it loads the clients of all its caches, which takes longer than all else that a gateway without one loads
        from aiocache import Cache  # type: ignore[import-untyped] # it has no types

        try:
            self._cache = Cache.from_url(url)
        except Exception as error:  # whatever a library makes of a URL
            raise ConfigError(f"`{url.split('@')[-1]}` is no cache: `memory://` or `redis://host:port/db`") from error
        self._bounded: Bounded[str, bool] | None = Bounded(size) if url.startswith("memory:") else None
        self._making: dict[str, asyncio.Future[bytes | None]] = {}

    async def fetch(self, key: str, seconds: int, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        """What is kept, or else what `ask` gives. Askers of one key ask once.

        `ask` gives None for what is not to be kept; what it raises is raised to all.
        """
        kept = await self._get(key)
        if kept is not None:
            return kept
        making = self._making.get(key)
        if making is None:
            making = asyncio.ensure_future(self._made(key, seconds, ask))
            self._making[key] = making
            making.add_done_callback(lambda made: self._ended(key, made))
        return await asyncio.shield(making)

    def _ended(self, key: str, made: asyncio.Future[bytes | None]) -> None:
        del self._making[key]
        if not made.cancelled():
            made.exception()  # it may be that nobody waits any more

    async def close(self) -> None:
        client = getattr(self._cache, "client", None)  # Redis's: its `close`, which aiocache calls, is deprecated
        await (client.aclose() if client is not None else self._cache.close())

    async def _made(self, key: str, seconds: int, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        body = await ask()
        if body is not None and len(body) <= MAX_BYTES:
            await self._set(key, body, seconds)
        return body

    async def _get(self, key: str) -> bytes | None:
        try:
            async with asyncio.timeout(TIMEOUT):
                found = await self._cache.get(_PREFIX + key)
        except Exception as error:  # whatever the cache's client raises
            log.warning("the reference cache can't be read: %s", type(error).__name__)
            return None
        if self._bounded is not None:
            self._bounded.get(key)
        return found.encode() if isinstance(found, str) else None

    async def _set(self, key: str, body: bytes, seconds: int) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._cache.set(_PREFIX + key, body.decode(), ttl=min(seconds, MAX_SECONDS))
                if self._bounded is not None:
                    for gone in self._bounded.put(key, True):
                        await self._cache.delete(_PREFIX + gone)
        except Exception as error:  # whatever the cache's client raises
            log.warning("the reference cache can't be written: %s", type(error).__name__)


def is_any_public(supergraph: Supergraph) -> bool:
    """Whether an agency says of anything that it may be kept for everyone."""
    return any(field.public_seconds for type_ in supergraph.types.values() for field in type_.fields.values())


def reference_key(request: Request, body: bytes, supergraph: Supergraph) -> str:
    """A key of its own for each schema, subgraph, document and values."""
    return sha256(b"\0".join((supergraph.version.encode(), request.graph.id.encode(), body))).hexdigest()


def lifetime(request: Request, supergraph: Supergraph) -> int:
    """The seconds for which the answer to a request may be kept; 0 where it may not be."""
    step = request.steps[0]
    if request.kind != "query" or step.entity is not None or step.paths[0] or step.contexts:
        return 0
    root = supergraph.types[supergraph.roots["query"]]
    each = [
        root.fields[s.name].public_seconds if isinstance(s, Field) and s.name in root.fields else 0
        for s in step.selections
    ]
    seconds = min(each, default=0)
    return seconds if seconds and _is_public(step.selections, root.name, supergraph) else 0


def _is_public(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> bool:
    """Whether nothing here, or below, asks anything of its reader or is about a subject."""
    types = [supergraph.types[name] for name in (type_name, *sorted(supergraph.object_types(type_name)))]
    if any(type_.subject for type_ in types):
        return False
    for selection in selections:
        if not isinstance(selection, Field):
            if not _is_public(selection.selections, selection.type_name, supergraph):
                return False
        elif selection.name != TYPENAME:
            if any(supergraph.access(type_.name, selection.name) for type_ in types):
                return False
            definition = supergraph.types[type_name].fields.get(selection.name)
            if definition is None:
                return False
            if selection.selections and not _is_public(selection.selections, named_type(definition.type), supergraph):
                return False
    return True
