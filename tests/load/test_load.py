"""The bench itself: it runs, what it counts is what was asked, and no answer fails."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.load.servers import ROOT


@pytest.mark.skipif(sys.platform != "linux", reason="CPU and memory are read from /proc")
def test_it_runs() -> None:
    options = "--seconds 0.5 --rounds 1 --connections 2 --modes open,both --no-pin"
    command = [sys.executable, "-m", "tests.load", "run", *options.split()]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=True)
    rows = re.findall(r"│ (open|both) +│ 1 +│ 2 +│ (\d+) .*│ (\d+) +│\n", done.stdout)
    assert [mode for mode, _, _ in rows] == ["open", "both"]
    assert all(int(rate) > 10 and failed == "0" for _, rate, failed in rows)
    assert "processor" in done.stdout
