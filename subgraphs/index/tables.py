"""The partnership's index: which agency holds a record of which child. It holds no case data.

The only database here that the partnership made for itself, so its names are plain.

- `agency`: the members. `sector` is one of SOCIAL_CARE, POLICE, ACUTE, COMMUNITY, EDUCATION. A school is an agency;
  its code is its URN. `sensitive`: that it holds a record is itself sensitive, as of a refuge or of a service for
  substance use; it is named to nobody unless it consents (`named`), and `contact` is whom to ring instead.
- `child`: one row a child that exact identifiers could link. `id` is 22 URL-safe characters that mean nothing
  outside. `nhs` (10 digits, no spaces), `upn`, names and `dob` are what the agencies' records say; each may be
  null, `dob` for a child not yet born. `shielded`: nothing may ever show that this child exists.
- `holding`: agency `agency` holds a record `record_id` (its own local id, without the code) of this child, as it
  said at `as_of` (UTC, without a zone).
- `relationship`: that somebody of `agency` works with this child, as `asserted_by` says: the agency itself, or
  COORDINATION of who takes part in the partnership's protocol. `kind` is one of ALLOCATED, CORE_GROUP,
  CONFERENCE_INVITEE, ATTENDANCE, ON_ROLL, REGISTERED, POLICE_OCCURRENCE, FRONT_DOOR_CONTACT, STRATEGY_DISCUSSION,
  ENQUIRY. One with a `practitioner` (their number with their profession's register, or whom their agency's sign-in says
  they are) is that person's and their `team`'s; one with a team is each of its members'; one with neither is the whole
  agency's, which counts for ATTENDANCE and ON_ROLL only. `since` and `until` are each a day (`2026-03-31`, England's,
  whole, both with it) or an instant (`2026-03-31T10:15:00Z`, exact); null is until further notice.

Names are searched without regard to case: `lower(surname)` with `dob` is indexed.
"""

from sqlalchemy import (
    CHAR,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    or_,
)

metadata = MetaData()

agency = Table(
    "agency",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("sector", String(12), nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("named", Boolean, nullable=False),
    Column("contact", String(120)),
)

child = Table(
    "child",
    metadata,
    Column("id", CHAR(22), primary_key=True),
    Column("nhs", CHAR(10), unique=True),
    Column("upn", CHAR(13), unique=True),
    Column("forename", String(60)),
    Column("surname", String(60)),
    Column("dob", Date),
    Column("shielded", Boolean, nullable=False),
)
Index("child_surname_dob", func.lower(child.c.surname), child.c.dob)

holding = Table(
    "holding",
    metadata,
    Column("agency", String(12), ForeignKey("agency.code"), primary_key=True),
    Column("record_id", String(32), primary_key=True),
    Column("child_id", CHAR(22), ForeignKey("child.id"), nullable=False),
    Column("sector", String(12), nullable=False),
    Column("as_of", DateTime, nullable=False),
    Index("holding_child_sector", "child_id", "sector"),
)

relationship = Table(
    "relationship",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("child_id", CHAR(22), ForeignKey("child.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("asserted_by", String(12), nullable=False),
    Column("agency", String(12), ForeignKey("agency.code"), nullable=False),
    Column("team", String(60)),
    Column("practitioner", String(60)),
    Column("since", String(32), nullable=False),
    Column("until", String(32)),
)

SHOWN = "shown"
"""The parameter that lets the shield's steward, and nobody else, find the shielded."""

visible = or_(child.c.shielded.is_(False), bindparam(SHOWN, value=False, type_=Boolean))
