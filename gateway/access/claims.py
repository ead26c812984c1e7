"""Claimed relationships: a practitioner says that they work with a child, and why, where no agency has recorded it.

A claim is for one child and one purpose, lasts 24 hours, and may be reviewed by a guardian of the agency whose
practitioner made it, who can suspend the right to claim. Claims are kept beside the grants of break-glass: in a file of
SQLite's beside the audit log, or in the database of the log. All of it blocks.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from authz.principal import Principal, Purpose, Role
from gateway.access.change_mark import change
from gateway.access.grants import ReviewFinding
from gateway.access.selection import Selection
from gateway.audit.database import Connection, Failure, beside_log
from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.audit.database import Row, Where

LASTS: Final = dt.timedelta(hours=24)
SHORTEST_REASON: Final = 20
LONGEST_REASON: Final = 2_000
MAX_LISTED: Final = 500
MAX_IN_FORCE: Final = 100_000
"""Claims in force at a time that are read; where there are more, none counts."""

TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS claim (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL,"
    " agency TEXT NOT NULL, team TEXT NOT NULL, registration TEXT NOT NULL, purpose TEXT NOT NULL, child TEXT NOT NULL,"
    " reason TEXT NOT NULL, selected TEXT NOT NULL, audit_id TEXT NOT NULL, claimed DOUBLE PRECISION NOT NULL,"
    " expires DOUBLE PRECISION NOT NULL, followed INTEGER, reviewer TEXT, reviewed DOUBLE PRECISION, finding TEXT,"
    " comment TEXT)",
    "CREATE TABLE IF NOT EXISTS claim_suspension (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL,"
    " agency TEXT NOT NULL, suspended_by TEXT NOT NULL, suspended DOUBLE PRECISION NOT NULL, comment TEXT NOT NULL,"
    " restored_by TEXT, restored DOUBLE PRECISION)",
    "CREATE INDEX IF NOT EXISTS claim_by_subject ON claim (issuer, subject, claimed)",
    "CREATE INDEX IF NOT EXISTS claim_by_expiry ON claim (expires)",
    "CREATE INDEX IF NOT EXISTS claim_by_agency ON claim (agency, claimed)",
    "CREATE INDEX IF NOT EXISTS claim_suspension_by_subject ON claim_suspension (issuer, subject)",
)
_SUSPENDED: Final = (
    "EXISTS (SELECT 1 FROM claim_suspension s WHERE s.issuer = c.issuer AND s.subject = c.subject"
    " AND s.restored IS NULL)"
)
_SELECT: Final = (
    "SELECT c.id, c.subject, c.issuer, c.agency, c.team, c.registration, c.purpose, c.child, c.reason, c.selected,"
    " c.audit_id, c.claimed, c.expires, EXISTS (SELECT 1 FROM claim_suspension s WHERE s.issuer = c.issuer"
    " AND s.subject = c.subject AND s.restored IS NULL), c.followed, c.reviewer, c.reviewed, c.finding, c.comment"
    " FROM claim c"
)
_TO_REVIEW: Final = "c.reviewed IS NULL AND (c.selected <> '' OR c.followed = 0)"


@dataclass(frozen=True, slots=True)
class ClaimReview:
    """What a guardian found. `at` is in Unix seconds."""

    by: str
    at: float
    finding: ReviewFinding
    comment: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One practitioner's, for one child. Times are Unix seconds.

    `team` and `registration` are the practitioner's own. `selected` says why it is to be reviewed. `suspended`: the
    practitioner may claim no more, and this counts for nothing. `followed`: whether a relationship with the child was
    recorded by the time that it ended, None while that is not known.
    """

    id: str
    subject: str
    issuer: str
    agency: str
    team: str
    registration: str
    purpose: str
    child: str
    reason: str
    selected: tuple[Selection, ...]
    audit_id: str
    claimed: float
    expires: float
    suspended: bool = False
    followed: bool | None = None
    review: ClaimReview | None = None

    @property
    def practitioner(self) -> Principal:
        """Who made it, as far as relationships tell people apart."""
        return Principal(
            self.subject, self.issuer, "", agency=self.agency, team=self.team, registration=self.registration
        )


