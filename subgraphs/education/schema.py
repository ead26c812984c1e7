"""The schools' subgraph: one hosted service, in which each school is a tenant and its code is its URN.

Every key here begins with the URN, so no statement reads across schools.
"""

import datetime as dt
import enum

import strawberry
from sqlalchemy import select

from resolvers.declare import agency_code, column, identifier, item, listed, lookup, newest, paged, record
from resolvers.mapping import NUMBER, Codec, codes, day_number, flag
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector
from subgraphs.education import tables as t

DAY = day_number(dt.date(1899, 12, 30))

PUPIL, SCHOOL = t.pupil.c, t.school.c

attendance_percent = (
    select(t.attendance.c.Attended * 100.0 / t.attendance.c.Possible)
    .where(
        t.attendance.c.URN == PUPIL.URN,
        t.attendance.c.UPN == PUPIL.UPN,
        t.attendance.c.Possible > 0,
    )
    .order_by(t.attendance.c.SchoolYear.desc())
    .limit(1)
    .correlate(t.pupil)
    .scalar_subquery()
)


@strawberry.enum(description="A year of school.")
class YearGroup(enum.Enum):
    NURSERY = -1
    RECEPTION = 0
    YEAR_1 = 1
    YEAR_2 = 2
    YEAR_3 = 3
    YEAR_4 = 4
    YEAR_5 = 5
    YEAR_6 = 6
    YEAR_7 = 7
    YEAR_8 = 8
    YEAR_9 = 9
    YEAR_10 = 10
    YEAR_11 = 11
    YEAR_12 = 12
    YEAR_13 = 13


@strawberry.enum(description="What a school provides for a child's special educational needs.")
class SpecialEducationalNeeds(enum.Enum):
    NO_SPECIAL_PROVISION = "N"
    SCHOOL_SUPPORT = "K"
    EDUCATION_HEALTH_AND_CARE_PLAN = "E"


@strawberry.enum(description="A pupil's mark in the register for one session, half a day.")
class SessionMark(enum.Enum):
    PRESENT_MORNING = "/"
    PRESENT_AFTERNOON = "\\"
    LATE = "L"
    AT_ANOTHER_SITE = "B"
    ILL = "I"
    MEDICAL_APPOINTMENT = "M"
    OTHER_AUTHORISED_ABSENCE = "C"
    UNAUTHORISED_ABSENCE = "O"
    NO_REASON_YET = "N"
    HOLIDAY_NOT_AGREED = "G"
    SCHOOL_CLOSED = "#"


MARKS: Codec[list[SessionMark]] = Codec(lambda raw: [SessionMark(mark) for mark in raw.rstrip()])


@item(
    table=t.sessions,
    tenant=t.sessions.c.URN,
    key=(t.sessions.c.UPN, t.sessions.c.WeekDay1),
    newest=newest(t.sessions.c.WeekDay1, DAY),
)
class SchoolWeek:
    """A week's ten sessions in the register, Monday morning first."""

    week_beginning: dt.date | None = column(t.sessions.c.WeekDay1, DAY, policy="education.detail")
    marks: list[SessionMark] | None = column(t.sessions.c.Marks, MARKS, policy="education.detail")


@item(
    table=t.contact,
    tenant=t.contact.c.URN,
    key=(t.contact.c.UPN, t.contact.c.Priority),
)
class SchoolContact:
    """Whom the school calls about the child, first the one to call first."""

    name: str | None = column(t.contact.c.ContactName, policy="contact.detail")
    relationship: str | None = column(t.contact.c.Relationship, policy="contact.detail")
    phone: str | None = column(t.contact.c.Phone, policy="contact.detail")


@item(
    table=t.enrolment,
    tenant=t.enrolment.c.URN,
    key=t.enrolment.c.EnrolmentNo,
    joins=[lookup(t.school, t.enrolment.c.URN == SCHOOL.URN)],
    newest=newest(t.enrolment.c.EntryDay, DAY),
)
class Enrolment:
    """A time on a school's roll; `until` is null while the child is on it."""

    id: strawberry.ID | None = identifier(policy="education.summary")
    school: str | None = column(SCHOOL.SchoolName, policy="education.summary")

    from_: dt.date | None = column(t.enrolment.c.EntryDay, DAY, policy="education.detail")
    until: dt.date | None = column(t.enrolment.c.LeaveDay, DAY, policy="education.detail")


