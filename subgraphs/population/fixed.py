"""The fixed children, the same in every population, whose records the documentation and tests rely on.

A: NHS number 9990000018, UPN Q380200125001, known to all five agencies, on an open protection plan. B: NHS number
9990000026, shielded, of the same household, known to the council, the police and the hospital. C: a sibling of both,
known to all but the hospital. Only their dates move, with the day that the population is made for.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from subgraphs.population.community_health import CommunityHistory
from subgraphs.population.families import Families, UpnRegister
from subgraphs.population.hospital import HospitalHistory
from subgraphs.population.incidents import PoliceHistory
from subgraphs.population.model import (
    Address,
    Adult,
    Assessment,
    Attendance,
    Child,
    Conference,
    DevelopmentReview,
    Encompass,
    Enquiry,
    Enrolment,
    Episode,
    Examination,
    Exclusion,
    Household,
    Immunisation,
    Incident,
    Member,
    Notice,
    Plan,
    Protection,
    Referral,
    Schooling,
    SpecialistCare,
    Stay,
    Strategy,
    Visit,
    Worry,
)
from subgraphs.population.partners import Partners
from subgraphs.population.protocol import ASSESS_IN, CONFER_IN, DECIDE_IN
from subgraphs.population.schooling import SchoolHistory
from subgraphs.population.working_days import add_working_days, working_day_on_or_after, working_day_on_or_before

A, B, C = 0, 1, 2
A_NHS, A_UPN = "9990000018", "Q380200125001"
B_NHS = "9990000026"
C_NHS = "9990000034"
HOUSEHOLDS = 1
EARLIEST_TODAY = date(2026, 1, 1)

_SURNAME = "Ellerthwaite"
_SCHOOL = 0
_WORKER, _DECIDER, _OFFICER = 4, 1, 0
_MOTHER = Adult("Samina", _SURNAME, "F", date(1993, 5, 9), "Mother", "07700 900101")
_PARTNER = Adult("Craig", "Wolfenby", "M", date(1990, 10, 30), "Mother's partner", "07700 900102")


@dataclass(frozen=True, slots=True)
class Fixed:
    families: Families
    episodes: tuple[Episode, ...]
    police: PoliceHistory
    hospital: HospitalHistory
    community: CommunityHistory
    schools: SchoolHistory


def make_fixed(today: date, partners: Partners, register: UpnRegister) -> Fixed:
    made = working_day_on_or_before(today - timedelta(days=78))
    return Fixed(
        _families(today, partners, register),
        _episodes(made, partners),
        _police(made),
        _hospital(made),
        _community(today),
        _schools(today, made),
    )


def _families(today: date, partners: Partners, register: UpnRegister) -> Families:
    """A's number is the first that A's school gave in 2025."""
    a_upn = register.allot(partners.primaries[_SCHOOL].establishment, 2025)
    c_upn = register.allot(partners.primaries[_SCHOOL].establishment, 2022)
    moved = today - timedelta(days=520)
    stays = (
        Stay(Address("4 Harebell Fold", "Keighley", "BD21 4CK"), date(2016, 6, 1), moved),
        Stay(Address("17 Tentercroft Row", "Bradford", "BD5 8MV"), moved, None),
    )

    def child(number: int, forename: str, sex: str, born: date, nhs: str, upn: str | None) -> Child:
        return Child(
            number=number,
            household=0,
            forename=forename,
            surname=_SURNAME,
            sex="F" if sex == "F" else "M",
            born=born,
            expected=None,
            nhs=nhs,
            upn=upn,
            ethnicity="MWAS",
            disability=None,
            primary=_SCHOOL,
            secondary=0,
            shielded=number == B,
            adopted=number == B,
            steadfast=True,
        )

    return Families(
        (Household(0, (_MOTHER, _PARTNER), stays, 0),),
        (
            child(A, "Safiya", "F", date(2021, 2, 14), A_NHS, a_upn),
            child(B, "Idris", "M", date(2019, 6, 3), B_NHS, None),
            child(C, "Zara", "F", date(2017, 11, 5), C_NHS, c_upn),
        ),
    )


def _episodes(made: date, partners: Partners) -> tuple[Episode, ...]:
    """A's led to an open protection plan; B's, two years before, is closed; C's is being assessed."""
    decided = add_working_days(made, DECIDE_IN)
    held = add_working_days(decided, CONFER_IN)
    core = (
        Member(partners.workers[_WORKER].name, "Lead social worker"),
        Member(partners.school_nurses[0].name, "School nurse"),
        Member(partners.primaries[_SCHOOL].safeguarding_lead, "Designated safeguarding lead"),
        Member(_MOTHER.name, _MOTHER.relationship),
    )
    assess_by = add_working_days(made, ASSESS_IN)
    ended = add_working_days(decided, 8)
    a = Episode(
        child=A,
        referral=Referral(made, "6", decided, decided, "STR"),
        decider=_DECIDER,
        worker=_WORKER,
        need="N1",
        assessment=Assessment(decided, assess_by, ended, "CIN", ("3B", "4B")),
        strategy=Strategy(decided, "S47"),
        enquiry=Enquiry(decided, ended, "ICPC"),
        conferences=(Conference("ICPC", held, held, "CPP"),),
        plans=(Plan("CPP", held, None, "EMO", core),),
        referrer=partners.officers[_OFFICER].name,
        alleged=_PARTNER.name,
    )
    before = working_day_on_or_before(made - timedelta(days=730))
    b = Episode(
        child=B,
        referral=Referral(before, "5A", add_working_days(before, 1), add_working_days(before, 1), "ASM"),
        decider=_DECIDER,
        worker=_WORKER,
        need="N8",
        assessment=Assessment(
            add_working_days(before, 1),
            add_working_days(before, ASSESS_IN),
            add_working_days(before, 30),
            "CLOS",
            ("21",),
        ),
        closed=add_working_days(before, 30),
        closure="RC1",
        referrer="Fostering and adoption service",
    )
    c = Episode(
        child=C,
        referral=Referral(made, "6", decided, decided, "ASM"),
        decider=_DECIDER,
        worker=_WORKER,
        need="N1",
        assessment=Assessment(decided, assess_by, ended, "CIN", ("3B",)),
        plans=(Plan("CIN", add_working_days(ended, 1), None),),
        referrer=partners.officers[_OFFICER].name,
    )
    return a, b, c


