"""What an answer says of what it leaves out: a stable word, a sentence for a practitioner, what could change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from authz.policy import Reason
from authz.policy.explain import remedies, sentence

if TYPE_CHECKING:
    from authz.standing import Standing
    from gateway.execution import Denied
    from gateway.execution.outcome import WithheldBy
    from gateway.operations import Reader, Withheld


class WithheldEntry(NamedTuple):
    """One entry of `extensions.cps.withheld`. `agency` is the name of the subgraph, "" where there is not one.

    `remedies`: `PURPOSE:<purpose>`, `RELATIONSHIP`, `CLAIM`, `BREAK_GLASS`, `ASK_OWNER`.
    """

    path: str
    agency: str
    policy: str
    reason: str
    explanation: str
    remedies: tuple[str, ...]


class KeptBack(NamedTuple):
    """What was withheld, as the log has it. `path` is by the names of fields: aliases are the client's own words."""

    path: str
    agency: str
    policy: str
    reason: str


def told_of(item: Withheld | Denied, standing: Standing, reader: Reader) -> WithheldEntry:
    """What is said of a field that the policies withheld from this reader."""
    could: tuple[str, ...] = ()
    reason = Reason(item.reason)
    if reader.principal is not None:
        could = remedies(reader.policies, reader.principal, reader.purpose, item.policy, standing, reason)
    return WithheldEntry(item.path, item.agency, item.policy, item.reason, sentence(item.reason), could)


def told_by_agency(item: WithheldBy) -> WithheldEntry:
    """What is said of what an agency withheld by its own last word."""
    return WithheldEntry(item.path, item.agency, "", item.reason, sentence(item.reason), ("ASK_OWNER",))
