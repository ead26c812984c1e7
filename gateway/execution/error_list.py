"""The errors of one answer: bounded, and each path has one of a code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.execution.locate import ResponsePath

MAX_ERRORS: Final = 1_000
"""From so many on errors are told of lists as a whole, and of twice as many of a root field as a whole."""

MORE: Final = "more of the agencies' values do not fit the types of their fields, or are missing"


class ErrorList:
    """Grows while a plan runs and its answer is made."""

    __slots__ = ("_known",)

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._known = {(one.path, one.code): one for one in problems}

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    @property
    def is_full(self) -> bool:
        """Whether of what comes now whole lists are told of."""
        return len(self._known) >= MAX_ERRORS

    def add(self, problem: Problem) -> None:
        """Add an error, unless one of its path and code is known; where there are too many, one of what is above it."""
        slot = (problem.path, problem.code)
        if slot in self._known:
            return
        if self.is_full and problem.path:
            end = 1 if len(self._known) >= 2 * MAX_ERRORS else _length_to_a_list(problem.path)
            if end < len(problem.path):
                problem = Problem(MORE, problem.code, problem.path[:end], extensions=problem.extensions)
                slot = (problem.path, problem.code)
        self._known.setdefault(slot, problem)

    def put(self, problems: Iterable[Problem]) -> None:
        """Have these errors and no others."""
        self._known = {(one.path, one.code): one for one in problems}


def _length_to_a_list(path: ResponsePath) -> int:
    """Return the length of a path down to the first list on it."""
    return next((at for at, part in enumerate(path) if isinstance(part, int)), len(path))