def _police(made: date) -> PoliceHistory:
    """An incident the evening before the referral: about A, with A, B, and C in the house."""
    evening = datetime.combine(made - timedelta(days=1), time(21, 40))
    narrative = (
        "Officers attended after a report of a disturbance between adults at the address. Safiya was upstairs with two "
        "other children and said that she had heard shouting. One adult left for the night. Referred to children's "
        "social care."
    )
    return PoliceHistory(
        (Incident(0, evening, 0, True, _OFFICER, (A,), (A, B, C), _PARTNER),),
        (Notice(0, A, evening + timedelta(minutes=95), "MEDIUM", "DAB", narrative),),
        (),
        (Protection(A, evening + timedelta(hours=1), evening + timedelta(hours=14)),),
    )


def _hospital(made: date) -> HospitalHistory:
    arrived = datetime.combine(made - timedelta(days=20), time(17, 12))
    earlier = datetime.combine(made - timedelta(days=300), time(10, 5))
    return HospitalHistory(
        (
            Attendance(
                A,
                arrived,
                arrived + timedelta(minutes=50),
                arrived + timedelta(minutes=140),
                "PED",
                "FALL",
                "MUM",
                "Bruising to the left forearm",
                "History given does not fit the injury; safeguarding form completed.",
            ),
            Attendance(
                B,
                earlier,
                earlier + timedelta(minutes=30),
                earlier + timedelta(minutes=75),
                "PED",
                "FEVR",
                "GRAN",
                None,
                None,
            ),
        ),
        (
            Examination(
                A,
                working_day_on_or_after(made + timedelta(days=2)),
                (
                    ("BM", "One area of bruising marked on the body map, left forearm."),
                    ("MR", "Examined with consent. Findings are neither specific nor excluded; see report."),
                ),
            ),
        ),
    )


def _community(today: date) -> CommunityHistory:
    return CommunityHistory(
        (A, C),
        (
            Visit(A, working_day_on_or_before(today - timedelta(days=200)), 0, "A", "U"),
            Visit(A, working_day_on_or_before(today - timedelta(days=100)), 0, "W", "P"),
            Visit(A, working_day_on_or_before(today - timedelta(days=30)), 0, "A", "P"),
            Visit(C, working_day_on_or_before(today - timedelta(days=30)), 0, "A", "P"),
        ),
        (
            Immunisation(A, "6IN1", date(2021, 4, 14)),
            Immunisation(A, "MMR1", date(2022, 2, 24)),
            Immunisation(C, "6IN1", date(2018, 1, 4)),
        ),
        (DevelopmentReview(A, "1YR", date(2022, 2, 21), "E"), DevelopmentReview(A, "2YR", date(2023, 5, 3), "B")),
        (SpecialistCare(A, "PMH", date(2024, 9, 17), None, "A parent is seen by the community mental health team."),),
    )


def _schools(today: date, made: date) -> SchoolHistory:
    return SchoolHistory(
        (Enrolment(A, _SCHOOL, date(2025, 9, 2), None), Enrolment(C, _SCHOOL, date(2022, 9, 2), None)),
        (Schooling(A, _SCHOOL, 0.86, "K", False), Schooling(C, _SCHOOL, 0.91, "N", False)),
        (Exclusion(C, _SCHOOL, working_day_on_or_before(today - timedelta(days=60)), 1.0, "DB"),),
        (
            Worry(
                A, _SCHOOL, working_day_on_or_before(made - timedelta(days=10)), "C", "Tired and withdrawn this week."
            ),
            Worry(A, _SCHOOL, made, "D", "Told a teaching assistant about an argument at home that frightened them."),
        ),
        (Encompass(A, _SCHOOL, made), Encompass(C, _SCHOOL, made)),
    )
