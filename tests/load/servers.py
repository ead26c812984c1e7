"""The processes of a measurement: pinned to cores where that can be done, their CPU and memory read, and ended."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import httpx

from gateway.audit.database import connect
from tests.load.generator import Load

_TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parents[2]


class Report(TypedDict):
    requests: int
    failed: int
    cpu: float
    seconds: float
    p50: float
    p99: float
    longest: float


class Server:
    """A process with its children."""

    def __init__(self, arguments: Sequence[str], log: Path, cores: str | None = None) -> None:
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                pinned(arguments, cores), stdout=out, stderr=out, cwd=ROOT, start_new_session=True
            )

    def wait_for(self, url: str, seconds: float = 30.0) -> None:
        last = time.monotonic() + seconds
        while time.monotonic() < last and self._process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2.0).status_code < 500:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{url} does not answer: see {self.log}")

    def cpu_seconds(self) -> float:
        """Of all processes of its group."""
        total = 0
        for stat in self._stats():
            total += int(stat[11]) + int(stat[12])
        return total / _TICKS

    def rss_mb(self) -> float:
        total = 0.0
        for stat in self._stats():
            total += int(stat[21]) * os.sysconf("SC_PAGE_SIZE")
        return total / 2**20

    def peak_mb(self) -> float:
        """The most that the process itself has held."""
        with contextlib.suppress(OSError):
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self._process.pid}/status").read_text())
            return int(found[1]) / 1_024 if found else 0.0
        return 0.0

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
                return

    def _stats(self) -> Iterator[list[str]]:
        """The fields of /proc/PID/stat from the third on, for each process of the group."""
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = path.read_text().rsplit(")", 1)[1].split()
                if int(fields[2]) == self._process.pid:
                    yield fields


def pinned(arguments: Sequence[str], cores: str | None) -> list[str]:
    """A command that keeps to these cores, where that can be done."""
    can = cores is not None and sys.platform == "linux"
    return ["taskset", "-c", str(cores), *arguments] if can else list(arguments)


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def drive(load: Load, cores: str | None = None) -> Report:
    """Run the generator to its end."""
    command = pinned(module("tests.load.generator", json.dumps(load._asdict())), cores)
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT)
    report: Report = json.loads(done.stdout)
    return report


def machine() -> Mapping[str, str]:
    """What it was measured on."""
    model = "unknown"
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        model = found[1] if found else model
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": f"{os.uname().sysname} {os.uname().release.split('-')[0]}",
        "python": sys.version.split()[0],
    }


@contextlib.contextmanager
def database(server: str) -> Iterator[str]:
    """A new database of a PostgreSQL server's, dropped at the end."""
    name = f"cps_load_{secrets.token_hex(6)}"
    with contextlib.closing(connect(f"{server}/postgres")) as admin:
        admin.run(f"CREATE DATABASE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        with contextlib.closing(connect(f"{server}/postgres")) as admin:
            admin.run(f"DROP DATABASE {name} WITH (FORCE)")
