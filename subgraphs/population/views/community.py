"""The community trust's record of nearly every child that has been born."""

from collections.abc import Iterator
from datetime import date

from subgraphs.community import tables as t
from subgraphs.population.community_health import SCHOOL_AGE, SERVICES, STAGES, VACCINES
from subgraphs.population.streams import between
from subgraphs.population.views.clerk import Clerk, Slips
from subgraphs.population.views.sheet import Identity, Row, Sheet, Tie, text, text_or_none
from subgraphs.population.world import World

AGENCY = "TAD"
SUBSTANCE_SERVICE = "YPS"
"""Lists its records in the index, and publishes none."""

SLIPS = Slips(misspelt=0.03, wrong_birthday=0.003, no_nhs=0.02)
_FIRST_PATIENT = 4_711
_HEALTH_VISITORS = 1_001
_SCHOOL_NURSES = 3_001
_SPECIALISTS = 5_001
_CODES = {
    "STATUS": {"A": "Attended", "W": "Was not brought", "C": "Cancelled"},
    "TIER": {"U": "Universal", "P": "Universal partnership plus", "S": "Specialist"},
    "VACCINE": {code: name for code, (name, _) in VACCINES.items()},
    "STAGE": {code: name for code, (name, _) in STAGES.items()},
    "REVIEW": {"E": "As expected", "B": "Below expected", "R": "Referred on"},
    "SERVICE": SERVICES,
}


def write(world: World) -> Sheet:
    sheet, clerk = Sheet(t.metadata), Clerk(world.seed, AGENCY, SLIPS)
    _staff(sheet, world)
    for code_set, codes in _CODES.items():
        for code, description in codes.items():
            sheet.add(t.code, CodeSet=code_set, Code=code, Description=description)
    numbers = _patients(sheet, world, clerk)
    _contacts(sheet, world, numbers)
    _specialist(sheet, world, numbers)
    return sheet


def identities(sheet: Sheet) -> Iterator[Identity]:
    """Yield the patients, and those of them of whom the substance service, which publishes nothing, has a record."""
    substance = {row["IDPatient"] for row in sheet.rows(t.specialist_care) if row["ServiceCode"] == "SUB"}
    for row in sheet.rows(t.patient):
        born = row["DateBirth"]
        yield Identity(
            sector="COMMUNITY",
            agency=AGENCY,
            record=str(row["IDPatient"]),
            nhs=text_or_none(row["NHSNumber"]),
            upn=None,
            forename=text_or_none(row["FirstName"]),
            surname=text(row["Surname"]),
            born=born if isinstance(born, date) else None,
            ties=_ties(row, born) if isinstance(born, date) else (),
        )
        if row["IDPatient"] in substance:
            yield Identity(
                sector="COMMUNITY",
                agency=SUBSTANCE_SERVICE,
                record=f"S{row['IDPatient']}",
                nhs=text_or_none(row["NHSNumber"]),
                upn=None,
                forename=text_or_none(row["FirstName"]),
                surname=text(row["Surname"]),
                born=None,
            )


def _ties(row: Row, since: date) -> tuple[Tie, ...]:
    """Registered with a health visitor, or at school with a nurse."""
    staff = row["IDHealthVisitor"] or row["IDSchoolNurse"]
    return (Tie("REGISTERED", since, None, None, f"HV{staff}"),) if staff is not None else ()


def _staff(sheet: Sheet, world: World) -> None:
    partners = world.partners
    for first, people in (
        (_HEALTH_VISITORS, partners.health_visitors),
        (_SCHOOL_NURSES, partners.school_nurses),
        (_SPECIALISTS, partners.specialists),
    ):
        for number, person in enumerate(people, first):
            sheet.add(t.staff, IDStaff=number, StaffName=person.name, JobTitle=person.title)
    for number, practice in enumerate(partners.practices, 1):
        name = f"Dr {practice.gp}, {practice.name}"
        sheet.add(t.organisation, IDOrganisation=number, OrganisationName=name, ODSCode=practice.code)


def _patients(sheet: Sheet, world: World, clerk: Clerk) -> dict[int, int]:
    numbers: dict[int, int] = {}
    number = _FIRST_PATIENT
    for registered in world.community.registered:
        child = world.families.children[registered]
        numbers[registered] = number
        written = clerk.write(child, world.today)
        school_age = child.age_on(world.today) >= SCHOOL_AGE
        visitors, nurses = world.partners.health_visitors, world.partners.school_nurses
        sheet.add(
            t.patient,
            IDPatient=number,
            NHSNumber=written.nhs,
            FirstName=written.forename,
            Surname=written.surname,
            DateBirth=written.born,
            Gender=child.sex,
            IDPractice=1 + world.families.households[child.household].practice,
            IDHealthVisitor=None if school_age else _HEALTH_VISITORS + child.household % len(visitors),
            IDSchoolNurse=_SCHOOL_NURSES + child.household % len(nurses) if school_age else None,
        )
        number += 1 if child.steadfast else between(clerk.random, 1, 3)
    return numbers


def _contacts(sheet: Sheet, world: World, numbers: dict[int, int]) -> None:
    """A visit's practitioner is a health visitor below school age on that day."""
    for row, visit in enumerate(world.community.visits, 1):
        young = world.families.children[visit.child].age_on(visit.on) < SCHOOL_AGE
        sheet.add(
            t.contact,
            RowIdentifier=row,
            IDPatient=numbers[visit.child],
            DateEvent=visit.on,
            IDStaff=(_HEALTH_VISITORS if young else _SCHOOL_NURSES) + visit.practitioner,
            AppointmentStatus=visit.status,
            Tier=visit.tier,
        )
    for row, given in enumerate(world.community.immunisations, 1):
        patient = numbers[given.child]
        sheet.add(t.immunisation, RowIdentifier=row, IDPatient=patient, VaccinePart=given.vaccine, DateEvent=given.on)
    for row, review in enumerate(world.community.reviews, 1):
        sheet.add(
            t.development_review,
            RowIdentifier=row,
            IDPatient=numbers[review.child],
            ReviewStage=review.stage,
            DateEvent=review.on,
            Outcome=review.outcome,
        )


def _specialist(sheet: Sheet, world: World, numbers: dict[int, int]) -> None:
    for row, care in enumerate(world.community.specialist, 1):
        sheet.add(
            t.specialist_care,
            RowIdentifier=row,
            IDPatient=numbers[care.child],
            ServiceCode=care.service,
            IDStaff=_SPECIALISTS + row % len(world.partners.specialists),
            DateStart=care.start,
            DateEnd=care.end,
        )
        sheet.add(t.specialist_entry, IDSpecialistCare=row, EntryKind=care.service, EntryText=care.entry)
