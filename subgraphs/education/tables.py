"""The schools' hosted management database, as it is: one database, a tenant a school, grown out of a desktop product.

Names are `tbl...` with fields in camel case. Dates are whole days since 30 December 1899, the way that desktop
database counted them; flags are 0 or -1 (true). Each key begins with the school's `URN`: that is the tenant, and no
query may leave it out. The local record id is `tblPupil.UPN`, in that school; a pupil who has changed schools has a
row in each.

- `tblSchool`: name, and the designated safeguarding lead with telephone.
- `tblPupil`: `LegalSurname`, `ChosenForename`; `NCYear` -1 nursery, 0 reception, 1 to 13; `SENStatus` N none, K
  support, E plan; `CMEFlag` missing from education.
- `tblEnrolment`: on roll from `EntryDay` until `LeaveDay` (null: still).
- `tblSessions`: one row a week: `Marks` are its ten sessions, Monday morning first: `/` and `\\` present (morning,
  afternoon), L late, B at another site, I ill, M medical, C other authorised, O unauthorised, N no reason yet, G
  holiday not agreed, # closed. # counts neither way; B is present.
- `tblAttendance`: sessions of the school year so far, possible and attended.
- `tblExclusion`: `Days` may be halves; `ReasonCode` is spelt out in `tblReason`.
- `tblContact`: in order of `Priority`. `tblEncompass`: notices from the police of an incident at home.
- `tblConcern`: the safeguarding log: `Kind` C a concern, D a disclosure by the child. The school's only.
"""

from sqlalchemy import (
    CHAR,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)

metadata = MetaData()


def _pupil() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["URN", "UPN"], ["tblPupil.URN", "tblPupil.UPN"])


school = Table(
    "tblSchool",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("SchoolName", String(80), nullable=False),
    Column("Phase", CHAR(1), nullable=False),
    Column("DSLName", String(60), nullable=False),
    Column("DSLPhone", String(20), nullable=False),
)

reason = Table(
    "tblReason",
    metadata,
    Column("ReasonCode", CHAR(2), primary_key=True),
    Column("Description", String(60), nullable=False),
)

pupil = Table(
    "tblPupil",
    metadata,
    Column("URN", CHAR(6), ForeignKey("tblSchool.URN"), primary_key=True),
    Column("UPN", CHAR(13), primary_key=True, index=True),
    Column("LegalSurname", String(60), nullable=False),
    Column("ChosenForename", String(60), nullable=False),
    Column("BirthDay", Integer, nullable=False),
    Column("NCYear", SmallInteger, nullable=False),
    Column("SENStatus", CHAR(1), nullable=False),
    Column("CMEFlag", SmallInteger, nullable=False),
    Index("ixPupilName", "LegalSurname", "BirthDay"),
)

enrolment = Table(
    "tblEnrolment",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("EnrolmentNo", Integer, primary_key=True, autoincrement=False),
    Column("UPN", CHAR(13), nullable=False),
    Column("EntryDay", Integer, nullable=False),
    Column("LeaveDay", Integer),
    _pupil(),
    Index("ixEnrolmentPupil", "URN", "UPN"),
)

sessions = Table(
    "tblSessions",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("UPN", CHAR(13), primary_key=True),
    Column("WeekDay1", Integer, primary_key=True, autoincrement=False),
    Column("Marks", CHAR(10), nullable=False),
    _pupil(),
)

attendance = Table(
    "tblAttendance",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("UPN", CHAR(13), primary_key=True),
    Column("SchoolYear", CHAR(7), primary_key=True),
    Column("Possible", Integer, nullable=False),
    Column("Attended", Integer, nullable=False),
    _pupil(),
)

exclusion = Table(
    "tblExclusion",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("UPN", CHAR(13), primary_key=True),
    Column("StartDay", Integer, primary_key=True, autoincrement=False),
    Column("Days", Float, nullable=False),
    Column("ReasonCode", CHAR(2), ForeignKey("tblReason.ReasonCode"), nullable=False),
    _pupil(),
)

contact = Table(
    "tblContact",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("UPN", CHAR(13), primary_key=True),
    Column("Priority", SmallInteger, primary_key=True, autoincrement=False),
    Column("ContactName", String(80), nullable=False),
    Column("Relationship", String(20), nullable=False),
    Column("Phone", String(20)),
    _pupil(),
)

encompass = Table(
    "tblEncompass",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("UPN", CHAR(13), primary_key=True),
    Column("NoticeDay", Integer, primary_key=True, autoincrement=False),
    _pupil(),
)

concern = Table(
    "tblConcern",
    metadata,
    Column("URN", CHAR(6), primary_key=True),
    Column("ConcernNo", Integer, primary_key=True, autoincrement=False),
    Column("UPN", CHAR(13), nullable=False),
    Column("LogDay", Integer, nullable=False),
    Column("Kind", CHAR(1), nullable=False),
    Column("LogText", String(400), nullable=False),
    _pupil(),
    Index("ixConcernPupil", "URN", "UPN"),
)
