"""From fetched data to the answer: shapes, nulls and values that do not fit."""

from __future__ import annotations

import gc
import weakref
from functools import cache
from typing import Final

import pytest

from gateway.composition import SubgraphSource, compose
from gateway.errors import Problem
from gateway.execution import Outcome, Program, Shapes
from gateway.execution.error_list import MAX_ERRORS, ErrorList
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Planner
from gateway.supergraph import Supergraph, read_supergraph
from tests.execution.projector import Projector

SDL: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@inaccessible"])
type Query {
  o: O
  strict: O!
  list: [O]
  items: [O!]
  all: [O!]!
  grid: [[Int!]]
  u: U
  us: [U]
  e: E
  es: [E!]
}
type O { i: Int f: Float s: String b: Boolean d: ID n: Int! o: O strict: O! any: Any }
type P { i: Int }
type Hidden @inaccessible { i: Int }
union U = O | P | Hidden
enum E { A B @inaccessible }
scalar Any
"""


@cache
def supergraph() -> Supergraph:
    result = compose([SubgraphSource("a", "http://a/", SDL)])
    assert result.supergraph is not None, result.errors
    return read_supergraph(result.supergraph)


def projected(
    query: str, data: dict[str, object], known: list[Problem] | None = None
) -> tuple[object, list[tuple[str | int, ...] | None]]:
    """The answer's data, and the paths of the errors that were added: the same as the oracle's."""
    document = read_document(query, None, supergraph().api_schema, Limits())
    operation = normalise(document, supergraph()).operation
    shapes = Shapes(supergraph(), operation)
    oracle, outcome = (Outcome(data=data, errors=ErrorList(known or ())) for _ in range(2))
    expected = Projector(supergraph(), shapes, oracle, {}).project()
    program = Program(Planner(supergraph()).plan(operation), shapes, supergraph())
    program.account(oracle)
    result = program.project(outcome, {})
    assert (result, list(outcome.errors)) == (expected, list(oracle.errors))
    assert outcome.unavailable == oracle.unavailable
    named = {problem.path for problem in outcome.errors if problem.path and problem not in (known or ())}
    told = {".".join(part for part in path if isinstance(part, str)) for path in named}
    assert {(one.path, one.agency, one.reason) for one in outcome.unavailable} == {
        (path, "a", "BAD_CONTENT") for path in told
    }, "whoever gave what can't be taken is named"
    return result, [problem.path for problem in list(outcome.errors)[len(known or ()) :]]


def test_only_what_was_asked_in_the_order_in_which_it_was() -> None:
    data: dict[str, object] = {"o": {"_1_id": 1, "i": 1, "b": True, "x": "s", "__typename": "Wrong"}}
    found, errors = projected("{ o { x: s b __typename i t: __typename } }", data)
    assert list(found["o"].items()) == [  # type: ignore[index] # the data of an answer is an object
        ("x", "s"),
        ("b", True),
        ("__typename", "O"),
        ("i", 1),
        ("t", "O"),
    ]
    assert errors == []


@pytest.mark.parametrize(
    ("query", "data", "expected", "errors"),
    [
        ("{ o { n } }", {"o": {"n": None}}, {"o": None}, [("o", "n")]),
        ("{ o { n } }", {"o": {}}, {"o": None}, [("o", "n")]),
        ("{ strict { i } }", {"strict": None}, None, [("strict",)]),
        ("{ strict { n } }", {"strict": {"n": None}}, None, [("strict", "n")]),
        ("{ o { o { strict { n } } } }", {"o": {"o": {"strict": {}}}}, {"o": {"o": None}}, [("o", "o", "strict", "n")]),
        (
            "{ list { n } }",
            {"list": [{"n": 1}, {"n": None}, None]},
            {"list": [{"n": 1}, None, None]},
            [("list", 1, "n")],
        ),
        ("{ items { n } }", {"items": [{"n": 1}, {"n": None}]}, {"items": None}, [("items", 1, "n")]),
        ("{ items { n } }", {"items": [{"n": 1}, None]}, {"items": None}, [("items", 1)]),
        ("{ all { n } }", {"all": [None]}, None, [("all", 0)]),
        ("{ grid }", {"grid": [[1, None], [2], None]}, {"grid": [None, [2], None]}, [("grid", 0, 1)]),
        ("{ list { i } }", {"list": None}, {"list": None}, []),
        ("{ o { i } }", {}, {"o": None}, []),
    ],
)
def test_a_null_goes_up_to_what_may_be_null(
    query: str, data: dict[str, object], expected: object, errors: list[tuple[str | int, ...]]
) -> None:
    assert projected(query, data) == (expected, errors)


def test_a_null_that_was_told_already_is_not_told_again() -> None:
    known = [Problem("no", "X", ("o", "n"))]
    assert projected("{ o { n } }", {"o": {"n": None}}, known) == ({"o": None}, [])
    deeper = [Problem("no", "X", ("items", 0, "strict", "n"))]
    data: dict[str, object] = {"items": [{"strict": None}]}
    assert projected("{ items { strict { n } } }", data, deeper) == ({"items": None}, [])


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("i", 1, True), ("i", "1", False), ("i", True, False), ("i", 1.5, False), ("i", [1], False), ("i", {}, False),
        ("f", 1, True), ("f", 1.5, True), ("f", "1", False), ("f", False, False),
        ("s", "x", True), ("s", 1, False), ("b", True, True), ("b", 1, False), ("b", "true", False),
        ("i", 2**31 - 1, True), ("i", -(2**31), True), ("i", 2**31, False), ("i", -(2**31) - 1, False),
        ("i", 1e300, False), ("i", 2.0**31, False), ("d", "x", True), ("d", 1.5, False), ("d", True, False),
        ("any", {"a": [1]}, True), ("any", "x", True),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_null_with_an_error(field: str, value: object, fits: bool) -> None:
    found, errors = projected(f"{{ o {{ {field} }} }}", {"o": {field: value}})
    assert found == {"o": {field: value if fits else None}}
    assert errors == ([] if fits else [("o", field)])


def test_whole_numbers_and_identifiers_are_what_clients_read_whatever_they_were_written_as() -> None:
    found, errors = projected("{ o { i n d } }", {"o": {"i": 7.0, "n": -0.0, "d": 5}})
    assert errors == []
    assert repr(found) == repr({"o": {"i": 7, "n": 0, "d": "5"}})
    assert projected("{ o { n } }", {"o": {"n": 2**40}}) == ({"o": None}, [("o", "n")])


@pytest.mark.parametrize("value", ["text", 5, [{}], True])
def test_what_is_no_object_is_null_with_an_error(value: object) -> None:
    assert projected("{ o { i } }", {"o": value}) == ({"o": None}, [("o",)])


@pytest.mark.parametrize("value", [{}, "text", 5])
def test_what_is_no_list_is_null_with_an_error(value: object) -> None:
    assert projected("{ list { i } }", {"list": value}) == ({"list": None}, [("list",)])


def test_an_object_of_an_abstract_type_has_the_fields_of_its_own_type() -> None:
    data: dict[str, object] = {
        "us": [{"__typename": "O", "i": 1, "s": "x"}, {"__typename": "P", "i": 2}, {"__typename": "P"}]
    }
    query = "{ us { __typename ... on O { i s } ... on P { i } } }"
    assert projected(query, data)[0] == {
        "us": [{"__typename": "O", "i": 1, "s": "x"}, {"__typename": "P", "i": 2}, {"__typename": "P", "i": None}]
    }


@pytest.mark.parametrize("name", ["Hidden", "E", "Nothing", None, 5])
def test_an_object_of_a_type_that_it_can_not_have_or_that_is_hidden_is_null(name: object) -> None:
    assert projected("{ u { ... on O { i } } }", {"u": {"__typename": name, "i": 1}})[0] == {"u": None}


def test_a_hidden_value_of_an_enum_is_null() -> None:
    assert projected("{ e }", {"e": "A"}) == ({"e": "A"}, [])
    assert projected("{ e }", {"e": "B"})[0] == {"e": None}
    assert projected("{ es }", {"es": ["A", "B"]}) == ({"es": None}, [("es", 1)])


def test_what_does_not_exist_is_null_and_its_errors_are_not_told() -> None:
    gone: dict[str, object] = {"n": None}
    outcome = Outcome(data={"o": gone})
    outcome.absent[id(gone)] = gone
    document = read_document("{ o { n } }", None, supergraph().api_schema, Limits())
    operation = normalise(document, supergraph()).operation
    assert Projector(supergraph(), Shapes(supergraph(), operation), outcome, {}).project() == {"o": None}
    assert list(outcome.errors) == []


def test_a_program_that_nobody_runs_any_more_goes_without_the_collector() -> None:
    """Its functions and their names hold each other, and answers come and go faster than such rings are looked for."""
    document = read_document("{ u { ... on O { i } } items { n } }", None, supergraph().api_schema, Limits())
    operation = normalise(document, supergraph()).operation
    gc.collect()
    gc.disable()
    try:
        program = Program(Planner(supergraph()).plan(operation), Shapes(supergraph(), operation), supergraph())
        gone, function = weakref.ref(program), weakref.ref(program.requests[0].take)
        del program
        assert gone() is None
        assert function() is None
    finally:
        gc.enable()


def test_errors_are_told_of_a_list_as_a_whole_from_some_number_on() -> None:
    """An answer of many small mistakes would be many times larger than what was wrong."""
    found, told = projected_alone("{ items { i n } all { i } grid o { i s } }", {
        "items": [{"i": "", "n": 1}] * 5_000, "all": [{"i": []}] * 5_000, "grid": [[""] * 3_000],
        "o": {"i": "x", "s": 5},
    })  # fmt: skip
    assert found is not None
    assert found["items"] == [{"i": None, "n": 1}] * 5_000
    assert found["grid"] == [None]
    assert len(told) < MAX_ERRORS + 10
    assert told[:3] == [("items", 0, "i"), ("items", 1, "i"), ("items", 2, "i")]
    assert told[MAX_ERRORS:] == [("items",), ("all",), ("grid",), ("o", "i"), ("o", "s")]


def projected_alone(query: str, data: dict[str, object]) -> tuple[dict[str, object] | None, list[object]]:
    document = read_document(query, None, supergraph().api_schema, Limits())
    operation = normalise(document, supergraph()).operation
    outcome = Outcome(data=data)
    program = Program(Planner(supergraph()).plan(operation), Shapes(supergraph(), operation), supergraph())
    return program.project(outcome, {}), [problem.path for problem in outcome.errors]


@pytest.mark.parametrize(
    ("value", "is_kept"),
    [
        ({"a": [1, {"b": None}]}, True), ([1, "x", True], True), (2**63, True), ({"a": 2**64}, False),
        ([[2**70]], False), ({"a": 1.5}, True),
    ],
)  # fmt: skip
def test_a_custom_scalar_is_any_json_that_can_be_written(value: object, is_kept: bool) -> None:
    document = read_document("{ o { any } }", None, supergraph().api_schema, Limits())
    operation = normalise(document, supergraph()).operation
    outcome = Outcome(data={"o": {"any": value}})
    program = Program(Planner(supergraph()).plan(operation), Shapes(supergraph(), operation), supergraph())
    kept = value if is_kept else None
    assert program.project(outcome, {}) == {"o": {"any": kept}}
    assert [problem.path for problem in outcome.errors] == ([] if is_kept else [("o", "any")])
