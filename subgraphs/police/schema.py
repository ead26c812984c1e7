"""The force's subgraph: what the police hold of a child, declared over `tables`."""

import datetime as dt
import enum

import strawberry
from sqlalchemy import and_, exists, func

from resolvers.declare import (
    Child,
    agency_code,
    children,
    column,
    gathered,
    identifier,
    item,
    listed,
    lookup,
    newest,
    paged,
    record,
    through,
)
from resolvers.mapping import (
    SLASHED_DATE,
    SLASHED_TIME,
    TEXT,
    TRUTH,
    codes,
    distinct,
    each_on_its_line,
    flag,
    one_text,
)
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector, Sex
from subgraphs.police import tables as t

FORCE = "13"

NOMINAL, PPN, OCCURRENCE = t.nominal.c, t.ppn.c, t.occurrence.c
PERSON_IN_IT = t.occurrence_nominal.c

notice_of_person = through(t.ppn, PPN.OccurrenceRef == PERSON_IN_IT.OccurrenceRef)
present = t.occurrence_nominal.alias("Present")


@strawberry.enum(description="How serious the police judged the risk to be.")
class Grade(enum.Enum):
    STANDARD = "S"
    MEDIUM = "M"
    HIGH = "H"


@item(
    table=t.ppn,
    key=PPN.PpnRef,
    joins=[
        lookup(t.occurrence, PPN.OccurrenceRef == OCCURRENCE.OccurrenceRef),
        lookup(t.officer, OCCURRENCE.OfficerNo == t.officer.c.OfficerNo),
        lookup(t.unit, t.officer.c.UnitCode == t.unit.c.UnitCode),
        lookup(t.concern_type, PPN.ConcernCode == t.concern_type.c.ConcernCode),
    ],
    newest=newest(PPN.RaisedAt, SLASHED_TIME),
)
class PoliceNotice:
    """A public protection notice: an officer's concern for one child after one occurrence."""

    id: strawberry.ID | None = identifier(policy="police.summary")
    officer: str | None = column(t.officer.c.RankAndName, policy="police.summary")
    unit: str | None = column(t.unit.c.UnitName, policy="police.summary")
    phone: str | None = column(t.unit.c.Phone, policy="police.summary")

    ref: str | None = column(PPN.PpnRef, policy="police.detail", description="The force's own reference.")
    date: dt.date | None = column(func.substr(PPN.RaisedAt, 1, 10), SLASHED_DATE, policy="police.detail")
    grade: Grade | None = column(PPN.Grade, codes({each.value: each for each in Grade}), policy="police.detail")
    concern: str | None = column(t.concern_type.c.Meaning, policy="police.detail")
    narrative: str | None = gathered(
        t.ppn_text.c.LineText,
        TEXT,
        by=t.ppn_text.c.PpnRef,
        order=t.ppn_text.c.LineNo,
        into=one_text,
        policy="police.detail",
    )
    domestic_abuse: bool | None = column(OCCURRENCE.DomesticAbuse, flag(1, 0), policy="police.detail")
    child_present: bool | None = column(
        exists().where(present.c.OccurrenceRef == PPN.OccurrenceRef, present.c.RoleCode == "CHPR").correlate(t.ppn),
        TRUTH,
        policy="police.detail",
        description="Whether any child was present.",
    )
    children_present: list[Child] | None = children(
        PERSON_IN_IT.NominalRef,
        by=PPN.PpnRef,
        joins=[notice_of_person],
        where=and_(PERSON_IN_IT.RoleCode == "CHPR", PERSON_IN_IT.NominalRef != PPN.NominalRef),
        policy="police.detail",
        description="Other children who were present.",
    )
    suspect: str | None = gathered(
        func.coalesce(NOMINAL.Forename.concat(" "), "").concat(NOMINAL.Surname),
        TEXT,
        table=t.occurrence_nominal,
        by=PPN.PpnRef,
        joins=[notice_of_person, through(t.nominal, PERSON_IN_IT.NominalRef == NOMINAL.NominalRef)],
        where=PERSON_IN_IT.RoleCode == "SUSP",
        order=NOMINAL.NominalRef,
        into=each_on_its_line,
        policy="third_party.detail",
    )


@item(
    table=t.missing_report,
    key=t.missing_report.c.MissingRef,
    newest=newest(t.missing_report.c.ReportedAt, SLASHED_TIME),
)
class MissingEpisode:
    """A time that the child was reported missing; `until` is null while they still are."""

    from_: dt.datetime | None = column(t.missing_report.c.ReportedAt, SLASHED_TIME, policy="police.detail")
    until: dt.datetime | None = column(t.missing_report.c.ReturnedAt, SLASHED_TIME, policy="police.detail")


def newest_of(times: list[dt.datetime]) -> dt.datetime | None:
    return max(times, default=None)


@record(table=t.nominal, key=NOMINAL.NominalRef, agency=FORCE)
class PoliceRecord:
    """What a police force holds of a child."""

    id: strawberry.ID = identifier()
    agency: str | None = agency_code(policy="locator.summary")
    person_ref: str | None = column(NOMINAL.NominalRef, policy="locator.summary")

    forename: str | None = column(NOMINAL.Forename, policy="identity.detail")
    surname: str | None = column(NOMINAL.Surname, policy="identity.detail")
    date_of_birth: dt.date | None = column(NOMINAL.Born, SLASHED_DATE, policy="identity.detail")
    sex: Sex | None = column(
        NOMINAL.Gender, codes({"M": Sex.MALE, "F": Sex.FEMALE, "U": Sex.NOT_KNOWN}), policy="identity.detail"
    )

    notices: list[PoliceNotice] | None = paged(PoliceNotice, by=PPN.NominalRef, policy="police.summary")
    missing_episodes: list[MissingEpisode] | None = listed(
        MissingEpisode, by=t.missing_report.c.NominalRef, policy="police.detail"
    )
    protection_start: dt.datetime | None = gathered(
        t.protection_power.c.StartedAt,
        SLASHED_TIME,
        by=t.protection_power.c.NominalRef,
        into=newest_of,
        policy="police.detail",
        description="When the police last took the child into their protection (section 46, 72 hours at most).",
    )

    pnc_id: str | None = column(NOMINAL.PncId, policy="police.owner")
    markers: list[str] | None = gathered(
        t.marker.c.Meaning,
        TEXT,
        table=t.nominal_marker,
        by=t.nominal_marker.c.NominalRef,
        joins=[through(t.marker, t.nominal_marker.c.MarkerCode == t.marker.c.MarkerCode)],
        where=t.nominal_marker.c.ClearedOn.is_(None),
        order=t.marker.c.MarkerCode,
        into=distinct,
        policy="police.owner",
        description="Warning markers in force.",
    )
    intelligence: str | None = gathered(
        t.intelligence.c.LogText,
        TEXT,
        by=t.intelligence.c.NominalRef,
        order=t.intelligence.c.LogNo,
        into=each_on_its_line,
        policy="police.owner",
    )


subgraph = Subgraph.sector("police", Sector.POLICE, "police", PoliceRecord, refers=True)
