"""Where somebody stands with a child: all that a decision can depend on of the two, as one of few values."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from authz.errors import FactsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.principal import Principal

MAX_RELATIONSHIPS = 1_000
"""Of one child that are looked at: a child with more has facts that can't be right."""

COORDINATION: Final = "COORDINATION"
"""The partnership's own, which states who takes part in its protocol."""

_ENGLAND: Final = ZoneInfo("Europe/London")
_DAY: Final = len("2026-03-31")


class Kind(StrEnum):
    """How somebody, a team or an agency comes to know a child."""

    ALLOCATED = "allocated"
    CORE_GROUP = "core_group"
    CONFERENCE = "conference_invitee"
    ATTENDANCE = "attendance"
    ON_ROLL = "on_roll"
    REGISTERED = "registered"
    OCCURRENCE = "police_occurrence"
    FRONT_DOOR = "front_door_contact"
    STRATEGY = "strategy_discussion"
    ENQUIRY = "enquiry"


WHOLE_AGENCY: Final = frozenset((Kind.ON_ROLL, Kind.ATTENDANCE))
"""Kinds that a whole agency can have: the school's lead and the department's clinicians work with each child there.

Any other kind without a team, a unit, a practice or a person would relate everybody of an agency to all its children.
"""

OF_PROTOCOL: Final = frozenset((Kind.CORE_GROUP, Kind.CONFERENCE, Kind.FRONT_DOOR, Kind.STRATEGY, Kind.ENQUIRY))
"""Kinds that the partnership's coordination may state of any participant. An agency states what its own people have."""

_VALUES: Final = {text: kind.value for kind in Kind for text in (kind.value, kind.value.upper())}
_OF_WHOLE, _OF_PROTOCOL = (frozenset(kind.value for kind in kinds) for kinds in (WHOLE_AGENCY, OF_PROTOCOL))
"""Kinds as plain text: children have many relationships, and an enumeration's own look-up takes most of the time."""


class Standing(NamedTuple):
    """`relationships` are the kinds that somebody has with a child now: themselves, as one of a team, or of an agency.

    `team`: their team has one, or one of it does. `shielded`: the child's existence is hidden. `break_glass`: a grant
    of theirs is in force for this child. `claimed`: they have claimed to work with it.
    """

    relationships: frozenset[str] = frozenset()
    team: bool = False
    shielded: bool = False
    break_glass: bool = False
    claimed: bool = False

    @property
    def related(self) -> bool:
        return self.team or bool(self.relationships)


UNRELATED = Standing()
_NONE: frozenset[str] = frozenset()


class Moment(NamedTuple):
    """A time, with the day that it is in England: relationships begin and end by the one or by the other."""

    instant: float
    day: str

    @classmethod
    def of(cls, at: dt.datetime) -> Moment:
        """Return the moment of a time, which knows its zone."""
        return cls(at.timestamp(), at.astimezone(_ENGLAND).date().isoformat())

    @classmethod
    def at(cls, seconds: float) -> Moment:
        """Return the moment of a Unix time."""
        return cls(seconds, _day_of(int(seconds // 60)))


@lru_cache(maxsize=4)
def _day_of(minute: int) -> str:
    """Return England's day of a minute since 1970: clocks there change at a full hour."""
    return dt.datetime.fromtimestamp(minute * 60, _ENGLAND).date().isoformat()


def standing_of(
    principal: Principal,
    facts: Mapping[str, object],
    now: Moment,
    *,
    break_glass: bool = False,
    claimed: bool = False,
) -> Standing:
    """Return the principal's standing with the child of whom these facts are.

    `facts` has `shielded`, a boolean, and `relationships`, a list of `{kind assertedBy agency team practitioner since
    until}`; what it does not have at all counts as not so. Raises `FactsError` where what is there can't be read:
    nobody has any standing with a child of whom too little is known.
    """
    shielded = facts.get("shielded", False)
    if not isinstance(shielded, bool):
        raise FactsError("a child's facts can't be read")
    kinds, team = relationships_of(principal, facts.get("relationships", ()), now)
    return Standing(kinds, team, shielded, break_glass, claimed)


def relationships_of(principal: Principal, stated: object, now: Moment) -> tuple[frozenset[str], bool]:
    """Return the kinds of relationship that are a principal's now, and whether their team has one.

    One that names a practitioner is theirs (by the token's `sub` or registration number) and their team's; one that
    names a team is that of each of its members; one that names neither is the whole agency's, if a whole agency can
    have it. It counts where the agency that benefits states it, or the partnership's coordination does. Its dates are
    days, England's and whole, or instants. Raises `FactsError` where what is stated can't be read.
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
        if not isinstance(named := each.get("kind"), str):
            raise FactsError("a child's relationship can't be read")
        kind = _VALUES.get(named) or _VALUES.get(named.lower())
        if kind is None:
            continue
        by = each.get("assertedBy")
        if by != agency and not (by == COORDINATION and kind in _OF_PROTOCOL):
            continue  # an agency states what its own people have, the coordination what participants have
        if not _is_current(each, now):
            continue
        practitioner, theirs = each.get("practitioner"), each.get("team")
        of_team = bool(theirs) and theirs == principal.team
        if practitioner:
            if practitioner in (principal.subject, principal.registration):
                kinds.add(kind)
        elif of_team or (not theirs and kind in _OF_WHOLE):
            kinds.add(kind)
        team = team or of_team
    return frozenset(kinds) if kinds else _NONE, team


def _is_current(relationship: Mapping[str, object], now: Moment) -> bool:
    since, until = relationship.get("since"), relationship.get("until")
    if not isinstance(since, str) or not (until is None or isinstance(until, str)):
        raise FactsError("a relationship's dates can't be read")
    begun = _day(since) <= now.day if len(since) == _DAY else _instant(since) <= now.instant
    if until is None:
        return begun
    return begun and (now.day <= _day(until) if len(until) == _DAY else now.instant < _instant(until))


@lru_cache(maxsize=10_000)
def _day(text: str) -> str:
    """Return a day as it is compared; raises `FactsError` where it is none. Many children have the same days."""
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise FactsError("a relationship's dates can't be read") from error
    return text


def _instant(text: str) -> float:
    """Return the Unix time of an instant, which names its zone."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise FactsError("a relationship's dates can't be read") from error
    if found.tzinfo is None:
        raise FactsError("a relationship's instant has no zone")
    return found.timestamp()
