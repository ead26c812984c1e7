"""The supergraph that is kept: read again for the same SDLs by the same composer, and for nothing else."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.composition import SubgraphSource
from gateway.registry import KeptSupergraph, kept

A = SubgraphSource("a", "http://a/", "type Query { a: Int }")
B = SubgraphSource("b", "http://b/", "type Query { b: Int }")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "composed.json"


def test_what_was_composed_is_read_again(path: Path) -> None:
    assert KeptSupergraph(path).read([A, B]) is None
    KeptSupergraph(path).keep([A, B], "schema é")
    assert KeptSupergraph(path).read([A, B]) == "schema é"
    assert KeptSupergraph(path).read([B, A]) == "schema é"  # composition does not depend on their order
    assert [each.name for each in path.parent.iterdir()] == ["composed.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "sources",
    [
        [A],
        [A, B, B],
        [A, replace(B, name="c")],
        [A, replace(B, url="http://c/")],
        [A, replace(B, sdl=B.sdl + "\n")],
        [replace(A, sdl=B.sdl), replace(B, sdl=A.sdl)],
    ],
)
def test_it_is_of_these_subgraphs_and_no_others(path: Path, sources: list[SubgraphSource]) -> None:
    KeptSupergraph(path).keep([A, B], "schema")
    assert KeptSupergraph(path).read(sources) is None


def test_it_is_of_this_composer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeptSupergraph(path).keep([A], "schema")
    monkeypatch.setattr(kept, "_AT_START", "another composer")
    assert KeptSupergraph(path).read([A]) is None
    KeptSupergraph(path).keep([A], "its schema")
    assert KeptSupergraph(path).read([A]) == "its schema"
    monkeypatch.setattr(kept, "_AT_START", None)  # who composes can't be told
    assert KeptSupergraph(path).read([A]) is None
    KeptSupergraph(path).keep([A], "nobody's")
    assert "nobody's" not in path.read_text()


def test_code_that_changes_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not kept.has_code_changed()
    assert len(kept._AT_START or "") == 64
    (tmp_path / "composer").mkdir()
    (tmp_path / "composer" / "read.py").write_text("# the composer")
    monkeypatch.setattr(kept, "_CODE", tmp_path)
    monkeypatch.setattr(kept, "_COMPOSER", ("composer",))
    monkeypatch.setattr(kept, "_AT_START", kept._composer())
    assert not kept.has_code_changed()
    (tmp_path / "composer" / "read.py").write_text("# another composer")
    assert kept.has_code_changed()
    (tmp_path / "composer" / "read.py").unlink()
    assert kept._composer() is None


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o666, 0o640])
def test_a_file_that_others_can_reach_is_not_read(path: Path, caplog: pytest.LogCaptureFixture, mode: int) -> None:
    KeptSupergraph(path).keep([A], "schema")
    path.chmod(mode)
    assert KeptSupergraph(path).read([A]) is None
    assert "`composed.json` is not read: PermissionError" in caplog.text
    KeptSupergraph(path).keep([A], "schema")  # in its place
    assert KeptSupergraph(path).read([A]) == "schema"


def test_a_file_of_another_s_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeptSupergraph(path).keep([A], "schema")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert KeptSupergraph(path).read([A]) is None


def test_only_a_file_of_its_own_is_read(path: Path, tmp_path: Path) -> None:
    KeptSupergraph(path).keep([A], "schema")
    elsewhere = path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(elsewhere)
    assert KeptSupergraph(path).read([A]) is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert KeptSupergraph(path).read([A]) is None


def test_all_that_composes_is_known() -> None:
    """What a fresh process loads of ours to compose, but for the packages' own entrances."""
    program = "import sys, gateway.composition.stages; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    parts = tuple(name.removesuffix(".py").replace("/", ".") for name in kept._COMPOSER)
    ours = [name for name in loaded if name.split(".")[0] in ("authz", "gateway")]
    others = [name for name in ours if not any(name == part or name.startswith(f"{part}.") for part in parts)]
    assert others == ["gateway"]
    assert "gateway.composition.stages" in ours


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_such_file_is_as_if_it_were_not_there(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    assert KeptSupergraph(path).read([A]) is None
    KeptSupergraph(path).keep([A], "schema")
    assert KeptSupergraph(path).read([A]) == "schema"


@pytest.mark.parametrize("change", [{"supergraph": "another"}, {"supergraph": None}, {"digest": ""}, {"of": None}])
def test_what_was_changed_is_not_read(path: Path, change: dict[str, object]) -> None:
    KeptSupergraph(path).keep([A], "schema")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert KeptSupergraph(path).read([A]) is None


def test_what_can_not_be_kept_is_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.write_text("a file where the folder would be")
    KeptSupergraph(path).keep([A], "schema")
    assert "can't be kept" in caplog.text
    assert KeptSupergraph(path).read([A]) is None
    path.parent.unlink()
    path.mkdir(parents=True)
    KeptSupergraph(path).keep([A], "schema")
    assert [each.name for each in path.parent.iterdir()] == ["composed.json"]  # nothing is left lying about
