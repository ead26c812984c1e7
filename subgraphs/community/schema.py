"""The community trust's subgraph: what community health and the GP hold of a child, declared over `tables`."""

import datetime as dt
import enum

import strawberry
from sqlalchemy import ColumnElement, and_, func, select

from resolvers.declare import agency_code, column, identifier, item, listed, lookup, newest, paged, record
from resolvers.mapping import DATE, codes
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector
from subgraphs.community import tables as t

TRUST = "TAD"

PATIENT, CONTACT, CARE = t.patient.c, t.contact.c, t.specialist_care.c
health_visitor = t.staff.alias("HealthVisitor")
school_nurse = t.staff.alias("SchoolNurse")
vaccine = t.code.alias("Vaccine")
service = t.code.alias("Service")

last_seen = (
    select(func.max(CONTACT.DateEvent))
    .where(CONTACT.IDPatient == PATIENT.IDPatient, CONTACT.AppointmentStatus == "A")
    .correlate(t.patient)
    .scalar_subquery()
)


@strawberry.enum(description="How much support a child's family has from community health.")
class Tier(enum.Enum):
    UNIVERSAL = "U"
    UNIVERSAL_PARTNERSHIP_PLUS = "P"
    SPECIALIST = "S"


@strawberry.enum(description="The age at which a child's development is reviewed.")
class ReviewAge(enum.Enum):
    NEW_BIRTH = "NBV"
    SIX_WEEKS = "6WK"
    ONE_YEAR = "1YR"
    TWO_YEARS = "2YR"


@strawberry.enum(description="What a review of a child's development found.")
class ReviewOutcome(enum.Enum):
    AS_EXPECTED = "E"
    BELOW_EXPECTED = "B"
    REFERRED_ON = "R"


def entered(kind: str) -> ColumnElement[str]:
    """What a specialist service entered under this kind; it has each at most once."""
    return (
        select(t.specialist_entry.c.EntryText)
        .where(t.specialist_entry.c.IDSpecialistCare == CARE.RowIdentifier, t.specialist_entry.c.EntryKind == kind)
        .correlate(t.specialist_care)
        .scalar_subquery()
    )


@item(
    table=t.contact,
    key=CONTACT.RowIdentifier,
    joins=[lookup(t.staff, CONTACT.IDStaff == t.staff.c.IDStaff)],
    newest=newest(CONTACT.DateEvent, DATE),
)
class HealthContact:
    """An appointment or a visit."""

    id: strawberry.ID | None = identifier(policy="health.summary")
    practitioner: str | None = column(t.staff.c.StaffName, policy="health.summary")

    date: dt.date | None = column(CONTACT.DateEvent, DATE, policy="health.detail")
    was_not_brought: bool | None = column(
        CONTACT.AppointmentStatus, codes({"W": True, "A": False, "C": False}), policy="health.detail"
    )
    tier: Tier | None = column(CONTACT.Tier, codes({each.value: each for each in Tier}), policy="health.detail")


@item(
    table=t.immunisation,
    key=t.immunisation.c.RowIdentifier,
    joins=[lookup(vaccine, and_(vaccine.c.CodeSet == "VACCINE", vaccine.c.Code == t.immunisation.c.VaccinePart))],
    newest=newest(t.immunisation.c.DateEvent, DATE),
)
class Immunisation:
    """A vaccination that was given."""

    vaccine: str | None = column(vaccine.c.Description, policy="health.detail")
    date: dt.date | None = column(t.immunisation.c.DateEvent, DATE, policy="health.detail")


@item(
    table=t.development_review,
    key=t.development_review.c.RowIdentifier,
    newest=newest(t.development_review.c.DateEvent, DATE),
)
class DevelopmentReview:
    """A review of a young child's development."""

    age: ReviewAge | None = column(
        t.development_review.c.ReviewStage, codes({each.value: each for each in ReviewAge}), policy="health.detail"
    )
    date: dt.date | None = column(t.development_review.c.DateEvent, DATE, policy="health.detail")
    outcome: ReviewOutcome | None = column(
        t.development_review.c.Outcome, codes({each.value: each for each in ReviewOutcome}), policy="health.detail"
    )


@item(
    table=t.specialist_care,
    key=CARE.RowIdentifier,
    joins=[
        lookup(t.staff, CARE.IDStaff == t.staff.c.IDStaff),
        lookup(service, and_(service.c.CodeSet == "SERVICE", service.c.Code == CARE.ServiceCode)),
    ],
    newest=newest(CARE.DateStart, DATE),
)
class SpecialistCare:
    """The care of a specialist service."""

    id: strawberry.ID | None = identifier(policy="sensitive.summary")
    service: str | None = column(service.c.Description, policy="sensitive.summary")
    lead_clinician: str | None = column(t.staff.c.StaffName, policy="sensitive.summary")

    camhs: str | None = column(entered("CAMHS"), policy="sensitive.detail")
    parent_mental_health: str | None = column(entered("PMH"), policy="sensitive.detail")
    substance_use: str | None = column(entered("SUB"), policy="sensitive.detail")


@record(
    table=t.patient,
    key=PATIENT.IDPatient,
    agency=TRUST,
    joins=[
        lookup(t.organisation, PATIENT.IDPractice == t.organisation.c.IDOrganisation),
        lookup(health_visitor, PATIENT.IDHealthVisitor == health_visitor.c.IDStaff),
        lookup(school_nurse, PATIENT.IDSchoolNurse == school_nurse.c.IDStaff),
    ],
)
class CommunityHealthRecord:
    """What a community health trust holds of a child."""

    id: strawberry.ID = identifier()
    agency: str | None = agency_code(policy="locator.summary")
    gp: str | None = column(
        t.organisation.c.OrganisationName, policy="locator.summary", description="The practice that the child is with."
    )
    health_visitor: str | None = column(health_visitor.c.StaffName, policy="locator.summary")
    school_nurse: str | None = column(school_nurse.c.StaffName, policy="locator.summary")

    nhs_number: str | None = column(PATIENT.NHSNumber, policy="identity.detail")
    forename: str | None = column(PATIENT.FirstName, policy="identity.detail")
    surname: str | None = column(PATIENT.Surname, policy="identity.detail")
    date_of_birth: dt.date | None = column(PATIENT.DateBirth, DATE, policy="identity.detail")

    contacts: list[HealthContact] | None = paged(HealthContact, by=CONTACT.IDPatient, policy="health.summary")
    last_seen: dt.date | None = column(last_seen, DATE, policy="health.detail")
    immunisations: list[Immunisation] | None = listed(
        Immunisation, by=t.immunisation.c.IDPatient, policy="health.detail"
    )
    development_reviews: list[DevelopmentReview] | None = listed(
        DevelopmentReview, by=t.development_review.c.IDPatient, policy="health.detail"
    )
    specialist_care: list[SpecialistCare] | None = paged(SpecialistCare, by=CARE.IDPatient, policy="sensitive.summary")


subgraph = Subgraph.sector("community", Sector.COMMUNITY, "community", CommunityHealthRecord)
