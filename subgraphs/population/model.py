"""What is true of the population, before any agency writes down its own version.

Codes are the census's where it has some.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Sex = Literal["F", "M"]
Category = Literal["NEG", "PHY", "SAB", "EMO", "MUL"]
Grade = Literal["STANDARD", "MEDIUM", "HIGH"]


@dataclass(frozen=True, slots=True)
class Address:
    line: str
    town: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A family's time at an address; `end` is None at the present one."""

    address: Address
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Adult:
    """A parent, or another adult of the household."""

    forename: str
    surname: str
    sex: Sex
    born: date
    relationship: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True)
class Household:
    """`practice` is where it is registered with a GP, as a number from 0."""

    number: int
    adults: tuple[Adult, ...]
    stays: tuple[Stay, ...]
    practice: int


@dataclass(frozen=True, slots=True)
class Child:
    """A child, born or (`expected`, without names, numbers or schools) not yet.

    `primary` and `secondary` are schools, as numbers from 0: the child goes, went or will go there. `steadfast`: every
    agency's record of this child is in full and without a slip.
    """

    number: int
    household: int
    forename: str | None
    surname: str
    sex: Sex
    born: date | None
    expected: date | None
    nhs: str | None
    upn: str | None
    ethnicity: str
    disability: str | None
    primary: int
    secondary: int
    shielded: bool = False
    adopted: bool = False
    steadfast: bool = False

    def age_on(self, day: date) -> int:
        """Whole years; below zero before birth."""
        born = self.born or self.expected
        assert born is not None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class Referral:
    """`decided` and `outcome` are None until the council has decided."""

    made: date
    source: str
    due: date
    decided: date | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Assessment:
    start: date
    due: date
    end: date | None
    outcome: str | None
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strategy:
    held: date
    outcome: str


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A section 47 enquiry."""

    start: date
    end: date | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Conference:
    """`kind` is ICPC (initial) or RCPC (review)."""

    kind: Literal["ICPC", "RCPC"]
    held: date
    due: date
    outcome: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a core group."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`kind` is CIN (child in need) or CPP (protection), which alone has a category and a core group."""

    kind: Literal["CIN", "CPP"]
    start: date
    end: date | None
    category: Category | None = None
    core_group: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """One child's time with the council, from a referral to its closure; `worker`, `decider` are numbers of workers."""

    child: int
    referral: Referral
    decider: int
    worker: int
    need: str
    assessment: Assessment | None = None
    strategy: Strategy | None = None
    enquiry: Enquiry | None = None
    conferences: tuple[Conference, ...] = ()
    plans: tuple[Plan, ...] = ()
    looked_after_since: date | None = None
    closed: date | None = None
    closure: str | None = None
    referrer: str | None = None
    alleged: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """What police were called to. `subjects` and `present` are children; `at` by England's clock."""

    number: int
    at: datetime
    household: int
    domestic_abuse: bool
    officer: int
    subjects: tuple[int, ...]
    present: tuple[int, ...]
    suspect: Adult | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A public protection notice."""

    incident: int
    child: int
    raised: datetime
    grade: Grade
    concern: str
    narrative: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A missing episode; `returned` None while missing."""

    child: int
    reported: datetime
    returned: datetime | None


@dataclass(frozen=True, slots=True)
class Protection:
    """Police protection, 72 hours at most."""

    child: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Attendance:
    """At a hospital's emergency department. `seen` None: the child left first."""

    child: int
    arrived: datetime
    seen: datetime | None
    left: datetime
    department: str
    reason: str
    accompanied_by: str
    injury: str | None
    concern: str | None


@dataclass(frozen=True, slots=True)
class Examination:
    """For safeguarding; `findings` by kind (BM body map, MR report, SH self harm, SX sexual health)."""

    child: int
    on: date
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment in community health. `status` A attended, W was not brought, C cancelled."""

    child: int
    on: date
    practitioner: int
    status: str
    tier: str


@dataclass(frozen=True, slots=True)
class Immunisation:
    child: int
    vaccine: str
    on: date


@dataclass(frozen=True, slots=True)
class DevelopmentReview:
    child: int
    stage: str
    on: date
    outcome: str


@dataclass(frozen=True, slots=True)
class SpecialistCare:
    """`service` CAMHS, PMH (a parent's mental health) or SUB (substance use)."""

    child: int
    service: str
    start: date
    end: date | None
    entry: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """On roll at a school: its number, from 0, among all of them."""

    child: int
    school: int
    entry: date
    leave: date | None


@dataclass(frozen=True, slots=True)
class Schooling:
    """How it goes at the present school: `rate` the share of sessions attended."""

    child: int
    school: int
    rate: float
    sen: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Exclusion:
    child: int
    school: int
    on: date
    days: float
    reason: str


@dataclass(frozen=True, slots=True)
class Worry:
    """An entry in a school's safeguarding log: `kind` C a concern, D a disclosure."""

    child: int
    school: int
    on: date
    kind: Literal["C", "D"]
    text: str


@dataclass(frozen=True, slots=True)
class Encompass:
    """Word from the police to a school of domestic abuse at home."""

    child: int
    school: int
    on: date
