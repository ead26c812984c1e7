"""The client's answer while it is made: what compiled projections call where a value is not as it should be."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import orjson

from gateway.errors import Problem
from gateway.execution.disclosure import Disclosure
from gateway.execution.locate import MISSING
from gateway.nesting import nested_within
from gateway.operations.subjects import SUBJECT_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.execution.disclosure import Given
    from gateway.execution.locate import ResponsePath
    from gateway.execution.outcome import Outcome

Link: TypeAlias = "tuple[Link, str | int] | None"
"""A response path from its end: (what leads to the parent, key); None is the root."""

MAX_NESTING = 64


class Answer:
    """One projection under way. `flags` say which conditions hold.

    `memos` keep what each shared object became. `marks` counts what was out of order: an object below which nothing was
    may stand in several places, as no path is in it. `took_parent`: a null has taken what it was in with it.
    """

    __slots__ = (
        "_begun",
        "_dropped",
        "_told",
        "absent",
        "disclosure",
        "flags",
        "marks",
        "memos",
        "outcome",
        "subjects",
        "took_parent",
        "variables",
    )

    def __init__(self, outcome: Outcome, variables: Mapping[str, object], flags: list[bool], memos: int) -> None:
        self.outcome = outcome
        self.variables = variables
        self.absent = outcome.absent
        self.subjects = outcome.subjects
        self.flags = flags
        self.memos: list[dict[int, object]] = [{} for _ in range(memos)]
        self.disclosure = Disclosure()
        self.marks = 0
        self.took_parent = False
        self._begun: set[ResponsePath | None] | None = None
        self._dropped: dict[ResponsePath, list[int]] = {}
        self._told: Link = None

    def unfit(self, at: Link) -> None:
        """A value that does not fit its type is null, and an error says why (GraphQL specification, section 6.4.3)."""
        self._report(at, "the agency's value does not fit the type of this field")

    def other(self, value: object, at: Link) -> None:
        """Null, and an error where it was not null before; of a value that is missing its fetch has told."""
        self.marks += 1
        if value is not None and value is not MISSING:
            self.unfit(at)

    def lost(self, at: Link) -> None:
        """A null where none may be takes its parent with it; an error says so where none does at or below it."""
        self.marks += 1
        self.took_parent = True
        if self._begun is None:
            self._begun = set()
            for problem in self.outcome.errors:
                self._note(problem.path)
        if None not in self._begun and _path(at) not in self._begun:
            self._report(at, "a value that may not be null is missing")

    def lacks(self, value: object, at: Link) -> None:
        """`other`, then `lost`."""
        self.other(value, at)
        self.lost(at)

    def named(self, value: object, hidden: frozenset[str], at: Link) -> None:
        """A value that is none of an enum's: those of its values that clients can't see are null without an error."""
        if value.__class__ is not str or value not in hidden:
            self.other(value, at)

    def whole(self, value: object, at: Link) -> int | None:
        """An `Int`: of 32 bits, and as good where it is written with a fraction of nothing (section 3.5.1)."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31:
            return value
        self.other(value, at)
        return None

    def identifier(self, value: object, at: Link) -> str | None:
        """An `ID` is a string for clients, and a whole number as good (section 3.5.5)."""
        if value.__class__ is int:
            return str(value)
        self.other(value, at)
        return None

    def scalar(self, value: object, at: Link) -> object:
        """A custom scalar's object or list; null, with an error, where it can't be written."""
        if value is not MISSING and nested_within(value, MAX_NESTING):
            with contextlib.suppress(TypeError):  # of integers that are larger than 64 bits
                orjson.dumps(value)
                return value
        self.other(value, at)
        return None

    def hides(self, items: list[object]) -> bool:
        """Whether it could not be learnt of one of these subjects if it exists: then not even their number is told."""
        for item in items:
            if isinstance(item, dict) and item.get(SUBJECT_KEY).__class__ is not str and id(item) not in self.absent:
                self.marks += 1
                return True
        return False

    def note_about(self, value: object, path: str, found: Mapping[str, object], given: Given) -> None:
        """Note an object that names its subjects, where all of them are told of."""
        items = value if isinstance(value, list) else [value]
        named = [item.get(SUBJECT_KEY) for item in items if isinstance(item, dict)]
        subjects = tuple(one for one in named if isinstance(one, str) and one in self.subjects)
        if subjects and len(subjects) == len(items):
            self.disclosure.note_about(subjects, path, found, given)

    def drop(self, at: Link, index: int) -> None:
        """An item of a list that does not exist for this reader leaves no gap."""
        self.marks += 1
        self._dropped.setdefault(_path(at), []).append(index)

    def close_gaps(self) -> None:
        """Errors follow their items where a list has lost those that do not exist; what such items had, is not told."""
        if not self._dropped:
            return
        kept: list[Problem] = []
        for problem in self.outcome.errors:
            path: list[str | int] = []
            for index, part in enumerate(problem.path or ()):
                if isinstance(part, int):
                    dropped = self._dropped.get((problem.path or ())[:index], ())  # in their order
                    before = bisect_left(dropped, part)
                    if before < len(dropped) and dropped[before] == part:
                        break
                    path.append(part - before)
                else:
                    path.append(part)
            else:
                kept.append(replace(problem, path=tuple(path)) if problem.path is not None else problem)
        self.outcome.errors.put(kept)

    def _report(self, at: Link, message: str) -> None:
        self.marks += 1
        if self.outcome.errors.is_full and at is not None and isinstance(at[1], int):
            if at[0] is not None and at[0] is self._told:
                return  # of its list it has been told just now
            self._told = at[0]
        path = _path(at)
        if self._begun is not None:
            self._note(path)
        self.outcome.errors.add(Problem(message, "SUBGRAPH_ERROR", path))

    def _note(self, path: ResponsePath | None) -> None:
        """Remember every beginning of an error's path."""
        assert self._begun is not None
        if path is None:
            self._begun.add(None)
        else:
            self._begun.update(path[:length] for length in range(len(path) + 1))


def _path(at: Link) -> ResponsePath:
    parts: list[str | int] = []
    while at is not None:
        at, part = at
        parts.append(part)
    return tuple(reversed(parts))
