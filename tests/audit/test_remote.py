"""The gateway's end of the log: what waits is sent together, once, and nobody waits in vain."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.audit import RemoteLog, remote, writer
from gateway.audit.batches import decode, encode
from gateway.audit.entry import Row
from gateway.audit.store import Store
from gateway.errors import AuditUnavailable
from gateway.frames import Frames, frame
from tests.audit.entries import entry
from tests.audit.local import LocalLog, ids


async def test_what_waits_together_is_one_transaction(
    log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    write = log.store.write

    def counted(rows: Iterable[Row]) -> None:
        group = list(rows)
        groups.append(len(group))
        write(group)

    monkeypatch.setattr(log.store, "write", counted)
    await asyncio.gather(*(log.append(entry(audit_id=f"g{n}")) for n in range(600)))
    assert ids(path) == [f"g{n}" for n in range(600)]
    assert groups == [256, 256, 88]


async def test_batches_of_several_gateways_are_one_transaction(log: LocalLog, path: Path) -> None:
    others = [RemoteLog(log._socket) for _ in range(3)]
    await asyncio.gather(*(other.append(entry(audit_id=f"first-{n}")) for n, other in enumerate(others)))
    began = log.store._connection
    await asyncio.gather(*(other.append(entry(audit_id=f"o{n}")) for n, other in enumerate(others) for _ in range(1)))
    assert log.store._connection is began
    assert set(ids(path)) == {f"{name}{n}" for name in ("first-", "o") for n in range(3)}
    for other in others:
        await other.close()


async def test_what_waits_is_bounded(log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_QUEUED", 5)
    tasks = [asyncio.ensure_future(log.append(entry(audit_id=f"q{n}"))) for n in range(8)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, AuditUnavailable) for result in results] == [False] * 5 + [True] * 3
    assert ids(path) == ["q0", "q1", "q2", "q3", "q4"]


async def test_closing_writes_what_has_queued(log: LocalLog, path: Path) -> None:
    tasks = [asyncio.ensure_future(log.append(entry(audit_id=f"c{n}"))) for n in range(300)]
    await asyncio.sleep(0)
    await log.close()
    await asyncio.gather(*tasks)
    assert ids(path) == [f"c{n}" for n in range(300)]


async def test_a_waiter_that_is_gone_harms_nobody(log: LocalLog, path: Path) -> None:
    task = asyncio.ensure_future(log.append(entry(audit_id="gone")))
    await asyncio.sleep(0)
    task.cancel()
    await log.append(entry(audit_id="next"))
    assert ids(path) == ["gone", "next"]


# a writer that is gone


async def test_a_writer_that_is_not_there_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CONNECT_SECONDS", 0.1)
    log = RemoteLog(tmp_path / "nothing.sock")
    results = await asyncio.gather(*(log.append(entry()) for _ in range(300)), return_exceptions=True)
    assert [type(result) for result in results] == [AuditUnavailable] * 300
    await log.close()


@pytest.mark.parametrize("how", ["ends", "is silent", "sends noise"])
async def test_a_writer_that_fails_with_a_batch_is_reported_and_the_next_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.2)
    connections: list[asyncio.Transport] = []

    class Failing(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport
            connections.append(transport)

        def data_received(self, data: bytes) -> None:
            if len(connections) > 1:
                self.transport.write(frame(b""))
            elif how == "ends":
                self.transport.abort()
            elif how == "sends noise":
                self.transport.write(b"\xff" * 100)

    socket = tmp_path / "a.sock"
    server = await asyncio.get_running_loop().create_unix_server(Failing, str(socket))
    log = RemoteLog(socket)
    with pytest.raises(AuditUnavailable, match="the audit log's writer is gone"):
        await log.append(entry())
    await log.append(entry())
    assert len(connections) == 2
    await log.close()
    server.close()


async def test_when_the_writer_is_back_the_next_goes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CONNECT_SECONDS", 0.2)
    path = tmp_path / "a.sock"
    log = RemoteLog(path)
    with pytest.raises(AuditUnavailable, match="the audit log's writer is gone: it can't be reached"):
        await log.append(entry())
    store = Store(tmp_path / "log" / "audit.sqlite")
    server = await asyncio.get_running_loop().create_unix_server(writer.Writer(store).connection, str(path))
    async with asyncio.timeout(2):
        await log.append(entry(audit_id="back"))
    assert ids(tmp_path / "log" / "audit.sqlite") == ["back"]
    await log.close()
    server.close()
    store.close()


async def test_large_entries_go_in_several_batches(log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_BATCH_BYTES", 20_000)
    written = counted(log)
    many = [entry(audit_id=f"l{n}", children=tuple(f"{n}-{child}" for child in range(500))) for n in range(10)]
    await asyncio.gather(*map(log.append, many))
    assert ids(path) == [f"l{n}" for n in range(10)]
    assert len(written) > 2
    assert max(written) < 10


def counted(log: LocalLog) -> list[int]:
    """Return a list to which it is added how many entries are written together, each time some are."""
    writing, written = log.store.write, []

    def write(rows: Iterable[Row]) -> None:
        given = list(rows)
        written.append(len(given))
        writing(given)

    log.store.write = write  # type: ignore[method-assign] # counts what is written together
    return written


@pytest.mark.parametrize(("seconds", "batches"), [(0.0, [3, 1, 1]), (1_000.0, [3, 2])])
async def test_only_where_the_processor_is_short_does_a_batch_wait_for_more(
    log: LocalLog, monkeypatch: pytest.MonkeyPatch, seconds: float, batches: list[int]
) -> None:
    monkeypatch.setattr(remote, "GATHER_SECONDS", 0.3)
    used = itertools.count(time.process_time() + seconds, seconds)
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    writing, written = log.store.write, []
    meanwhile: list[asyncio.Task[None]] = []

    def write(rows: Iterable[Row]) -> None:
        given = list(rows)
        written.append(len(given))
        writing(given)
        if not meanwhile:
            meanwhile.append(asyncio.create_task(log.append(entry(audit_id="meanwhile"))))

    log.store.write = write  # type: ignore[method-assign] # counts what is written together
    await asyncio.gather(*(log.append(entry(audit_id=f"first {n}")) for n in range(3)))
    await log.append(entry(audit_id="later"))
    await meanwhile[0]
    assert written == batches


async def test_a_batch_waits_for_no_more_than_are_to_come(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "GATHER_SECONDS", 3_600.0)
    used = itertools.count(time.process_time() + 1_000.0, 1_000.0)
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    expected = 3
    log._expected = lambda: expected
    await asyncio.gather(*(log.append(entry(audit_id=f"first {n}")) for n in range(3)))
    assert log._gathering is not None
    expected = 2
    async with asyncio.timeout(10):
        await asyncio.gather(log.append(entry(audit_id="a")), log.append(entry(audit_id="b")))
        await log.append(entry(audit_id="c"))


async def test_where_many_wait_they_wait_for_no_more(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "GATHER_SECONDS", 3_600.0)
    monkeypatch.setattr(remote, "ENOUGH", 4)
    used = itertools.count(time.process_time() + 1_000.0, 1_000.0)
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    await asyncio.gather(*(log.append(entry(audit_id=f"first {n}")) for n in range(3)))
    log._expected = lambda: 1_000
    async with asyncio.timeout(10):
        await asyncio.gather(*(log.append(entry(audit_id=f"more {n}")) for n in range(4)))


async def test_closing_does_not_wait_for_more(log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "GATHER_SECONDS", 3_600.0)
    used = itertools.count(time.process_time() + 1_000.0, 1_000.0)
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    await asyncio.gather(*(log.append(entry(audit_id=f"first {n}")) for n in range(3)))
    last = asyncio.create_task(log.append(entry(audit_id="last")))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await log.close()
        await last
    assert ids(path) == ["first 0", "first 1", "first 2", "last"]


def test_what_is_a_pair_comes_as_one() -> None:
    """A database takes each of them once: it has to be told apart from others."""
    row = Row.of(entry(asked=("9990000018",), children=("a",)))
    some = [row._replace(sealed=sealed, links=links) for sealed in ((), (("t", "s"),)) for links in ((), (("a", "b"),))]
    for given, found in zip(some, decode(encode(some)), strict=True):
        assert (tuple(found.links), tuple(found.sealed)) == (given.links, given.sealed)
        assert {type(pair) for pair in (*found.links, *found.sealed)} <= {tuple}
        assert list(found.children) == list(given.children)


def test_frames_in_pieces() -> None:
    sent = [b"", b"x", b"y" * 1_000, b"z" * 70_000]
    whole = b"".join(map(frame, sent))
    for size in (1, 3, 7, 1_000, 100_000):
        frames = Frames()
        got = [each for at in range(0, len(whole), size) for each in frames.feed(whole[at : at + size])]
        assert got == sent


async def test_a_connection_that_closes_as_it_is_made_is_made_again(
    log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = iter((True, True))

    def is_closing(self: remote._Connection) -> bool:
        if next(closing, False):
            self.close()
            return True
        return False

    monkeypatch.setattr(remote._Connection, "is_closing", property(is_closing))
    await asyncio.wait_for(log.append(entry(audit_id="a")), 2.0)
    assert ids(path) == ["a"]


async def test_there_is_one_connection_to_the_writer(log: LocalLog, path: Path) -> None:
    """However many append before it is made, and while it is."""
    made: list[int] = []
    connection = log.writer.connection

    def counted() -> asyncio.Protocol:
        made.append(1)
        return connection()

    socket = path.parent / "counted.sock"
    server = await asyncio.get_running_loop().create_unix_server(counted, str(socket))
    other = RemoteLog(socket)
    first = [asyncio.ensure_future(other.append(entry(audit_id=f"a{n}"))) for n in range(300)]
    for _ in range(3):
        await asyncio.sleep(0)
    second = [asyncio.ensure_future(other.append(entry(audit_id=f"b{n}"))) for n in range(300)]
    await asyncio.gather(*first, *second)
    await asyncio.gather(*(other.append(entry(audit_id=f"c{n}")) for n in range(20)))
    assert made == [1]
    assert len(ids(path)) == 620
    await other.close()
    server.close()


async def test_what_was_answered_in_time_ends_no_connection(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.2)
    await log.append(entry(audit_id="a"))
    connection = log._connection
    assert connection is not None
    await asyncio.sleep(0.4)
    assert log._connection is connection


async def test_what_waits_when_the_log_may_be_another_is_refused_and_nothing_is_known_of_it(tmp_path: Path) -> None:
    """It was made by what was known of the old one: its pseudonyms may be sealed there, and nowhere else."""
    anew: list[int] = []
    connections: list[asyncio.Transport] = []

    class Silent(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            connections.append(transport)

    socket = tmp_path / "a.sock"
    server = await asyncio.get_running_loop().create_unix_server(Silent, str(socket))
    log = RemoteLog(socket, begins_anew=lambda: anew.append(len(connections)))
    tasks = [asyncio.ensure_future(log.append(entry(audit_id=f"e{n}"))) for n in range(300)]
    while not connections:  # noqa: ASYNC110 - as soon as it is asked
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    tasks += [asyncio.ensure_future(log.append(entry(audit_id=f"late{n}"))) for n in range(3)]
    await asyncio.sleep(0)
    anew.clear()
    connections[0].abort()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, AuditUnavailable) for result in results)
    assert anew == [1], "before anything else is made"
    await log.close()
    server.close()
