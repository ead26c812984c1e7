"""The demonstration's practitioners, and the query that they all ask.

The social worker is the child's own, and so is the police officer's unit; another unit has nothing to do with it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

CHILD_A: Final = "9990000018"
CLIENT: Final = "cps-console"


class Practitioner(NamedTuple):
    """Someone to sign in as, and the purpose that they state. Invented, as are their names."""

    subject: str
    name: str
    role: str
    agency: str
    team: str
    purpose: str
    registration: str = ""
    note: str = ""

    @property
    def title(self) -> str:
        note = f", {self.note}" if self.note else ""
        return f"{self.role.replace('_', ' ')} ({self.purpose}{note})"


PRACTITIONERS: Final = (
    Practitioner("sw-1", "Asha Worker", "social_worker", "380", "Child Protection Team Bradford East", "S47", "SW505"),
    Practitioner("mash-1", "Morgan Door", "mash_practitioner", "380", "Front door", "TRIAGE"),
    Practitioner("police-1", "Pat Officer", "police_public_protection", "13", "Bradford Safeguarding Unit", "S47"),
    Practitioner(
        "police-2", "Robin Beat", "police_public_protection", "13", "Bradford Response", "S47", note="another unit"
    ),
    Practitioner("ae-1", "Ellis Clinic", "ae_clinician", "RAE", "Emergency department", "S47"),
    Practitioner("dsl-1", "Dana School", "school_dsl", "990001", "Safeguarding", "S47"),
    Practitioner("auditor-1", "Ari Ledger", "auditor", "380", "Internal audit", "AUDIT"),
    Practitioner("guardian-1", "Gale Caldicott", "caldicott_guardian", "RAE", "Information governance", "AUDIT"),
)

FRONT_DOOR: Final = "mash-1"
"""Who claims a relationship with the child: their answers before and after are set side by side."""

WHY: Final = "A teacher rang the front door about this child this morning."
COMPARED: Final = ("sw-1", "police-1", "police-2", "ae-1", "dsl-1", "auditor-1")
"""Those whose answers the demonstration sets side by side."""

QUERY: Final = """\
# One child, put together from the databases of five agencies.
query Picture($nhsNumber: String! = "9990000018") {
  child(nhsNumber: $nhsNumber) {
    forename
    surname
    dateOfBirth
    knownTo { name sector }
    socialCare {
      leadWorker
      phone
      childProtectionPlan
      plans { category startDate leadWorker }
      siblings { forename surname }
    }
    police {
      notices(first: 1) { officer unit date grade narrative }
    }
    acute {
      attendances(first: 1) { department arrival reason concern }
    }
    community {
      healthVisitor
      lastSeen
    }
    education {
      school
      safeguardingLead
      attendancePercent
    }
  }
}
"""

ID_QUERY: Final = "query($nhsNumber: String!) { child(nhsNumber: $nhsNumber) { id } }"
CLAIM: Final = """\
mutation Claim($child: ID!, $reason: String!) {
  claimRelationship(child: $child, reason: $reason) { id expiresAt }
}
"""
ACCESS: Final = """\
query Access($child: ID!, $purpose: AccessPurpose!) { access(child: $child, purpose: $purpose) { claimed } }
"""

VARIABLES: Final = {"nhsNumber": CHILD_A}
