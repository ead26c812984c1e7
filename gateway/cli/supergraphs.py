"""How commands come by a supergraph: from its SDL, or composed from subgraphs."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway import access, audit
from gateway.audit.marks import REGISTRY_FILE
from gateway.composition import CompositionResult, SubgraphSource, compose
from gateway.config import SubgraphConfig, read_subgraphs, read_text
from gateway.errors import ConfigError, SupergraphError
from gateway.registry import KeptSupergraph, Sources, fetch_sources, has_code_changed, pinned_sources
from gateway.supergraph import Supergraph, read_supergraph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.registry import SdlVersions


log = logging.getLogger("gateway.cli")

REGISTRY: Final = REGISTRY_FILE
"""The SDLs that were approved, beside the gateway's keys."""


def compose_file(path: Path) -> CompositionResult:
    """Compose the subgraphs that a configuration names; those without an SDL are asked for theirs."""
    return compose(_sources(read_subgraphs(path)))


class Pinning(NamedTuple):
    """Where the SDLs are that were approved. `accept`: whatever a subgraph publishes is approved at once."""

    versions: SdlVersions
    accept: bool = False


class Loaded(NamedTuple):
    """A supergraph, what the configuration says of its subgraphs, and which of them are not as they publish."""

    supergraph: Supergraph
    subgraphs: tuple[SubgraphConfig, ...] = ()
    unapproved: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


def load(
    supergraph: Path | None,
    subgraphs: Path | None,
    *,
    own: bool = False,
    kept: KeptSupergraph | None = None,
    pinning: Pinning | None = None,
) -> Loaded:
    """Return the supergraph of a file, or composed from the subgraphs that another names.

    Where both are given the supergraph is the file's, and the list says whose its subgraphs are. `own`: the gateway's
    own subgraphs are among them, where one of them has a subject. `kept` is where what is composed is kept: nothing is
    composed again that is there. Without `pinning` what each subgraph publishes now is composed.
    """
    configured = read_subgraphs(subgraphs) if subgraphs is not None else ()
    if supergraph is not None:
        return Loaded(read_supergraph(read_text(supergraph)), configured)
    if subgraphs is None:
        raise ConfigError("give --supergraph FILE or --subgraphs FILE")
    if pinning is None:
        found = Sources(_sources(configured))
    else:
        found = asyncio.run(pinned_sources(configured, pinning.versions, accept=pinning.accept))
    sources = found.sources
    if own and any("@subject(facts:" in source.sdl for source in sources):
        sources += [SubgraphSource(each.NAME, each.URL, each.SDL) for each in (access, audit)]
    return Loaded(_composed(sources, kept), configured, found.unapproved, found.refused, found.unreachable)


def _composed(sources: Sequence[SubgraphSource], kept: KeptSupergraph | None) -> Supergraph:
    """The supergraph of these, composed where it is not kept; raises `ConfigError` where they do not compose."""
    known = kept.read(sources) if kept is not None else None
    if known is not None:
        try:
            return read_supergraph(known)
        except SupergraphError as error:
            log.warning("the supergraph that was kept can't be read: %s", error)
    if has_code_changed():
        raise ConfigError("the gateway's code is not the one that was started: start it again")
    result = compose(sources)
    if result.read is None or result.supergraph is None:
        listed = "\n  ".join(map(str, result.errors))
        raise ConfigError(f"the subgraphs do not compose:\n  {listed}")
    if kept is not None:
        kept.keep(sources, result.supergraph)
    return result.read


def _sources(subgraphs: Sequence[SubgraphConfig]) -> list[SubgraphSource]:
    return asyncio.run(fetch_sources(subgraphs))
