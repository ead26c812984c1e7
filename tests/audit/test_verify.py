"""The log's tree: leaves in one order, signed heads, and a checker that finds what was done to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.audit import database
from gateway.audit.checkpoint import ORIGIN, Checkpoint, HeadSigner, read_checkpoint
from gateway.audit.database import Failure
from gateway.audit.entry import Entry, Row
from gateway.audit.questions import Question, Questions, newest_head
from gateway.audit.sequencer import Sequencer
from gateway.audit.tree import Growing
from gateway.audit.verify import LATEST, Broken, verify
from gateway.errors import AuditUnavailable, ConfigError
from tests.audit.entries import TOKENISER, entry
from tests.audit.logs import KEY, SEED, Log


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path)
    for count in (3, 4, 5):
        made.write(count)
    return made


def test_a_log_as_it_was_written_is_whole(log: Log) -> None:
    found = verify(log.path, [KEY])
    assert (found.size, found.heads, found.pending) == (12, 3, 0)
    assert read_checkpoint(newest_head(log.path), [KEY]) == Checkpoint(ORIGIN, 12, bytes.fromhex(found.root))


def test_it_is_told_how_far_it_is(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.audit.verify._REPORT_EVERY", 5)
    told: list[int] = []
    verify(log.path, [KEY], progress=told.append)
    assert told == [5, 10]


def test_heads_are_signed_when_they_are_due_and_once_for_a_size(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(1, closing=False)
    log.write(1, closing=False)
    assert verify(log.path, [KEY]).heads == 1
    log.now += 60
    log.write(1, closing=False)
    log.sequencer.sequence(closing=True)
    assert (verify(log.path, [KEY]).heads, verify(log.path, [KEY]).size) == (2, 3)


def test_the_tree_is_remembered_and_not_read_again(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or each second would cost as much as there is in the log since its last head."""
    asked: list[str] = []
    rows = database._Sqlite.rows

    def counted(self: Any, statement: str, values: Any = ()) -> Any:
        asked.append(statement)
        return rows(self, statement, values)

    monkeypatch.setattr(database._Sqlite, "rows", counted)
    for _ in range(3):
        log.write(2, closing=False)
    assert [statement for statement in asked if "SELECT hash FROM leaf" in statement] == []
    assert verify(log.path, [KEY]).size == 18


