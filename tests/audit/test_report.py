"""The words of a subject access report: for whoever it is about."""

from __future__ import annotations

from authz.policy import CATEGORIES
from gateway.audit.report import COLUMNS, KINDS, OTHER, SEVERAL, Line, _texts

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
