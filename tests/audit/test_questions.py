"""Reading the log: by child, by practitioner, by time; what is not there is said, never silently empty."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.audit import Entry, Question, Questions, Tokeniser
from gateway.audit.store import Store
from gateway.errors import ConfigError
from tests.audit.entries import KEY, TOKENISER, entry
from tests.audit.local import LocalLog, local_log

NHS, UPN, OTHER_NHS = "9990000018", "Q380200125001", "9990000026"
CHILD, SIBLING = "kQ3vX9pLm2Zt7RbYc5WdNg", "zzQ9vX9pLm2Zt7RbYc5Wd1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[LocalLog]:
    async with local_log(path) as made:
        yield made


def found(path: Path, *, limit: int = 100, **by: object) -> list[str]:
    page = Questions(path, TOKENISER).page(Question(**by), limit)  # type: ignore[arg-type] # by name
    return [str(item.body["audit_id"]) for item in page.entries]


async def write(log: LocalLog, *made: Entry) -> None:
    for one in made:
        await log.append(one)


async def test_the_newest_come_first_and_no_more_than_asked(log: LocalLog, path: Path) -> None:
    await write(log, *(entry(audit_id=f"{n}") for n in range(5)))
    assert found(path) == ["4", "3", "2", "1", "0"]
    assert found(path, limit=2) == ["4", "3"]
    first = Questions(path, TOKENISER).page(Question(), 1).entries[0]
    assert (first.seq, first.operation) == (5, "query { agencies }")


async def test_by_what_was_asked(log: LocalLog, path: Path) -> None:
    await write(log, entry(audit_id="a", asked=(NHS,)), entry(audit_id="b", asked=(OTHER_NHS,)), entry(audit_id="c"))
    assert found(path, child=NHS) == ["a"]
    assert found(path, child="999 000 0018") == ["a"]
    assert found(path, child="9990000034") == []


@pytest.mark.parametrize("by", [{"child": NHS}, {"practitioner": "worker-7"}, {"since": 0.0}])
async def test_how_a_question_reads_the_log_is_told_and_is_by_an_index(
    log: LocalLog, path: Path, by: dict[str, str | float]
) -> None:
    await write(log, entry(audit_id="a", asked=(NHS,)))
    told = Questions(path, TOKENISER).explain(Question(**by))  # type: ignore[arg-type] # by name
    assert any((" USING " in line and "INDEX" in line) or "PRIMARY KEY" in line for line in told), told


async def test_by_the_child_that_was_disclosed(log: LocalLog, path: Path) -> None:
    await write(log, entry(audit_id="a", asked=(NHS,), children=(CHILD, SIBLING)), entry(audit_id="b", asked=(NHS,)))
    assert found(path, child=CHILD) == ["a"]
    assert found(path, child=SIBLING) == ["a"]
    assert found(path, child=CHILD.lower()) == ["a"]


async def test_who_asked_by_one_name_is_found_by_the_others(log: LocalLog, path: Path) -> None:
    """The NHS number and the UPN each named this child alone; by either, all that concerns the child is found."""
    await write(
        log,
        entry(audit_id="by-nhs", asked=(NHS,), children=(CHILD,)),
        entry(audit_id="by-upn", asked=(UPN,), children=(CHILD,)),
        entry(audit_id="with-sibling", asked=(OTHER_NHS,), children=(CHILD, SIBLING)),
        entry(audit_id="stranger", asked=("9990000034",), children=("somebody-else",)),
        entry(audit_id="nothing", asked=(NHS,)),
    )
    whole = ["nothing", "with-sibling", "by-upn", "by-nhs"]
    assert found(path, child=NHS) == whole
    assert found(path, child=UPN) == found(path, child=CHILD) == whole
    assert found(path, child="9990000034") == ["stranger"]


async def test_an_answer_with_several_children_names_none_of_them(log: LocalLog, path: Path) -> None:
    await write(
        log,
        entry(audit_id="both", asked=(NHS,), children=(CHILD, SIBLING)),
        entry(audit_id="sibling", children=(SIBLING,)),
    )
    assert found(path, child=NHS) == ["both"]


async def test_a_question_by_two_identifiers_says_of_neither_whose_it_is(log: LocalLog, path: Path) -> None:
    await write(
        log,
        entry(audit_id="two", asked=("9990000034", NHS), children=(CHILD,)),
        entry(audit_id="one", asked=(NHS,), children=(CHILD,)),
    )
    assert found(path, child="9990000034") == ["two"]


async def test_by_practitioner_time_and_child_together(log: LocalLog, path: Path) -> None:
    await write(
        log,
        entry(audit_id="a", subject="one", time=10.0, asked=(NHS,)),
        entry(audit_id="b", subject="two", time=20.0, asked=(NHS,)),
        entry(audit_id="c", subject="one", time=30.0, asked=(NHS,)),
        entry(audit_id="d", subject="one", time=40.0),
    )
    assert found(path, practitioner="one") == ["d", "c", "a"]
    assert found(path, practitioner="ONE") == []
    assert found(path, since=20.0) == ["d", "c", "b"]
    assert found(path, since=20.1) == ["d", "c"]
    assert found(path, practitioner="one", since=20.0, child=NHS) == ["c"]
    assert found(path, practitioner="' OR 1 = 1 --") == []
    assert found(path, child="' OR 1 = 1 --") == []


async def test_by_another_key_nothing_is_found(log: LocalLog, path: Path) -> None:
    await write(log, entry(asked=(NHS,)))
    assert Questions(path, Tokeniser(b"z" * 32)).page(Question(child=NHS), 9) == ([], False)


async def test_without_what_opens_seals_only_the_pseudonym_that_is_given_is_looked_for(
    log: LocalLog, path: Path
) -> None:
    """As by the command, where the key of seals is not at hand."""
    await log.append(entry(audit_id="about", children=("child",)))
    rotated = Tokeniser(b"new" * 11, (KEY,))
    token = Tokeniser(KEY).token("child")
    found = Questions(path, rotated).page(Question(child=token), 10)
    assert [each.body["audit_id"] for each in found.entries] == ["about"]
    by_id = Questions(path, rotated).page(Question(child="child"), 10)
    assert [each.body["audit_id"] for each in by_id.entries] == ["about"]


def test_a_log_that_is_not_there_is_said_and_not_made(path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no audit log here yet, or it is damaged"):
        Questions(path, TOKENISER).page(Question(), 9)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"noise " * 1_000, None])
def test_a_file_that_is_no_log_is_said(path: Path, content: bytes | None) -> None:
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE something (x)")
        connection.close()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="there is no audit log here yet, or it is damaged"):
        Questions(path, TOKENISER).page(Question(), 9)


def test_a_damaged_entry_is_said(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO entry VALUES (1, 'a', 1.0, 's', 'a', NULL, 'o', 'h', x'00')")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigError, match="an entry of the log is damaged"):
        Questions(path, TOKENISER).page(Question(), 9)
