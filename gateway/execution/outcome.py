"""What came of running a plan: data, errors, and which agencies answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.errors import Problem


class Unavailable(NamedTuple):
    """A part of the answer that is missing because an agency did not give it; `path` names the field for all items."""

    path: str
    agency: str
    reason: str


class WithheldBy(NamedTuple):
    """A part of the answer that an agency withheld by its own last word."""

    path: str
    agency: str
    reason: str


@dataclass(slots=True)
class Outcome:
    """Grows while a plan runs.

    `steps` are the numbers of those that were answered. `absent` are the objects, by their ids, that do not exist,
    as the subgraph says that knows.
    """

    data: dict[str, object] | None = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)
    asked: dict[str, None] = field(default_factory=dict)
    steps: dict[int, None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unavailable: dict[Unavailable, None] = field(default_factory=dict)
    withheld: dict[WithheldBy, None] = field(default_factory=dict)
    absent: dict[int, object] = field(default_factory=dict)
    subjects: dict[str, None] = field(default_factory=dict)

    @property
    def answered(self) -> list[str]:
        return [name for name in self.asked if name not in self.failed]
