"""The council's case management database, as it is: made for Oracle in the nineties, moved since.

Names are upper case and short. Dates are `YYYYMMDD` text and nothing else; flags are `Y` or `N`; codes are spelt
out in `T_CODE` (`CODE_SET`, `CODE_VAL`). The local record id is `T_PERS.PERS_NO`.

- `T_PERS`: a person, children only. `LA_CHILD_ID` the census id; `NHS_NO` 10 digits; `DOB`, or `EDD` (expected) of
  a child not yet born; `SEX_CD` 1 male, 2 female, 9 not known; `ETHN_CD` (set ETHN), `DISAB_CD` (set DISAB);
  `CASE_STAT` O open or C closed; `ALLOC_WRKR_NO` the lead worker; `CP_FLG` on a protection plan; `LAC_FLG` looked
  after; `ADOPT_FLG` linked to another identity by adoption; `RESTR_FLG` shielded: access restricted.
- `T_WORKER`, `T_TEAM`: the lead worker, the team and its telephone (the worker's own is often null: use the
  team's).
- `T_PERS_ADDR` + `T_ADDR`: where, from, until (`ADDR_TYP` H home, P placement: a placement's is the owner's only).
- `T_PERS_REL`: `REL_CD` SIB; both directions are written.
- `T_EPIS` + `T_EPIS_STEP`: an episode from referral to closure is one row, and each thing that happened in it is a
  step. `STEP_TYP` REF referral, ASM assessment, STR strategy discussion, S47 enquiry, ICPC initial conference, RCPC
  review conference, CIN child-in-need plan, CPP protection plan. `START_DT` when it began (a conference: the day it
  met), `DUE_DT` when it had to be, `END_DT` when it ended: of a REF the day it was decided; null while open.
  `OUTC_CD` (null while open) is of the set OUTC: of a REF NFA, EH, ASM, STR, EMG; of an ASM CLOS, CIN, STR; of a
  STR S47, ASM, NFA; of an S47 NSUB, CIN, ICPC; of an ICPC CPP, CIN, NFA; of an RCPC CONT, END; of a plan END.
  `SRC_CD` is the census's referral source, on a REF only; `ABUSE_CD` the category, on a CPP only. `T_EPIS.CLOSE_CD`
  is the census's closure reason, `NEED_CD` the primary need (set NEED; the newest episode's is the child's).
- `T_CP_MEMBER`: the core group of a CPP step. `T_FACTOR`: the factors found by an ASM step (census codes, set
  FACTOR).
- `T_CHRON`: the chronology, `CHRON_TXT` in lines of at most 60 characters ordered by `LINE_NO`; join them with a
  space.
- `T_PARTY`: third parties of an episode: `PARTY_CD` R the referrer, A an alleged perpetrator.
- `T_LEGAL`: legal advice, privileged.
"""

from sqlalchemy import CHAR, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()

T_CODE = Table(
    "T_CODE",
    metadata,
    Column("CODE_SET", String(8), primary_key=True),
    Column("CODE_VAL", String(8), primary_key=True),
    Column("CODE_DESC", String(80), nullable=False),
)

T_TEAM = Table(
    "T_TEAM",
    metadata,
    Column("TEAM_CD", String(6), primary_key=True),
    Column("TEAM_NM", String(60), nullable=False),
    Column("TEAM_TEL", String(20), nullable=False),
)

T_WORKER = Table(
    "T_WORKER",
    metadata,
    Column("WRKR_NO", Integer, primary_key=True, autoincrement=False),
    Column("WRKR_NM", String(60), nullable=False),
    Column("WRKR_TEL", String(20)),
    Column("TEAM_CD", String(6), ForeignKey("T_TEAM.TEAM_CD"), nullable=False),
)

T_PERS = Table(
    "T_PERS",
    metadata,
    Column("PERS_NO", Integer, primary_key=True, autoincrement=False),
    Column("LA_CHILD_ID", String(20), nullable=False, unique=True),
    Column("NHS_NO", CHAR(10), index=True),
    Column("UPN", CHAR(13), index=True),
    Column("SURNAME", String(60), nullable=False),
    Column("FORENAME", String(60)),
    Column("DOB", CHAR(8)),
    Column("EDD", CHAR(8)),
    Column("SEX_CD", CHAR(1), nullable=False),
    Column("ETHN_CD", String(8)),
    Column("DISAB_CD", String(8)),
    Column("CASE_STAT", CHAR(1), nullable=False),
    Column("ALLOC_WRKR_NO", Integer, ForeignKey("T_WORKER.WRKR_NO")),
    Column("CP_FLG", CHAR(1), nullable=False),
    Column("LAC_FLG", CHAR(1), nullable=False),
    Column("ADOPT_FLG", CHAR(1), nullable=False),
    Column("RESTR_FLG", CHAR(1), nullable=False),
    Index("X_PERS_NAME", "SURNAME", "DOB"),
)

