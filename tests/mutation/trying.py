"""Trying one change: in a copy of the tree, by the tests that call the function that it is in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.changes import Change
from tests.mutation.cover import PACKAGES, ROOT, Cover

SECONDS = (10.0, 30.0, 200.0)
"""Of tests, as they take without a change, that try one; more only where the ones before noticed nothing."""

MOST_ARGUMENTS = 1_500

BY_PROCESSES = ("gateway/app.py", "gateway/cli/", "gateway/audit/writer.py", "subgraphs/", "resolvers/serve.py")
"""Where what runs as a process of its own is made of: what no other test notices is tried by those that start them."""

PROCESSES = ("tests/e2e/test_main_job.py", "tests/e2e/test_pinning.py", "tests/e2e/test_workers.py", "tests/cli")
PROCESS_SECONDS = 400.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one change: `noticed` by a test, or that it never ended; `tests` called its function."""

    change: Change
    noticed: bool
    tests: int
    how: str


@contextmanager
def copied() -> Iterator[Path]:
    """Yield a copy of the tree."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        to = Path(folder)
        for each in (*PACKAGES, "tests"):
            shutil.copytree(ROOT / each, to / each, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, to / name)
        yield to


def try_change(tree: Path, change: Change, cover: Cover) -> Tried:
    """Return whether a test notices a change; the tree is as it was afterwards."""
    tests = rest = cover.of(change.path, change.line)[:MOST_ARGUMENTS]
    path = tree / change.path
    source = path.read_bytes()
    path.write_bytes(change.apply(source))
    try:
        code: int | None = 0
        for seconds in SECONDS:
            some, rest = cover.split(rest, seconds)
            if some and code == 0:
                code = _run(tree, some, 30.0 + 3 * seconds)
        if code == 0 and change.path.startswith(BY_PROCESSES):
            code = _run(tree, PROCESSES, PROCESS_SECONDS)
    finally:
        path.write_bytes(source)
    if code is None:
        return Tried(change, noticed=True, tests=len(tests), how="it does not end")
    return Tried(change, noticed=code != 0, tests=len(tests), how=f"pytest ended with {code}")


def _run(tree: Path, tests: Sequence[str], seconds: float) -> int | None:
    """Return how pytest ended, None where it did not in time."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
