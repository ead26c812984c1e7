"""The force's records management database, as it is: nominals, occurrences, and links between the two.

Names are in camel case. Dates are `DD/MM/YYYY` text, times `DD/MM/YYYY HH:MM` by the clock on the wall in England;
booleans are 0 or 1. The local record id is `Nominal.NominalRef` (`P0004711`). Adults are nominals as well.

- `Nominal`: `Born` may be null; `Gender` M, F or U; `PncId` `YYYY/NNNNNNNL` or null, the owner's only.
- `NominalIdentifier`: what another agency calls this person: `Kind` NHS or UPN. Most children have none.
- `NominalMarker` + `Marker`: warning markers; in force while `ClearedOn` is null. The owner's only.
- `Intelligence`: logs about a nominal. The owner's only.
- `Occurrence`: what happened: `OccurredAt`, `DomesticAbuse`, the `OfficerNo` who leads it (`Officer`, `Unit` and
  its phone).
- `OccurrenceNominal`: one row for each person in it: `RoleCode` SUBJ a child it concerns, CHPR a child who was
  present, SUSP a suspect (whose name is in `Nominal`), MISS a missing person. A child may have both SUBJ and CHPR.
- `Ppn`: a public protection notice about one child and one occurrence: `PpnRef` its reference, `RaisedAt`, `Grade`
  S standard, M medium, H high, `ConcernCode` spelt out in `ConcernType`. `PpnText`: its narrative, in lines of at
  most 72 characters ordered by `LineNo`; join them with a space.
- `MissingReport`: `ReturnedAt` null while missing. `ProtectionPower`: police protection, 72 hours at most;
  `StartedAt`.
"""

from sqlalchemy import CHAR, Column, ForeignKey, Index, Integer, MetaData, SmallInteger, String, Table

metadata = MetaData()

unit = Table(
    "Unit",
    metadata,
    Column("UnitCode", String(8), primary_key=True),
    Column("UnitName", String(60), nullable=False),
    Column("Phone", String(20), nullable=False),
)

officer = Table(
    "Officer",
    metadata,
    Column("OfficerNo", Integer, primary_key=True, autoincrement=False),
    Column("RankAndName", String(60), nullable=False),
    Column("UnitCode", String(8), ForeignKey("Unit.UnitCode"), nullable=False),
)

nominal = Table(
    "Nominal",
    metadata,
    Column("NominalRef", CHAR(8), primary_key=True),
    Column("Surname", String(60), nullable=False),
    Column("Forename", String(60)),
    Column("Born", CHAR(10)),
    Column("Gender", CHAR(1), nullable=False),
    Column("PncId", CHAR(13)),
    Index("ixNominalName", "Surname", "Born"),
)

nominal_identifier = Table(
    "NominalIdentifier",
    metadata,
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), primary_key=True),
    Column("Kind", CHAR(3), primary_key=True),
    Column("IdValue", String(13), nullable=False, index=True),
)

marker = Table(
    "Marker",
    metadata,
    Column("MarkerCode", CHAR(2), primary_key=True),
    Column("Meaning", String(60), nullable=False),
)

nominal_marker = Table(
    "NominalMarker",
    metadata,
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), primary_key=True),
    Column("MarkerCode", CHAR(2), ForeignKey("Marker.MarkerCode"), primary_key=True),
    Column("SetOn", CHAR(10), nullable=False),
    Column("ClearedOn", CHAR(10)),
)

intelligence = Table(
    "Intelligence",
    metadata,
    Column("LogNo", Integer, primary_key=True, autoincrement=False),
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), nullable=False, index=True),
    Column("LoggedAt", CHAR(16), nullable=False),
    Column("LogText", String(300), nullable=False),
)

occurrence = Table(
    "Occurrence",
    metadata,
    Column("OccurrenceRef", CHAR(12), primary_key=True),
    Column("OccurredAt", CHAR(16), nullable=False),
    Column("DomesticAbuse", SmallInteger, nullable=False),
    Column("Place", String(120)),
    Column("OfficerNo", Integer, ForeignKey("Officer.OfficerNo"), nullable=False),
)

occurrence_nominal = Table(
    "OccurrenceNominal",
    metadata,
    Column("OccurrenceRef", CHAR(12), ForeignKey("Occurrence.OccurrenceRef"), primary_key=True),
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), primary_key=True, index=True),
    Column("RoleCode", CHAR(4), primary_key=True),
)

concern_type = Table(
    "ConcernType",
    metadata,
    Column("ConcernCode", CHAR(3), primary_key=True),
    Column("Meaning", String(60), nullable=False),
)

ppn = Table(
    "Ppn",
    metadata,
    Column("PpnRef", CHAR(12), primary_key=True),
    Column("OccurrenceRef", CHAR(12), ForeignKey("Occurrence.OccurrenceRef"), nullable=False),
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), nullable=False, index=True),
    Column("RaisedAt", CHAR(16), nullable=False),
    Column("Grade", CHAR(1), nullable=False),
    Column("ConcernCode", CHAR(3), ForeignKey("ConcernType.ConcernCode"), nullable=False),
)

ppn_text = Table(
    "PpnText",
    metadata,
    Column("PpnRef", CHAR(12), ForeignKey("Ppn.PpnRef"), primary_key=True),
    Column("LineNo", Integer, primary_key=True, autoincrement=False),
    Column("LineText", String(72), nullable=False),
)

missing_report = Table(
    "MissingReport",
    metadata,
    Column("MissingRef", CHAR(12), primary_key=True),
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), nullable=False, index=True),
    Column("ReportedAt", CHAR(16), nullable=False),
    Column("ReturnedAt", CHAR(16)),
)

protection_power = Table(
    "ProtectionPower",
    metadata,
    Column("PowerRef", CHAR(12), primary_key=True),
    Column("NominalRef", CHAR(8), ForeignKey("Nominal.NominalRef"), nullable=False, index=True),
    Column("StartedAt", CHAR(16), nullable=False),
    Column("EndedAt", CHAR(16)),
)
