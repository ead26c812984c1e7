"""Which SDL of each subgraph is composed: the one that is given or approved, whatever the subgraph publishes now."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, NamedTuple

from gateway.composition import SubgraphSource
from gateway.errors import ConfigError
from gateway.registry.versions import SdlVersions, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.config import SubgraphConfig
    from gateway.registry.fetch_sdl import Fetched

log = logging.getLogger("gateway.registry")

ACCEPTED_BY = "accepted at start"
"""Who approved an SDL where all are accepted."""


class Sources(NamedTuple):
    """What is composed. `unapproved` publish a version that waits for approval: of one that has none approved before,
    nothing is composed. `refused` publish one that was refused, `unreachable` did not say what they publish: their last
    approved version is composed.
    """

    sources: list[SubgraphSource]
    unapproved: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


async def fetch_sources(subgraphs: Sequence[SubgraphConfig], seconds: float = 10.0) -> list[SubgraphSource]:
    """Return what each subgraph publishes now; raises `ConfigError` that says of each that gave no SDL why."""
    fetched = await _fetch(subgraphs, seconds)
    missing = {name: found.why for name, found in fetched.items() if found.sdl is None}
    if missing:
        raise _no_sdl(missing)
    return [_source(each, each.sdl if each.sdl is not None else fetched[each.name].sdl) for each in subgraphs]


async def pinned_sources(
    subgraphs: Sequence[SubgraphConfig], versions: SdlVersions, *, accept: bool, seconds: float = 10.0
) -> Sources:
    """Return the SDLs that are served: given by the configuration, or approved.

    `accept`: whatever a subgraph publishes is approved. Raises `ConfigError` where a subgraph gave no SDL and has none
    that was approved, or none at all has one.
    """
    fetched = await _fetch(subgraphs, seconds)
    found: list[SubgraphSource] = []
    unapproved: list[str] = []
    refused: list[str] = []
    missing: dict[str, str] = {}
    for each in subgraphs:
        if each.sdl is not None:  # who writes the configuration has approved it
            found.append(_source(each, each.sdl))
            continue
        offered = fetched[each.name]
        approved = versions.approved(each.name)
        if offered.sdl is None:
            missing[each.name] = offered.why
        else:
            version = versions.offer(each.name, offered.sdl)
            if accept and version.state is not State.APPROVED:
                approved = versions.approve(each.name, version.hash, ACCEPTED_BY)
            elif version.state is State.REFUSED:
                refused.append(each.name)
            elif version.state is not State.APPROVED:
                unapproved.append(each.name)
        if approved is not None:
            found.append(_source(each, approved.sdl))
    served = {source.name for source in found}
    unknown = {name: why for name, why in missing.items() if name not in served}
    if unknown:
        raise _no_sdl(unknown)
    if not found:
        waiting = ", ".join(f"`{name}`" for name in unapproved)
        raise ConfigError(f"no SDL is approved: {waiting or 'none'} wait for `cps approve`")
    for name, why in missing.items():
        log.warning("`%s` is served by its last approved SDL: %s", name, why)
    for name in unapproved:
        with_old = "its last approved SDL is served" if name in served else "it is left out"
        log.warning("the SDL that `%s` publishes is not approved, and %s: see `cps approve %s`", name, with_old, name)
    for name in refused:
        with_old = "its last approved SDL is served" if name in served else "it is left out"
        log.warning("the SDL that `%s` publishes has been refused, and %s", name, with_old)
    return Sources(found, tuple(unapproved), tuple(refused), tuple(missing))


async def _fetch(subgraphs: Sequence[SubgraphConfig], seconds: float) -> Mapping[str, Fetched]:
    unknown = [each for each in subgraphs if each.sdl is None]
    if not unknown:
        return {}
    from gateway.registry.fetch_sdl import Wanted, fetch_sdls  # a client takes long to load and to make

    wanted = [Wanted(each.url, _credentials(each)) for each in unknown]
    found = await fetch_sdls(wanted, seconds)
    return {each.name: one for each, one in zip(unknown, found, strict=True)}


def _credentials(subgraph: SubgraphConfig) -> str | None:
    """Return the value of the header by which an SDL may be downloaded; it is no part of the configuration's file."""
    if subgraph.credentials is None:
        return None
    value = os.environ.get(subgraph.credentials)
    if not value:
        raise ConfigError(f"`{subgraph.name}`: the environment has no `{subgraph.credentials}`, which is to hold the "
                          "`Authorization` of its download")  # fmt: skip
    return value


def _source(subgraph: SubgraphConfig, sdl: str | None) -> SubgraphSource:
    assert sdl is not None
    return SubgraphSource(subgraph.name, subgraph.url, sdl, subgraph.exceptions)


def _no_sdl(missing: Mapping[str, str]) -> ConfigError:
    told = "; nor from ".join(f"`{name}`: {why}" for name, why in missing.items())
    return ConfigError(f"no SDL came from {told} (`file` gives one without asking)")
