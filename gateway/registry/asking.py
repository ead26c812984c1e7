"""Running subgraphs asked for their SDL (Federation subgraph specification, `_service`)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SDL_BYTES: Final = 4 * 1024 * 1024
_QUERY: Final = {"query": "{ _service { sdl } }"}


async def ask_for_sdls(urls: Iterable[str], seconds: float) -> list[str | None]:
    """What the subgraph at each of these says itself; None for one that gave no SDL."""
    async with httpx.AsyncClient(timeout=seconds) as client:
        return await asyncio.gather(*(_service_sdl(url, client) for url in urls))


async def _service_sdl(url: str, client: httpx.AsyncClient) -> str | None:
    try:
        answer = await client.post(url, json=_QUERY)
        if answer.status_code != httpx.codes.OK or len(answer.content) > MAX_SDL_BYTES:
            return None
        sdl = orjson.loads(answer.content)["data"]["_service"]["sdl"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return None
    return sdl if isinstance(sdl, str) else None
