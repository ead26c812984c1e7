"""Break-glass: grants that are made with a reason, last an hour, and are reviewed.

They are kept in a file of SQLite's beside the audit log, which all workers of a host share, or in the database of the
log, which all hosts do. What reads or writes them does so off the event loop.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from authz.principal import Role
from authz.working_time import end_of_next_working_day
from gateway.audit.database import Connection, beside_log
from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from authz.principal import Principal, Purpose
    from gateway.audit.database import Row, Where

LASTS: Final = dt.timedelta(minutes=60)
SHORTEST_NARRATIVE: Final = 20
LONGEST_NARRATIVE: Final = 2_000
MOST_A_DAY: Final = 20
MAX_LISTED: Final = 500
MAY_NOT_BREAK: Final = frozenset((Role.ADMINISTRATOR, Role.AUDITOR, Role.GUARDIAN, Role.DEVELOPER, Role.SHIELD_STEWARD))
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS grant_ (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL,"
    " agency TEXT NOT NULL, purpose TEXT NOT NULL, child TEXT NOT NULL, reason TEXT NOT NULL, narrative TEXT NOT NULL,"
    " holders TEXT NOT NULL, audit_id TEXT NOT NULL, granted REAL NOT NULL, expires REAL NOT NULL,"
    " review_due REAL NOT NULL, reviewer TEXT, reviewed REAL, finding TEXT, comment TEXT)",
    "CREATE INDEX IF NOT EXISTS grant_by_subject ON grant_ (issuer, subject, granted)",
    "CREATE INDEX IF NOT EXISTS grant_by_review ON grant_ (reviewed, review_due)",
)
_COLUMNS: Final = (
    "id, subject, issuer, agency, purpose, child, reason, narrative, holders, audit_id, granted, expires, review_due,"
    " reviewer, reviewed, finding, comment"
)
_SENSITIVE: Final = "sensitive:"
"""Before the code of a sensitive service, where a grant's holders are kept."""

_ITEMS: Final = "json_array_elements_text(CAST(holders AS json))"


class BreakGlassReason(StrEnum):
    IMMINENT_HARM = "IMMINENT_HARM"
    CHILD_MISSING = "CHILD_MISSING"
    MEDICAL_EMERGENCY = "MEDICAL_EMERGENCY"
    RELATIONSHIP_NOT_RECORDED = "RELATIONSHIP_NOT_RECORDED"
    OTHER_EMERGENCY = "OTHER_EMERGENCY"


class ReviewFinding(StrEnum):
    JUSTIFIED = "JUSTIFIED"
    NOT_JUSTIFIED = "NOT_JUSTIFIED"
    FOLLOW_UP = "FOLLOW_UP"


@dataclass(frozen=True, slots=True)
class Review:
    by: str
    at: float
    finding: ReviewFinding
    comment: str


@dataclass(frozen=True, slots=True)
class Grant:
    """One practitioner's, for one child. Times are Unix seconds.

    The guardians of `holders`, who hold a record, may read it; so may those of `sensitive_holders`, who are named to
    nobody but themselves.
    """

    id: str
    subject: str
    issuer: str
    agency: str
    purpose: str
    child: str
    reason: BreakGlassReason
    narrative: str
    holders: tuple[str, ...]
    audit_id: str
    granted: float
    expires: float
    review_due: float
    review: Review | None = None
    sensitive_holders: tuple[str, ...] = ()


class BreakGlass:
    """Makes, finds and reviews grants."""

    def __init__(self, where: Where, clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self._where = where
        self._clock = clock

    async def child_of(self, grant: str, principal: Principal, purpose: Purpose | None) -> str | None:
        """The child for whom this grant of the principal's is in force, for the purpose that it was made for."""
        found = await asyncio.to_thread(self._one, grant)
        if found is None or (found.subject, found.issuer) != (principal.subject, principal.issuer):
            return None
        in_force = self._clock().timestamp() < found.expires and purpose is not None and purpose.value == found.purpose
        return found.child if in_force else None

    async def check(self, principal: Principal, narrative: str) -> str:
        """The narrative as it is kept; raises `RequestError` where this principal gets no grant, whoever it is for."""
        text = " ".join(narrative.split())
        if (
            not principal.agency or not set(principal.roles) - MAY_NOT_BREAK
        ):  # of no agency, it would be nobody's to review
            raise RequestError.of("BREAK_GLASS_NOT_YOURS", "your role can't break the glass")
        if not SHORTEST_NARRATIVE <= len(text) <= LONGEST_NARRATIVE:
            between = f"{SHORTEST_NARRATIVE} to {LONGEST_NARRATIVE} characters"
            raise RequestError.of("BAD_NARRATIVE", f"say in {between} why this can't wait")
        if await asyncio.to_thread(self._made_today, principal) >= MOST_A_DAY:
            raise _too_many()
        return text

    async def grant(
        self,
        principal: Principal,
        purpose: Purpose,
        child: str,
        reason: BreakGlassReason,
        narrative: str,
        holders: Sequence[str],
        audit_id: str,
        sensitive_holders: Sequence[str] = (),
    ) -> Grant:
        """A new grant; raises `RequestError` where there may be none."""
        text = await self.check(principal, narrative)
        now = self._clock()
        made = Grant(
            id=secrets.token_urlsafe(16),
            subject=principal.subject,
            issuer=principal.issuer,
            agency=principal.agency,
            purpose=purpose.value,
            child=child,
            reason=reason,
            narrative=text,
            holders=tuple(sorted(set(holders))),
            audit_id=audit_id,
            granted=now.timestamp(),
            expires=(now + LASTS).timestamp(),
            review_due=end_of_next_working_day(now).timestamp(),
            sensitive_holders=tuple(sorted(set(sensitive_holders) - set(holders))),
        )
        await asyncio.to_thread(self._add, made)
        return made

    async def review(self, principal: Principal, grant: str, finding: ReviewFinding, comment: str) -> Grant:
        """By a guardian of the agency whose practitioner broke the glass, who is somebody else; once."""
        found = await asyncio.to_thread(self._one, grant)
        theirs = found is not None and principal.agency and found.agency == principal.agency
        if Role.GUARDIAN not in principal.roles or found is None or not theirs:
            raise RequestError.of("NO_SUCH_GRANT", "there is no such grant for you to review")
        if (found.subject, found.issuer) == (principal.subject, principal.issuer):
            raise RequestError.of("OWN_GRANT", "whoever broke the glass does not review it")
        review = Review(principal.subject, self._clock().timestamp(), finding, comment[:LONGEST_NARRATIVE])
        if not await asyncio.to_thread(self._reviewed, grant, review):
            raise RequestError.of("REVIEWED_ALREADY", "this grant has been reviewed")
        return replace(found, review=review)

    async def listed(self, principal: Principal, *, overdue: bool, first: int) -> list[Grant]:
        """The newest first, or the longest overdue: all for an auditor; for a guardian those of their people, or about
        what their agency holds. Raises `RequestError` for anybody else.
        """
        everything = Role.AUDITOR in principal.roles
        if not everything and (Role.GUARDIAN not in principal.roles or not principal.agency):
            raise RequestError.of("NOT_A_GUARDIAN", "grants are for auditors, and for guardians of an agency")
        agency = None if everything else principal.agency
        return await asyncio.to_thread(self._listed, agency, overdue=overdue, first=min(first, MAX_LISTED))

    def all(self, *, overdue: bool, first: int) -> list[Grant]:
        """Everybody's, for who reads the files themselves, in the same order. Blocks."""
        return self._listed(None, overdue=overdue, first=min(first, MAX_LISTED))

    def _made_today(self, principal: Principal) -> int:
        since = (self._clock() - dt.timedelta(days=1)).timestamp()
        with beside_log(self._where, _TABLE) as connection:
            return _counted(connection, principal.issuer, principal.subject, since)

    def _one(self, grant: str) -> Grant | None:
        with beside_log(self._where, _TABLE) as connection:
            row = connection.one(f"SELECT {_COLUMNS} FROM grant_ WHERE id = ?", (grant,))  # noqa: S608 - our own words
        return None if row is None else _read(row)

    def _add(self, made: Grant) -> None:
        """One transaction: a crash leaves the grant whole, or none."""
        since = made.granted - dt.timedelta(days=1).total_seconds()
        values = (
            made.id, made.subject, made.issuer, made.agency, made.purpose, made.child, made.reason.value,
            made.narrative, _kept_holders(made), made.audit_id, made.granted, made.expires, made.review_due,
        )  # fmt: skip
        with beside_log(self._where, _TABLE) as connection:
            connection.begin()
            if connection.dialect.name != "sqlite":
                connection.run("LOCK TABLE grant_ IN SHARE ROW EXCLUSIVE MODE")  # who counts is the only one who adds
            if _counted(connection, made.issuer, made.subject, since) >= MOST_A_DAY:
                raise _too_many()
            connection.run(
                "INSERT INTO grant_ (id, subject, issuer, agency, purpose, child, reason, narrative, holders, audit_id,"
                " granted, expires, review_due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            connection.commit()

    def _reviewed(self, grant: str, review: Review) -> bool:
        with beside_log(self._where, _TABLE) as connection:
            connection.begin()
            changed = connection.one(
                "UPDATE grant_ SET reviewer = ?, reviewed = ?, finding = ?, comment = ?"
                " WHERE id = ? AND reviewed IS NULL RETURNING id",
                (review.by, review.at, review.finding.value, review.comment, grant),
            )
            connection.commit()
        return changed is not None

    def _listed(self, agency: str | None, *, overdue: bool, first: int) -> list[Grant]:
        """All agencies' where that is None."""
        chosen = "reviewed IS NULL AND review_due < :now" if overdue else "granted <= :now"
        order = "review_due, id" if overdue else "granted DESC, id"
        values: dict[str, object] = {"now": self._clock().timestamp(), "first": first}
        with beside_log(self._where, _TABLE) as connection:
            if agency is not None:
                values["agency"] = agency
                items = "json_each(holders)" if connection.dialect.name == "sqlite" else _ITEMS
                values["sensitive"] = _SENSITIVE + agency
                held = f"EXISTS (SELECT 1 FROM {items} h WHERE h.value IN (:agency, :sensitive))"  # noqa: S608
                chosen += f" AND (agency = :agency OR {held})"
            statement = f"SELECT {_COLUMNS} FROM grant_ WHERE {chosen} ORDER BY {order} LIMIT :first"  # noqa: S608
            return [_read(row) for row in connection.rows(statement, values)]


def _counted(connection: Connection, issuer: str, subject: str, since: float) -> int:
    counted = "SELECT count(*) FROM grant_ WHERE issuer = ? AND subject = ? AND granted > ?"
    row = connection.one(counted, (issuer, subject, since))
    return int(row[0]) if row is not None else 0


def _too_many() -> RequestError:
    return RequestError.of("TOO_MANY_GRANTS", f"the glass is broken {MOST_A_DAY} times a day at most")


def _read(row: Row) -> Grant:
    *of_grant, reviewer, reviewed, finding, comment = row
    review = Review(reviewer, reviewed, ReviewFinding(finding), comment or "") if reviewed is not None else None
    made = Grant(*of_grant)
    kept = [str(each) for each in json.loads(str(of_grant[8]))]
    holders = tuple(each for each in kept if not each.startswith(_SENSITIVE))
    sensitive = tuple(each.removeprefix(_SENSITIVE) for each in kept if each.startswith(_SENSITIVE))
    return replace(
        made, reason=BreakGlassReason(made.reason), holders=holders, review=review, sensitive_holders=sensitive
    )


def _kept_holders(grant: Grant) -> str:
    return json.dumps([*grant.holders, *(_SENSITIVE + code for code in grant.sensitive_holders)])
