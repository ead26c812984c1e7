"""Each rule both ways: what breaks it gives its code and its place, and the nearest thing that keeps it composes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gateway.composition
from gateway.composition import SubgraphSource, compose, rules
from gateway.composition.merge.definitions import EXECUTABLE
from tests.composition.cases import RULES, satisfiability
from tests.composition.composed import Rule, codes, composed, marked
from tests.composition.test_hints import HINTS
from tests.composition.test_subjects import BROKEN

NAMES = [f"{rule.code}: {rule.name}" for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_is_kept(rule: Rule) -> None:
    assert [str(error) for error in composed(*rule.good).errors] == []


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_is_broken_and_its_place_is_told(rule: Rule) -> None:
    result = composed(*rule.bad)
    assert result.supergraph is None
    assert {error.code for error in result.errors} == {rule.code} | rule.beside
    places = {place for error in result.errors if error.code == rule.code for place in error.locations}
    assert places == set(marked(*rule.bad))


def test_every_code_has_a_case() -> None:
    """Field sets have codes made of a directive's name and a problem's, so of those only the end is in the source."""
    package = Path(gateway.composition.__file__).parent
    told = {code for file in package.rglob("*.py") for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', file.read_text())}
    known = (
        {rule.code for rule in RULES}
        | {code for _, _, code, _, _ in HINTS}
        | {"INVALID_SUBGRAPH_NAME", "SENSITIVE_HOLDERS_OPEN"}
    )
    told -= EXECUTABLE | {*rules.__all__} | {code for _, code in BROKEN}
    assert {code for code in told if not any(f"_{name}".endswith(f"_{code}") for name in known)} == set()


def test_no_subgraph_is_called_as_what_federation_adds() -> None:
    result = compose([SubgraphSource("_", "http://a/", "type Query { q: Int }")])
    assert [error.code for error in result.errors] == ["INVALID_SUBGRAPH_NAME"]


@pytest.mark.parametrize("key", ['"id", resolvable: false', '"id x"'])
def test_what_is_reached_as_an_interface_object_is_looked_at_too(key: str) -> None:
    assert codes(
        'interface I @key(fields: "id") { id: ID! } type A implements I @key(fields: "id") { id: ID! }',
        f"type I @interfaceObject @key(fields: {key}) {{ id: ID! x: Int }}",
        'type Query { i: I } type I @interfaceObject @key(fields: "id") { id: ID! y: Int }',
    ) == {"SATISFIABILITY_ERROR"}


def test_a_witness_is_a_query_that_can_not_be_answered() -> None:
    (error,) = composed(*satisfiability.RULES[0].bad).errors
    assert "query { t { b } }" in error.message


def test_an_error_prints_its_code_and_its_places() -> None:
    (error,) = composed("type Query { a: }").errors
    assert str(error).startswith("INVALID_GRAPHQL: [a] ")
    assert "(a:1:" in str(error)
