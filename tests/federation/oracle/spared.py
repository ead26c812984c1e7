"""Which fields of an answer a failed subgraph can't have cost: those that other requests of the plan bring."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.execution.context import holds
from gateway.planning import Plan
from gateway.supergraph.selections import Field, SelectionSet
from tests.federation.oracle.verdict import ResponsePath
from tests.federation.values import Json


class Spared:
    """Whether the last field of a response path was asked of a subgraph that answers, by a request that could be made.

    A field that only some types of its position have may be asked of several; it counts only if all of them answer.
    """

    def __init__(self, plan: Plan, failed: str, variables: Mapping[str, Json]) -> None:
        self.good: set[tuple[str, ...]] = set()
        self.bad: set[tuple[str, ...]] = set()
        self.variables = variables
        spoilt: set[int] = set()
        for request in plan.requests:
            if request.graph.name == failed or spoilt & set(request.after):
                spoilt.add(request.number)
            for step in request.steps:
                if holds(step.wanted, variables):
                    into = self.bad if request.number in spoilt else self.good
                    for path in step.paths:
                        self._add(step.selections, tuple(segment.key for segment in path), into)

    def __call__(self, path: ResponsePath) -> bool:
        keys = tuple(part for part in path if isinstance(part, str))
        return keys in self.good and keys not in self.bad

    def _add(self, selections: SelectionSet, position: tuple[str, ...], into: set[tuple[str, ...]]) -> None:
        for selection in selections:
            if not isinstance(selection, Field):
                self._add(selection.selections, position, into)
            elif holds((selection.conditions,), self.variables):
                into.add((*position, selection.key))
                self._add(selection.selections, (*position, selection.key), into)
