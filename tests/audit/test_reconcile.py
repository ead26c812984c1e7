"""The agencies' receipts against the log: each kind of difference is found, and nothing where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from authz.assertion import Assertion
from authz.principal import Purpose, Role
from gateway.audit import Entry
from gateway.audit import reconcile as module
from gateway.audit.entry import Row
from gateway.audit.reconcile import Finding, reconcile
from gateway.audit.store import Store
from gateway.errors import ConfigError
from resolvers.receipts import Receipt, Receipts
from tests.audit.entries import KEY, earlier, entry, given
from tests.cli.run import Cps, runner

WHO = Assertion("worker-7", "https://idp.example", "console", "380", "", (Role.SOCIAL_WORKER,), Purpose.S47)


def logged(number: int, **changed: object) -> Entry:
    made = entry(audit_id=f"r{number}", time=1_000.0 + 100 * number)
    made.requested = {"index": ("Child.surname",), "police": ("PoliceNotice.officer", "PoliceRecord.notices")}
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def receipt(number: int) -> Receipt:
    fields = ("Child.ref", "PoliceNotice.officer")
    return Receipt(f"r{number}", 1_000.2 + 100 * number, "police", WHO, "", fields, fields[1:], 2, 0)


class Logs:
    def __init__(self, folder: Path) -> None:
        self.log, self.receipts = folder / "audit.sqlite", folder / "police.sqlite"
        (folder / "audit.key").touch(0o600)
        (folder / "audit.key").write_bytes(KEY)

    def write(
        self, entries: Sequence[Entry], receipts: Sequence[Receipt], row: Callable[[Entry], Row] = Row.of
    ) -> None:
        store = Store(self.log)
        store.write(map(row, entries))
        store.close()
        kept = Receipts(self.receipts)

        async def append() -> None:
            for one in receipts:
                await kept.append(one)

        asyncio.run(append())
        kept.close()

    def found(self) -> list[tuple[str, str, str]]:
        return [(each.what, each.request_id, each.detail) for each in reconcile(self.log, self.receipts).findings]


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def test_where_both_say_the_same_nothing_is_found(logs: Logs) -> None:
    logs.write([logged(n) for n in range(9)], [receipt(n) for n in range(9)])
    assert reconcile(logs.log, logs.receipts) == (9, 9, [])
    assert reconcile(logs.log, logs.receipts, (1_300.0, 1_500.0)) == (3, 3, [])


@pytest.mark.parametrize("kept", [range(5, 9), range(4), range(0)])
def test_receipts_that_are_missing_at_an_end_or_altogether(logs: Logs, kept: range) -> None:
    logs.write([logged(n) for n in range(9)], [receipt(n) for n in kept])
    found = reconcile(logs.log, logs.receipts, subgraph="police").findings
    assert [each.request_id for each in found] == [f"r{n}" for n in range(9) if n not in kept]
    assert {each.what for each in found} == {"NO_RECEIPT"}


def test_whose_receipts_an_empty_file_has_is_to_be_said(logs: Logs) -> None:
    logs.write([logged(0)], [])
    with pytest.raises(ConfigError, match="--subgraph"):
        reconcile(logs.log, logs.receipts)


def test_a_receipt_of_which_the_log_knows_nothing(logs: Logs) -> None:
    logs.write([logged(0), logged(2)], [receipt(0), receipt(1), receipt(2)])
    assert logs.found() == [("NO_ENTRY", "r1", "")]


def test_an_answer_without_a_receipt(logs: Logs) -> None:
    logs.write([logged(n) for n in range(9)], [receipt(n) for n in range(9) if n != 4])
    assert logs.found() == [("NO_RECEIPT", "r4", "")]


def test_entries_of_before_it_was_written_what_was_requested(logs: Logs) -> None:
    made = [logged(n, asked=("index", "police"), answered=("index", "police")) for n in range(4)]
    made[1].answered = ("index",)
    made[2].asked = ("index",)

    def row(one: Entry) -> Row:
        return earlier(one, {"police": () if one.audit_id == "r3" else ("PoliceNotice.officer",)})

    logs.write(made, [receipt(n) for n in (2, 3)], row)
    assert [each[:2] for each in logs.found()] == [("NOT_ASKED", "r2"), ("MORE_FIELDS", "r3"), ("NO_RECEIPT", "r0")]


def test_an_agency_that_failed_to_answer_owes_none(logs: Logs) -> None:
    entries = [logged(n) if n != 4 else logged(n, requested={"index": (), "police": None}) for n in range(9)]
    logs.write(entries, [receipt(n) for n in range(9) if n != 4])
    assert logs.found() == []


def test_an_agency_that_the_log_says_was_not_asked(logs: Logs) -> None:
    logs.write([logged(0, requested={"index": ()})], [receipt(0)])
    assert logs.found() == [("NOT_ASKED", "r0", "")]


def test_somebody_else(logs: Logs) -> None:
    other = [replace(WHO, subject="other"), replace(WHO, agency="381"), replace(WHO, purpose=None)]
    logs.write([logged(n) for n in range(3)], [receipt(n)._replace(asserted=other[n]) for n in range(3)])
    assert [each[:2] for each in logs.found()] == [("SOMEBODY_ELSE", f"r{n}") for n in range(3)]
    assert logs.found()[0][2] == "other of 380 for S47"


def test_a_field_that_was_given_is_one_that_was_requested(logs: Logs) -> None:
    requested = {"police": ("PoliceRecord.notices",)}
    by_police = given("13", ["PoliceNotice.officer"], subgraph="police")
    by_another = given("13", ["PoliceNotice.officer"], subgraph="another")
    entries = [logged(0, requested=requested, given=(by_police,)), logged(1, requested=requested, given=(by_another,))]
    logs.write(entries, [receipt(0), receipt(1)])
    assert logs.found() == [("MORE_FIELDS", "r1", "PoliceNotice.officer")]


def test_fields_that_the_log_does_not_list(logs: Logs) -> None:
    more = ("PoliceNotice.narrative", "PoliceNotice.officer")
    logs.write([logged(0), logged(1, requested={"police": ()})], [receipt(0)._replace(protected=more), receipt(1)])
    assert logs.found() == [
        ("MORE_FIELDS", "r0", "PoliceNotice.narrative"),
        ("MORE_FIELDS", "r1", "PoliceNotice.officer"),
    ]


def test_files_that_can_not_be_read_and_too_many_differences_are_said(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="the log or the receipts can't be read: unable to open"):
        reconcile(logs.log, logs.receipts)
    logs.write([], [receipt(n) for n in range(4)])
    assert len(logs.found()) == 4
    monkeypatch.setattr(module, "MOST_FINDINGS", 3)
    with pytest.raises(ConfigError, match="another gateway"):
        logs.found()


def test_the_command(
    logs: Logs, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cps: Cps = runner(capfd, monkeypatch)
    logs.write([logged(0)], [receipt(0)])
    given = ("audit", "reconcile", "--data", tmp_path, "--receipts", logs.receipts)
    nothing = cps(*given, "--since", "2026-01-01")
    assert nothing.status == 1  # that nothing differs is not said of nothing
    assert "nothing was held against anything" in nothing.err
    assert cps(*given) == (0, "", "police.sqlite: 1 receipts and 1 entries, 0 differences\n")
    logs.write([], [receipt(1)])
    result = cps(*given)
    assert result.status == 1
    told = orjson.loads(result.out)
    assert Finding(**{**told, "time": 1_100.2}) == Finding("NO_ENTRY", "r1", "police", 1_100.2, "")
