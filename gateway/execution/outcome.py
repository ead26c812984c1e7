"""What came of running a plan: data, errors, and which agencies answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gateway.execution.disclosure import Disclosure
from gateway.execution.error_list import ErrorList

if TYPE_CHECKING:
    from authz.standing import Standing


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


class Denied(NamedTuple):
    """A field that the policies withheld once it was known of whom it is. `path` names it for all items.

    `agency` is the name of the subgraph that would have been asked, "" where a child may not be told of at all.
    """

    path: str
    coordinate: str
    agency: str
    policy: str
    reason: str
    standing: Standing


@dataclass(slots=True)
class Outcome:
    """Grows while a plan runs.

    `steps` are the numbers of those that were answered. `absent` are the objects, by their ids, that do not exist,
    as the subgraph says that knows. `disclosure` is what the answer gave of whom.
    """

    data: dict[str, object] | None = field(default_factory=dict)
    errors: ErrorList = field(default_factory=ErrorList)
    asked: dict[str, None] = field(default_factory=dict)
    steps: dict[int, None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unavailable: dict[Unavailable, None] = field(default_factory=dict)
    withheld: dict[WithheldBy, None] = field(default_factory=dict)
    denied: dict[Denied, None] = field(default_factory=dict)
    absent: dict[int, object] = field(default_factory=dict)
    subjects: dict[str, None] = field(default_factory=dict)
    disclosure: Disclosure = field(default_factory=Disclosure)

    @property
    def answered(self) -> list[str]:
        return [name for name in self.asked if name not in self.failed]