T_PERS_REL = Table(
    "T_PERS_REL",
    metadata,
    Column("PERS_NO", Integer, ForeignKey("T_PERS.PERS_NO"), primary_key=True, autoincrement=False),
    Column("REL_PERS_NO", Integer, ForeignKey("T_PERS.PERS_NO"), primary_key=True, autoincrement=False),
    Column("REL_CD", String(4), nullable=False),
)

T_ADDR = Table(
    "T_ADDR",
    metadata,
    Column("ADDR_NO", Integer, primary_key=True, autoincrement=False),
    Column("LINE_1", String(60), nullable=False),
    Column("TOWN", String(40), nullable=False),
    Column("PCODE", String(8), nullable=False),
)

T_PERS_ADDR = Table(
    "T_PERS_ADDR",
    metadata,
    Column("PERS_NO", Integer, ForeignKey("T_PERS.PERS_NO"), primary_key=True, autoincrement=False),
    Column("SEQ_NO", Integer, primary_key=True, autoincrement=False),
    Column("ADDR_NO", Integer, ForeignKey("T_ADDR.ADDR_NO"), nullable=False),
    Column("ADDR_TYP", CHAR(1), nullable=False),
    Column("START_DT", CHAR(8), nullable=False),
    Column("END_DT", CHAR(8)),
)

T_EPIS = Table(
    "T_EPIS",
    metadata,
    Column("EPIS_NO", Integer, primary_key=True, autoincrement=False),
    Column("PERS_NO", Integer, ForeignKey("T_PERS.PERS_NO"), nullable=False, index=True),
    Column("START_DT", CHAR(8), nullable=False),
    Column("END_DT", CHAR(8)),
    Column("CLOSE_CD", String(8)),
    Column("NEED_CD", String(8)),
)

T_EPIS_STEP = Table(
    "T_EPIS_STEP",
    metadata,
    Column("STEP_NO", Integer, primary_key=True, autoincrement=False),
    Column("EPIS_NO", Integer, ForeignKey("T_EPIS.EPIS_NO"), nullable=False, index=True),
    Column("STEP_TYP", String(4), nullable=False),
    Column("START_DT", CHAR(8), nullable=False),
    Column("DUE_DT", CHAR(8)),
    Column("END_DT", CHAR(8)),
    Column("OUTC_CD", String(8)),
    Column("SRC_CD", String(8)),
    Column("ABUSE_CD", String(8)),
    Column("WRKR_NO", Integer, ForeignKey("T_WORKER.WRKR_NO")),
)

T_CP_MEMBER = Table(
    "T_CP_MEMBER",
    metadata,
    Column("STEP_NO", Integer, ForeignKey("T_EPIS_STEP.STEP_NO"), primary_key=True, autoincrement=False),
    Column("MBR_SEQ", Integer, primary_key=True, autoincrement=False),
    Column("MBR_NM", String(60), nullable=False),
    Column("MBR_ROLE", String(60), nullable=False),
)

T_FACTOR = Table(
    "T_FACTOR",
    metadata,
    Column("STEP_NO", Integer, ForeignKey("T_EPIS_STEP.STEP_NO"), primary_key=True, autoincrement=False),
    Column("FACTOR_CD", String(8), primary_key=True),
)

T_CHRON = Table(
    "T_CHRON",
    metadata,
    Column("CHRON_NO", Integer, primary_key=True, autoincrement=False),
    Column("LINE_NO", Integer, primary_key=True, autoincrement=False),
    Column("PERS_NO", Integer, ForeignKey("T_PERS.PERS_NO"), nullable=False, index=True),
    Column("CHRON_DT", CHAR(8), nullable=False),
    Column("CHRON_TXT", String(60), nullable=False),
)

T_PARTY = Table(
    "T_PARTY",
    metadata,
    Column("EPIS_NO", Integer, ForeignKey("T_EPIS.EPIS_NO"), primary_key=True, autoincrement=False),
    Column("PARTY_SEQ", Integer, primary_key=True, autoincrement=False),
    Column("PARTY_CD", CHAR(1), nullable=False),
    Column("PARTY_NM", String(80), nullable=False),
)

T_LEGAL = Table(
    "T_LEGAL",
    metadata,
    Column("LEGAL_NO", Integer, primary_key=True, autoincrement=False),
    Column("PERS_NO", Integer, ForeignKey("T_PERS.PERS_NO"), nullable=False, index=True),
    Column("ADVICE_DT", CHAR(8), nullable=False),
    Column("ADVICE_TXT", String(400), nullable=False),
)
