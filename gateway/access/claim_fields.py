"""The fields of claimed relationships: to make one, and for guardians to review them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from authz.errors import FactsError
from authz.principal import Role, may_claim
from authz.standing import Moment, relationships_of
from gateway.access.child import known_facts, time_of
from gateway.access.claims import LONGEST_REASON, SHORTEST_REASON, ClaimReview, check_guardian
from gateway.access.facts import SURNAMES
from gateway.access.selection import selected
from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from authz.principal import Principal
    from gateway.access.claims import Claim, ClaimStore
    from gateway.access.grants import ReviewFinding
    from gateway.inside import Asking
    from gateway.rate_limits import PersonLimits

MAX_FOLLOWED: Final = 100
"""Claims that have ended which one listing looks at: the index is asked about the child of each."""


class ClaimFields:
    """Each method is a field of the gateway's own subgraph, and raises `RequestError` where it refuses."""

    def __init__(self, store: ClaimStore, limits: PersonLimits, pseudonym: Callable[[str], str] | None) -> None:
        """`pseudonym` gives the token by which auditors know a child."""
        self._store = store
        self._limits = limits
        self._pseudonym = pseudonym

    async def claim(self, asking: Asking, child: str, reason: str) -> dict[str, object]:
        """Make a claim for the purpose of the request; the one in force where there is one."""
        principal, purpose = asking.principal, asking.purpose
        if purpose is None:
            raise RequestError.of("PURPOSE_MISSING", "say for what purpose you ask")
        if not may_claim(principal):
            raise RequestError.of("CLAIM_NOT_YOURS", "your role can't claim a relationship")
        text = " ".join(reason.split())
        if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
            between = f"{SHORTEST_REASON} to {LONGEST_REASON} characters"
            raise RequestError.of("BAD_REASON", f"say in {between} how you come to work with this child")
        most = self._limits.claims(principal.roles)
        await asyncio.to_thread(self._store.check, principal, purpose, child, most)  # before anything is asked or noted
        facts = await known_facts(asking, child, "claimed", surnames=True)
        stated = facts.get(SURNAMES)
        surnames = [each for each in stated if isinstance(each, str)] if isinstance(stated, list) else None
        why = selected(principal.family_name, surnames, self._store.clock())
        # the event is durable before there is a claim: a crash between leaves one without a claim, which opens nothing
        await asking.note("CLAIM", child, [principal.agency], " ".join(why) or "NOT_SELECTED")
        made = await asyncio.to_thread(self._store.add, principal, purpose, child, text, why, asking.audit_id, most)
        return {**_shown(made), "selected": [], "review": None}

    async def review(self, asking: Asking, claim: str, finding: ReviewFinding, comment: str) -> dict[str, object]:
        """Review a claim, once."""
        known = await self._for_guardian(asking.principal, claim)
        review = ClaimReview(
            asking.principal.subject, self._store.clock().timestamp(), finding, comment[:LONGEST_REASON]
        )
        if not await asyncio.to_thread(self._store.review, claim, review):
            raise RequestError.of("REVIEWED_ALREADY", "this claim has been reviewed")
        await asking.note("CLAIM_REVIEWED", known.child, [known.agency], finding.value)
        return _shown(replace(known, review=review))

    async def suspend(self, asking: Asking, claim: str, comment: str) -> dict[str, object]:
        """Suspend the right to claim of whoever made a claim."""
        known = await self._for_guardian(asking.principal, claim)
        await asking.note("CLAIMS_SUSPENDED", known.child, [known.agency], known.subject)
        await asyncio.to_thread(self._store.suspend, known, asking.principal.subject, comment[:LONGEST_REASON])
        return _shown(replace(known, suspended=True))

    async def restore(self, asking: Asking, claim: str) -> dict[str, object]:
        """Give the right to claim back to whoever made a claim."""
        known = await self._for_guardian(asking.principal, claim)
        if known.suspended:
            await asking.note("CLAIMS_RESTORED", known.child, [known.agency], known.subject)
            await asyncio.to_thread(self._store.restore, known, asking.principal.subject)
        return _shown(await self._for_guardian(asking.principal, claim))

    async def listed(self, asking: Asking, reviewed: bool | None, first: int) -> list[dict[str, object]]:
        """Return claims: all for an auditor, for a guardian those of their agency's people."""
        principal = asking.principal
        everything = Role.AUDITOR in principal.roles
        if not everything and (Role.GUARDIAN not in principal.roles or not principal.agency):
            raise RequestError.of("NOT_A_GUARDIAN", "claims are for auditors, and for guardians of an agency")
        agency = None if everything else principal.agency
        if reviewed is False:
            await self._follow(asking, agency)
        found = await asyncio.to_thread(self._store.listed, agency, reviewed=reviewed, first=max(0, first))
        if reviewed is False:  # nobody learns which of their own claims are to be reviewed
            found = [claim for claim in found if not _is_own(claim, principal)]
        return [self._seen(claim, principal) for claim in found]

    async def _for_guardian(self, principal: Principal, claim: str) -> Claim:
        return check_guardian(principal, await asyncio.to_thread(self._store.one, claim))

    async def _follow(self, asking: Asking, agency: str | None) -> None:
        """Find out of claims that have ended whether their makers came to be related to the child.

        Of a child whose facts can't be read it is taken that they did not: that claim is reviewed. Raises
        `SubgraphError` where the index does not answer, once what it has said is kept.
        """
        found: list[tuple[Claim, bool]] = []
        try:
            for claim in (await asyncio.to_thread(self._store.ended, agency))[:MAX_FOLLOWED]:
                facts = await asking.facts.of(claim.child, asking.headers)
                stated = facts.get("relationships", ()) if facts is not None else ()
                times = (claim.expires, self._store.clock().timestamp())
                found.append((claim, any(_is_related(claim, stated, at) for at in times)))
        finally:
            if found:
                await asyncio.to_thread(self._store.keep_followed, found)

    def _seen(self, claim: Claim, principal: Principal) -> dict[str, object]:
        """A claim for one reader: who the child is, and why, is for a guardian of its maker's agency."""
        shown = _shown(replace(claim, selected=()) if _is_own(claim, principal) else claim)
        if Role.GUARDIAN in principal.roles and principal.agency == claim.agency:
            return shown
        told = {"child": self._pseudonym(claim.child) if self._pseudonym else "", "reason": ""}
        review = shown["review"]
        return {**shown, **told, "review": {**review, "comment": ""} if isinstance(review, dict) else None}


def _is_own(claim: Claim, principal: Principal) -> bool:
    return (claim.subject, claim.issuer) == (principal.subject, principal.issuer)


def _is_related(claim: Claim, stated: object, at: float) -> bool:
    try:
        kinds, team = relationships_of(claim.practitioner, stated, Moment.at(at))
    except FactsError:
        return False
    return team or bool(kinds)


def _shown(claim: Claim) -> dict[str, object]:
    review = claim.review
    return {
        "id": claim.id,
        "child": claim.child,
        "purpose": claim.purpose,
        "reason": claim.reason,
        "practitioner": claim.subject,
        "agency": claim.agency,
        "auditId": claim.audit_id,
        "claimedAt": time_of(claim.claimed),
        "expiresAt": time_of(claim.expires),
        "selected": [each.value for each in claim.selected],
        "suspended": claim.suspended,
        "review": review
        and {"by": review.by, "at": time_of(review.at), "finding": review.finding.value, "comment": review.comment},
    }
