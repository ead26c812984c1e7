"""Subgraphs' SDLs, from files or asked of the running subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition import SubgraphSource
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.config import SubgraphConfig


async def fetch_sources(subgraphs: Sequence[SubgraphConfig], seconds: float = 10.0) -> list[SubgraphSource]:
    """What composition needs of each subgraph; raises `ConfigError` that names every subgraph which gave no SDL."""
    sdls = {each.name: each.sdl for each in subgraphs}
    unknown = [each for each in subgraphs if each.sdl is None]
    if unknown:
        from gateway.registry.asking import ask_for_sdls  # a client takes long to load and to make

        found = await ask_for_sdls([each.url for each in unknown], seconds)
        sdls |= {each.name: sdl for each, sdl in zip(unknown, found, strict=True)}
    missing = [name for name, sdl in sdls.items() if sdl is None]
    if missing:
        raise ConfigError(f"no SDL came from {', '.join(f'`{name}`' for name in missing)}: is each running at its url?")
    return [
        SubgraphSource(each.name, each.url, sdl, each.exceptions)
        for each in subgraphs
        if (sdl := sdls[each.name]) is not None
    ]
