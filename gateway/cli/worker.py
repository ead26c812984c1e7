"""One worker: an application on uvicorn, settled for serving."""

from __future__ import annotations

import gc
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from gateway.app import AppConfig, Application, build
from gateway.cli.supergraphs import load

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.supergraph import Supergraph

_ALLOCATIONS = 100_000
"""Containers that are made, less those that are freed, before the collector looks for cycles among the young."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A gateway over the supergraph of a file, or over the subgraphs that one names."""

    supergraph: Path | None
    subgraphs: Path | None
    config: AppConfig

    def reload(self) -> Supergraph:
        """The supergraph as it is now; raises `ConfigError` or `SupergraphError` where there is none."""
        return load(self.supergraph, self.subgraphs)[0]

    def __call__(self, listening: socket.socket) -> None:
        """Serve at a socket that others serve at too."""
        start_logging()
        application = build(self.reload(), self.config, self.reload)
        serve_application(application, {"fd": listening.fileno()})


def start_logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def serve_application(application: Application, where: Mapping[str, str | int]) -> None:
    """Serve until told to end; `where` is a host and a port, or an `fd` that listens."""
    _settle_collector()
    uvicorn.run(
        application,
        http="httptools",
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        **where,  # type: ignore[arg-type] # names of uvicorn's own parameters, as given above
    )


def _settle_collector() -> None:
    """What was made at start stays, and an answer's data has no cycles: the collector need not look at either often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
