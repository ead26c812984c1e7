"""`cps approve`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gateway.cli.supergraphs import REGISTRY
from gateway.registry import SdlVersions
from tests.cli.run import Cps

FIRST = 'type Query { a: Int @policy(policies: [["case.detail"]]) }'
SECOND = 'type Query { a: Int @policy(policies: [["case.summary"]]) }'


def test_what_waits_is_listed_shown_and_approved(cps: Cps, tmp_path: Path) -> None:
    versions = SdlVersions(tmp_path / REGISTRY)
    assert cps("approve", "--data", tmp_path)[1] == "no SDL waits\n"
    first = versions.offer("police", FIRST)
    assert "nothing of it is served yet" in cps("approve", "--data", tmp_path)[1]
    status, out, _ = cps("approve", "police", "--data", tmp_path, "--yes", "--by", "somebody")
    assert status == 0
    assert f"`police` {first.hash[:12]}: approved by somebody" in out
    second = versions.offer("police", SECOND)
    assert f"police {second.hash[:12]}: changes what is served" in cps("approve", "--data", tmp_path)[1]
    status, out, _ = cps("approve", "police", "--data", tmp_path, "--yes")
    assert '~ Query.a: @policy(policies: [["case.detail"]]) -> @policy(policies: [["case.summary"]])' in out
    assert "  nothing changes\n" in out
    served = versions.approved("police")
    assert served is not None
    assert served.sdl == SECOND


def test_nothing_is_approved_without_a_yes(cps: Cps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    versions = SdlVersions(tmp_path / REGISTRY)
    versions.offer("police", FIRST)
    assert cps("approve", "police", "--data", tmp_path)[0] != 0
    assert versions.approved("police") is None


def test_a_version_is_refused_for_good(cps: Cps, tmp_path: Path) -> None:
    versions = SdlVersions(tmp_path / REGISTRY)
    versions.offer("police", FIRST)
    status, out, _ = cps("approve", "police", "--data", tmp_path, "--yes", "--refuse")
    assert (status, "refused by" in out) == (0, True)
    status, _, err = cps("approve", "police", "--data", tmp_path, "--yes")
    assert (status, "no SDL of `police` waits" in err) == (2, True)


def test_a_hash_says_which_version(cps: Cps, tmp_path: Path) -> None:
    versions = SdlVersions(tmp_path / REGISTRY)
    first = versions.offer("police", FIRST)
    versions.offer("police", SECOND)
    status, _, err = cps("approve", "police", "--data", tmp_path, "--yes", "--hash", "zz")
    assert (status, "whose hash begins with `zz`" in err) == (2, True)
    assert cps("approve", "police", "--data", tmp_path, "--yes", "--hash", first.hash[:8])[0] == 0
    served = versions.approved("police")
    assert served is not None
    assert served.hash == first.hash


def test_a_database_that_can_t_be_had_is_said(cps: Cps, tmp_path: Path) -> None:
    result = cps("approve", "--data", tmp_path, "--audit-store", "postgresql://nobody@127.0.0.1:1/none")
    assert result.status == 2
    assert "the registry of SDLs can't be used" in result.err
    assert not list(tmp_path.iterdir())
