"""An answer that its decoder refused: what was requested of its types, and under conditions that hold, is taken."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.execution.answer_shape import AnswerShapes, Codes, no_codes
from gateway.execution.compile.decoding import step_shapes
from gateway.execution.conform import MAX_UNFIT, Unfit, conform_data
from gateway.execution.locate import MISSING
from gateway.operations import normalise, read_document
from gateway.planning import Planner
from gateway.supergraph.selections import Condition, Field, SelectionSet
from tests.federation.harness import UNPRICED, Network

SDL = """
type Query { pets: [Pet] me: Cat }
union Pet = Cat | Dog
type Cat { name: String lives: Int friends: [Cat] }
type Dog { name: String tricks: Int }
"""
CODES = frozenset(("A", "B"))
NETWORK = Network.of({"a": (SDL, {}), "b": ("type Query { other: Int }", {})})


def conformed(
    query: str, data: object, codes: Codes = no_codes, selections: SelectionSet | None = None, **variables: bool
) -> tuple[Any, list[Unfit]]:
    """Return what is taken of an answer to a query's only request, and what does not fit.

    `selections` stand for the request's own.
    """
    supergraph = NETWORK.supergraph
    normalised = normalise(read_document(query, None, supergraph.api_schema, UNPRICED), supergraph)
    (request,) = Planner(supergraph).plan(normalised.operation).requests
    shapes = step_shapes(request, supergraph, AnswerShapes(supergraph, codes))
    given = {own: variables[name] for own, name in normalised.given.items()}
    if selections is not None:
        shapes = (AnswerShapes(supergraph, codes).shape(request.graph.id, "Query", selections),)
        given = variables
    found = conform_data(data, request, shapes, given)
    return found.data, found.unfit


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("under", ["name @skip(if: $s)", "... @skip(if: $s) { name }"])
def test_what_is_under_a_condition_is_taken_where_it_holds(skips: bool, under: str) -> None:
    query = f"query($s: Boolean!) {{ me {{ lives {under} friends {{ {under} }} }} }}"
    data = {"me": {"lives": 9, "name": "Tom", "friends": [{"name": "Ada"}]}}
    taken = {"me": {"lives": 9, "friends": [{}]}} if skips else data
    assert conformed(query, data, s=skips) == (taken, [])


@pytest.mark.parametrize("skips", [True, False])
def test_what_stands_without_a_condition_below_one_is_taken_where_that_holds(skips: bool) -> None:
    """As the keys do that are asked for an object's type."""
    under = Field(
        "friends", "friends", conditions=(Condition("s", value=False),), selections=(Field("lives", "lives"),)
    )
    me = Field("me", "me", selections=(Field("friends", "friends", selections=(Field("name", "name"),)), under))
    query = "query($s: Boolean!) { me { friends { name lives @skip(if: $s) } } }"
    data = {"me": {"friends": [{"name": "Ada", "lives": 9}]}}
    taken = {"me": {"friends": [{"name": "Ada"}]}} if skips else data
    assert conformed(query, data, selections=(me,), s=skips) == (taken, [])


def test_what_was_not_requested_is_not_taken() -> None:
    data = {"me": {"name": "Tom", "lives": 9, "holders": []}, "police": []}
    assert conformed("{ me { name } }", data) == ({"me": {"name": "Tom"}}, [])


def test_of_an_object_what_was_requested_of_its_type_is_taken() -> None:
    query = "{ pets { ... on Cat { name lives } ... on Dog { name tricks } } }"
    pets: list[Any] = [
        {"__typename": "Dog", "name": "Rex", "lives": 9, "tricks": 2},
        {"__typename": "Cat", "name": "Tom", "lives": 9, "tricks": 2},
        {"name": "Tom", "lives": 9, "tricks": 2},
        {"__typename": "Owner", "name": "Jones"},
        None,
    ]
    taken, unfit = conformed(query, {"pets": pets})
    assert taken["pets"] == [
        {"__typename": "Dog", "name": "Rex", "tricks": 2},
        {"__typename": "Cat", "name": "Tom", "lives": 9},
        {"name": "Tom"},
        MISSING,
        None,
    ]
    assert unfit == [Unfit(0, None, ("pets", 3))]


@pytest.mark.parametrize("value", ["nine", True, [9], {"lives": 9}])
def test_a_value_that_does_not_fit_is_missing_and_told_of(value: object) -> None:
    taken, unfit = conformed("{ me { name lives } }", {"me": {"name": "Tom", "lives": value}})
    assert taken == {"me": {"name": "Tom", "lives": MISSING}}
    assert unfit == [Unfit(0, None, ("me", "lives"))]


def test_of_many_that_do_not_fit_some_are_told_of_and_then_the_whole() -> None:
    data = {"me": {"friends": [7] * (MAX_UNFIT + 50)}}
    _, unfit = conformed("{ me { friends { name } } }", data)
    assert unfit[:MAX_UNFIT] == [Unfit(0, None, ("me", "friends", at)) for at in range(MAX_UNFIT)]
    assert unfit[MAX_UNFIT:] == [Unfit(0, None, ())]


def test_an_id_begins_with_a_code_of_its_agency() -> None:
    data = {"pets": [{"__typename": "Cat", "name": name, "lives": 1} for name in ("A:1", "C:1", "A")]}
    query = "{ pets { ... on Cat { name lives } } }"
    taken, unfit = conformed(query, data, codes=lambda *field: CODES if field[1:] == ("Cat", "name") else None)
    assert [each["name"] for each in taken["pets"]] == ["A:1", MISSING, MISSING]
    assert [one.path for one in unfit] == [("pets", 1, "name"), ("pets", 2, "name")]


@pytest.mark.parametrize("data", [None, [], "data", 7])
def test_other_data_than_an_object_are_left_to_who_asked(data: object) -> None:
    assert conformed("{ me { name } }", data) == (data, [])
