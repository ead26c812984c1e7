"""The log in PostgreSQL: the same entries, the same tree, the same answers; several hosts that write one log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from authz.principal import Purpose
from gateway.access import BreakGlass, ClaimsInForce, ClaimStore
from gateway.access.claims import ClaimReview
from gateway.access.grants import BreakGlassReason, ReviewFinding
from gateway.access.selection import Selection
from gateway.audit import CaseFiles, Question, Questions, RemoteLog
from gateway.audit.cases import MOST_REVEALED
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.database import Connection, Failure, connect
from gateway.audit.entry import Row
from gateway.audit.export import export
from gateway.audit.migrations import HEAD, check, tables_0001, upgrade
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store, _insert_all
from gateway.audit.verify import Broken, verify
from gateway.audit.verify_export import verify_export
from gateway.cli.writer import audit_writer
from gateway.errors import AuditUnavailable, ConfigError, RequestError
from tests.access.partnership import somebody
from tests.audit.entries import TOKENISER, entry, given
from tests.audit.logs import KEY, SEED
from tests.resolvers.postgres import postgres

NHS, CHILD = "9990000018", "kQ3vX9pLm2Zt7RbYc5WdNg"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with postgres(lambda _: None) as made:
        yield make_url(made).set(drivername="postgresql").render_as_string(hide_password=False)


def log(url: str) -> tuple[Store, Sequencer]:
    store = Store(url)
    return store, Sequencer(store, HeadSigner(ORIGIN, SEED))


def written(url: str, count: int = 12) -> None:
    store, sequencer = log(url)
    rows = [entry(audit_id=f"a{n}", time=1_000.0 + n, subject=f"worker-{n % 2}") for n in range(count)]
    rows[3] = entry(audit_id="a3", time=1_003.0, asked=(NHS,), children=(CHILD,), subject="worker-1")
    rows[3].sealed = ((TOKENISER.token(CHILD), "sealed"),)
    rows[4].outcome = "REFUSED"
    rows[5].given = (given("index", ["Child.surname"]),)
    for at in range(0, count, 5):
        store.write([Row.of(one) for one in rows[at : at + 5]])
        sequencer.sequence()
    sequencer.sequence(closing=True)
    store.close()


def did(url: str, *statements: str) -> None:
    with contextlib.closing(connect(url)) as connection:
        for statement in statements:
            connection.run(statement)


def names(url: str, **by: object) -> list[str]:
    page = Questions(url, TOKENISER).page(Question(**by), 50)  # type: ignore[arg-type] # by name
    return [str(found.body["audit_id"]) for found in page.entries]


async def test_what_is_written_is_verified_and_found(url: str) -> None:
    written(url)
    found = verify(url, [KEY])
    assert (found.size, found.pending) == (12, 0)
    assert names(url)[:2] == ["a11", "a10"]
    assert names(url, child=NHS) == names(url, child=CHILD) == ["a3"]
    assert names(url, practitioner="worker-0") == ["a10", "a8", "a6", "a4", "a2", "a0"]
    assert names(url, refused=True) == ["a4"]
    assert names(url, field="Child.surname") == ["a5"]
    assert names(url, since=1_009.0, until=1_010.0) == ["a10", "a9"]
    questions = Questions(url, TOKENISER)
    assert [tuple(each) for each in questions.counts(Question(), "OUTCOME")] == [("ANSWERED", 11), ("REFUSED", 1)]
    assert [tuple(each) for each in questions.counts(Question(), "DAY")] == [("1970-01-01", 12)]
    assert [tuple(each) for each in questions.counts(Question(), "FIELD")] == [("Child.surname", 1)]
    assert questions.sealed(TOKENISER.token(CHILD)) == "sealed"
    assert questions.identifiers(TOKENISER.token(CHILD)) == [TOKENISER.token(NHS)]
    page = questions.page(Question(), 5)
    assert page.more
    older = questions.page(Question(), 50, page.entries[-1].seq)
    assert (older.entries[0].body["audit_id"], older.more) == ("a6", False)
    assert page.entries[0].operation == "query { agencies }"


async def test_an_export_of_it_is_whole(url: str, tmp_path: Path) -> None:
    written(url)
    out = tmp_path / "log.ndjson"
    assert export(url, out, "ndjson", 1_002.0).first == 2
    assert verify_export(out, [KEY]).size == 10


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("UPDATE entry SET body = body || ' '::bytea WHERE audit_id = 'a6'", 6),
        ("UPDATE entry SET subject = 'nobody' WHERE audit_id = 'a7'", 7),
        ("DELETE FROM leaf WHERE number = 5", 5),
        ("DELETE FROM entry_token", 3),
        ("INSERT INTO link VALUES ('anything', 'another child')", 12),
        ("INSERT INTO unplaced SELECT seq FROM leaf WHERE number = 2", 2),
        ("DELETE FROM sealed", 3),
        ("INSERT INTO entry (audit_id, time, subject, agency, outcome, operation_hash, body)"
         " VALUES ('x', 1, '', '', '', '', '{}')", 12),
    ],
)  # fmt: skip
async def test_what_was_done_to_it_is_found(url: str, statement: str, index: int) -> None:
    written(url)
    tables = ("entry", "leaf", "entry_token", "sealed")
    did(url, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables), statement)
    with pytest.raises(Broken) as broken:  # noqa: PT011 - what it says is looked at
        verify(url, [KEY])
    assert broken.value.index == index


async def test_nothing_of_it_is_changed_or_removed(url: str) -> None:
    written(url)
    for table in ("entry", "operation", "entry_token", "link", "sealed", "leaf", "head"):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(Failure, match="append only"):
                did(url, statement)
    with pytest.raises(Failure, match="append only"):
        did(url, "UPDATE entry SET subject = 'nobody'")
    assert verify(url, [KEY]).size == 12


async def test_an_entry_is_written_once_and_the_others_of_its_transaction_are_not(url: str) -> None:
    store, _ = log(url)
    store.write([Row.of(entry(audit_id="once"))])
    with pytest.raises(AuditUnavailable, match="the audit log can't be written: a row can't be taken"):
        store.write([Row.of(entry(audit_id="with it")), Row.of(entry(audit_id="once"))])
    store.write([Row.of(entry(audit_id="after"))])
    store.close()
    assert names(url) == ["after", "once"]


async def test_a_database_that_went_away_is_said_and_comes_back(url: str) -> None:
    store, sequencer = log(url)
    store.write([Row.of(entry(audit_id="before"))])
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cps audit' AND"
    did(url, f"{ending} pid <> pg_backend_pid() AND datname = current_database()")
    with pytest.raises(AuditUnavailable, match="the audit log can't be written: the database is gone"):
        store.write([Row.of(entry(audit_id="lost"))])
    store.write([Row.of(entry(audit_id="after"))])
    sequencer.sequence(closing=True)
    store.close()
    assert names(url) == ["after", "before"]
    assert verify(url, [KEY]).size == 2


async def test_a_question_that_takes_too_long_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written(url)
    monkeypatch.setattr("gateway.audit.questions.SECONDS", 0.05)
    blocked = connect(url)
    blocked.begin()
    blocked.run("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(RequestError, match="the log is too large for this question: narrow it by time") as refused:
        names(url)
    blocked.close()
    assert refused.value.problems[0].code == "QUESTION_TOO_WIDE"


async def test_entries_that_become_visible_in_another_order_are_verified_all_the_same(url: str) -> None:
    """A host that began first may commit last: its entry's number is smaller than that of the leaf before it."""
    store, sequencer = log(url)
    store.write([Row.of(entry(audit_id="a0", time=1_000.0))])
    sequencer.sequence()
    with contextlib.closing(connect(url)) as slow:
        slow.begin()
        one = Row.of(entry(audit_id="slow", time=1_001.0, operation="query { agencies }"))
        _insert_all(slow, [one], {})
        store.write([Row.of(entry(audit_id="quick", time=1_002.0))])
        sequencer.sequence()
        slow.commit()
    sequencer.sequence(closing=True)
    store.close()
    with contextlib.closing(connect(url)) as connection:
        leaves = "SELECT e.audit_id, e.seq FROM leaf l JOIN entry e ON e.seq = l.seq ORDER BY l.number"
        rows = [tuple(row) for row in connection.rows(leaves)]
    assert [name for name, _ in rows] == ["a0", "quick", "slow"]
    assert rows[1][1] > rows[2][1]
    assert verify(url, [KEY]).size == 3


