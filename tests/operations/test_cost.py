"""The estimated cost of an operation: each part of it by itself, and bounds on the time that it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from gateway.composition import SubgraphSource, compose
from gateway.errors import RequestError
from gateway.operations import CostEstimator, Limits, check_cost, check_variables, declared, normalise, read_document
from gateway.operations.price import MOST
from gateway.supergraph import Supergraph, read_supergraph

SIZE: Final = 10
SDL: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])

type Query {
  one: Thing
  many: [Thing]
  rows: [[Thing]]
  weighed: Thing @cost(weight: 7)
  free(ids: [ID!]): Thing @cost(weight: 0)
  many7: [Thing] @cost(weight: 7)
  number: Int
  numbers: [Int]
  dear: Dear
  leaf: Leaf
  leaves: [Leaf]
  colour: Colour
  sevens: [Int] @cost(weight: 7)
  cheap: Int @cost(weight: -3)

  assumed: [Thing] @listSize(assumedSize: 3)
  none: [Thing] @listSize(assumedSize: 0)
  first(first: Int): [Thing] @listSize(slicingArguments: ["first"])
  either(first: Int, last: Int): [Thing]
    @listSize(slicingArguments: ["first", "last"], assumedSize: 4, requireOneSlicingArgument: false)
  unassumed(first: Int): [Thing] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
  strict(first: Int, last: Int): [Thing] @listSize(slicingArguments: ["first", "last"], assumedSize: 4)
  defaulted(first: Int = 6, last: Int): [Thing] @listSize(slicingArguments: ["first", "last"])
  numbered(first: Int): [Int] @listSize(slicingArguments: ["first"])
  page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["items", "more"])
  pages(first: Int): [Page] @listSize(slicingArguments: ["first"], sizedFields: ["items"])

  argued(a: Int @cost(weight: 5), b: Int): Int
  arguedMany(a: Int @cost(weight: 5)): [Thing]
  sought(by: By, weighed: By @cost(weight: 20), all: [By!], s: Leaf): Int

  node: Node
  any: Any
}
type Mutation { do: Int  make: Thing }
type Thing {
  id: ID
  other: Thing
  things: [Thing]
  weighed: Int @cost(weight: 2)
  argued(a: Int @cost(weight: 5)): Int
}
type Dear @cost(weight: 100) { id: ID thing: Thing }
scalar Leaf @cost(weight: 30)
enum Colour @cost(weight: 40) { RED }
type Page { items: [Thing] more: [Thing] @listSize(assumedSize: 2) count: Int }
input By { text: String @cost(weight: 3) plain: Int also: By leaf: Leaf }
interface Node {
  id: ID
  field: Int
  list(first: Int): [Thing]
  slist(first: Int): [Thing] @listSize(slicingArguments: ["first"])
  self: [Node]
  any: Any
  thing: Thing
}
type A implements Node {
  id: ID
  field: Int @cost(weight: 11)
  list(first: Int): [Thing] @listSize(assumedSize: 50)
  slist(first: Int): [Thing]
  self: [Node]
  any: Any
  thing: Thing @cost(weight: 0)
  a: Thing
}
type B implements Node @cost(weight: 5) {
  id: ID
  field: Int @cost(weight: 2)
  list(first: Int): [Thing]
  slist(first: Int): [Thing]
  self: [Node]
  any: Any
  thing: Thing
  b: [Thing]
}
union Any = A | B | Thing
"""


@cache
def supergraph() -> Supergraph:
    result = compose([SubgraphSource("a", "http://a/", SDL)])
    assert result.supergraph is not None, result.errors
    return read_supergraph(result.supergraph)