def test_every_leaf_has_a_nonce_of_its_own(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(40)
    with sqlite3.connect(log.path) as connection:
        nonces = [bytes(row[0]) for row in connection.execute("SELECT nonce FROM leaf ORDER BY number")]
    assert {len(nonce) for nonce in nonces} == {16}
    pieces = {nonce[at : at + 4] for nonce in nonces for at in range(0, 16, 4)}
    assert len(pieces) == 4 * 40, "nothing of one is in another"


def test_a_text_that_was_altered_is_said_by_the_first_leaf_that_names_it(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(7)
    rows = [Row.of(entry(audit_id=f"op{n}", time=log.now + n, operation=f"query {{ a{n // 2} }}")) for n in range(4)]
    log.store.write(rows)
    log.sequencer.sequence(closing=True)
    with sqlite3.connect(log.path) as connection:
        connection.execute("DROP TRIGGER operation_fixed")
        connection.execute("UPDATE operation SET text = 'query { b }' WHERE text = 'query { a1 }'")
    with pytest.raises(Broken, match="the text of its operation is not the one that was written") as found:
        verify(log.path, [KEY])
    assert found.value.index == 9


@pytest.mark.parametrize("fails_at", ["commit", "head"])
def test_after_a_commit_that_failed_the_tree_is_read_again(tmp_path: Path, fails_at: str) -> None:
    """What was in it, and is on no disk, is in no head that is signed later."""
    log = Log(tmp_path)
    log.write(3)
    log.store.write([Row.of(Entry("more", log.now + 1, "s", "i", "c", "380", (), "S47", "ANSWERED"))])
    connection = log.store._open()
    failing = {"commit": "commit", "head": "run"}[fails_at]
    real = getattr(connection, failing)

    def fail(*given: object) -> object:
        if fails_at == "commit" or "INTO head" in str(given[0]):
            raise Failure("the disk is full")
        return real(*given)

    setattr(connection, failing, fail)
    log.now += 120
    with pytest.raises(AuditUnavailable, match="the disk is full"):
        log.sequencer.sequence()
    log.write(2)
    found = verify(log.path, [KEY])
    assert (found.size, found.pending) == (6, 0)


def test_after_a_crash_the_tree_goes_on_where_it_stood(log: Log) -> None:
    """Entries without leaves, then leaves without a head: the next process brings both."""
    log.store.write([Row.of(Entry("crashed", log.now + 1, "s", "i", "c", "380", (), "S47", "ANSWERED"))])
    assert verify(log.path, [KEY]).pending == 1
    log.store.close()
    log.open()
    log.sequencer.sequence()
    log.store.close()
    log.open()
    log.write(2)
    found = verify(log.path, [KEY])
    assert (found.size, found.pending) == (15, 0)


def test_an_older_head_shows_that_history_stands(log: Log, tmp_path: Path) -> None:
    older = newest_head(log.path)
    log.write(4)
    assert verify(log.path, [KEY], older).size == 16
    (tmp_path / "other").mkdir()
    other = Log(tmp_path / "other")
    other.write(20)
    with pytest.raises(Broken, match="leaf 0: here or after it, the log is not the one that was") as found:
        verify(other.path, [KEY], older)
    assert found.value.index == 0


Tampering = Callable[[Log], None]


def recomputed(log: Log, since: int) -> list[str]:
    """All leaves' hashes anew, as somebody would who has read this program; the heads' signatures they can't make."""
    connection = sqlite3.connect(log.path)
    rows = connection.execute("SELECT l.number, l.nonce, e.body FROM leaf l JOIN entry e ON e.seq = l.seq").fetchall()
    connection.close()
    return [
        f"UPDATE leaf SET hash = x'{sha256(bytes([0]) + nonce + body).hexdigest()}' WHERE number = {number}"
        for number, nonce, body in rows
        if number >= since
    ]


FLIP = "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'S47', 'CIN') AS BLOB) WHERE seq = 6"


@pytest.mark.parametrize(
    ("statements", "index", "why"),
    [
        ([FLIP], 5, "not the one"),
        (["UPDATE leaf SET nonce = zeroblob(16) WHERE number = 4"], 4, "not the one"),
        (["UPDATE leaf SET hash = zeroblob(32) WHERE number = 11"], 11, "not the one"),
        (["DELETE FROM leaf WHERE number = 7", "DELETE FROM entry WHERE seq = 8"], 7, "not there"),
        (["DELETE FROM entry WHERE seq = 8"], 7, "entry is not there"),
        (["DELETE FROM leaf WHERE number = 11", "DELETE FROM entry WHERE seq = 12"], 11, "ends here"),
        (["DELETE FROM leaf WHERE number >= 2", "DELETE FROM entry WHERE seq >= 3"], 2, "ends here"),
        (["UPDATE entry SET time = 5 WHERE seq = 4"], 3, "time that it is found by"),
        (["UPDATE entry SET subject = 'other' WHERE seq = 4"], 3, "subject that it is found by"),
        (["UPDATE entry SET audit_id = 'other' WHERE seq = 4"], 3, "audit_id that it is found by"),
        (["UPDATE entry SET agency = '383' WHERE seq = 4"], 3, "agency that it is found by"),
        (["UPDATE entry SET purpose = NULL WHERE seq = 4"], 3, "purpose that it is found by"),
        (["UPDATE entry SET outcome = 'FAILED' WHERE seq = 4"], 3, "outcome that it is found by"),
        (["UPDATE entry SET operation_hash = '' WHERE seq = 4"], 3, "operation_hash that it is found by"),
        (["DELETE FROM entry_token WHERE seq = 4 AND kind = 'child'"], 3, "children and identifiers"),
        (["DELETE FROM entry_token WHERE seq = 5"], 4, "children and identifiers"),
        (["INSERT INTO entry_token (token, seq, kind) VALUES ('c', 6, 'child')"], 5, "children and identifiers"),
        (["DELETE FROM link"], 3, "led to"),
        (["INSERT INTO link VALUES ('anything', 'somebody')"], 12, "to whom no entry says"),
        (["DELETE FROM operation"], 3, "text of its operation is not there"),
        (["UPDATE operation SET text = 'query { hospitals }'"], 3, "not the one that was written"),
        (["UPDATE leaf SET number = 100 WHERE number = 3", "UPDATE leaf SET number = 3 WHERE number = 4",
          "UPDATE leaf SET number = 4 WHERE number = 100"], 4, "out of order"),
        (["UPDATE head SET size = 4 WHERE size = 3"], 3, "signed over 3"),
    ],
)  # fmt: skip
def test_what_was_done_to_it_is_found_at_its_first_leaf(log: Log, statements: list[str], index: int, why: str) -> None:
    log.alter(*statements)
    with pytest.raises(Broken, match=why) as found:
        verify(log.path, [KEY])
    assert found.value.index == index


def test_a_rewritten_history_does_not_fit_the_signed_heads(log: Log) -> None:
    """An entry altered, its leaf made anew with it: the first head over it says so, after those that still stand."""
    log.alter(FLIP, "UPDATE entry SET purpose = 'CIN' WHERE seq = 6")
    log.alter(*recomputed(log, 5))
    with pytest.raises(Broken, match="not the one that was signed") as found:
        verify(log.path, [KEY])
    assert found.value.index == 3, "what the head of 3 covers stands; 5 was altered before the head of 7"


def test_a_removed_entry_with_all_later_ones_moved_up_does_not_fit_either(log: Log) -> None:
    log.alter("DELETE FROM leaf WHERE number = 5", "DELETE FROM entry WHERE seq = 6")
    log.alter(*(f"UPDATE leaf SET number = {number - 1} WHERE number = {number}" for number in range(6, 12)))
    with pytest.raises(Broken, match="leaf 3: here or after it, the log is not the one that was") as found:
        verify(log.path, [KEY])
    assert found.value.index == 3


def test_heads_that_another_signed_are_not_taken(log: Log) -> None:
    forged = HeadSigner(ORIGIN, b"f" * 32)
    tree = Growing()
    log.alter(f"UPDATE head SET note = '{forged.sign(12, tree.root())}' WHERE size = 12")
    with pytest.raises(ConfigError, match="not signed"):
        verify(log.path, [KEY])


@pytest.mark.parametrize(("earlier", "older"), [(LATEST, 0), (LATEST + 30.0, 1)])
def test_an_entry_that_says_to_be_older_than_what_was_signed_is_told_of_and_breaks_nothing(
    log: Log, earlier: float, older: int
) -> None:
    """A clock that was ahead is set back: the order of the leaves is the one that counts."""
    log.now -= earlier + 1.0  # an entry's time is a second on
    log.write(1)
    log.now += earlier + 10.0
    log.write(2)
    found = verify(log.path, [KEY])
    assert (found.size, found.older, found.seconds) == (15, older, 30.0 * older)


def test_that_the_clock_was_set_is_in_the_log(tmp_path: Path) -> None:
    log = Log(tmp_path)
    steady = [0.0]
    log.sequencer = Sequencer(log.store, HeadSigner(ORIGIN, SEED), lambda: log.now, lambda: steady[0])
    for seconds, moved in ((60.0, 60.0), (61.0, 60.0), (-3_600.0, 1.0), (5.0, 5.0)):
        log.now += seconds - 1.0
        steady[0] += moved
        log.write(1)
    steps = Questions(log.path, TOKENISER).page(Question(outcome="CLOCK_STEPPED"), 9).entries
    assert [each.body["errors"] for each in steps] == [["-3600.0 s"]]
    assert verify(log.path, [KEY]).size == 5


def sealed(log: Log, number: int, value: str, *, row: Callable[[Entry], Row] = Row.of) -> None:
    """An entry about a child, by which it is written down what the pseudonym stands for."""
    made = entry(audit_id=f"sealed{number}", children=("child",), time=log.now)
    made.sealed = ((TOKENISER.token("child"), value),)
    log.store.write([row(made)])
    log.sequencer.sequence(closing=True)


def test_what_a_pseudonym_stands_for_is_what_an_entry_brought(log: Log) -> None:
    sealed(log, 1, "first")
    sealed(log, 2, "second")  # by another worker, at the same time: the first is kept
    assert verify(log.path, [KEY]).size == 14
    log.alter("UPDATE sealed SET value = 'second'")
    assert verify(log.path, [KEY]).size == 14
    log.alter("UPDATE sealed SET value = 'forged'")
    with pytest.raises(Broken, match="not what was sealed") as found:
        verify(log.path, [KEY])
    assert found.value.index == 12
    log.alter("DELETE FROM sealed")
    with pytest.raises(Broken, match="is not kept"):
        verify(log.path, [KEY])


def test_what_was_sealed_before_there_were_digests_is_there(log: Log) -> None:
    def of_before(made: Entry) -> Row:
        row = Row.of(made)
        body = orjson.loads(row.body)
        body["sealed"] = [token for token, _ in body["sealed"]]
        return row._replace(body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode())

    sealed(log, 1, "first", row=of_before)
    sealed(log, 2, "second")
    assert verify(log.path, [KEY]).size == 14
    log.alter("DELETE FROM sealed")
    with pytest.raises(Broken, match="is not kept") as found:
        verify(log.path, [KEY])
    assert found.value.index == 12


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("UPDATE entry SET body = 'text' WHERE seq = 7", 6),
        ("UPDATE entry SET body = CAST('[]' AS BLOB) WHERE seq = 3", 2),
        ("UPDATE entry SET body = CAST('{' AS BLOB) WHERE seq = 3", 2),
    ],
)
def test_a_leaf_that_can_not_be_read_is_named(log: Log, statement: str, index: int) -> None:
    log.alter(statement)
    if "BLOB" in statement:
        log.alter(*recomputed(log, index))
    with pytest.raises(Broken, match="it can't be read: ") as found:
        verify(log.path, [KEY])
    assert found.value.index == index