class ClaimStore:
    """Keeps claims and suspensions. Every method blocks, and raises `Failure` where the database can't be used."""

    def __init__(self, where: Where, clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self.where = where
        self.clock = clock

    def add(
        self,
        principal: Principal,
        purpose: Purpose,
        child: str,
        reason: str,
        selection: Sequence[Selection],
        audit_id: str,
        most: int,
    ) -> Claim:
        """Return a new claim, or the one of the same child and purpose that is in force.

        `most` is how many the practitioner may make within 24 hours. Raises `RequestError` where that is passed, or
        where the right to claim is suspended. One transaction: a crash leaves the claim whole, or none.
        """
        now = self.clock()
        made = Claim(
            id=secrets.token_urlsafe(16),
            subject=principal.subject,
            issuer=principal.issuer,
            agency=principal.agency,
            team=principal.team,
            registration=principal.registration,
            purpose=purpose.value,
            child=child,
            reason=reason,
            selected=tuple(selection),
            audit_id=audit_id,
            claimed=now.timestamp(),
            expires=(now + LASTS).timestamp(),
        )
        with beside_log(self.where, TABLES) as connection:
            connection.begin()
            if connection.dialect.name != "sqlite":
                connection.run("LOCK TABLE claim IN SHARE ROW EXCLUSIVE MODE")  # who counts is the only one who adds
            self._check(connection, principal)
            known = _same(connection, principal, purpose, child, made.claimed)
            if known is not None:
                return known
            if self._counted(connection, principal, made.claimed) >= most:
                raise too_many(most)
            connection.run(
                "INSERT INTO claim (id, subject, issuer, agency, team, registration, purpose, child, reason, selected,"
                " audit_id, claimed, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    made.id, made.subject, made.issuer, made.agency, made.team, made.registration, made.purpose,
                    made.child, made.reason, " ".join(made.selected), made.audit_id, made.claimed, made.expires,
                ),
            )  # fmt: skip
            _commit_change(connection, self.where)
        return made

    def check(self, principal: Principal, purpose: Purpose, child: str, most: int) -> None:
        """Raise `RequestError` where `add` would, whether or not there is such a child."""
        now = self.clock().timestamp()
        with beside_log(self.where, TABLES) as connection:
            self._check(connection, principal)
            known = _same(connection, principal, purpose, child, now)
            if known is None and self._counted(connection, principal, now) >= most:
                raise too_many(most)

    def in_force(self) -> list[Claim]:
        """Return the claims that count now; of more than `MAX_IN_FORCE` none does."""
        with beside_log(self.where, TABLES) as connection:
            statement = f"{_SELECT} WHERE c.expires > ? AND NOT {_SUSPENDED} LIMIT ?"
            now = self.clock().timestamp()
            found = [_claim(row) for row in connection.rows(statement, (now, MAX_IN_FORCE + 1))]
        return found if len(found) <= MAX_IN_FORCE else []

    def one(self, claim: str) -> Claim | None:
        """Return the claim with this id, None where there is none."""
        with beside_log(self.where, TABLES) as connection:
            row = connection.one(f"{_SELECT} WHERE c.id = ?", (claim,))
        return None if row is None else _claim(row)

    def review(self, claim: str, review: ClaimReview) -> bool:
        """Keep a review; return whether it is the first."""
        with beside_log(self.where, TABLES) as connection:
            connection.begin()
            changed = connection.one(
                "UPDATE claim SET reviewer = ?, reviewed = ?, finding = ?, comment = ?"
                " WHERE id = ? AND reviewed IS NULL RETURNING id",
                (review.by, review.at, review.finding.value, review.comment, claim),
            )
            connection.commit()
        return changed is not None

    def suspend(self, of: Claim, by: str, comment: str) -> None:
        """Suspend the right to claim of whoever made a claim; what they have claimed counts for nothing meanwhile.

        It may be said again: every process is told again that something has changed.
        """
        with beside_log(self.where, TABLES) as connection:
            connection.begin()
            connection.run(
                "INSERT INTO claim_suspension (id, subject, issuer, agency, suspended_by, suspended, comment)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    secrets.token_urlsafe(16), of.subject, of.issuer, of.agency, by, self.clock().timestamp(), comment,
                ),
            )  # fmt: skip
            _commit_change(connection, self.where)

    def restore(self, of: Claim, by: str) -> bool:
        """End what the claim's agency suspended of whoever made it; return whether there was any.

        What another agency has suspended stays so.
        """
        with beside_log(self.where, TABLES) as connection:
            connection.begin()
            ended = connection.one(
                "UPDATE claim_suspension SET restored_by = ?, restored = ?"
                " WHERE issuer = ? AND subject = ? AND agency = ? AND restored IS NULL RETURNING id",
                (by, self.clock().timestamp(), of.issuer, of.subject, of.agency),
            )
            _commit_change(connection, self.where)
        return ended is not None

    def listed(self, agency: str | None, *, reviewed: bool | None, first: int) -> list[Claim]:
        """Return the claims of an agency's people (of all where that is None): all, the newest first.

        With `reviewed` those that have been, the newest first; without it those that are to be, the oldest first.
        """
        chosen, order = ["c.claimed <= :now"], "c.claimed DESC, c.id"
        values: dict[str, object] = {"now": self.clock().timestamp(), "first": min(first, MAX_LISTED)}
        if reviewed is not None:
            chosen.append("c.reviewed IS NOT NULL" if reviewed else _TO_REVIEW)
            order = order if reviewed else "c.claimed, c.id"
        if agency is not None:
            chosen.append("c.agency = :agency")
            values["agency"] = agency
        statement = f"{_SELECT} WHERE {' AND '.join(chosen)} ORDER BY {order} LIMIT :first"
        with beside_log(self.where, TABLES) as connection:
            return [_claim(row) for row in connection.rows(statement, values)]

    def ended(self, agency: str | None) -> list[Claim]:
        """Return claims that have ended, and of which it is not known whether anything followed, the oldest first."""
        chosen = "c.expires <= :now AND c.followed IS NULL"
        values: dict[str, object] = {"now": self.clock().timestamp()}
        with beside_log(self.where, TABLES) as connection:
            statement = f"{_SELECT} WHERE {chosen}{' AND c.agency = :agency' if agency is not None else ''}"
            given = values if agency is None else {**values, "agency": agency}
            return [_claim(row) for row in connection.rows(f"{statement} ORDER BY c.expires LIMIT {MAX_LISTED}", given)]

    def keep_followed(self, found: Sequence[tuple[Claim, bool]]) -> None:
        """Keep whether anything followed claims that have ended."""
        with beside_log(self.where, TABLES) as connection:
            connection.begin()
            statement = "UPDATE claim SET followed = ? WHERE id = ?"
            connection.many(statement, [(int(followed), claim.id) for claim, followed in found])
            connection.commit()

    def _check(self, connection: Connection, principal: Principal) -> None:
        suspended = "SELECT 1 FROM claim_suspension WHERE issuer = ? AND subject = ? AND restored IS NULL"
        if connection.one(suspended, (principal.issuer, principal.subject)) is not None:
            raise RequestError.of("CLAIMS_SUSPENDED", "your agency's guardian has suspended your right to claim")

    def _counted(self, connection: Connection, principal: Principal, now: float) -> int:
        since = now - dt.timedelta(days=1).total_seconds()
        counted = "SELECT count(*) FROM claim WHERE issuer = ? AND subject = ? AND claimed > ?"
        row = connection.one(counted, (principal.issuer, principal.subject, since))
        return int(row[0]) if row is not None else 0


