"""The log as a file: what is in it, and that its proof shows what was done to it and where."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from gateway.audit import verify_export as verify_export_module
from gateway.audit.cells import plain
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.entry import Row
from gateway.audit.export import Exported, Format, earlier_cell, export, proof_path
from gateway.audit.questions import newest_head
from gateway.audit.verify import Broken
from gateway.audit.verify_export import verify_export
from gateway.errors import ConfigError
from tests.audit.entries import entry, given
from tests.audit.logs import KEY, SEED, Log

FORMATS: tuple[Format, ...] = ("ndjson", "csv")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path)
    for count in (3, 4, 5):
        made.write(count)
    return made


@pytest.mark.parametrize("form", FORMATS)
def test_all_of_a_log_is_in_its_export_and_proven(log: Log, tmp_path: Path, form: Format) -> None:
    out = tmp_path / "out"
    assert export(log.path, out, form) == Exported(0, 12)
    assert out.stat().st_mode & 0o777 == proof_path(out).stat().st_mode & 0o777 == 0o600
    found = verify_export(out, [KEY])
    assert found.size == 12
    with out.open(encoding="utf-8", newline="") as file:
        if form == "csv":
            rows = list(csv.DictReader(file))
            ids = [row["audit_id"] for row in rows]
            assert rows[3]["operation"] == "query { agencies }"
            assert rows[3]["time"] == "1970-01-12T13:46:44.000+00:00"
        else:
            lines = [orjson.loads(line) for line in file]
            ids = [line["entry"]["audit_id"] for line in lines]
            assert lines[3]["operation"] == "query { agencies }"
    assert ids == [f"a{number}" for number in range(1, 13)]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("second", "first"), [(0, 0), (2, 1), (6, 5), (7, 6), (8, 7), (12, 11), (13, 12)])
def test_an_export_since_a_time_is_proven_from_its_first_leaf(
    log: Log, tmp_path: Path, form: Format, second: int, first: int
) -> None:
    out = tmp_path / "out"
    assert export(log.path, out, form, 1_000_000.0 + second) == Exported(first, 12)
    assert verify_export(out, [KEY]).size == 12 - first


def test_what_has_no_signed_head_yet_is_not_exported(log: Log, tmp_path: Path) -> None:
    log.write(2, closing=False)
    assert export(log.path, tmp_path / "out", "ndjson") == Exported(0, 12)
    assert export(log.path, tmp_path / "none", "csv", log.now) == Exported(12, 12)
    assert verify_export(tmp_path / "none", [KEY]).size == 0


def test_an_export_is_held_to_an_older_head(log: Log, tmp_path: Path) -> None:
    older = newest_head(log.path)
    log.write(4)
    out, late = tmp_path / "out", tmp_path / "late"
    export(log.path, out, "ndjson")
    assert verify_export(out, [KEY], older).heads == 2
    export(log.path, late, "ndjson", log.now)
    with pytest.raises(ConfigError, match="before the first leaf"):
        verify_export(late, [KEY], older)
    with pytest.raises(Broken, match="leaf 0: here or after it, the export is not the log that") as found:
        verify_export(out, [KEY], HeadSigner(ORIGIN, SEED).sign(12, b"r" * 32))
    assert found.value.index == 0


Lines = list[bytes]


def hidden_leaf(lines: Lines) -> Lines:
    """An entry taken out, and the others moved up."""
    moved = [line.replace(b'"number":%d,' % n, b'"number":%d,' % (n - 1)) for n, line in enumerate(lines) if n > 6]
    return [*lines[:6], *moved, lines[11]]


TAMPERED: dict[str, tuple[Callable[[Lines], Lines], int, str]] = {
    "an entry is altered": (lambda a: [*a[:5], a[5].replace(b'"S47"', b'"CIN"'), *a[6:]], 5, "not the one"),
    "an operation is altered": (lambda a: [*a[:3], a[3].replace(b"{ agen", b"{ hosp"), *a[4:]], 3, "operation"),
    "an operation is added": (lambda a: [a[0].replace(b'"operation":""', b'"operation":"x"'), *a[1:]], 0, "operation"),
    "a line is missing": (lambda a: [*a[:6], *a[7:]], 6, "not there"),
    "a line is missing, and its number": (hidden_leaf, 0, "not the log that was signed"),
    "two lines are exchanged": (lambda a: [*a[:4], a[5], a[4], *a[6:]], 4, "not there"),
    "the end is missing": (lambda a: a[:9], 9, "ends here"),
    "a line is added": (lambda a: [*a, a[11].replace(b'"number":11', b'"number":12')], 12, "not under the head"),
    "a line is no JSON": (lambda a: [*a[:7], b"{\n", *a[8:]], 7, "can't be read"),
    "a line says more": (lambda a: [*a[:7], b'{"more":1,' + a[7][1:], *a[8:]], 7, "can't be read"),
    "an entry is there twice": (lambda a: [*a[:7], a[7][:-2] + b',"entry":{}}\n', *a[8:]], 7, "can't be read"),
    "a number is none": (lambda a: [a[0].replace(b'"number":0,', b'"number":0.0,'), *a[1:]], 0, "can't be read"),
    "an operation is no text": (
        lambda a: [*a[:3], a[3].replace(b'"query { agencies }"', b"7"), *a[4:]],
        3,
        "can't be read",
    ),
    "bytes are no text": (lambda a: [*a[:2], b"\xff" + a[2], *a[3:]], 2, "can't be read"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_done_to_lines_is_found_at_the_first(log: Log, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    export(log.path, out, "ndjson")
    tamper, index, why = TAMPERED[name]
    before = out.read_bytes()
    out.write_bytes(b"".join(tamper(before.splitlines(keepends=True))))
    assert out.read_bytes() != before
    with pytest.raises(Broken, match=why) as found:
        verify_export(out, [KEY])
    assert found.value.index == index


@pytest.mark.parametrize(
    ("old", "new", "index", "why"),
    [
        (b"a4,worker-7", b"a4,worker-8", 3, "what its row says"),
        (b'""purpose"":""S47""', b'""purpose"":""CIN""', 0, "what its row says"),
        (b'""issuer"":""i""', b'""issuer"":""j""', 0, "not the one"),
        (b"\r\n5,", b"\r\nfive,", 5, "can't be read"),
        (b"\r\n5,", b"\r\n6,", 5, "not there"),
    ],
)
def test_what_was_done_to_rows_is_found_at_the_first(
    log: Log, tmp_path: Path, old: bytes, new: bytes, index: int, why: str
) -> None:
    out = tmp_path / "out"
    export(log.path, out, "csv")
    before = out.read_bytes()
    assert old in before
    out.write_bytes(before.replace(old, new, 1))
    with pytest.raises(Broken, match=why) as found:
        verify_export(out, [KEY])
    assert found.value.index == index


@pytest.mark.parametrize(
    "done", [str.upper, lambda head: head.replace("audit_id,", "", 1), lambda head: f"{head},more"]
)
def test_other_columns_are_none_of_ours(log: Log, tmp_path: Path, done: Callable[[str], str]) -> None:
    out = tmp_path / "out"
    export(log.path, out, "csv")
    head, line, rest = out.read_text().partition("\n")
    out.write_text(done(head) + line + rest)
    with pytest.raises(ConfigError, match="the export has other columns than one of ours"):
        verify_export(out, [KEY])


def test_no_cell_begins_as_a_formula_does(log: Log, tmp_path: Path) -> None:
    log.now += 1
    made = replace(entry(audit_id="=1+1", time=log.now, subject="@SUM(A1)", operation="+x"), agency="-2")
    log.store.write([Row.of(made)])
    log.sequencer.sequence(closing=True)
    out = tmp_path / "out"
    export(log.path, out, "csv")
    last = last_row(out)
    assert (last["audit_id"], last["practitioner"]) == ("'=1+1", "'@SUM(A1)")
    assert (last["agency"], last["operation"]) == ("'-2", "'+x")
    assert '"audit_id":"\'=1+1"' in last["entry"]
    assert verify_export(out, [KEY]).size == 13
    earlier(out)
    assert verify_export(out, [KEY]).size == 13, "as it was exported before"


def last_row(out: Path) -> dict[str, str]:
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[-1]


def earlier(out: Path) -> None:
    """Make of an export what it was before all cells were quoted."""
    with out.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    with out.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file)
        written.writerow(head)
        written.writerows([*(earlier_cell(plain(each)) for each in row[:-1]), plain(row[-1])] for row in rows)
    proof = orjson.loads(proof_path(out).read_bytes())
    assert proof.pop("cells") == "quoted"
    proof_path(out).write_bytes(orjson.dumps(proof))


@pytest.mark.parametrize(
    "proof",
    [
        b"", b"[]", b"{}", b'{"format":"xml","first":0,"peaks":[],"head":"x"}',
        b'{"format":"csv","first":-1,"peaks":[],"head":"x"}', b'{"format":"csv","first":1,"peaks":[],"head":"x"}',
        b'{"format":"csv","first":3,"peaks":[[1,"00"],[2,"00"]],"head":"x"}',
        b'{"format":"csv","first":true,"peaks":[[1,"00"]],"head":"x"}',
        b'{"format":"csv","first":0,"peaks":[],"head":"x"}',
    ],
)  # fmt: skip
def test_a_proof_that_is_none_is_refused(log: Log, tmp_path: Path, proof: bytes) -> None:
    out = tmp_path / "out"
    export(log.path, out, "csv")
    proof_path(out).write_bytes(proof)
    with pytest.raises(ConfigError, match=r"is no proof of an export|the head is no checkpoint"):
        verify_export(out, [KEY])


@pytest.mark.parametrize("changed", [{"format": "xml"}, {"first": -8}, {"first": 1.0}, {"head": ["x"]}, {"peaks": 7}])
def test_a_proof_that_was_changed_is_refused(log: Log, tmp_path: Path, changed: dict[str, object]) -> None:
    out = tmp_path / "out"
    export(log.path, out, "csv")
    proof = orjson.loads(proof_path(out).read_bytes())
    proof_path(out).write_bytes(orjson.dumps({**proof, **changed}))
    with pytest.raises(ConfigError, match=r"`out\.proof` is no proof of an export$"):
        verify_export(out, [KEY])


def test_a_head_that_another_signed_proves_nothing(log: Log, tmp_path: Path) -> None:
    export(log.path, tmp_path / "out", "ndjson")
    with pytest.raises(ConfigError, match="not signed"):
        verify_export(tmp_path / "out", [HeadSigner(ORIGIN, b"f" * 32).verifier_key])


def test_no_file_is_written_over_and_none_is_left_half_written(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    with pytest.raises(ConfigError, match="can't be written"):
        export(log.path, out, "csv")
    assert out.read_text() == "mine"
    out.unlink()
    proof_path(out).write_text("mine")
    with pytest.raises(ConfigError, match="can't be written"):
        export(log.path, out, "csv")
    assert not out.exists()
    with pytest.raises(ConfigError, match="no audit log"):
        export(tmp_path / "nowhere.sqlite", out, "csv")
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_an_export_of_before_it_was_told_of_each_child_is_verified(log: Log, tmp_path: Path) -> None:
    """It has a column less."""
    out = tmp_path / "out"
    export(log.path, out, "csv")
    with out.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    less = head.index("given")
    for row in (head, *rows):
        del row[less]
    write(out, head, rows)
    assert verify_export(out, [KEY]).size == 12
    rows[4][head.index("children")] = "nobody"
    write(out, head, rows)
    with pytest.raises(Broken, match="not what its entry says") as found:
        verify_export(out, [KEY])
    assert found.value.index == 4
    write(out, ["number", *head], rows)
    with pytest.raises(ConfigError, match="other columns"):
        verify_export(out, [KEY])


def write(out: Path, head: list[str], rows: list[list[str]]) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def test_what_was_given_of_whom_is_for_people_to_read(log: Log, tmp_path: Path) -> None:
    one = entry(audit_id="given", children=("a", "b"))
    one.given = (given("13", ["PoliceNotice.officer"], 0, ties=["allocated"]), given("", [], 1, ties=["none"]))
    log.store.write([Row.of(one)])
    log.sequencer.sequence(closing=True)
    out = tmp_path / "out"
    export(log.path, out, "csv")
    last = last_row(out)
    a, b = one.children
    assert plain(last["given"]) == f"{a} (allocated): 13 PoliceNotice.officer; {b} (none): nothing"


@pytest.mark.parametrize("missing", ["out", "out.proof"])
def test_an_export_is_verified_with_its_proof_beside_it(log: Log, tmp_path: Path, missing: str) -> None:
    export(log.path, tmp_path / "out", "ndjson")
    (tmp_path / missing).unlink()
    with pytest.raises(ConfigError, match=r"there is no export at .* with its proof, `out.proof`, beside it"):
        verify_export(tmp_path / "out", [KEY])


def test_how_far_it_has_come_is_told(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(log.path, tmp_path / "out", "ndjson")
    monkeypatch.setattr(verify_export_module, "TOLD_EVERY", 5)
    told: list[int] = []
    verify_export(tmp_path / "out", [KEY], progress=told.append)
    assert told == [5, 10]


def test_of_an_entry_of_before_no_child_is_told_of_by_itself(log: Log, tmp_path: Path) -> None:
    """It says which children there were, and which fields, but not of whom which was given."""
    log.now += 1
    made = entry(audit_id="before", time=log.now, children=("a",))
    body = orjson.loads(Row.of(made).body)
    for new in ("given", "not_given", "requested"):
        body.pop(new, None)
    body["fields"] = {"index": ["Child.forename"]}
    row = Row.of(made)._replace(body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode())
    log.store.write([row])
    log.sequencer.sequence(closing=True)
    export(log.path, tmp_path / "out", "csv")
    assert last_row(tmp_path / "out")["given"] == ""
    assert verify_export(tmp_path / "out", [KEY]).size == 13
