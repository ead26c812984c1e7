"""`cps serve` over a folder in which an older copy of a database was put back."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from gateway.audit.marks import OLDER_ACCEPTED
from tests.e2e.test_workers import ask, serving


def serve(tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """A gateway that is to refuse to start."""
    command = [
        sys.executable, "-m", "gateway", "serve", "--supergraph", str(tmp_path / "supergraph.graphql"), "--port", "1",
        "--data", str(tmp_path / "data"), "--insecure-no-auth", *more,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_does_not_start_until_that_is_accepted_and_then_the_log_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        asyncio.run(ask(served, 3, 1))
    kept = tmp_path / "kept"
    shutil.copytree(served.data, kept)
    with serving(tmp_path) as served:
        asyncio.run(ask(served, 3, 1))
    for path in served.data.glob("audit.sqlite*"):
        path.unlink()
    for path in kept.glob("audit.sqlite*"):
        shutil.copy2(path, served.data)
    refused = serve(tmp_path)
    assert refused.returncode == 2
    assert "the audit log has 4 signed entries, and is not the one that had 8" in refused.stderr
    assert "--accept-older begins with what is there" in refused.stderr
    with serving(tmp_path, "--accept-older") as served:
        asyncio.run(ask(served, 1, 1))
    with contextlib.closing(sqlite3.connect(served.data / "audit.sqlite")) as log:
        assert log.execute("SELECT count(*) FROM entry WHERE outcome = ?", (OLDER_ACCEPTED,)).fetchone() == (1,)
    with serving(tmp_path) as served:  # from here on it is as it was
        served.process.send_signal(signal.SIGTERM)
