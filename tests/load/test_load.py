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


@pytest.mark.skipif(sys.platform != "linux", reason="CPU and memory are read from /proc")
def test_a_requests_waves_are_told_apart() -> None:
    options = "--seconds 0.5 --rounds 1 --modes open --no-pin"
    command = [sys.executable, "-m", "tests.load", "waves", *options.split()]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=True)
    found = re.search(
        r"open: ([\d.]+) ms, of which its 7 requests in 4 waves ([\d.]+) ms: ([\d.]+) ms more", done.stdout
    )
    assert found is not None
    whole, waves, more = map(float, found.groups())
    assert 0 < waves < whole
    assert more == pytest.approx(whole - waves, abs=0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="CPU and memory are read from /proc")
def test_a_large_answer_is_compared_with_another_s() -> None:
    serving = (
        "gateway serve --supergraph {supergraph} --subgraphs {configured} --port {port} --insecure-no-auth --no-audit"
    )
    other = f"second={sys.executable} -m {serving}"
    command = [sys.executable, "-m", "tests.load", "list", "--rounds", "1", "--no-pin", "--gateway", other]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=True)
    found = re.findall(r"(\w+): (\d+) ms, at most (\d+) MB, ([\d,]+) bytes", done.stdout)
    assert [name for name, *_ in found] == ["cps", "second"]
    assert all(int(ms) > 0 and int(mb) > 30 and size == found[0][3] for _, ms, mb, size in found)
