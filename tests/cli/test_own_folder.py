"""Folders of processes that were killed are removed, and no others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gateway.cli.own_folder import own_folder, remove_left_over


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def names(folders: Path) -> set[str]:
    return {path.name for path in folders.iterdir()}


def test_it_is_private_and_goes_with_its_process(folders: Path) -> None:
    with own_folder() as one, own_folder() as other:
        assert one != other
        assert one.stat().st_mode & 0o777 == 0o700
        remove_left_over()
        assert names(folders) == {one.name, other.name}
        assert names(one) == {"lock"}
    assert names(folders) == set()


def test_what_a_killed_process_left_is_removed_by_the_next(folders: Path) -> None:
    code = "from gateway.cli.own_folder import own_folder\nwith own_folder() as f: print(f, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folders)},
        text=True,
    ) as killed:
        assert killed.stdout is not None
        left = Path(killed.stdout.readline().strip())
        remove_left_over()
        assert left.exists()
        killed.send_signal(signal.SIGKILL)
    assert left.exists()
    with own_folder() as own:
        assert names(folders) == {own.name}


def test_what_is_not_one_of_ours_stays(folders: Path) -> None:
    (folders / "cps-without-lock").mkdir()
    (folders / "cps-file").write_text("")
    target = folders / "another"
    target.mkdir()
    (target / "lock").write_text("")
    (folders / "cps-link").symlink_to(target)
    linked = folders / "cps-linked-lock"
    linked.mkdir()
    (linked / "lock").symlink_to(target / "lock")
    before = names(folders)
    remove_left_over()
    assert names(folders) == before