def cost(query: str, bound: int | None = None, **variables: object) -> int:
    """The estimate, as the pipeline comes by it."""
    read = supergraph()
    document = read_document(query, None, read.api_schema, Limits())
    normalised = normalise(document, read)
    price = CostEstimator(read, SIZE).price(normalised.operation)
    return check_cost(
        price, check_variables(read.api_schema, declared(document.declared), normalised, variables), bound
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ number __typename a: __typename }", 0),
        ("{ __schema { types { name } } }", 0),
        ("{ one { id __typename } }", 1),
        ("{ one { other { other { id } } } }", 3),
        ("{ a: one { id } b: one { id } one { id } }", 3),
        ("{ one { id } one { __typename } ...F } fragment F on Query { one { id } }", 1),
        ("{ many { id } }", 10),
        ("{ many { other { id } } }", 20),
        ("{ many { things { id } } }", 110),
        ("{ rows { id } }", 100),
        ("{ numbers }", 0),
        ("{ weighed { id } }", 7),
        ("{ weighed { other { id } } }", 8),
        ("{ free { other { id } } }", 1),
        ("{ many7 { id } }", 70),
        ("{ one { weighed } }", 3),
        ("{ many { weighed } }", 30),
        ("{ dear { id } }", 100),
        ("{ dear { thing { id } } }", 101),
        ("{ leaf }", 30),
        ("{ leaves }", 300),
        ("{ colour }", 40),
        ("{ sevens }", 70),
        ("{ cheap }", 0),
        ("mutation { do }", 10),
        ("mutation { do make { id } x: make { id } __typename }", 32),
    ],
)
def test_objects_leaves_lists_and_mutations(query: str, expected: int) -> None:
    assert cost(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ assumed { id } }", 3),
        ("{ none { other { id } } }", 0),
        ("{ first(first: 5) { id } }", 5),
        ("{ first(first: 5) { things { id } } }", 55),
        ("{ first(first: 0) { id } }", 0),
        ("{ first(first: -5) { id } number }", 0),
        ("{ either(first: 5) { id } }", 5),
        ("{ either(first: 5, last: 8) { id } }", 8),
        ("{ either(first: 9, last: 8) { id } }", 9),
        ("{ either { id } }", 4),
        ("{ either(first: null) { id } }", 4),
        ("{ unassumed { id } }", 10),
        ("{ strict(last: 2) { id } }", 2),
        ("{ strict(last: 2, first: null) { id } }", 2),
        ("{ defaulted { id } }", 6),
        ("{ defaulted(last: 2) { id } }", 2),
        ("{ defaulted(first: 7) { id } }", 7),
        ("{ numbered(first: 7) }", 0),
        ("{ page(first: 5) { items { id } } }", 6),
        ("{ page(first: 5) { items { id } more { id } count } }", 11),
        ("{ page(first: 5) { count } }", 1),
        ("{ pages(first: 5) { items { things { id } } } }", 10 * (1 + 5 * (1 + 10))),
    ],
)
def test_sizes_of_lists(query: str, expected: int) -> None:
    assert cost(query) == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("{ first { id } }", "`Query.first` takes exactly one of `first`, to say how much is asked for; none is given"),
        ("{ x: first(first: null) { id } }", "none is given"),
        ("{ strict { id } }", "exactly one of `first`, `last`, to say how much is asked for; none is given"),
        ("{ strict(first: 1, last: 2) { id } }", "several are given"),
        ("{ defaulted(first: 1, last: 2) { id } }", "several are given"),
        ("{ defaulted(first: null) { id } }", "none is given"),
        ("{ numbered }", "`Query.numbered`"),
        ("{ page { count } }", "`Query.page`"),
        ("{ page { items { id } } }", "`Query.page`"),
        ("{ node { slist { id } } }", "`Node.slist`"),
        ("query ($n: Int) { first(first: $n) { id } }", "`Query.first`"),
    ],
)
def test_a_list_that_wants_one_slicing_argument_is_refused_without(query: str, found: str) -> None:
    with pytest.raises(RequestError, match="to say how much is asked for") as caught:
        cost(query)
    assert [p.code for p in caught.value.problems] == ["ONE_SLICING_ARGUMENT_REQUIRED"]
    assert found in str(caught.value)


def test_sizes_come_from_variables_and_their_defaults() -> None:
    query = "query ($n: Int = 3, $m: Int) { first(first: $n) { id } either(last: $m) { id } }"
    assert cost(query) == 3 + 4
    assert cost(query, n=20, m=100) == 120
    assert cost(query, n=20.0) == 24
    assert cost(query, m=None) == 7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ argued }", 0),
        ("{ argued(b: 1) }", 0),
        ("{ argued(a: 1) }", 5),
        ("{ argued(a: null) }", 0),
        ("{ arguedMany(a: 1) { id } }", 15),
        ("{ many { argued(a: 1) } }", 60),
        ("{ sought }", 0),
        ("{ sought(by: {}) }", 1),
        ('{ sought(by: {text: "x"}) }', 4),
        ("{ sought(by: {text: null}) }", 1),
        ("{ sought(by: {plain: 1}) }", 1),
        ('{ sought(by: {leaf: "x"}) }', 31),
        ('{ sought(s: "x") }', 30),
        ('{ sought(by: {also: {text: "x"}}) }', 5),
        ('{ sought(weighed: {text: "x"}) }', 23),
        ('{ sought(all: [{}, {text: "x"}, {}]) }', 6),
        ("{ sought(all: {}) }", 1),
        ("{ sought(all: []) }", 0),
    ],
)
def test_arguments_and_input_fields(query: str, expected: int) -> None:
    assert cost(query) == expected


