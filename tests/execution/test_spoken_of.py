"""Of which nulls an agency's errors speak; what they may cost is bounded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.execution.locate import MISSING
from gateway.execution.problems import SubgraphProblem
from gateway.execution.spoken_of import MAX_FOUND, MAX_LOOKED_AT, MAX_NULLS, SpokenOf


def problem(*rest: str | int, entity: int | None = None, batch: int | None = 0) -> SubgraphProblem:
    return SubgraphProblem("x", "TIMEOUT", "TIMEOUT", batch, entity, rest)


def spoken_of(entities: object, count: int | None = None) -> SpokenOf:
    places: list[list[object]] = [[]] * (
        count if count is not None else len(entities) if isinstance(entities, list) else 0
    )
    request: Any = SimpleNamespace(response_key=lambda _: "_entities")
    batches: Any = [SimpleNamespace(places=places)]
    return SpokenOf({"_entities": entities}, request, batches)


def said(found: list[SubgraphProblem]) -> list[tuple[object, ...]]:
    return [(one.entity, one.rest, one.is_given) for one in found]


@pytest.mark.parametrize(
    ("entity", "rest", "expected"),
    [
        ({"a": None}, ("a",), [(("a",), False)]),
        ({"a": MISSING}, ("a",), [(("a",), False)]),
        ({}, ("a",), [(("a",), False)]),
        (None, ("a",), [(("a",), False)]),
        ({"a": 5}, ("a",), [(("a",), True)]),
        ({"a": {"b": 5, "c": None}}, ("a",), [(("a", "c"), False)]),
        ({"a": {"b": 5}}, ("a",), [(("a",), True)]),
        ({"a": [{"b": 5}]}, ("a",), [(("a",), False)]),  # of a list something may have been left out
        ({"a": [{"b": 5}, {"b": None}]}, ("a",), [(("a", 1, "b"), False)]),
        ({"a": [{"b": 5}, {"b": None}]}, ("a", 0, "b"), [(("a", 0, "b"), True)]),
        ({"a": [None] * (MAX_NULLS + 1)}, ("a",), [(("a",), False)]),
        ({"a": [1]}, ("a", 7), [(("a", 7), False)]),
        ({"a": 5}, ("a", "b"), [(("a", "b"), False)]),
    ],
)
def test_what_was_given_is_not_missing(entity: object, rest: tuple[Any, ...], expected: list[Any]) -> None:
    found = spoken_of([entity]).of(problem(*rest, entity=0))
    assert [(one.rest, one.is_given) for one in found] == expected


def test_without_an_index_it_speaks_of_those_that_are_null() -> None:
    entities = [{"a": 1}, {"a": None}, None, {"a": 2}]
    assert said(spoken_of(entities).of(problem("a"))) == [(1, ("a",), False), (2, ("a",), False)]
    assert said(spoken_of([{"a": 1}, {"a": 2}]).of(problem("a"))) == [(0, ("a",), True)]


@pytest.mark.parametrize(("entities", "count"), [(None, 2), ([{"a": None}], 2), ({"a": None}, 1)])
def test_of_entities_that_are_not_there_it_speaks_of_all(entities: object, count: int) -> None:
    assert said(spoken_of(entities, count).of(problem("a"))) == [(None, (), False)]
    assert said(spoken_of(entities, count).of(problem("a", entity=0))) == [(0, ("a",), False)]


def test_an_error_of_all_stays_one() -> None:
    assert said(spoken_of([{"a": None}]).of(problem())) == [(None, (), False)]


def test_past_what_is_looked_at_an_error_speaks_of_all_that_it_leads_to() -> None:
    large = [{"a": [{"b": 1}] * MAX_LOOKED_AT}]
    looking = spoken_of(large)
    for _ in range(3):
        assert said(looking.of(problem("a", entity=0))) == [(0, ("a",), False)]
    assert looking._left <= 0
    assert said(looking.of(problem("a"))) == [(None, (), False)]


def test_no_more_errors_are_made_than_are_told_of() -> None:
    looking = spoken_of([{"a": None, "b": None}] * (MAX_FOUND - 100))
    assert len(looking.of(problem("a"))) == MAX_FOUND - 100
    assert said(looking.of(problem("b"))) == [(None, (), False)]