async def test_one_host_at_a_time_orders_the_leaves(url: str) -> None:
    first, ours = log(url)
    second, theirs = log(url)
    for number in range(4):
        (first, second)[number % 2].write([Row.of(entry(audit_id=f"a{number}"))])
        assert (theirs, ours)[number % 2].sequence()
    holding = connect(url)
    holding.begin()
    holding.one("SELECT pg_try_advisory_xact_lock(7235820)")
    first.write([Row.of(entry(audit_id="waits"))])
    assert not ours.sequence(closing=True)
    holding.close()
    assert ours.sequence(closing=True)
    first.close()
    second.close()
    assert verify(url, [KEY]).size == 5


async def test_what_waits_for_a_second_leaf_stops_nothing(url: str) -> None:
    written(url)
    did(url, "INSERT INTO unplaced SELECT seq FROM leaf")
    store, sequencer = log(url)
    store.write([Row.of(entry(audit_id="more", time=2_000.0))])
    assert sequencer.sequence(closing=True)
    store.close()
    assert verify(url, [KEY]).size == 13


async def test_two_hosts_that_put_in_the_same_do_not_wait_for_each_other_in_a_ring(url: str) -> None:
    def write(number: int) -> int:
        store = Store(url)
        rows = []
        for each in range(30):
            made = entry(audit_id=f"{number}-{each}")
            pairs = [(f"identifier-{at:03}", "child") for at in range(each, each + 200)]
            made.links = tuple(pairs if number % 2 else pairs[::-1])
            rows.append(Row.of(made))
        for row in rows:
            store.write([row])
        store.close()
        return len(rows)

    assert await asyncio.gather(*(asyncio.to_thread(write, number) for number in range(4))) == [30] * 4


