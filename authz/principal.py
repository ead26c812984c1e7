"""Who asks, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in practitioner or client, as a verified token says.

    `subject` is unique within `issuer`. `agency` is the code of the agency that they work for, "" where the token
    names none. `registration` is their number with their profession's register. `purpose` is the one that a client is
    registered for: it counts where the request states none.
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
