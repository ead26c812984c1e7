"""The process that writes the log, in this one: what it does when it ends, and what it tells who can't be served."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.audit import RemoteLog
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.questions import newest_head
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store
from gateway.audit.verify import verify
from gateway.audit.writer import Writer
from gateway.cli.writer import audit_writer
from gateway.errors import AuditUnavailable
from tests.audit.entries import entry
from tests.audit.logs import KEY, SEED


async def appended(tmp_path: Path, writer: Writer, count: int) -> None:
    socket = tmp_path / "audit.sock"
    server = await asyncio.get_running_loop().create_unix_server(writer.connection, str(socket))
    log = RemoteLog(socket)
    await asyncio.gather(*(log.append(entry(audit_id=f"w{number}")) for number in range(count)))
    await log.close()
    server.close()


async def test_when_it_ends_all_has_its_leaf_and_the_head_is_signed(tmp_path: Path) -> None:
    now = [1_000_000.0]
    store = Store(tmp_path / "audit.sqlite")
    writer = Writer(store, Sequencer(store, HeadSigner(ORIGIN, SEED), lambda: now[0]))
    await appended(tmp_path, writer, 5)
    writer._sequence()
    await appended(tmp_path, writer, 0)
    socket = tmp_path / "more.sock"
    server = await asyncio.get_running_loop().create_unix_server(writer.connection, str(socket))
    log = RemoteLog(socket)
    await log.append(entry(audit_id="last"))
    await log.close()
    server.close()
    writer.close()
    store.close()
    found = verify(tmp_path / "audit.sqlite", [KEY])
    assert (found.size, found.pending) == (6, 0)
    assert "\n6\n" in newest_head(tmp_path / "audit.sqlite")


async def test_without_a_sequencer_it_writes_and_ends(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")
    writer = Writer(store)
    await appended(tmp_path, writer, 3)
    writer.close()
    store.close()
    assert verify(tmp_path / "audit.sqlite", [KEY]).pending == 3


async def test_leaves_come_within_a_second_of_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.audit.writer.SEQUENCED_WITHIN", 0.02)
    store = Store(tmp_path / "audit.sqlite")
    writer = Writer(store, Sequencer(store, HeadSigner(ORIGIN, SEED)))
    await appended(tmp_path, writer, 3)
    for _ in range(100):
        if verify(tmp_path / "audit.sqlite", [KEY]).pending == 0:
            break
        await asyncio.sleep(0.02)
    assert verify(tmp_path / "audit.sqlite", [KEY]).size == 3
    writer.close()
    store.close()


class Failing(Sequencer):
    """Fails once."""

    failed = False

    def sequence(self, *, closing: bool = False) -> bool:
        if not self.failed:
            self.failed = True
            raise AuditUnavailable("the disk is full")
        return super().sequence(closing=closing)


class Broken(Failing):
    def sequence(self, *, closing: bool = False) -> bool:
        try:
            return super().sequence(closing=closing)
        except AuditUnavailable as error:
            raise ValueError(str(error)) from error


async def test_a_fault_of_ours_is_not_the_end_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes next is given its place, and what waited for one too."""
    monkeypatch.setattr("gateway.audit.writer.SEQUENCED_WITHIN", 0.01)
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["exception"]))
    store = Store(tmp_path / "audit.sqlite")
    writer = Writer(store, Broken(store, HeadSigner(ORIGIN, SEED)))
    await appended(tmp_path, writer, 2)
    await asyncio.sleep(0.1)
    assert [type(each) for each in faults] == [ValueError]
    writer.sequence_soon()
    await asyncio.sleep(0.1)
    assert verify(tmp_path / "audit.sqlite", [KEY]).size == 2
    writer.close()
    store.close()


async def test_leaves_that_fail_are_logged_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.writer.SEQUENCED_WITHIN", 0.01)
    store = Store(tmp_path / "audit.sqlite")
    writer = Writer(store, Failing(store, HeadSigner(ORIGIN, SEED)))
    await appended(tmp_path, writer, 2)
    for _ in range(100):
        if verify(tmp_path / "audit.sqlite", [KEY]).pending == 0:
            break
        await asyncio.sleep(0.02)
    assert verify(tmp_path / "audit.sqlite", [KEY]).size == 2
    assert "entries wait for their leaves: the disk is full" in caplog.text
    writer.close()
    assert writer._due is not None
    assert writer._due.cancelled()
    store.close()


async def test_a_writer_that_is_ended_has_signed_all_that_it_wrote(tmp_path: Path) -> None:
    where = tmp_path / "audit.sqlite"
    with audit_writer(where, tmp_path / "audit.signing") as socket:
        log = RemoteLog(socket)
        for number in range(2):
            await log.append(entry(audit_id=f"e{number}"))
            await asyncio.sleep(1.5 * (1 - number))  # the first is signed at once, the second not for a minute
        await log.close()
    assert "\n2\n" in newest_head(where)


def test_a_writer_that_can_not_write_says_why_and_ends(tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite").mkdir()
    command = [
        sys.executable,
        "-m",
        "gateway.audit.writer",
        *(str(tmp_path / name) for name in ("audit.sqlite", "k", "s")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr
