"""The community trust's database, as it is: the extract that its supplier delivers, one `SR...` table a kind of entry.

Names are in capitalised camel case. Dates are real dates; booleans are real. A code is spelt out in `SRCode` by its
`CodeSet`. The local record id is `SRPatient.IDPatient`, as text.

- `SRPatient`: `NHSNumber` 10 digits or null; `IDPractice` the GP practice (`SROrganisation`), `IDHealthVisitor` and
  `IDSchoolNurse` (`SRStaff`): a health visitor below school age, a school nurse from five.
- `SRContact`: an appointment or a visit: `AppointmentStatus` (set STATUS) A attended, W was not brought, C
  cancelled; `Tier` (set TIER) U universal, P universal partnership plus, S specialist. A child was last seen on the
  newest attended `DateEvent`.
- `SRImmunisation`: `VaccinePart` (set VACCINE). `SRDevelopmentReview`: `ReviewStage` (set STAGE) NBV, 6WK, 1YR,
  2YR; `Outcome` (set REVIEW) E expected, B below, R referred on.
- `SRSpecialistCare` + `SRSpecialistEntry`: an open referral to a specialist service (`ServiceCode`, set SERVICE)
  and its entries: `EntryKind` CAMHS, PMH the mental health of a parent, SUB substance use.
"""

from sqlalchemy import CHAR, Column, Date, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()

code = Table(
    "SRCode",
    metadata,
    Column("CodeSet", String(10), primary_key=True),
    Column("Code", String(8), primary_key=True),
    Column("Description", String(80), nullable=False),
)

organisation = Table(
    "SROrganisation",
    metadata,
    Column("IDOrganisation", Integer, primary_key=True, autoincrement=False),
    Column("OrganisationName", String(80), nullable=False),
    Column("ODSCode", String(8), nullable=False),
)

staff = Table(
    "SRStaff",
    metadata,
    Column("IDStaff", Integer, primary_key=True, autoincrement=False),
    Column("StaffName", String(60), nullable=False),
    Column("JobTitle", String(60), nullable=False),
)

patient = Table(
    "SRPatient",
    metadata,
    Column("IDPatient", Integer, primary_key=True, autoincrement=False),
    Column("NHSNumber", CHAR(10), index=True),
    Column("FirstName", String(60)),
    Column("Surname", String(60), nullable=False),
    Column("DateBirth", Date),
    Column("Gender", CHAR(1), nullable=False),
    Column("IDPractice", Integer, ForeignKey("SROrganisation.IDOrganisation")),
    Column("IDHealthVisitor", Integer, ForeignKey("SRStaff.IDStaff")),
    Column("IDSchoolNurse", Integer, ForeignKey("SRStaff.IDStaff")),
    Index("IX_SRPatient_Name", "Surname", "DateBirth"),
)

contact = Table(
    "SRContact",
    metadata,
    Column("RowIdentifier", Integer, primary_key=True, autoincrement=False),
    Column("IDPatient", Integer, ForeignKey("SRPatient.IDPatient"), nullable=False, index=True),
    Column("DateEvent", Date, nullable=False),
    Column("IDStaff", Integer, ForeignKey("SRStaff.IDStaff"), nullable=False),
    Column("AppointmentStatus", CHAR(1), nullable=False),
    Column("Tier", CHAR(1), nullable=False),
)

immunisation = Table(
    "SRImmunisation",
    metadata,
    Column("RowIdentifier", Integer, primary_key=True, autoincrement=False),
    Column("IDPatient", Integer, ForeignKey("SRPatient.IDPatient"), nullable=False, index=True),
    Column("VaccinePart", String(8), nullable=False),
    Column("DateEvent", Date, nullable=False),
)

development_review = Table(
    "SRDevelopmentReview",
    metadata,
    Column("RowIdentifier", Integer, primary_key=True, autoincrement=False),
    Column("IDPatient", Integer, ForeignKey("SRPatient.IDPatient"), nullable=False, index=True),
    Column("ReviewStage", String(8), nullable=False),
    Column("DateEvent", Date, nullable=False),
    Column("Outcome", CHAR(1), nullable=False),
)

specialist_care = Table(
    "SRSpecialistCare",
    metadata,
    Column("RowIdentifier", Integer, primary_key=True, autoincrement=False),
    Column("IDPatient", Integer, ForeignKey("SRPatient.IDPatient"), nullable=False, index=True),
    Column("ServiceCode", String(8), nullable=False),
    Column("IDStaff", Integer, ForeignKey("SRStaff.IDStaff"), nullable=False),
    Column("DateStart", Date, nullable=False),
    Column("DateEnd", Date),
)

specialist_entry = Table(
    "SRSpecialistEntry",
    metadata,
    Column("IDSpecialistCare", Integer, ForeignKey("SRSpecialistCare.RowIdentifier"), primary_key=True),
    Column("EntryKind", String(8), primary_key=True),
    Column("EntryText", String(400), nullable=False),
)
