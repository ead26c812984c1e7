"""Subgraphs' SDLs, from files or asked of the running subgraphs (Federation subgraph specification, `_service`)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import orjson

from gateway.composition import SubgraphSource
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.config import SubgraphConfig

MAX_SDL_BYTES = 4 * 1024 * 1024
_QUERY = {"query": "{ _service { sdl } }"}


async def fetch_sources(subgraphs: Sequence[SubgraphConfig], seconds: float = 10.0) -> list[SubgraphSource]:
    """What composition needs of each subgraph; raises `ConfigError` that names every subgraph which gave no SDL."""
    async with httpx.AsyncClient(timeout=seconds) as client:
        found = await asyncio.gather(*(_source(subgraph, client) for subgraph in subgraphs))
    missing = [subgraph.name for subgraph, source in zip(subgraphs, found, strict=True) if source is None]
    if missing:
        raise ConfigError(f"no SDL came from {', '.join(f'`{name}`' for name in missing)}: is each running at its url?")
    return [source for source in found if source is not None]


async def _source(subgraph: SubgraphConfig, client: httpx.AsyncClient) -> SubgraphSource | None:
    if subgraph.sdl is not None:
        return SubgraphSource(subgraph.name, subgraph.url, subgraph.sdl)
    try:
        answer = await client.post(subgraph.url, json=_QUERY)
        if answer.status_code != httpx.codes.OK or len(answer.content) > MAX_SDL_BYTES:
            return None
        sdl = orjson.loads(answer.content)["data"]["_service"]["sdl"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return None
    return SubgraphSource(subgraph.name, subgraph.url, sdl) if isinstance(sdl, str) else None
