"""The command that every subgraph shares."""

import subprocess
import sys
from pathlib import Path

import pytest

from subgraphs.police.schema import subgraph


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-m", "subgraphs.police", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_print_sdl(tmp_path: Path) -> None:
    done = run("--print-sdl", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, subgraph.schema.sdl)


@pytest.mark.parametrize("arguments", [[], ["--database", "mysql://x/y"], ["--port", "x"]])
def test_what_cannot_be_served_is_a_usage_error(arguments: list[str], tmp_path: Path) -> None:
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