def test_arguments_in_variables_cost_the_same() -> None:
    whole = "query ($by: By) { sought(by: $by) }"
    assert cost(whole, by={"text": "x", "also": {"text": "y"}}) == 8
    assert cost(whole, by=None) == cost(whole) == 0
    parts = "query ($t: String, $by: By) { sought(by: {text: $t, also: $by}) }"
    assert cost(parts) == 1
    assert cost(parts, t="x") == 4
    assert cost(parts, t="x", by={"text": "y"}) == 8
    listed = "query ($by: By!) { sought(all: [$by, $by, {}]) }"
    assert cost(listed, by={"text": "x"}) == 9


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ node { id } }", 5),
        ("{ any { __typename } }", 5),
        ("{ node { ... on A { a { id } } } }", 5),
        ("{ node { ... on A { a { other { other { other { other { id } } } } } } } }", 6),
        ("{ node { ... on A { a { id } } ... on B { b { id } } } }", 15),
        ("{ any { ... on A { a { id } } ... on B { b { id } } ... on Thing { things { id } } } }", 15),
        ("{ any { ... on A { a { id } } ... on Node { id self { id } } } }", 55),
        ("{ node { field } }", 16),
        ("{ node { thing { id } } }", 6),
        ("{ node { list { id } } }", 55),
        ("{ node { slist(first: 3) { id } } }", 8),
        ("{ node { self { self { id } } } }", 5 + 10 * (5 + 10 * 5)),
    ],
)
def test_the_dearest_of_the_possible_types_counts(query: str, expected: int) -> None:
    assert cost(query) == expected


def test_what_is_skipped_does_not_count() -> None:
    query = """query ($a: Boolean!, $b: Boolean!) {
      many @include(if: $a) { things @skip(if: $b) { id } }
      first @include(if: $b) { id }
      node { ... on B @include(if: $a) { b { id } } }
    }"""
    assert cost(query, a=False, b=False) == 5
    assert cost(query, a=True, b=False) == 110 + 15
    with pytest.raises(RequestError, match="takes exactly one of `first`, to say how much is"):
        cost(query, a=True, b=True)
    assert cost("{ many @skip(if: true) { id } number }") == 0
    assert cost("mutation ($a: Boolean!) { do @include(if: $a) }", a=False) == 0


def test_past_the_bound_an_operation_is_refused_with_bound_and_estimate() -> None:
    query = "query ($n: Int) { first(first: $n) { id } }"
    assert cost(query, bound=20, n=20) == 20
    with pytest.raises(RequestError, match="estimated to cost 21; at most 20 is taken") as caught:
        cost(query, bound=20, n=21)
    assert [p.code for p in caught.value.problems] == ["OPERATION_TOO_EXPENSIVE"]
    with pytest.raises(RequestError, match="cost 10; at most 0 is"):
        cost("{ many { id } }", bound=0)
    assert cost("{ number }", bound=0) == 0


def test_numbers_stay_bounded() -> None:
    many = "2147483647"
    query = f"{{ first(first: {many}) {{ " + "things { " * 20 + "id" + " }" * 20 + " } }"
    assert cost(query) == MOST
    with pytest.raises(RequestError, match=f"{MOST} or more; at most 9"):
        cost(query, bound=9)
    assert (
        cost(f"query ($n: Int = {many}) {{ page(first: $n) {{ items {{ id }} more {{ things {{ id }} }} }} }}") < MOST
    )


def test_time_is_linear_in_the_operation() -> None:
    inner = "slist(first: $n) { id }"
    for _ in range(24):
        inner = f"any {{ ... on A {{ id }} ... on B {{ id }} ... on Node {{ field {inner} }} }}"
    began = time.process_time()
    cost(f"query ($n: Int) {{ {inner} }}", n=1)
    assert time.process_time() - began < 10  # against blow-up, not a measure of speed


class Counted(list[object]):
    """A list that counts how often it is gone through."""

    def __init__(self, items: list[object]) -> None:
        super().__init__(items)
        self.passes = 0

    def __iter__(self) -> Iterator[object]:
        self.passes += 1
        return super().__iter__()


def test_a_value_is_gone_through_once() -> None:
    passes: list[int] = []
    for times in (1, 40):
        by = Counted([{"text": "x"}] * 9)
        fields = " ".join(f"a{number}: sought(all: $by)" for number in range(times))
        assert cost(f"query ($by: [By!]) {{ {fields} }}", by=by) == 36 * times
        passes.append(by.passes)
    assert passes[0] == passes[1] > 0


def test_a_value_that_weighs_nothing_is_not_gone_through() -> None:
    values = Counted(["x"] * 9)
    checked = Counted(["x"] * 9)
    read = supergraph()
    document = read_document("query ($t: [ID!]) { free(ids: $t) { id } }", None, read.api_schema, Limits())
    normalised = normalise(document, read)
    check_variables(read.api_schema, declared(document.declared), normalised, {"t": checked})
    assert cost("query ($t: [ID!]) { free(ids: $t) { id } }", t=values) == 0
    assert values.passes == checked.passes
