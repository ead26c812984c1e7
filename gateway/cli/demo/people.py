"""The demonstration's practitioners, one for each kind of role, and the query that they all ask."""

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

    @property
    def title(self) -> str:
        return f"{self.role.replace('_', ' ')} ({self.purpose})"


PRACTITIONERS: Final = (
    Practitioner("sw-1", "Asha Worker", "social_worker", "380", "East assessment team", "S47"),
    Practitioner("mash-1", "Morgan Door", "mash_practitioner", "380", "Front door", "TRIAGE"),
    Practitioner("police-1", "Pat Officer", "police_public_protection", "13", "Safeguarding unit", "S47"),
    Practitioner("ae-1", "Ellis Clinic", "ae_clinician", "RAE", "Emergency department", "S47"),
    Practitioner("dsl-1", "Dana School", "school_dsl", "990001", "Safeguarding", "S47"),
    Practitioner("auditor-1", "Ari Ledger", "auditor", "380", "Internal audit", "AUDIT"),
    Practitioner("guardian-1", "Gale Caldicott", "caldicott_guardian", "RAE", "Information governance", "AUDIT"),
)

COMPARED: Final = ("sw-1", "police-1", "ae-1", "dsl-1", "auditor-1")
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

VARIABLES: Final = {"nhsNumber": CHILD_A}
