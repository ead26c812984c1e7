"""The driver of composition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge import Collected, merge_schema
from gateway.composition.parse import graph_id, parse_subgraph
from gateway.composition.result import CompositionError, CompositionResult
from gateway.composition.rules import LINK_RULES, MERGED_RULES, SCHEMA_RULES, SUBGRAPH_RULES, check_inaccessible
from gateway.composition.satisfiability import check_satisfiability
from gateway.composition.upgrade import upgrade
from gateway.composition.write import write_supergraph
from gateway.errors import SupergraphError
from gateway.supergraph import read_supergraph
from gateway.supergraph.api_schema import schema_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.subgraph import Subgraph, SubgraphSource


def compose(sources: Sequence[SubgraphSource]) -> CompositionResult:
    """Compose subgraphs into a supergraph. Reports every error of a stage; never raises for what an SDL says."""
    parsed = _parse(sources)
    if isinstance(parsed, CompositionResult):
        return parsed
    collected = Collected(parsed)
    for rules in (LINK_RULES, SCHEMA_RULES, SUBGRAPH_RULES):
        for rule in rules:
            rule(collected)
        if collected.errors:
            return _refused(collected)
    upgrade(collected)
    merged = merge_schema(collected)
    for rule in MERGED_RULES:
        rule(collected)
    check_inaccessible(collected, merged)
    if collected.errors:
        return _refused(collected)
    sdl = write_supergraph(merged, parsed)
    try:
        supergraph = read_supergraph(sdl)
    except SupergraphError as error:
        return CompositionResult(None, (CompositionError("INVALID_GRAPHQL", str(error)),), tuple(collected.hints))
    for message in schema_problems(supergraph.api_schema):
        collected.error("INVALID_GRAPHQL", message)
    if not collected.errors:
        check_satisfiability(supergraph, collected)
    if collected.errors:
        return _refused(collected)
    return CompositionResult(sdl, (), tuple(collected.hints))


def _parse(sources: Sequence[SubgraphSource]) -> list[Subgraph] | CompositionResult:
    parsed: list[Subgraph] = []
    errors: list[CompositionError] = []
    for source in sorted(sources, key=lambda s: s.name):
        found = parse_subgraph(source, graph_id(source.name, {s.id for s in parsed}))
        if isinstance(found, CompositionError):
            errors.append(found)
        else:
            parsed.append(found)
    return CompositionResult(None, tuple(errors)) if errors else parsed


def _refused(collected: Collected) -> CompositionResult:
    return CompositionResult(None, tuple(collected.errors), tuple(collected.hints))
