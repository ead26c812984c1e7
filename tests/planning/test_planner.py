"""What holds of every plan, and that no operation makes planning slow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Final

import pytest

from gateway.composition import SubgraphSource, compose
from gateway.errors import PlanningError
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Plan, Planner, readings
from gateway.querygraph import cost
from gateway.supergraph import Supergraph, read_supergraph

LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
    ' import: ["@key", "@shareable", "@requires", "@external"]) '
)


def composed(sdls: Mapping[str, str]) -> tuple[Supergraph | None, set[str]]:
    result = compose([SubgraphSource(name, f"http://{name}/", LINK + sdl) for name, sdl in sdls.items()])
    read = read_supergraph(result.supergraph) if result.supergraph is not None else None
    return read, {error.code for error in result.errors}


def plan(supergraph: Supergraph | None, query: str) -> Plan:
    assert supergraph is not None
    document = read_document(query, None, supergraph.api_schema, Limits())
    return Planner(supergraph).plan(normalise(document, supergraph).operation)


@cache
def small() -> Supergraph | None:
    return composed(
        {
            "a": 'type Query { me: User users(n: Int): [User] } type User @key(fields: "id") { id: ID! name: String } '
            "type Mutation { one: User two: User }",
            "b": 'type User @key(fields: "id") { id: ID! age(unit: String): Int w: Int }',
            "c": 'type User @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") }',
        }
    )[0]


QUERIES: Final = [
    "{ me { name } }",
    "{ me { name age r } users { age } }",
    "query($n: Int, $u: String, $v: Boolean!) { users(n: $n) { age(unit: $u) r @include(if: $v) name } }",
    "mutation { one { age r } two { name age } }",
    "{ __typename }",
    "{ me { r } users { r } }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_request_waits_only_for_earlier_ones_and_stands_in_one_wave(query: str) -> None:
    found = plan(small(), query)
    wave_of = {number: wave for wave, numbers in enumerate(found.waves) for number in numbers}
    assert sorted(wave_of) == [request.number for request in found.requests]
    assert sum(map(len, found.waves)) == len(found.requests)
    for request in found.requests:
        assert all(wave_of[before] < wave_of[request.number] for before in request.after)
        assert all(before < request.number for before in request.after)


@pytest.mark.parametrize("query", QUERIES)
def test_a_step_waits_only_for_steps_of_the_requests_before_it(query: str) -> None:
    earlier: set[int] = set()
    requests = plan(small(), query).requests
    assert requests or query == "{ __typename }"
    for request in requests:
        assert earlier.issuperset(number for step in request.steps for number in step.after)
        earlier.update(step.number for step in request.steps)


@pytest.mark.parametrize("query", QUERIES)
def test_one_operation_has_one_plan(query: str) -> None:
    lines = list(plan(small(), query).describe())
    assert lines == list(plan(small(), query).describe())
    assert lines[0].startswith("QueryPlan")


def test_a_request_declares_the_variables_that_it_uses_and_no_others() -> None:
    requests = plan(small(), QUERIES[2]).requests
    assert [(r.graph.name, len(r.variables)) for r in requests] == [("a", 1), ("b", 2), ("c", 1)]
    for request in requests:
        for name in request.variables:
            assert request.query.count(f"${name}") >= 2, "declared and used"


def test_steps_of_one_wave_to_one_subgraph_are_one_request() -> None:
    requests = plan(small(), "{ me { age } users { age w } x: users(n: 1) { w } }").requests
    assert [(request.graph.name, len(request.steps)) for request in requests] == [("a", 1), ("b", 3)]
    assert [requests[1].response_key(index) for index in range(3)] == ["_0", "_1", "_2"]
    assert requests[0].kind == "query"


def test_steps_that_ask_the_same_for_several_positions_are_one_step() -> None:
    (_, second) = plan(small(), "{ me { age } users { age } x: users(n: 1) { w } }").requests
    assert [[".".join(map(str, path)) for path in step.paths] for step in second.steps] == [["me", "users"], ["x"]]
    assert [second.response_key(index) for index in range(2)] == ["_0", "_1"]


def test_what_brings_objects_stays_apart_by_position() -> None:
    """An object that two positions shared would show at one what a later step brings for the other."""
    supergraph, _ = composed(
        {
            "a": 'type Query { p: Person q: Person } type Person @key(fields: "id") { id: ID! }',
            "b": 'type Person @key(fields: "id") { id: ID! house: House name: String } type House { id: ID }',
        }
    )
    (_, second) = plan(supergraph, "{ p { house { id } } q { house { id } } }").requests
    assert [len(step.paths) for step in second.steps] == [1, 1]
    (_, second) = plan(supergraph, "{ p { name } q { name } }").requests
    assert [len(step.paths) for step in second.steps] == [2]


def test_only_roots_of_a_mutation_are_mutations() -> None:
    requests = plan(small(), "mutation { one { age } two { name } }").requests
    assert [(request.graph.name, request.kind) for request in requests] == [
        ("a", "mutation"), ("b", "query"), ("a", "mutation")
    ]  # fmt: skip


def test_what_the_client_chose_is_known_by_position() -> None:
    chosen = plan(small(), "{ x: me { age r } }").chosen
    assert chosen == {(): {"x"}, ("x",): {"age", "r"}}


# cost


def quickly(supergraph: Supergraph | None, query: str) -> Plan:
    began = time.process_time()
    found = plan(supergraph, query)
    assert time.process_time() - began < 20  # against blow-up, not a measure of speed
    return found


@cache
def abstract() -> Supergraph | None:
    names = [f"T{n}" for n in range(10)]
    return composed(
        {
            "a": "type Query { items: [I] } interface I { id: ID! } "
            + " ".join(f'type {n} implements I @key(fields: "id") {{ id: ID! }}' for n in names),
            "b": "interface I { id: ID! stock: Int next: I } "
            + " ".join(f'type {n} implements I @key(fields: "id") {{ id: ID! stock: Int next: I }}' for n in names),
            "c": " ".join(f'type {n} @key(fields: "id") {{ id: ID! far: Int }}' for n in names),
        }
    )[0]


def test_types_times_levels_and_not_types_to_the_levels() -> None:
    far = " ".join(f"... on T{n} {{ far }}" for n in range(10))
    query = f"stock {far}"
    for _ in range(14):
        query = f"stock {far} next {{ {query} }}"
    found = quickly(abstract(), f"{{ items {{ {query} }} }}")
    assert len(found.requests) <= 5
    assert sum(len(request.steps) for request in found.requests) < 2_000


@cache
def crowded() -> Supergraph | None:
    def sdl(graph: int) -> str:
        others = [(graph + step) % 10 for step in range(1, 4)]
        keys = " ".join(f'@key(fields: "k{graph} k{other}")' for other in others)
        known = " ".join(f"k{number}: ID!" for number in sorted({graph, *others}))
        query = "type Query { one: T } " if graph == 0 else ""
        return f'{query}type T @key(fields: "id") {keys} {{ id: ID! {known} f{graph}: Int next{graph}: T }}'

    return composed({f"g{graph}": sdl(graph) for graph in range(10)})[0]


def test_ten_subgraphs_with_four_keys_each() -> None:
    leaves = " ".join(f"f{graph}" for graph in range(10))
    assert len(quickly(crowded(), f"{{ one {{ {leaves} }} }}").requests) == 10
    query = leaves
    for depth in range(15):
        query = f"{leaves} next{depth % 10} {{ {query} }}"
    assert len(quickly(crowded(), f"{{ one {{ {query} }} }}").requests) <= 160


def chain(length: int) -> tuple[Supergraph | None, set[str]]:
    def sdl(number: int) -> str:
        own = f'f{number - 1}: Int @external f{number}: Int @requires(fields: "f{number - 1}")'
        return f'type T @key(fields: "id") {{ id: ID! {own} }}'

    first = 'type Query { one: T } type T @key(fields: "id") { id: ID! f0: Int }'
    return composed({"g0": first, **{f"g{number}": sdl(number) for number in range(1, length + 1)}})


def test_requirements_of_requirements_to_the_bound() -> None:
    supergraph, _ = chain(cost.MAX_NEED_DEPTH)
    found = quickly(supergraph, f"{{ one {{ f{cost.MAX_NEED_DEPTH} }} }}")
    assert [request.graph.name for request in found.requests] == [f"g{n}" for n in range(cost.MAX_NEED_DEPTH + 1)]
    assert len(found.waves) == cost.MAX_NEED_DEPTH + 1


def test_requirements_past_the_bound_are_refused_when_composed() -> None:
    assert chain(cost.MAX_NEED_DEPTH + 2) == (None, {"SATISFIABILITY_ERROR"})


def test_requirements_in_a_circle_are_refused_when_composed() -> None:
    found = composed(
        {
            "a": 'type Query { one: T } type T @key(fields: "id") '
            '{ id: ID! y: Int @external x: Int @requires(fields: "y") }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
        }
    )
    assert found == (None, {"SATISFIABILITY_ERROR"})


def test_the_search_stops_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "MAX_EXPANSIONS", 3)
    with pytest.raises(PlanningError, match="too long"):
        plan(crowded(), "{ one { f5 f6 f7 } }")


def test_what_is_asked_under_an_alias_is_read_like_all_else() -> None:
    supergraph, _ = composed(
        {
            "a": 'type Query { search: [AB] } union AB = A | B type A @key(fields: "id") '
            "{ id: ID! name: String! @shareable } type B { name: String }",
            "b": 'type A @key(fields: "id") { id: ID! name: String @shareable }',
        }
    )
    assert supergraph is not None
    found = plan(supergraph, "{ search { ... on A { name } ... on B { name } } }")
    assert "... on B { _1_name: name }" in found.requests[0].query
    (reading,) = readings(found, supergraph).values()
    assert reading.coordinates == ("A.name", "B.name", "Query.search")
