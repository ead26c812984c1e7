"""What an entry is found by: the same marks by who writes it and by who verifies it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.access.schema import REFUSALS as ACCESS
from gateway.audit import entry, verify
from gateway.audit.entry import Entry, Row, marks

REFUSING: Final = {
    "BREAK_GLASS_NOT_YOURS", "CASE_EXHAUSTED", "CLAIMS_SUSPENDED", "CLAIM_NOT_YOURS", "NOT_AN_AUDITOR",
    "NOT_A_GUARDIAN", "NO_SUCH_CASE", "NO_SUCH_CHILD", "NO_SUCH_CLAIM", "NO_SUCH_GRANT", "OWN_CLAIM", "OWN_GRANT",
    "PURPOSE_NOT_YOURS", "TOO_MANY_CASES", "TOO_MANY_CLAIMS", "TOO_MANY_GRANTS",
}  # fmt: skip
MISTAKEN: Final = {"BAD_NARRATIVE", "BAD_REASON", "CLAIM_INSTEAD", "PURPOSE_MISSING", "REVIEWED_ALREADY"}
"""What somebody got wrong who may do it: nothing was refused them."""


def content(**changed: Any) -> dict[str, Any]:
    return {"outcome": "ANSWERED", "withheld": (), "children": (), "relationships": (), "errors": (), **changed}


def test_who_writes_and_who_verifies_know_the_same_refusals() -> None:
    assert entry.REFUSALS == verify.REFUSALS == REFUSING
    of_cases = {"CASE_EXHAUSTED", "NOT_AN_AUDITOR", "NO_SUCH_CASE", "TOO_MANY_CASES"}
    assert (REFUSING - of_cases) | MISTAKEN == ACCESS


@pytest.mark.parametrize("code", sorted(REFUSING))
def test_each_refusal_marks_its_entry(code: str) -> None:
    found = content(errors=("OTHER", code))
    assert marks(found) == ("refused",)
    assert list(verify._marks(found)) == ["refused"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ()),
        ({"errors": ("OTHER",)}, ()),
        ({"outcome": "REFUSED"}, ("refused",)),
        ({"withheld": ({"path": "a"},)}, ("refused",)),
        ({"children": ("c",), "relationships": ("none", "team")}, ("unrelated",)),
        ({"children": ("c",), "relationships": ("claimed", "team")}, ("claimed",)),
        ({"children": ("c",), "relationships": ("claimed", "none")}, ("unrelated", "claimed")),
        ({"children": ("c",), "relationships": ("team",)}, ()),
        ({"relationships": ("none", "claimed")}, ()),
        ({"outcome": "REFUSED", "children": ("c",), "relationships": ("none", "claimed")},
         ("refused", "unrelated", "claimed")),
    ],
)  # fmt: skip
def test_marks_say_what_auditors_ask_for(changed: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert marks(content(**changed)) == expected
    assert tuple(verify._marks(content(**changed))) == expected


def test_an_act_s_entry_says_what_was_done_and_nothing_else() -> None:
    made = Entry.of_act("LIMITED", ("3 x CODE",), subject="s", issuer="i", client="gateway")
    row = Row.of(made)
    assert (made.outcome, made.errors, made.subject, made.issuer, made.client) == (
        "LIMITED", ("3 x CODE",), "s", "i", "gateway",
    )  # fmt: skip
    assert (made.agency, made.roles, made.purpose, made.children, made.operation) == ("", (), None, (), "")
    assert (row.outcome, row.subject, row.children, row.marks) == ("LIMITED", "s", (), ())
    assert len(made.audit_id) >= 22
    assert made.audit_id != Entry.of_act("LIMITED", (), client="gateway").audit_id
