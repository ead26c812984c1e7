"""The stages of composition, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.hints import hint_differences
from gateway.composition.merge import Collected, merge_schema
from gateway.composition.parse import MAX_TOKENS, graph_id, parse_subgraph
from gateway.composition.result import CompositionError, CompositionResult
from gateway.composition.rules import (
    MERGE_RULES,
    SCHEMA_RULES,
    SUBGRAPH_RULES,
    check_inaccessible,
    check_interface_fields,
    check_leaves,
    check_queries,
    check_subjects,
    check_transitive_access,
)
from gateway.composition.satisfiability import check_satisfiability
from gateway.composition.upgrade import upgrade
from gateway.composition.write import write_supergraph
from gateway.errors import SupergraphError
from gateway.supergraph import read_supergraph
from gateway.supergraph.api_schema import schema_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.subgraph import Subgraph, SubgraphSource


def composed(sources: Sequence[SubgraphSource]) -> CompositionResult:
    """The supergraph of these subgraphs, or every error of the first stage that has any.

    The stages: each subgraph by itself, of which one that is no GraphQL is not looked at further; all of them together
    as they are merged; what was merged; and whether it can be asked.
    """
    collected = Collected([])
    _parse(sources, collected)
    sound = Collected([s for s in collected.subgraphs if _is_sound(s, collected)], collected.errors, collected.hints)
    for rule in SUBGRAPH_RULES:
        rule(sound)
    if collected.errors:
        return _refused(collected)
    check_queries(collected)
    upgrade(collected)
    merged = merge_schema(collected)
    for rule in MERGE_RULES:
        rule(collected)
    if collected.errors:
        return _refused(collected)
    check_leaves(collected)
    check_interface_fields(collected)
    check_inaccessible(collected, merged)
    if collected.errors:
        return _refused(collected)
    hint_differences(collected, merged)
    return _checked(write_supergraph(merged, collected.subgraphs), collected)


def _checked(sdl: str, collected: Collected) -> CompositionResult:
    """The supergraph, if it is one and can be asked."""
    try:
        supergraph = read_supergraph(sdl)
    except SupergraphError as error:
        collected.error("INVALID_GRAPHQL", str(error))
        return _refused(collected)
    for message in schema_problems(supergraph.api_schema):
        collected.error("INVALID_GRAPHQL", message)
    if not collected.errors:
        check_satisfiability(supergraph, collected)
        check_transitive_access(collected)
        check_subjects(supergraph, collected)
    return _refused(collected) if collected.errors else CompositionResult(sdl, (), tuple(collected.hints), supergraph)


def _is_sound(subgraph: Subgraph, collected: Collected) -> bool:
    """Whether a subgraph is a schema at all."""
    alone = Collected([subgraph], collected.errors, collected.hints)
    for rules in SCHEMA_RULES:
        before = len(collected.errors)
        for rule in rules:
            rule(alone)
        if len(collected.errors) > before:
            return False
    return True


def _parse(sources: Sequence[SubgraphSource], collected: Collected) -> None:
    left = MAX_TOKENS
    for source in sorted(sources, key=lambda s: s.name):
        if source.name == "_":
            collected.error("INVALID_SUBGRAPH_NAME", "a subgraph can't be called `_`")
            continue
        found = parse_subgraph(source, graph_id(source.name, {s.id for s in collected.subgraphs}), left)
        if isinstance(found, CompositionError):
            collected.errors.append(found)
        else:
            collected.subgraphs.append(found)
            left -= found.document.token_count


def _refused(collected: Collected) -> CompositionResult:
    return CompositionResult(None, tuple(collected.errors), tuple(collected.hints))
