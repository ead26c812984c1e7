"""Chains of `@requires`: long ones are planned, and those beyond the bound refused with the bound's name."""

from __future__ import annotations

from gateway.composition import CompositionResult, SubgraphSource, compose
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Planner
from gateway.querygraph.cost import MAX_NEED_DEPTH
from gateway.supergraph import read_supergraph

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@requires", "@external"])\n'
)


def _chain(length: int) -> CompositionResult:
    """`length` subgraphs, each with a field that requires the one of the subgraph before."""
    first = _LINK + 'type Query { a: A } type A @key(fields: "id") { id: ID! f0: Int }'
    rest = [
        f'{_LINK}type A @key(fields: "id") '
        f'{{ id: ID! f{i - 1}: Int @external f{i}: Int @requires(fields: "f{i - 1}") }}'
        for i in range(1, length)
    ]
    return compose([SubgraphSource(f"s{i}", "http://x", sdl) for i, sdl in enumerate([first, *rest])])


def test_a_chain_is_planned_link_by_link() -> None:
    result = _chain(20)
    assert result.errors == ()
    assert result.supergraph is not None
    supergraph = read_supergraph(result.supergraph)
    document = read_document("{ a { f19 } }", None, supergraph.api_schema, Limits())
    plan = Planner(supergraph).plan(normalise(document, supergraph).operation)
    assert [request.graph.name for request in plan.requests] == [f"s{i}" for i in range(20)]


def test_a_chain_beyond_the_bound_is_refused_in_composition() -> None:
    result = _chain(MAX_NEED_DEPTH + 4)
    assert {error.code for error in result.errors} == {"SATISFIABILITY_ERROR"}
    assert any(str(MAX_NEED_DEPTH) in error.message for error in result.errors)
