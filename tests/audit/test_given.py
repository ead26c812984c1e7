"""What was given of one child is found and reported of that child, whatever was given of others in the same answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from gateway.audit import Entry, Question, Questions
from gateway.audit.database import Where
from gateway.audit.entry import Row
from gateway.audit.report import BREAK_GLASS, SEVERAL, Report, Words, as_csv, as_html, read_names, report
from gateway.audit.store import Store
from gateway.errors import ConfigError
from tests.access.partnership import composed
from tests.audit.entries import TOKENISER, earlier, entry, given
from tests.resolvers.postgres import postgres

A, B = "child-a", "child-b"
NAMES = {"13": "West Yorkshire Police", "380": "Bradford Children's Services", "index": "the index"}
POLICE: dict[str, tuple[str, ...]] = {"13": ("PoliceRecord.officer", "PoliceRecord.narrative")}
NAME: dict[str, tuple[str, ...]] = {"index": ("Child.forename",)}
KEPT_BACK = {"path": "child.police", "agency": "13", "policy": "police.detail", "reason": "NO_RELATIONSHIP"}


def of(child: int, fields: dict[str, tuple[str, ...]], *ties: str) -> tuple[dict[str, Any], ...]:
    return tuple(given(agency, names, child, ties=ties) for agency, names in fields.items())


def of_two() -> Entry:
    """An answer about two children: of one the police's record by a relationship, of the other only a name."""
    made = entry(audit_id="both", children=(A, B), time=datetime(2026, 6, 1, 9, 30, tzinfo=UTC).timestamp())
    made.outcome, made.relationships = "PARTIAL", ("allocated", "claimed", "none")
    made.given = (*of(0, POLICE | NAME, "allocated"), *of(1, NAME, "none"))
    made.not_given = ({"children": (1,), "withheld": (KEPT_BACK,)},)
    made.answered, made.withheld = ("13", "index"), (KEPT_BACK,)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
async def where(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Where]:
    if request.param == "sqlite":
        yield tmp_path / "audit.sqlite"
        return
    async with postgres(lambda _: None) as made:
        yield make_url(made).set(drivername="postgresql").render_as_string(hide_password=False)


def write(where: Where, *rows: Row) -> Questions:
    store = Store(where)
    store.write(rows)
    store.close()
    return Questions(where, TOKENISER)


def found(questions: Questions, child: str | None, **by: Any) -> list[str]:
    return [str(item.body["audit_id"]) for item in questions.page(Question(child=child, **by), 9).entries]


def test_a_field_a_relationship_and_a_refusal_are_of_the_child_that_is_asked_for(where: Where) -> None:
    questions = write(where, Row.of(of_two()))
    assert found(questions, A, field="PoliceRecord.officer") == ["both"]
    assert found(questions, B, field="PoliceRecord.officer") == []
    assert found(questions, None, field="PoliceRecord.officer") == ["both"]
    assert found(questions, B, field="Child.forename") == ["both"]
    assert found(questions, A, unrelated=True) == []
    assert found(questions, B, unrelated=True) == ["both"]
    assert found(questions, None, unrelated=True) == ["both"]
    assert found(questions, B, claimed=True) == []
    assert found(questions, A, refused=True) == []
    assert found(questions, B, refused=True) == ["both"]
    assert found(questions, B, unrelated=True, field="Child.forename") == ["both"]
    assert found(questions, B, unrelated=True, field="PoliceRecord.officer") == []


def test_a_refusal_by_a_whole_request_is_of_whoever_was_asked_for(where: Where) -> None:
    refused = entry(audit_id="no", children=(A, B))
    refused.outcome = "REFUSED"
    questions = write(where, Row.of(refused))
    assert found(questions, A, refused=True) == found(questions, B, refused=True) == ["no"]


def test_fields_are_counted_of_the_child_that_is_asked_for(where: Where) -> None:
    questions = write(where, Row.of(of_two()))
    counts = {child: dict(questions.counts(Question(child=child), "FIELD")) for child in (A, B, None)}
    assert counts[B] == {"Child.forename": 1}
    assert counts[A] == counts[None] == {"Child.forename": 1, "PoliceRecord.officer": 1, "PoliceRecord.narrative": 1}


def test_entries_of_before_are_found_by_all_that_they_say(where: Where) -> None:
    questions = write(where, earlier(of_two(), POLICE | NAME))
    for child in (A, B):
        assert found(questions, child, field="PoliceRecord.officer") == ["both"]
        assert found(questions, child, unrelated=True) == ["both"]
        assert dict(questions.counts(Question(child=child), "FIELD"))["Child.forename"] == 1


def reported(questions: Questions, child: str) -> Report:
    return report(questions, Question(child=child), Words(composed(), NAMES))


def test_each_child_s_report_has_what_was_given_of_it(where: Where) -> None:
    questions = write(where, Row.of(of_two()))
    (of_a,), (of_b,) = (reported(questions, child).lines for child in (A, B))
    assert of_a.information == ("name, date of birth and identifiers", "police records")
    assert of_a.held_by == ("West Yorkshire Police", "the index")
    assert of_a.grounds == ("works with the person",)
    assert of_b.information == ("name, date of birth and identifiers",)
    assert of_b.held_by == ("the index",)
    assert of_b.grounds == ("no work with the person was on record",)


def test_of_entries_of_before_it_is_not_told_apart(where: Where) -> None:
    questions = write(where, earlier(of_two(), POLICE | NAME))
    for child in (A, B):
        (line,) = reported(questions, child).lines
        assert (line.information, line.held_by, line.grounds) == ((SEVERAL,), (), ())


def test_of_whom_nothing_was_given_nothing_is_reported(where: Where) -> None:
    made = of_two()
    made.given = (*of(0, POLICE, "allocated"), *of(1, {"": ()}, "none"))
    questions = write(where, Row.of(made))
    assert len(reported(questions, A).lines) == 1
    assert reported(questions, B).lines == []


def test_a_report_is_in_words(tmp_path: Path) -> None:
    made = of_two()
    made.given = of(0, POLICE, "break_glass", "none")
    made.roles, made.purpose = ("ae_clinician", "social_worker"), "EMERG"
    told = reported(write(tmp_path / "audit.sqlite", Row.of(made)), A)
    page, table = as_html(told), as_csv(told)
    for text in (page, table):
        assert "1 June 2026 at 10:30" in text
        assert "emergency department clinician, social worker" in text
        assert "an emergency" in text
        assert BREAK_GLASS in text
        assert "police records" in text
        assert "West Yorkshire Police" in text
    assert "Bradford Children&#x27;s Services" in page
    assert "About the person whose identifier is <strong>child-a</strong>" in page
    assert TOKENISER.token(A) in page


@pytest.mark.parametrize("content", ["[]", '{"380": 7}', "{", ""])
def test_a_file_of_names_that_is_wrong_is_said(tmp_path: Path, content: str) -> None:
    assert read_names(tmp_path) == {}
    (tmp_path / "agency-names.json").write_text(content)
    with pytest.raises(ConfigError, match="agency-names"):
        read_names(tmp_path)
    (tmp_path / "agency-names.json").write_text('{"380": "Bradford"}')
    assert read_names(tmp_path) == {"380": "Bradford"}
