"""Codes and reasons that reach clients: a closed list."""

from __future__ import annotations

import pytest

from gateway.execution.refusals import CLIENT_FAULTS, STANDARD, Refusals

CODES = (
    "BAD_LOOKUP", "BAD_PAGE", "BAD_REQUEST", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "INTERNAL", "TIMEOUT",
    "UNAUTHENTICATED", "WITHHELD",
)  # fmt: skip
MASKED = Refusals().code(None)


def test_the_standard_codes_are_these() -> None:
    assert tuple(sorted(STANDARD)) == CODES
    assert {"BAD_LOOKUP", "BAD_PAGE", "BAD_USER_INPUT"} == CLIENT_FAULTS
    assert all("`{}`" in sentence for sentence in STANDARD.values())


@pytest.mark.parametrize("code", CODES)
def test_a_standard_code_passes(code: str) -> None:
    assert Refusals().code(code) == code


@pytest.mark.parametrize("code", ["OWN", "SMITH", "bad_page", "", "A" * 65, "BAD PAGE", None, 5, ["BAD_PAGE"], "1BAD"])
def test_any_other_is_masked(code: object) -> None:
    assert Refusals().code(code) == MASKED
    assert MASKED not in ("OWN", "SMITH")


def test_those_that_a_subgraph_declares_pass_too() -> None:
    own = Refusals(frozenset(("OWN",)))
    assert (own.code("OWN"), own.code("SMITH"), own.code("BAD_PAGE")) == ("OWN", MASKED, "BAD_PAGE")
    assert Refusals(passes_messages=True).code("SMITH") == "SMITH"
    assert Refusals(passes_messages=True).code("not a word") == MASKED


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ("COURT_ORDER", "WITHHELD", "COURT_ORDER"),  # of those that agencies withhold by
        ("COURT_ORDER", "TIMEOUT", "TIMEOUT"),
        ("OWN", "WITHHELD", "OWN"),
        ("OWN", "TIMEOUT", "OWN"),
        ("SMITH", "WITHHELD", "WITHHELD"),
        (None, "TIMEOUT", "TIMEOUT"),
        (["OWN"], "TIMEOUT", "TIMEOUT"),
        ("own", "TIMEOUT", "TIMEOUT"),
    ],
)
def test_a_reason_is_of_those_that_are_known(given: object, code: str, told: str) -> None:
    assert Refusals(frozenset(("OWN",))).reason(given, code) == told
    passing = Refusals(passes_messages=True)
    assert (passing.reason("SMITH", "TIMEOUT"), passing.reason("no word", "TIMEOUT")) == ("SMITH", "TIMEOUT")