@item(
    table=t.exclusion,
    tenant=t.exclusion.c.URN,
    key=(t.exclusion.c.UPN, t.exclusion.c.StartDay),
    joins=[lookup(t.reason, t.exclusion.c.ReasonCode == t.reason.c.ReasonCode)],
    newest=newest(t.exclusion.c.StartDay, DAY),
)
class Exclusion:
    """An exclusion from school."""

    date: dt.date | None = column(t.exclusion.c.StartDay, DAY, policy="education.detail")
    days: float | None = column(t.exclusion.c.Days, NUMBER, policy="education.detail")
    reason: str | None = column(t.reason.c.Description, policy="education.detail")


@item(
    table=t.encompass,
    tenant=t.encompass.c.URN,
    key=(t.encompass.c.UPN, t.encompass.c.NoticeDay),
    newest=newest(t.encompass.c.NoticeDay, DAY),
)
class EncompassNotice:
    """The police told the school of an incident at home."""

    date: dt.date | None = column(t.encompass.c.NoticeDay, DAY, policy="education.detail")


@item(
    table=t.concern,
    tenant=t.concern.c.URN,
    key=t.concern.c.ConcernNo,
    where=t.concern.c.Kind == "C",
    newest=newest(t.concern.c.LogDay, DAY),
)
class ConcernEntry:
    """A concern in the school's safeguarding log."""

    date: dt.date | None = column(t.concern.c.LogDay, DAY, policy="education.owner")
    summary: str | None = column(t.concern.c.LogText, policy="education.owner")


@item(
    table=t.concern,
    tenant=t.concern.c.URN,
    key=t.concern.c.ConcernNo,
    where=t.concern.c.Kind == "D",
    newest=newest(t.concern.c.LogDay, DAY),
)
class Disclosure:
    """What the child told somebody at school."""

    date: dt.date | None = column(t.concern.c.LogDay, DAY, policy="education.owner")
    summary: str | None = column(t.concern.c.LogText, policy="education.owner")


@record(
    table=t.pupil,
    tenant=PUPIL.URN,
    key=PUPIL.UPN,
    joins=[lookup(t.school, PUPIL.URN == SCHOOL.URN)],
)
class SchoolRecord:
    """What a school holds of a child."""

    id: strawberry.ID = identifier()
    agency: str | None = agency_code(policy="locator.summary")
    school: str | None = column(SCHOOL.SchoolName, policy="locator.summary")
    safeguarding_lead: str | None = column(SCHOOL.DSLName, policy="locator.summary")
    phone: str | None = column(SCHOOL.DSLPhone, policy="locator.summary")

    upn: str | None = column(PUPIL.UPN, policy="identity.detail")
    forename: str | None = column(PUPIL.ChosenForename, policy="identity.detail")
    surname: str | None = column(PUPIL.LegalSurname, policy="identity.detail")
    date_of_birth: dt.date | None = column(PUPIL.BirthDay, DAY, policy="identity.detail")
    year_group: YearGroup | None = column(
        PUPIL.NCYear, codes({each.value: each for each in YearGroup}), policy="identity.detail"
    )
    contacts: list[SchoolContact] | None = listed(
        SchoolContact, by=(t.contact.c.URN, t.contact.c.UPN), policy="contact.detail"
    )

    enrolments: list[Enrolment] | None = paged(
        Enrolment, by=(t.enrolment.c.URN, t.enrolment.c.UPN), policy="education.summary"
    )
    attendance_percent: float | None = column(
        attendance_percent,
        Codec(lambda raw: round(float(raw), 1)),
        policy="education.detail",
        description="Of the sessions of the school year so far.",
    )
    session_codes: list[SchoolWeek] | None = listed(
        SchoolWeek, by=(t.sessions.c.URN, t.sessions.c.UPN), policy="education.detail"
    )
    exclusions: list[Exclusion] | None = listed(
        Exclusion, by=(t.exclusion.c.URN, t.exclusion.c.UPN), policy="education.detail"
    )
    sen: SpecialEducationalNeeds | None = column(
        PUPIL.SENStatus, codes({each.value: each for each in SpecialEducationalNeeds}), policy="education.detail"
    )
    child_missing_education: bool | None = column(PUPIL.CMEFlag, flag(-1, 0), policy="education.detail")
    encompass_notices: list[EncompassNotice] | None = listed(
        EncompassNotice, by=(t.encompass.c.URN, t.encompass.c.UPN), policy="education.detail"
    )

    concern_log: list[ConcernEntry] | None = listed(
        ConcernEntry, by=(t.concern.c.URN, t.concern.c.UPN), policy="education.owner"
    )
    disclosures: list[Disclosure] | None = listed(
        Disclosure, by=(t.concern.c.URN, t.concern.c.UPN), policy="education.owner"
    )


subgraph = Subgraph.sector("education", Sector.EDUCATION, "education", SchoolRecord)