async def test_what_a_gateway_sends_with_all_that_an_entry_has_is_kept(url: str, tmp_path: Path) -> None:
    made = entry(audit_id="whole", asked=(NHS,), children=(CHILD,))
    made.sealed = (("token", "sealed"), ("other", "sealed"))
    with audit_writer(url, tmp_path / "audit.signing") as socket:
        log = RemoteLog(socket)
        await log.append(made)
        await log.append(replace(made, audit_id="again"))
        await log.close()
    with contextlib.closing(connect(url, readonly=True)) as connection:
        assert sorted(row[0] for row in connection.rows("SELECT token FROM sealed")) == ["other", "token"]
        assert connection.one("SELECT count(*) FROM link") == [1]


async def test_a_row_that_can_not_be_taken_costs_no_other(url: str, tmp_path: Path) -> None:
    with audit_writer(url, tmp_path / "audit.signing") as socket:
        logs = [RemoteLog(socket), RemoteLog(socket)]
        await logs[0].append(entry(audit_id="once"))
        again = [logs[0].append(entry(audit_id="once")), logs[1].append(entry(audit_id="other"))]
        first, second = await asyncio.gather(*again, return_exceptions=True)
        assert isinstance(first, AuditUnavailable)
        assert second is None
        for one in logs:
            await one.close()
    assert sorted(names(url)) == ["once", "other"]


@pytest.mark.parametrize("more", ["?sslmode=require", "?sslmode=disable&user=x", "?anything=1"])
async def test_what_a_url_says_that_is_not_understood_is_refused(url: str, more: str) -> None:
    with pytest.raises(ConfigError, match="sslmode"):
        connect(url + more)
    connect(url + "?sslmode=disable").close()


async def test_a_host_whose_clock_is_wrong_does_not_write(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(url).close()
    monkeypatch.setattr("gateway.audit.store.CLOCKS_DIFFER", -1.0)
    with pytest.raises(AuditUnavailable, match="clock"):
        Store(url)


async def test_grants_and_case_files_are_every_host_s(url: str) -> None:
    Store(url).close()
    one, other = BreakGlass(url), BreakGlass(url)
    doctor = somebody("ae_clinician", "RAE", subject="doctor")
    guardian = somebody("caldicott_guardian", "13", subject="guardian")
    why = "The mother says that he has the other child."
    made = await one.grant(doctor, Purpose.S47, CHILD, BreakGlassReason.IMMINENT_HARM, why, ["13", "380"], "audit-id")
    assert await other.child_of(made.id, doctor, Purpose.S47) == CHILD
    assert await other.listed(guardian, overdue=False, first=5) == [made]
    assert await other.listed(somebody("caldicott_guardian", "999"), overdue=False, first=5) == []
    reviewer = somebody("caldicott_guardian", "RAE", subject="guardian")
    reviewed = await other.review(reviewer, made.id, ReviewFinding.JUSTIFIED, "rang the ward")
    assert one.all(overdue=False, first=5) == [reviewed]
    with pytest.raises(RequestError, match="been reviewed"):
        await one.review(reviewer, made.id, ReviewFinding.JUSTIFIED, "again")
    here, there = CaseFiles(url), CaseFiles(url)
    auditor = somebody("auditor", "999")
    case = here.made(auditor, "A complaint by the family about it.", "IC-7")
    here.open(case)
    found = there.mine(case.id, auditor)
    there.reveal(found, ["a" * 32])
    assert here.newest(5) == [replace(case, revealed=("a" * 32,))]
    with pytest.raises(RequestError, match="at most"):
        here.reveal(case, [f"{n:032}" for n in range(MOST_REVEALED)])
    assert here.newest(5)[0].revealed == ("a" * 32,)


async def test_two_hosts_write_one_log(url: str, tmp_path: Path) -> None:
    """Each with its own writer and its own key of heads; both keys are needed to verify what both signed."""
    keys = [tmp_path / "one.signing", tmp_path / "two.signing"]
    with contextlib.ExitStack() as stack:
        logs = [RemoteLog(stack.enter_context(audit_writer(url, key))) for key in keys]
        await asyncio.gather(*(logs[n % 2].append(entry(audit_id=f"e{n}")) for n in range(100)))
        for one in logs:
            await one.close()
    known = [HeadSigner.of_file(ORIGIN, key).verifier_key for key in keys]
    found = verify(url, known)
    assert (found.size, found.pending) == (100, 0)
    assert len(set(names(url))) == 50


def tables(connection: Connection) -> list[tuple[object, ...]]:
    query = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2"
    )
    indexes = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 2"
    triggers = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
    asked = (query, indexes, triggers)
    return [tuple(row) for each in asked for row in connection.rows(each, {"all": 1}) if "alembic" not in str(row)]


