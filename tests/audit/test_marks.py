"""Databases that are put back in an older state are noticed, whichever they are."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from authz.principal import Purpose
from gateway.access import ClaimStore
from gateway.audit.marks import FILE, OLDER_ACCEPTED, Marks, accept, older, raise_marks, read_marks
from gateway.audit.questions import Question, Questions
from gateway.errors import ConfigError
from gateway.registry import SdlVersions
from tests.access.partnership import somebody
from tests.audit.entries import TOKENISER
from tests.audit.logs import Log

CLAIMS, SDLS = "the database of grants and claims", "the database of SDL versions"
WORKER = somebody("social_worker", "380")


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now


class Host:
    """A gateway's folder, in which something happens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir()
        self.log = Log(self.folder)
        self.where = self.log.path
        clock = Clock()
        self.claims = ClaimStore(self.folder / "access.sqlite", clock)
        self.sdls = SdlVersions(self.folder / "registry.sqlite", clock)
        self.log.write(3)
        self.claim = self.claims.add(WORKER, Purpose.S47, "a", "a reason", (), "audit", 20)
        self.digest = self.sdls.offer("care", "type Query { a: Int }").hash
        self.sdls.approve("care", self.digest, "somebody")

    def copied(self, name: str) -> Callable[[], None]:
        """Return what puts a file back as it is now."""
        kept = self.folder.parent / f"kept-{name}"
        shutil.copytree(self.folder, kept)

        def put_back() -> None:
            self.log.store.close()
            for path in self.folder.glob(f"{name}*"):
                path.unlink()
            for path in kept.glob(f"{name}*"):
                shutil.copy2(path, self.folder)

        return put_back


@pytest.fixture
def host(tmp_path: Path) -> Host:
    made = Host(tmp_path)
    assert raise_marks(made.where, made.folder) == []
    return made


def test_marks_are_raised_and_nobody_else_reads_them(host: Host) -> None:
    first = read_marks(host.folder)
    assert first.size == 3
    assert (host.folder / FILE).stat().st_mode & 0o777 == 0o600
    host.log.write(2)
    host.claims.suspend(host.claim, "guardian", "no reason")
    host.sdls.refuse("care", host.digest, "somebody")
    assert older(host.where, host.folder) == []
    assert raise_marks(host.where, host.folder) == []
    later = read_marks(host.folder)
    assert later.size == 5
    assert all(getattr(later, name) > getattr(first, name) for name in ("access", "registry"))
    assert [path.name for path in host.folder.iterdir() if path.name.startswith(".")] == []


def test_nothing_is_older_where_there_are_no_marks(tmp_path: Path) -> None:
    assert read_marks(tmp_path) == Marks()
    assert older(tmp_path / "audit.sqlite", tmp_path) == []


@pytest.mark.parametrize(
    ("name", "happens", "problem"),
    [
        ("audit.sqlite", lambda h: h.log.write(2), "the audit log has 3 signed entries, and is not the one that had 5"),
        (
            "access.sqlite",
            lambda h: h.claims.suspend(h.claim, "guardian", "no reason"),
            f"{CLAIMS} lacks what was decided last",
        ),
        (
            "registry.sqlite",
            lambda h: h.sdls.refuse("care", h.digest, "somebody"),
            f"{SDLS} lacks what was decided last",
        ),
    ],
)
def test_a_database_put_back_is_noticed(host: Host, name: str, happens: Callable[[Host], None], problem: str) -> None:
    put_back = host.copied(name)
    happens(host)
    assert raise_marks(host.where, host.folder) == []
    marks = read_marks(host.folder)
    put_back()
    assert older(host.where, host.folder) == [problem]
    assert raise_marks(host.where, host.folder) == [problem]
    assert read_marks(host.folder) == marks, "an older database lowers nothing"


@pytest.mark.parametrize("name", ["audit.sqlite", "access.sqlite", "registry.sqlite"])
def test_a_database_that_is_gone_is_noticed(host: Host, name: str) -> None:
    host.log.store.close()
    for path in host.folder.glob(f"{name}*"):
        path.unlink()
    assert len(older(host.where, host.folder)) == 1


def test_a_log_that_went_another_way_is_noticed_however_long_it_is(host: Host) -> None:
    put_back = host.copied("audit.sqlite")
    host.log.write(1)
    raise_marks(host.where, host.folder)
    put_back()
    host.log.open()
    host.log.now += 100
    host.log.write(1)
    host.log.write(5)
    (problem,) = older(host.where, host.folder)
    assert problem == "the audit log has 9 signed entries, and is not the one that had 4"


def test_what_is_accepted_is_written_down(host: Host) -> None:
    put_back = host.copied("access.sqlite")
    host.claims.suspend(host.claim, "guardian", "no reason")
    raise_marks(host.where, host.folder)
    put_back()
    problems = older(host.where, host.folder)
    accept(host.where, host.folder, problems)
    assert older(host.where, host.folder) == []
    (entry,) = Questions(host.where, TOKENISER).page(Question(outcome=OLDER_ACCEPTED), 10).entries
    assert problems[0] in str(entry)


@pytest.mark.parametrize("content", [b"{", b"{}", b"[]", b'{"size": "x", "root": "", "access": 0, "registry": 0}'])
def test_marks_that_are_damaged_are_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError, match=r"`marks.json` can't be read"):
        older(tmp_path / "audit.sqlite", tmp_path)
