"""Who asks, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Purpose(StrEnum):
    """Why a practitioner asks: one for each request, stated by them (`CPS-Purpose`)."""

    TRIAGE = "TRIAGE"
    EH = "EH"
    CIN = "CIN"
    S47 = "S47"
    CPP = "CPP"
    EMERG = "EMERG"
    SCHOOL = "SCHOOL"
    AUDIT = "AUDIT"


class Role(StrEnum):
    """What a practitioner is; a token's role that is none of these gives nothing."""

    SOCIAL_WORKER = "social_worker"
    TEAM_MANAGER = "team_manager"
    CONFERENCE_CHAIR = "conference_chair"
    MASH = "mash_practitioner"
    POLICE = "police_public_protection"
    HEALTH_VISITOR = "health_visitor"
    DOCTOR = "named_doctor"
    EMERGENCY_CLINICIAN = "ae_clinician"
    SCHOOL_LEAD = "school_dsl"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    GUARDIAN = "caldicott_guardian"
    DEVELOPER = "agency_developer"
    SHIELD_STEWARD = "shield_steward"


_PROTECTION = frozenset((Purpose.CIN, Purpose.S47, Purpose.CPP, Purpose.EMERG))
_PURPOSES: Mapping[Role, frozenset[Purpose]] = {
    Role.SOCIAL_WORKER: _PROTECTION | {Purpose.TRIAGE, Purpose.EH},
    Role.TEAM_MANAGER: _PROTECTION | {Purpose.TRIAGE, Purpose.EH},
    Role.CONFERENCE_CHAIR: _PROTECTION | {Purpose.EH},
    Role.MASH: _PROTECTION | {Purpose.TRIAGE, Purpose.EH},
    Role.POLICE: _PROTECTION | {Purpose.TRIAGE, Purpose.EH},
    Role.HEALTH_VISITOR: _PROTECTION | {Purpose.EH},
    Role.DOCTOR: _PROTECTION | {Purpose.EH},
    Role.EMERGENCY_CLINICIAN: _PROTECTION | {Purpose.EH},
    Role.SCHOOL_LEAD: _PROTECTION | {Purpose.EH, Purpose.SCHOOL},
    Role.ADMINISTRATOR: _PROTECTION | {Purpose.EH},
    Role.AUDITOR: frozenset((Purpose.AUDIT,)),
    Role.GUARDIAN: frozenset((Purpose.AUDIT,)),
    Role.DEVELOPER: frozenset(),
    Role.SHIELD_STEWARD: _PROTECTION | {Purpose.TRIAGE},
}


CLAIMING: Final = frozenset((
    Role.SOCIAL_WORKER, Role.TEAM_MANAGER, Role.MASH, Role.POLICE, Role.HEALTH_VISITOR, Role.DOCTOR, Role.SCHOOL_LEAD,
))  # fmt: skip
"""Roles that may claim a relationship with a child that no agency has recorded."""


@lru_cache(maxsize=1_024)
def may_ask_for(roles: tuple[Role, ...], purpose: Purpose) -> bool:
    """Whether a purpose is one that somebody with one of these roles can have."""
    return any(purpose in _PURPOSES[role] for role in roles)


def may_claim(principal: Principal) -> bool:
    """Whether somebody may claim a relationship: they have a role that may, and work for an agency that reviews it."""
    return bool(principal.agency) and not CLAIMING.isdisjoint(principal.roles)


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in practitioner or client, as a verified token says.

    `subject` is unique within `issuer`. `agency` is the code of the agency that they work for, "" where the token
    names none. `registration` is their number with their profession's register. `purpose` is the one that a client is
    registered for: it counts where the request states none. `family_name` is "" where the token does not say it.
    """

    subject: str
    issuer: str
    client: str
    roles: tuple[Role, ...] = ()
    agency: str = ""
    team: str = ""
    registration: str = ""
    scopes: frozenset[str] = frozenset()
    purpose: Purpose | None = None
    family_name: str = ""
