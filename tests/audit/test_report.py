"""The words of a subject access report: for whoever it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from authz.policy import CATEGORIES
from gateway.audit import Question, Questions
from gateway.audit.entry import Row
from gateway.audit.report import COLUMNS, KINDS, OTHER, SEVERAL, Line, _texts, report
from gateway.audit.store import Store
from tests.audit.entries import TOKENISER, entry

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
    assert COLUMNS == ("time (UTC)", "agency", "roles", "purpose", "information", "held by")
    assert OTHER not in KINDS.values()
    assert SEVERAL not in KINDS.values()


def test_a_line_is_in_words_that_people_read() -> None:
    line = Line(
        "2026-03-30T09:00:00+00:00", "380", ("social_worker", "auditor"), "S47", ("health", OTHER), ("index", "police")
    )
    assert _texts(line) == (
        "2026-03-30 09:00:00", "380", "social worker, auditor", "S47", "health; other information", "index, police",
    )  # fmt: skip


@pytest.mark.parametrize(("most", "whole"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_report_says_whether_it_is_whole(tmp_path: Path, most: int, whole: bool) -> None:
    """Also where the log has no more pages."""
    store = Store(tmp_path / "audit.sqlite")
    store.write([Row.of(entry(audit_id=f"a{number}", children=("child",), asked=("nhs",))) for number in range(3)])
    store.close()
    made = report(Questions(tmp_path / "audit.sqlite", TOKENISER), Question(child="child"), None, most)
    assert (len(made.lines), made.whole) == (min(most, 3), whole)
