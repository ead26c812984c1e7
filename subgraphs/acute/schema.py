"""The hospital trust's subgraph: what acute care holds of a child, declared over `tables`."""

import datetime as dt

import strawberry
from sqlalchemy import ColumnElement, Exists, and_, exists, func, select

from resolvers.declare import agency_code, column, gathered, identifier, item, lookup, newest, paged, record
from resolvers.mapping import TEXT, TRUTH, capitals, day_number, digits, each_on_its_line, second_number
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector
from subgraphs.acute import tables as t

TRUST = "RAE"

HOROLOG_ZERO = dt.date(1840, 12, 31)
HOROLOG_DAY = day_number(HOROLOG_ZERO)
HOROLOG_TIME = second_number(HOROLOG_ZERO)

PATIENT, ATTENDANCE, EXAMINATION, STAFF = t.pat.c, t.ae_att.c, t.sgx.c, t.staff.c
event = t.ae_ev.alias("event")
reason = t.lkp.alias("reason")
companion = t.lkp.alias("companion")

arrival = (
    select(func.min(event.c.ev_h * 86_400 + event.c.ev_s))
    .where(event.c.att_no == ATTENDANCE.att_no, event.c.ev_cd == "AR")
    .correlate(t.ae_att)
    .scalar_subquery()
)


def happened(code: str) -> Exists:
    """Whether an attendance has an event of this kind."""
    return exists().where(event.c.att_no == ATTENDANCE.att_no, event.c.ev_cd == code).correlate(t.ae_att)


def recorded(code: str) -> ColumnElement[str]:
    """What an examination recorded under this item; it has each at most once."""
    return (
        select(t.sgx_item.c.item_txt)
        .where(t.sgx_item.c.exam_no == EXAMINATION.exam_no, t.sgx_item.c.item_cd == code)
        .correlate(t.sgx)
        .scalar_subquery()
    )


@item(
    table=t.ae_att,
    key=ATTENDANCE.att_no,
    joins=[
        lookup(t.dept, ATTENDANCE.dept_cd == t.dept.c.dept_cd),
        lookup(reason, and_(reason.c.lkp_typ == "RSN", reason.c.lkp_cd == ATTENDANCE.reason_cd)),
        lookup(companion, and_(companion.c.lkp_typ == "ACC", companion.c.lkp_cd == ATTENDANCE.acc_by_cd)),
    ],
    newest=newest(arrival, HOROLOG_TIME),
)
class Attendance:
    """An attendance at an emergency department."""

    id: strawberry.ID | None = identifier(policy="health.summary")
    department: str | None = column(t.dept.c.dept_nm, policy="health.summary")

    arrival: dt.datetime | None = column(arrival, HOROLOG_TIME, policy="health.detail")
    reason: str | None = column(reason.c.lkp_nm, policy="health.detail")
    accompanied_by: str | None = column(companion.c.lkp_nm, policy="health.detail")
    injury: str | None = gathered(
        t.ae_ev.c.ev_txt,
        TEXT,
        by=t.ae_ev.c.att_no,
        where=t.ae_ev.c.ev_cd == "DX",
        order=t.ae_ev.c.seq,
        into=each_on_its_line,
        policy="health.detail",
    )
    left_unseen: bool | None = column(happened("LU"), TRUTH, policy="health.detail")
    concern: str | None = gathered(
        t.ae_ev.c.ev_txt,
        TEXT,
        by=t.ae_ev.c.att_no,
        where=t.ae_ev.c.ev_cd == "CF",
        order=t.ae_ev.c.seq,
        into=each_on_its_line,
        policy="health.detail",
        description="A safeguarding concern that staff noted.",
    )


@item(
    table=t.sgx,
    key=EXAMINATION.exam_no,
    joins=[lookup(t.staff, EXAMINATION.staff_cd == STAFF.staff_cd)],
    newest=newest(EXAMINATION.exam_h, HOROLOG_DAY),
)
class Examination:
    """A medical examination for safeguarding."""

    id: strawberry.ID | None = identifier(policy="sensitive.summary")
    lead_clinician: str | None = column(STAFF.staff_nm, policy="sensitive.summary")

    date: dt.date | None = column(EXAMINATION.exam_h, HOROLOG_DAY, policy="sensitive.detail")
    body_map: str | None = column(recorded("BM"), policy="sensitive.detail")
    medical_report: str | None = column(recorded("MR"), policy="sensitive.detail")
    self_harm: str | None = column(recorded("SH"), policy="sensitive.detail")
    sexual_health: str | None = column(recorded("SX"), policy="sensitive.detail")


@record(
    table=t.pat,
    key=PATIENT.mrn,
    agency=TRUST,
    joins=[lookup(t.staff, PATIENT.sg_staff_cd == STAFF.staff_cd)],
)
class HospitalRecord:
    """What a hospital trust holds of a child."""

    id: strawberry.ID = identifier()
    agency: str | None = agency_code(policy="locator.summary")
    named_nurse: str | None = column(
        STAFF.staff_nm, policy="locator.summary", description="The named nurse for safeguarding."
    )
    phone: str | None = column(STAFF.tel, policy="locator.summary")

    nhs_number: str | None = column(PATIENT.nhs_no, digits(), policy="identity.detail")
    mrn: str | None = column(PATIENT.mrn, policy="identity.detail", description="The hospital number.")
    forename: str | None = column(PATIENT.forename, capitals(), policy="identity.detail")
    surname: str | None = column(PATIENT.surname, capitals(), policy="identity.detail")
    date_of_birth: dt.date | None = column(PATIENT.dob_h, HOROLOG_DAY, policy="identity.detail")

    attendances: list[Attendance] | None = paged(Attendance, by=ATTENDANCE.mrn, policy="health.summary")
    examinations: list[Examination] | None = paged(Examination, by=EXAMINATION.mrn, policy="sensitive.summary")


subgraph = Subgraph.sector("acute", Sector.ACUTE, "acute", HospitalRecord)
