"""Where somebody stands with a child: all that a decision can depend on of the two, as one of few values."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from authz.errors import FactsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from authz.principal import Principal

MAX_RELATIONSHIPS = 1_000
"""Of one child that are looked at: a child with more has facts that can't be right."""


class Kind(StrEnum):
    """How somebody, a team or an agency comes to know a child."""

    ALLOCATED = "allocated"
    CORE_GROUP = "core_group"
    CONFERENCE = "conference_invitee"
    ATTENDANCE = "attendance"
    ON_ROLL = "on_roll"
    REGISTERED = "registered"
    OCCURRENCE = "police_occurrence"


class Standing(NamedTuple):
    """`relationships` are the kinds that somebody has with a child now, themselves or as one of their agency.

    `team`: their team has one. `shielded`: the child's existence is hidden. `break_glass`: a grant of theirs is in
    force for this child.
    """

    relationships: frozenset[str] = frozenset()
    team: bool = False
    shielded: bool = False
    break_glass: bool = False

    @property
    def related(self) -> bool:
        return self.team or bool(self.relationships)


UNRELATED = Standing()
_NONE: frozenset[str] = frozenset()


def standing_of(
    principal: Principal, facts: Mapping[str, object], today: date, *, break_glass: bool = False
) -> Standing:
    """The principal's standing with the child of whom these facts are.

    `facts` has `shielded`, a boolean, and `relationships`, a list of `{kind agency team practitioner since until}` with
    ISO 8601 dates; what it does not have at all counts as not so. A relationship counts on its first and its last day
    and between them. One that names a practitioner is theirs (by the token's `sub` or registration number) and their
    team's; one that names a team is the team's; one that names neither is the whole agency's.

    Raises `FactsError` where what is there can't be read: nobody has any standing with a child of whom too little is
    known.
    """
    shielded = facts.get("shielded", False)
    if not isinstance(shielded, bool):
        raise FactsError("a child's facts can't be read")
    kinds, team = relationships_of(principal, facts.get("relationships", ()), today.isoformat())
    return Standing(kinds, team, shielded, break_glass)


def relationships_of(principal: Principal, stated: object, now: str) -> tuple[frozenset[str], bool]:
    """The kinds of relationship that are a principal's on a day (ISO 8601), and whether their team has one.

    Raises `FactsError` where what is stated can't be read.
    """
    if not isinstance(stated, list | tuple) or len(stated) > MAX_RELATIONSHIPS:
        raise FactsError("a child's facts can't be read")
    kinds: set[str] = set()
    team = False
    agency = principal.agency
    for each in stated:
        if not isinstance(each, dict):
            raise FactsError("a child's relationship can't be read")
        if not agency or each.get("agency") != agency:
            continue  # another agency's gives this principal nothing, whatever it is
        if not isinstance(kind := each.get("kind"), str):
            raise FactsError("a child's relationship can't be read")
        if not _is_current(each, now):
            continue
        practitioner, theirs = each.get("practitioner"), each.get("team")
        if practitioner:
            if practitioner in (principal.subject, principal.registration):
                kinds.add(kind.lower())
        elif not theirs:
            kinds.add(kind.lower())
        team = team or bool(theirs and theirs == principal.team)
    return frozenset(kinds) if kinds else _NONE, team


def _is_current(relationship: Mapping[str, object], now: str) -> bool:
    since, until = relationship.get("since"), relationship.get("until")
    if not isinstance(since, str) or not (until is None or isinstance(until, str)):
        raise FactsError("a relationship's dates can't be read")
    return since[:10] <= now and (until is None or now <= until[:10])