async def test_claims_are_kept_there_and_every_host_sees_them_at_once(url: str) -> None:
    Store(url).close()
    store = ClaimStore(url)
    hosts = [ClaimsInForce(ClaimStore(url)), ClaimsInForce(ClaimStore(url))]
    worker = somebody("social_worker", "380", subject="worker")
    for number in range(3):
        made = store.add(worker, Purpose.S47, f"c{number}", "a reason", (Selection.SAMPLE,), "audit", 3)
        for host in hosts:
            assert len(await host.of(worker, Purpose.S47)) == number + 1
    assert store.add(worker, Purpose.S47, "c2", "a reason", (), "audit", 3).id == made.id
    with pytest.raises(RequestError, match="3 children a day"):
        store.add(worker, Purpose.S47, "c3", "a reason", (), "audit", 3)
    store.suspend(made, "guardian", "no reason")
    assert [await host.of(worker, Purpose.S47) for host in hosts] == [frozenset(), frozenset()]
    assert store.restore(made, "guardian")
    assert len(await hosts[0].of(worker, Purpose.S47)) == 3
    assert [each.child for each in store.listed("380", reviewed=False, first=2)] == ["c0", "c1"]
    assert store.listed("381", reviewed=None, first=2) == store.ended(None) == []
    assert store.review(made.id, ClaimReview("guardian", 1.0, ReviewFinding.JUSTIFIED, ""))
    assert not store.review(made.id, ClaimReview("guardian", 1.0, ReviewFinding.JUSTIFIED, ""))
    assert [each.child for each in store.listed(None, reviewed=True, first=2)] == ["c2"]
    store.keep_followed([(made, False)])
    kept = store.one(made.id)
    assert kept is not None
    assert kept.selected == (Selection.SAMPLE, Selection.NO_FURTHER_ACT)
    for host in hosts:
        host.close()


async def test_claims_that_can_t_be_read_count_for_nothing_and_count_again(url: str) -> None:
    Store(url).close()
    worker = somebody("social_worker", "380", subject="worker")
    ClaimStore(url).add(worker, Purpose.S47, "a", "a reason", (), "audit", 3)
    host = ClaimsInForce(ClaimStore(url))
    assert await host.of(worker, Purpose.S47) == {"a"}
    did(url, "ALTER TABLE claim_change RENAME TO elsewhere")
    assert await host.of(worker, Purpose.S47) == frozenset()
    did(url, "ALTER TABLE elsewhere RENAME TO claim_change")
    assert await host.of(worker, Purpose.S47) == {"a"}
    host.close()


async def test_a_log_of_the_first_release_gets_what_it_lacks(url: str) -> None:
    with contextlib.closing(connect(url)) as connection:
        connection.begin()
        for statement in tables_0001.statements("postgresql"):
            connection.run(statement)
        connection.run("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.run("INSERT INTO alembic_version (version_num) VALUES ('0001')")
        connection.commit()
    with pytest.raises(AuditUnavailable, match="another release"):
        Store(url, migrate=False)
    Store(url).close()
    assert check(url) == HEAD
    assert ClaimStore(url).in_force() == []


async def test_migrations_make_what_a_new_log_has(url: str) -> None:
    upgrade(url, "")
    with contextlib.closing(connect(url)) as connection:
        migrated = tables(connection)
    assert check(url) == HEAD
    did(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    Store(url).close()
    with contextlib.closing(connect(url)) as connection:
        assert tables(connection) == migrated
    assert migrated


async def test_whether_it_can_be_written_is_found_out_without_writing(url: str, tmp_path: Path) -> None:
    with audit_writer(url, tmp_path / "audit.signing") as socket:
        remote = RemoteLog(socket)
        await remote.check()
        await remote.append(entry(audit_id="a"))
        await remote.check()
        await remote.close()
    assert names(url) == ["a"]
