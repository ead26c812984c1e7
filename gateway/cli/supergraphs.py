"""How commands come by a supergraph: from its SDL, or composed from subgraphs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway import access, audit
from gateway.composition import CompositionResult, SubgraphSource, compose
from gateway.config import SubgraphConfig, read_subgraphs, read_text
from gateway.errors import ConfigError
from gateway.registry import fetch_sources
from gateway.supergraph import Supergraph, read_supergraph

if TYPE_CHECKING:
    from pathlib import Path


def compose_file(path: Path, *, own: bool = False) -> tuple[CompositionResult, tuple[SubgraphConfig, ...]]:
    """Compose the subgraphs that a configuration names; those without an SDL are asked for theirs.

    `own`: the gateway's own subgraphs are among them, where one of them has a subject.
    """
    subgraphs = read_subgraphs(path)
    sources = asyncio.run(fetch_sources(subgraphs))
    if own and any("@subject(facts:" in source.sdl for source in sources):
        sources += [SubgraphSource(each.NAME, each.URL, each.SDL) for each in (access, audit)]
    return compose(sources), subgraphs


def load(
    supergraph: Path | None, subgraphs: Path | None, *, own: bool = False
) -> tuple[Supergraph, tuple[SubgraphConfig, ...]]:
    """The supergraph, and what the configuration says of its subgraphs where it was composed from them."""
    if (supergraph is None) == (subgraphs is None):
        raise ConfigError("give either --supergraph FILE or --subgraphs FILE")
    if supergraph is not None:
        return read_supergraph(read_text(supergraph)), ()
    assert subgraphs is not None
    result, configured = compose_file(subgraphs, own=own)
    if result.read is None:
        listed = "\n  ".join(map(str, result.errors))
        raise ConfigError(f"the subgraphs do not compose:\n  {listed}")
    return result.read, configured
