"""Memory over many requests: flat, or it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.load.bench import gateway, standard_subject
from tests.load.generator import Load
from tests.load.servers import drive


class Sample(NamedTuple):
    """After so many requests: resident megabytes of all the gateway's processes, and failures so far."""

    requests: int
    rss_mb: float
    failed: int


def soak(
    folder: Path, requests: int, step: int, mode: str, connections: int, cores: tuple[str | None, str | None]
) -> Iterator[Sample]:
    """Samples after each `step`, the first after the first `step`: what comes before is warming."""
    with (
        standard_subject(folder, cores=cores[1]) as subject,
        gateway(subject, mode, 1, folder, cores[0]) as (server, url),
    ):
        done = failed = 0
        tokens = str(subject.tokens) if mode in ("access", "both") else ""
        while done < requests:
            load = Load(url, subject.body, connections, 600.0, tokens, "", min(step, requests - done))
            report = drive(load, cores[1])
            done += report["requests"]
            failed += report["failed"]
            yield Sample(done, server.rss_mb(), failed)
            if not report["requests"]:
                return
