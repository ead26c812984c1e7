"""Of which nulls an agency's errors speak: what it gave is there, whatever its errors say.

A path without the index of an entity speaks of all of them. A path that leads to more than a null speaks of the nulls
below it; where there are none nothing is missing, but for a list, which may have been cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.execution.locate import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.execution.context import Batch
    from gateway.execution.locate import ResponsePath
    from gateway.execution.problems import SubgraphProblem
    from gateway.planning import Request

MAX_NULLS: Final = 20
"""Nulls below an error's path of which each is told of; of more, what the path leads to is."""

MAX_LOOKED_AT: Final = 5_000
MAX_FOUND: Final = 2_000
"""Values of one answer that are looked at for it, and errors that are made of its own. Past either an error speaks of
all that its path leads to."""


class SpokenOf:
    """Takes the errors of one answer, one after the other. `data` is what of it was requested."""

    def __init__(self, data: object, request: Request, batches: Sequence[Batch]) -> None:
        self._data = data
        self._request = request
        self._batches = batches
        self._left = MAX_LOOKED_AT
        self._room = MAX_FOUND

    def of(self, problem: SubgraphProblem) -> list[SubgraphProblem]:
        """Return an error as one for each null of which it speaks."""
        found = self._spread(problem)
        self._room -= len(found)
        return found

    def _spread(self, problem: SubgraphProblem) -> list[SubgraphProblem]:
        if not problem.rest or not isinstance(self._data, dict):
            return [problem]
        if problem.batch is None:
            return self._narrowed(problem, self._data)
        entities = self._data.get(self._request.response_key(problem.batch))
        if not isinstance(entities, list) or len(entities) != len(self._batches[problem.batch].places):
            return [problem] if problem.entity is not None else [problem._replace(rest=())]
        if problem.entity is not None:
            return self._narrowed(problem, entities[problem.entity])
        found: list[SubgraphProblem] = []
        for at, entity in enumerate(entities):
            found += self._narrowed(problem._replace(entity=at), entity)
            if self._left <= 0 or len(found) >= self._room:
                return [problem._replace(rest=())]
        return [one for one in found if not one.is_given] or found[:1]

    def _narrowed(self, problem: SubgraphProblem, value: object) -> list[SubgraphProblem]:
        """Return an error of one object for what is null where its path leads to, or below."""
        self._left -= 1
        for part in problem.rest:
            if isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
                value = value[part]
            elif value is not None and value is not MISSING:
                return [problem]
        nulls, has_list = self._below(value, problem.rest)
        if nulls == [problem.rest] or len(nulls) > MAX_NULLS or self._left <= 0 or self._room <= MAX_NULLS:
            return [problem]
        if nulls:
            return [problem._replace(rest=path) for path in nulls]
        return [problem] if has_list else [problem._replace(is_given=True)]

    def _below(self, value: object, path: ResponsePath) -> tuple[list[ResponsePath], bool]:
        """Return the paths of some nulls in a value, and whether it has a list."""
        nulls: list[ResponsePath] = []
        has_list = False
        pending: list[tuple[object, ResponsePath]] = [(value, path)]
        while pending and self._left > 0 and len(nulls) <= MAX_NULLS:
            self._left -= 1
            one, at = pending.pop()
            if one is None or one is MISSING:
                nulls.append(at)
            elif isinstance(one, dict):
                pending += [(inner, (*at, key)) for key, inner in one.items()]
            elif isinstance(one, list):
                has_list = True
                pending += [(inner, (*at, index)) for index, inner in enumerate(one[: self._left])]
        return nulls, has_list
