"""One worker: an application on uvicorn, settled for serving."""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from authz.http_protocol import BoundedProtocol
from gateway.app import AppConfig, Application, Served, build, hold_reloads
from gateway.cli.collecting import undisturbed
from gateway.cli.supergraphs import Pinning, load
from gateway.config import refuse_plain_http
from gateway.errors import ConfigError
from gateway.execution import target
from gateway.inside import SCHEME
from gateway.registry import KeptSupergraph, SdlVersions

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gateway.audit.database import Where
    from gateway.config import SubgraphConfig
    from gateway.supergraph import Supergraph

_ALLOCATIONS = 500_000
"""Containers that are made, less those that are freed, before the collector looks for cycles among the young."""

_KEPT = ((-1, 256 * 2**20), (-2, 16 * 2**20), (-3, 32 * 2**20))
"""Bytes: free memory at the heap's end before it is trimmed, by how much the heap grows, and from what size memory is
mapped apart (M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD)."""

GRACE_SECONDS = 10
"""How long requests under way may take when it is told to end."""

MAX_AT_ONCE = 4_096
"""Connections and requests that a worker has at once; more are answered by 503."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A gateway over the supergraph of a file, or over the subgraphs that one names.

    `pass_messages` is whether subgraphs' own words reach clients where the configuration does not say; `kept` the file
    of the supergraph that was composed last, if it is kept. `registry` is where SDLs are approved, None where whatever
    is published is served; with `accept` it is approved. `plain_http`: agencies off this machine may be asked without
    TLS.
    """

    supergraph: Path | None
    subgraphs: Path | None
    pass_messages: bool
    kept: Path | None
    config: AppConfig
    registry: Where | None = None
    accept: bool = False
    plain_http: bool = False

    def reload(self) -> Served:
        """What is to be served now; raises `ConfigError` or `SupergraphError` where that can't be."""
        pinning = Pinning(SdlVersions(self.registry), self.accept) if self.registry is not None else None
        return read_served(
            self.supergraph,
            self.subgraphs,
            self.kept,
            pass_messages=self.pass_messages,
            pinning=pinning,
            plain_http=self.plain_http,
        )

    def __call__(self, listening: socket.socket) -> None:
        """Serve at a socket that others serve at too, for as long as the process that started this one lives."""
        hold_reloads()
        start_logging()
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
        with undisturbed():
            application = build(self.reload(), self.config, self.reload)
        serve_application(application, {"fd": listening.fileno()})


def read_served(
    supergraph: Path | None,
    subgraphs: Path | None,
    kept: Path | None,
    *,
    pass_messages: bool,
    pinning: Pinning | None = None,
    plain_http: bool = False,
) -> Served:
    """The supergraph of these files; raises `ConfigError` where it can't be had, or has nowhere to ask.

    `plain_http`: an agency off this machine may be asked without TLS.
    """
    read = load(supergraph, subgraphs, own=True, kept=KeptSupergraph(kept) if kept else None, pinning=pinning)
    loaded, configured = read.supergraph, read.subgraphs
    _check_subjects(loaded, configured)
    nowhere = [graph.name for graph in loaded.graphs.values() if not graph.url]
    if nowhere:
        raise ConfigError(f"no url says where {', '.join(f'`{name}`' for name in nowhere)} can be asked")
    for graph in loaded.graphs.values():
        if not graph.url.startswith(SCHEME):
            target(graph.url)
            if not plain_http:
                refuse_plain_http(graph.url, f"`{graph.name}`")
    stated = {s.name: s.pass_messages for s in configured if s.pass_messages is not None}
    passing = frozenset(g.name for g in loaded.graphs.values() if stated.get(g.name, pass_messages))
    agencies = {s.name: s.agency for s in configured if s.agency}
    hosted = {s.name: s.agencies for s in configured if len(s.agencies) > 1}
    return Served(
        loaded,
        agencies,
        passing,
        hosted,
        {s.name: s.codes for s in configured if s.codes},
        {s.name: s.audience for s in configured},
        {s.name: s.answers for s in configured if s.answers is not None},
        read.unapproved,
        read.refused,
        read.unreachable,
    )


def _check_subjects(supergraph: Supergraph, configured: Sequence[SubgraphConfig]) -> None:
    """Where children are decided about, one subgraph says who they are, and of each other it is known whose it is.

    Raises `ConfigError`.
    """
    taken = supergraph.subjects.taken()
    if taken:
        raise ConfigError(f"who a child is can't be told: {', '.join(taken)} come from more than one subgraph")
    codes = {each.name: each.agencies for each in configured}
    for coordinate, graph in supergraph.subjects.coded_fields():
        name = supergraph.graphs[graph].name
        if not supergraph.graphs[graph].url.startswith(SCHEME) and not codes.get(name):
            said = "name its `agency`, or the `agencies` of a hosted service, in --subgraphs"
            raise ConfigError(f"`{name}` gives ids of agencies' records (`{coordinate}`): {said}")


def _end_with_parent() -> None:
    """End as by SIGTERM when the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def start_logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def serve_application(application: Application, where: Mapping[str, str | int]) -> None:
    """Serve until told to end; `where` is a host and a port, or an `fd` that listens."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # uvicorn raises it again when it has ended: so we end in order
    settle_memory()
    uvicorn.run(
        application,
        http=BoundedProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_AT_ONCE,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **where,  # type: ignore[arg-type] # names of uvicorn's own parameters, as given above
    )


def settle_memory() -> None:
    """What was made at start stays, and an answer's data has no cycles: the collector need not look at either often.

    Answers of some size come and go all the time: the allocator keeps their memory, and does not give it back to the
    system between one and the next (glibc's mallopt; elsewhere there is none).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, size in _KEPT:
            mallopt(option, size)