def _same(connection: Connection, principal: Principal, purpose: Purpose, child: str, now: float) -> Claim | None:
    """Return the principal's claim for this child and purpose that is in force."""
    whose = "c.issuer = ? AND c.subject = ? AND c.agency = ?"
    row = connection.one(
        f"{_SELECT} WHERE {whose} AND c.child = ? AND c.purpose = ? AND c.expires > ?",
        (principal.issuer, principal.subject, principal.agency, child, purpose.value, now),
    )
    return None if row is None else _claim(row)


def _commit_change(connection: Connection, where: Where) -> None:
    """Commit a change of what is in force, and let every process see that there was one."""
    if isinstance(where, Path):
        connection.commit()
        try:
            change(where)
        except OSError as error:
            raise Failure(str(error)) from error
    else:
        connection.run("UPDATE claim_change SET number = number + 1")
        connection.commit()


def too_many(most: int) -> RequestError:
    return RequestError.of("TOO_MANY_CLAIMS", f"relationships with {most} children a day can be claimed at most")


def check_guardian(principal: Principal, claim: Claim | None) -> Claim:
    """Return the claim, where this is a guardian of its maker's agency and somebody else; raises `RequestError`."""
    theirs = claim is not None and principal.agency and claim.agency == principal.agency
    if Role.GUARDIAN not in principal.roles or claim is None or not theirs:
        raise RequestError.of("NO_SUCH_CLAIM", "there is no such claim for you to review")
    if (claim.subject, claim.issuer) == (principal.subject, principal.issuer):
        raise RequestError.of("OWN_CLAIM", "whoever made a claim does not review it")
    return claim


def _claim(row: Row) -> Claim:
    *of_claim, suspended, followed, reviewer, reviewed, finding, comment = row
    made = Claim(*of_claim)
    review = ClaimReview(reviewer, reviewed, ReviewFinding(finding), comment or "") if reviewed is not None else None
    why = [Selection(each) for each in str(made.selected).split()]
    if followed == 0:
        why.append(Selection.NO_FURTHER_ACT)
    return replace(
        made,
        selected=tuple(why),
        suspended=bool(suspended),
        followed=None if followed is None else bool(followed),
        review=review,
    )
