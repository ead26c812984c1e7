"""An agency's errors: which of what was asked each speaks of, and what clients are told by it.

However many there are, what they take is bounded: of those past the bounds it is told that what they may speak of is
missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.execution.context import holds
from gateway.execution.refusals import MASKED
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.execution.conform import Unfit
    from gateway.execution.context import Batch
    from gateway.execution.locate import ResponsePath
    from gateway.execution.refusals import Refusals
    from gateway.planning import Request, Step
    from gateway.supergraph.selections import SelectionSet

MAX_READ: Final = 1_000
"""Errors of one answer that are read: that there are more is told of all that was asked."""

MAX_WHOLE: Final = 10
"""Errors that speak of all that a step asked, or of all of an entity: others say nothing more of what is missing."""

MAX_DIGITS: Final = 10
MAX_PATH: Final = 100
"""Parts of an error's path that are read."""


class SubgraphProblem(NamedTuple):
    """An error of a subgraph's answer. `batch` and `entity` say which part it speaks of, None of all.

    `is_given`: what its path leads to is there all the same, so that nothing is missing.
    """

    message: str
    code: str
    reason: str
    batch: int | None
    entity: int | None
    rest: tuple[str | int, ...]
    is_given: bool = False


def read_problems(
    errors: Sequence[object], request: Request, batches: Sequence[Batch], refusals: Refusals
) -> list[SubgraphProblem]:
    """Return the errors of an answer, each with the step and the entity that its path leads to, and the keys below.

    One whose path leads to nothing that was asked speaks of all that was. Of its words only what `refusals` let pass is
    read.
    """
    by_key = {request.response_key(i): i for i, step in enumerate(request.steps) if step.entity is not None}
    of_root = frozenset() if by_key else frozenset(keys_of(request.steps[0].selections, {}, every=True))
    reading = _Reading(request, batches, refusals, by_key, of_root)
    found: dict[tuple[object, ...], SubgraphProblem] = {}
    whole: dict[tuple[int | None, int | None], int] = {}
    for error in errors[:MAX_READ]:
        problem = reading.problem(error)
        slot = (problem.code, problem.reason, *problem[3:])
        if slot in found:
            continue
        if not problem.rest:
            spoken_of = (problem.batch, problem.entity)
            whole[spoken_of] = whole.get(spoken_of, 0) + 1
            if whole[spoken_of] > MAX_WHOLE:
                continue
        found[slot] = problem
    if len(errors) > MAX_READ:
        message = f"`{request.graph.name}` answered with more errors than are read"
        found[None,] = SubgraphProblem(message, MASKED, MASKED, None, None, ())
    return list(found.values())


class _Reading(NamedTuple):
    """Reads the errors of one answer. `by_key` are the numbers of its steps by the keys of their entities.

    `of_root` are the keys of its root where it has no such steps.
    """

    request: Request
    batches: Sequence[Batch]
    refusals: Refusals
    by_key: Mapping[str, int]
    of_root: frozenset[str]

    def problem(self, error: object) -> SubgraphProblem:
        item: Mapping[str, object] = error if isinstance(error, dict) else {}
        given = item.get("extensions")
        extensions: Mapping[str, object] = given if isinstance(given, dict) else {}
        code = self.refusals.code(extensions.get("code"))
        reason = self.refusals.reason(extensions.get("reason"), code)
        stated = item.get("message")
        message = self.refusals.message(stated if isinstance(stated, str) else None, code, self.request.graph.name)
        raw = item.get("path")
        parts = map(_part, raw[:MAX_PATH]) if isinstance(raw, list) else ()
        path = tuple(part for part in parts if isinstance(part, str | int))
        return SubgraphProblem(message, code, reason, *(self._entity(path) if self.by_key else self._root(path)))

    def _root(self, path: ResponsePath) -> tuple[int | None, int | None, ResponsePath]:
        path = _put_back(path, self.request.steps[0])
        return None, None, path if path and path[0] in self.of_root else ()

    def _entity(self, path: ResponsePath) -> tuple[int | None, int | None, ResponsePath]:
        batch = self.by_key.get(path[0]) if path and isinstance(path[0], str) else None
        if batch is None or len(path) < 2:
            return batch, None, ()
        if not isinstance(path[1], int):  # no index: of which entities it speaks, their nulls tell
            step = self.batches[batch].step
            rest = _put_back(path[1:], step)
            return batch, None, rest if rest[0] in keys_of(step.selections, {}, every=True) else ()
        if not 0 <= path[1] < len(self.batches[batch].places):
            return batch, None, ()
        return batch, path[1], _put_back(path[2:], self.batches[batch].step)


def _part(part: object) -> object:
    """A part of a path; an index may be written as a text, which no key is."""
    return int(part) if isinstance(part, str) and part.isdecimal() and len(part) < MAX_DIGITS else part


def unfit_problems(
    unfit: Iterable[Unfit], request: Request, batches: Sequence[Batch], stated: Iterable[SubgraphProblem]
) -> list[SubgraphProblem]:
    """Return an error for each value that is not of its type or did not come, as if its agency had said so.

    Of what the agency's own errors (`stated`) speak nothing more is said.
    """
    message = f"`{request.graph.name}` answered with a value that does not fit the type of this field"
    spoken_of = {(problem.batch, problem.entity, problem.rest) for problem in stated}
    found: list[SubgraphProblem] = []
    for one in unfit:
        if one.entity is not None and one.entity >= len(batches[one.step].places):
            continue
        path = _put_back(one.path, batches[one.step].step)
        above = [path[:length] for length in range(len(path) + 1)]
        if not any(
            (of, who, rest) in spoken_of for of in (None, one.step) for who in (None, one.entity) for rest in above
        ):
            found.append(SubgraphProblem(message, MASKED, "BAD_CONTENT", one.step, one.entity, path))
    return found


def _put_back(path: ResponsePath, step: Step) -> ResponsePath:
    """A path with each field's own key where it was asked under an alias."""
    if not step.renames:
        return path
    keys = {rename.alias: rename.key for rename in step.renames}
    return tuple(keys.get(part, part) if isinstance(part, str) else part for part in path)


def keys_of(selections: SelectionSet, variables: Mapping[str, object], *, every: bool = False) -> list[str]:
    """Return the keys of one level that count in this request, or `every` one."""
    out: list[str] = []
    for selection in selections:
        if isinstance(selection, Field):
            if every or holds((selection.conditions,), variables):
                out.append(selection.key)
        else:
            out.extend(keys_of(selection.selections, variables, every=every))
    return out
