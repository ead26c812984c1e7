"""The hospital's patient administration database, as it is: an extract of a MUMPS system.

Names are lower case and short. Dates are whole days since 31 December 1840 (`..._h`, as `$HOROLOG` counts them),
with the seconds since midnight by the clock on the wall in a column of their own (`..._s`). People's names are in
capitals, and an NHS number is kept as it is printed, `999 000 0018`. The local record id is `pat.mrn` (`M123456`).

- `pat`: the patient. `sg_staff_cd`: the named nurse for safeguarding (`staff`, with telephone).
- `ae_att`: an attendance at a department (`dept`): `reason_cd` and `acc_by_cd` (who came with the child) are in
  `lkp`, as types RSN and ACC.
- `ae_ev`: what happened in it, in order of `seq`: `ev_cd` AR arrived (the attendance's time), TR triaged, SN seen,
  LU left before being seen, DX an injury found (`ev_txt`), CF a safeguarding concern noted (`ev_txt`), DP departed.
- `sgx` + `sgx_item`: an examination for safeguarding and what it recorded: `item_cd` BM body map, MR medical
  report, SH self harm, SX sexual health.
"""

from sqlalchemy import CHAR, Column, ForeignKey, Index, Integer, MetaData, SmallInteger, String, Table

metadata = MetaData()

lkp = Table(
    "lkp",
    metadata,
    Column("lkp_typ", CHAR(3), primary_key=True),
    Column("lkp_cd", String(4), primary_key=True),
    Column("lkp_nm", String(60), nullable=False),
)

dept = Table(
    "dept",
    metadata,
    Column("dept_cd", String(4), primary_key=True),
    Column("dept_nm", String(60), nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("staff_cd", String(6), primary_key=True),
    Column("staff_nm", String(60), nullable=False),
    Column("job", String(60), nullable=False),
    Column("tel", String(20)),
)

pat = Table(
    "pat",
    metadata,
    Column("mrn", CHAR(7), primary_key=True),
    Column("nhs_no", CHAR(12), index=True),
    Column("surname", String(60), nullable=False),
    Column("forename", String(60)),
    Column("dob_h", Integer),
    Column("sex", SmallInteger, nullable=False),
    Column("sg_staff_cd", String(6), ForeignKey("staff.staff_cd")),
    Index("pat_name_dob", "surname", "dob_h"),
)

ae_att = Table(
    "ae_att",
    metadata,
    Column("att_no", Integer, primary_key=True, autoincrement=False),
    Column("mrn", CHAR(7), ForeignKey("pat.mrn"), nullable=False, index=True),
    Column("dept_cd", String(4), ForeignKey("dept.dept_cd"), nullable=False),
    Column("reason_cd", String(4)),
    Column("acc_by_cd", String(4)),
)

ae_ev = Table(
    "ae_ev",
    metadata,
    Column("att_no", Integer, ForeignKey("ae_att.att_no"), primary_key=True, autoincrement=False),
    Column("seq", SmallInteger, primary_key=True, autoincrement=False),
    Column("ev_cd", CHAR(2), nullable=False),
    Column("ev_h", Integer, nullable=False),
    Column("ev_s", Integer, nullable=False),
    Column("ev_txt", String(200)),
)

sgx = Table(
    "sgx",
    metadata,
    Column("exam_no", Integer, primary_key=True, autoincrement=False),
    Column("mrn", CHAR(7), ForeignKey("pat.mrn"), nullable=False, index=True),
    Column("exam_h", Integer, nullable=False),
    Column("staff_cd", String(6), ForeignKey("staff.staff_cd"), nullable=False),
)

sgx_item = Table(
    "sgx_item",
    metadata,
    Column("exam_no", Integer, ForeignKey("sgx.exam_no"), primary_key=True, autoincrement=False),
    Column("item_cd", CHAR(2), primary_key=True),
    Column("item_txt", String(400), nullable=False),
)
