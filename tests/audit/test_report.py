"""The words of a subject access report: for whoever it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from authz.policy import CATEGORIES
from authz.principal import Purpose, Role
from gateway.audit import Question, Questions
from gateway.audit.entry import Row
from gateway.audit.report import COLUMNS, KINDS, OTHER, PURPOSES, ROLES, SEVERAL, Line, Words, _texts, report
from gateway.audit.store import Store
from tests.audit.entries import TOKENISER, entry, given

WORDS = """
locator: which agencies know the person, and who leads
identity: name, date of birth and identifiers
contact: addresses and contacts
status: status and dates of the work with the person
case: what the work is about
plan: plans, actions and minutes
education: education
health: health
sensitive: sensitive health services
police: police records
third_party: something about another person (not listed here)
"""


def test_every_category_that_is_about_a_child_has_its_words() -> None:
    assert dict(KINDS) == dict(line.split(": ", 1) for line in WORDS.strip().splitlines())
    assert set(CATEGORIES) - set(KINDS) <= {"oversight", "shield", "existence"}
    assert COLUMNS == ("time", "agency", "role", "purpose", "ground", "information", "held by")
    assert OTHER not in KINDS.values()
    assert SEVERAL not in KINDS.values()


def test_every_purpose_and_role_has_its_words() -> None:
    assert set(PURPOSES) == set(Purpose) - {Purpose.AUDIT}
    assert set(ROLES) <= set(Role)


def test_a_line_is_in_words_that_people_read() -> None:
    line = Line(
        datetime(2026, 1, 30, 9, tzinfo=UTC), "Bradford", ("social worker", "auditor"), "early help",
        ("works with the person",), ("health", OTHER), ("Leeds", "West Yorkshire Police"),
    )  # fmt: skip
    assert _texts(line) == (
        "30 January 2026 at 09:00", "Bradford", "social worker, auditor", "early help", "works with the person",
        "health; other information", "Leeds, West Yorkshire Police",
    )  # fmt: skip


@pytest.mark.parametrize(("most", "whole"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_report_says_whether_it_is_whole(tmp_path: Path, most: int, whole: bool) -> None:
    """Also where the log has no more pages."""
    store = Store(tmp_path / "audit.sqlite")
    for number in range(3):
        one = entry(audit_id=f"a{number}", children=("child",), asked=("nhs",))
        one.given = (given("index", ["Child.surname"], 0, ties=["allocated"]),)
        store.write([Row.of(one)])
    store.close()
    made = report(Questions(tmp_path / "audit.sqlite", TOKENISER), Question(child="child"), Words(None, {}), most)
    assert (len(made.lines), made.whole) == (min(most, 3), whole)
