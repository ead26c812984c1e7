"""A small agency for the kit's own tests: two sites as tenants, visits with notes in lines, odd values."""

import datetime as dt
import enum

import strawberry
from sqlalchemy import (
    CHAR,
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    insert,
)

from resolvers.declare import (
    Child,
    agency_code,
    children,
    column,
    derived,
    gathered,
    hidden,
    identifier,
    item,
    listed,
    lookup,
    newest,
    paged,
    record,
)
from resolvers.mapping import SLASHED_DATE, TEXT, WHOLE, codes, one_text
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector

metadata = MetaData()

room = Table("ROOM", metadata, Column("ROOM_CD", CHAR(4), primary_key=True), Column("ROOM_NM", String(40)))
patient = Table(
    "PATIENT",
    metadata,
    Column("SITE", CHAR(4), primary_key=True),
    Column("PAT_NO", Integer, primary_key=True, autoincrement=False),
    Column("NAME", String(40)),
    Column("SEX_CD", CHAR(1)),
    Column("WEIGHT_G", Integer),
    Column("SECRET", String(40)),
    Column("TWIN_NO", Integer),
)
visit = Table(
    "VISIT",
    metadata,
    Column("SITE", CHAR(4), primary_key=True),
    Column("VISIT_NO", SmallInteger, primary_key=True, autoincrement=False),
    Column("PAT_NO", Integer, nullable=False),
    Column("SEEN_ON", CHAR(10)),
    Column("ROOM_CD", CHAR(4)),
    ForeignKeyConstraint(["SITE", "PAT_NO"], ["PATIENT.SITE", "PATIENT.PAT_NO"]),
)
note = Table(
    "NOTE",
    metadata,
    Column("SITE", CHAR(4), primary_key=True),
    Column("VISIT_NO", SmallInteger, primary_key=True, autoincrement=False),
    Column("LINE_NO", SmallInteger, primary_key=True, autoincrement=False),
    Column("LINE", String(40), nullable=False),
)


@strawberry.enum
class Kind(enum.Enum):
    GIRL = "F"
    BOY = "M"


@item(
    table=visit,
    tenant=visit.c.SITE,
    key=visit.c.VISIT_NO,
    joins=[lookup(room, visit.c.ROOM_CD == room.c.ROOM_CD)],
    newest=newest(visit.c.SEEN_ON, SLASHED_DATE),
)
class Visit:
    id: strawberry.ID | None = identifier(policy="health.summary")
    seen_on: dt.date | None = column(visit.c.SEEN_ON, SLASHED_DATE, policy="health.detail")
    room: str | None = column(room.c.ROOM_NM, policy="health.detail")
    notes: str | None = gathered(
        note.c.LINE,
        TEXT,
        by=(note.c.SITE, note.c.VISIT_NO),
        order=note.c.LINE_NO,
        into=one_text,
        policy="health.detail",
    )


@item(table=visit, tenant=visit.c.SITE, key=visit.c.VISIT_NO)
class Appearance:
    on: dt.date | None = column(visit.c.SEEN_ON, SLASHED_DATE, policy="health.detail")


@record(table=patient, tenant=patient.c.SITE, key=patient.c.PAT_NO)
class ClinicRecord:
    """What a clinic holds of a child."""

    id: strawberry.ID = identifier()
    agency: str | None = agency_code(policy="locator.summary")
    name: str | None = column(patient.c.NAME, policy="identity.detail")
    kind: Kind | None = column(patient.c.SEX_CD, codes({"F": Kind.GIRL, "M": Kind.BOY}), policy="identity.detail")
    secret: str | None = column(patient.c.SECRET, policy="health.owner")
    weight: int | None = hidden(patient.c.WEIGHT_G, WHOLE)
    visits: list[Visit] | None = paged(Visit, by=(visit.c.SITE, visit.c.PAT_NO), policy="health.summary")
    appearances: list[Appearance] | None = listed(Appearance, by=(visit.c.SITE, visit.c.PAT_NO), policy="health.detail")
    twin: list[Child] | None = children(
        patient.c.TWIN_NO, by=(patient.c.SITE, patient.c.PAT_NO), policy="identity.detail"
    )

    @derived(needs=["weight"], policy="health.detail")
    def kilograms(self) -> float | None:
        return None if self.weight is None else self.weight / 1000


clinic = Subgraph.sector("clinic", Sector.COMMUNITY, "clinic", ClinicRecord, refers=True)

PATIENTS = 40
VISITS = 25
"""Of patient 1 of site EAST; four on each day, some with no date."""


def fill(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(insert(room), [{"ROOM_CD": "BLUE", "ROOM_NM": "The blue room"}])
    connection.execute(
        insert(patient),
        [
            {
                "SITE": site,
                "PAT_NO": number,
                "NAME": f"Child {number} of {site}",
                "SEX_CD": "?" if number == 3 else "FM"[number % 2],
                "WEIGHT_G": 1000 * number,
                "SECRET": "hush",
                "TWIN_NO": number + 1 if number == 7 else None,
            }
            for site in ("EAST", "WEST")
            for number in range(1, PATIENTS + 1)
        ],
    )
    visits = [
        {
            "SITE": "EAST",
            "VISIT_NO": number,
            "PAT_NO": 1,
            "SEEN_ON": None if number in (4, 9) else f"{28 - number // 4:02}/{number % 2 + 1:02}/2024",
            "ROOM_CD": "BLUE",
        }
        for number in range(1, VISITS + 1)
    ]
    visits += [
        {"SITE": site, "VISIT_NO": 100 + number, "PAT_NO": number, "SEEN_ON": "31/12/2023", "ROOM_CD": None}
        for site in ("EAST", "WEST")
        for number in range(2, PATIENTS + 1)
    ]
    connection.execute(insert(visit), visits)
    connection.execute(
        insert(note),
        [
            {"SITE": "EAST", "VISIT_NO": number, "LINE_NO": line, "LINE": f"line {line}"}
            for number in range(1, VISITS + 1)
            for line in (2, 1)
        ],
    )
