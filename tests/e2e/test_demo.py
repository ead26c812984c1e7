"""`cps demo` as a person runs it: it ends when told to, however, and leaves no process."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SECONDS = 40.0


def processes_of(data: Path) -> list[str]:
    """The command lines of running processes that name this folder."""
    listed = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(data) in line and "ps -ewwo" not in line]


def wait_for(condition: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if condition in log.read_text():
            return
        time.sleep(0.1)
    raise AssertionError(f"{condition} was not seen: {log.read_text()[-500:]}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_told_to_end_it_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    command = [sys.executable, "-m", "gateway", "demo", "--children", "50", "--data", str(data)]
    with log.open("w") as output:
        demo = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_for("Ctrl-C stops everything", log)
        assert len(processes_of(data)) > 6
        demo.send_signal(number)
        assert demo.wait(SECONDS) == 0
        assert processes_of(data) == []
    finally:
        demo.terminate()
        demo.wait(SECONDS)