def test_an_entry_put_in_between_has_no_leaf(log: Log) -> None:
    log.alter("DELETE FROM leaf WHERE number = 11", "DELETE FROM head WHERE size = 12")
    log.alter("UPDATE leaf SET seq = 50 WHERE number = 10", "UPDATE entry SET seq = 50 WHERE seq = 11")
    with pytest.raises(Broken, match="in between"):
        verify(log.path, [KEY])


@pytest.mark.parametrize(
    "note", ["", "x", "a\nb\nc\n", f"{ORIGIN}\n1\nAA==\n", f"{ORIGIN}\n1\nAA==\n\n\u2014 {ORIGIN} AAAA\n"]
)
def test_a_note_that_is_no_head_is_refused(note: str) -> None:
    with pytest.raises(ConfigError, match="the head is no"):
        read_checkpoint(note, [KEY])
    with pytest.raises(ConfigError, match="a verifier key is `name"):
        read_checkpoint(HeadSigner(ORIGIN, SEED).sign(1, b"r" * 32), ["not a key"])


def test_a_head_is_a_signed_note_of_the_usual_form() -> None:
    note = HeadSigner(ORIGIN, SEED).sign(7, b"r" * 32)
    text, signature = note.split("\n\n")
    assert text.split("\n") == [ORIGIN, "7", "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI="]
    assert signature.startswith(f"\u2014 {ORIGIN} ")
    assert read_checkpoint(note, ["other+00000000+" + KEY.split("+", 2)[2], KEY]).size == 7
