"""Answering the gateway's own subgraph, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authz.policy import Outlook
from authz.principal import Purpose, Role, may_ask_for
from gateway.access.child import holders, known_facts, time_of
from gateway.access.claim_fields import ClaimFields
from gateway.access.grants import BreakGlassReason, ReviewFinding
from gateway.access.preview import preview
from gateway.access.schema import REFUSALS, TYPES
from gateway.errors import RequestError
from gateway.inside import answered, executable
from gateway.rate_limits import PersonLimits
from gateway.supergraph.subjects import SENSITIVE_HOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLResolveInfo

    from authz.principal import Principal
    from gateway.access.claims import ClaimStore
    from gateway.access.grants import BreakGlass, Grant
    from gateway.inside import Asking


class AccessSubgraph:
    """Break-glass, claimed relationships and `access`.

    `pseudonym` gives the token by which auditors know a child. Without `claims` none are taken.
    """

    refusals = REFUSALS

    def __init__(
        self,
        grants: BreakGlass,
        pseudonym: Callable[[str], str] | None = None,
        claims: ClaimStore | None = None,
        limits: PersonLimits | None = None,
    ) -> None:
        self.grants = grants
        self._pseudonym = pseudonym
        self._claims = ClaimFields(claims, limits or PersonLimits(), pseudonym) if claims is not None else None
        self._schema = executable(TYPES)

    async def answer(self, asking: Asking, body: bytes) -> bytes:
        """The answer's JSON to one request of a plan."""
        return await answered(self._schema, asking, body, self._resolve)

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if source is not None:
            return source.get(info.field_name)
        asking: Asking = info.context
        match info.field_name:
            case "access":
                return self._access(asking, arguments["child"], Purpose(arguments["purpose"]))
            case "breakGlass":
                return self._break_glass(asking, arguments)
            case "reviewBreakGlass":
                return self._review(asking, arguments)
            case "breakGlassGrants":
                return self._listed(asking, arguments)
        if self._claims is None:
            return None
        match info.field_name:
            case "claimRelationship":
                return self._claims.claim(asking, arguments["child"], arguments["reason"])
            case "reviewClaimedRelationship":
                finding = ReviewFinding(arguments["finding"])
                return self._claims.review(asking, arguments["claim"], finding, arguments["comment"])
            case "suspendClaims":
                return self._claims.suspend(asking, arguments["claim"], arguments["comment"])
            case "restoreClaims":
                return self._claims.restore(asking, arguments["claim"])
            case "claimedRelationships":
                return self._claims.listed(asking, arguments.get("reviewed"), arguments["first"])
        return None

    async def _access(self, asking: Asking, child: str, purpose: Purpose) -> dict[str, object] | None:
        if not may_ask_for(asking.principal.roles, purpose):
            raise RequestError.of("PURPOSE_NOT_YOURS", f"your role can't ask for the purpose {purpose.value}")
        outlook = asking.policies.outlook(asking.principal, purpose, "locator.summary", break_glass=True, claimed=True)
        if outlook is Outlook.DENIED:
            return None  # whoever is told of no child is not told of this one either
        facts = await asking.facts.of(child, asking.headers)
        if facts is None:
            return None
        seen = preview(
            asking.supergraph,
            asking.policies,
            asking.principal,
            purpose,
            facts,
            # both are for the purpose of the request
            break_glass=asking.granted == child and purpose is asking.purpose,
            claimed=child in asking.claimed and purpose is asking.purpose,
        )
        return None if seen is None else {"child": child, **seen}

    async def _break_glass(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        if asking.purpose is None:
            raise RequestError.of("PURPOSE_MISSING", "say for what purpose you ask")
        reason = BreakGlassReason(arguments["reason"])
        if reason is BreakGlassReason.RELATIONSHIP_NOT_RECORDED:
            raise RequestError.of("CLAIM_INSTEAD", "claim the relationship: `claimRelationship(child, reason)`")
        await self.grants.check(asking.principal, arguments["narrative"])  # before anything is asked or noted
        child = arguments["child"]
        facts = await known_facts(asking, child, "break_glass", surnames=False)
        codes = holders(facts)
        # the event is durable before there is a grant: a crash between leaves one without a grant, which opens nothing
        await asking.note("BREAK_GLASS", child, codes, reason.value)
        made = await self.grants.grant(
            asking.principal,
            asking.purpose,
            child,
            reason,
            arguments["narrative"],
            codes,
            asking.audit_id,
            holders(facts, SENSITIVE_HOLDERS),
        )
        return _shown(made)

    async def _review(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        finding = ReviewFinding(arguments["finding"])
        reviewed = await self.grants.review(asking.principal, arguments["grant"], finding, arguments["comment"])
        await asking.note("BREAK_GLASS_REVIEWED", reviewed.child, [reviewed.agency], finding.value)
        return _shown(reviewed)

    async def _listed(self, asking: Asking, arguments: Mapping[str, Any]) -> list[dict[str, object]]:
        found = await self.grants.listed(
            asking.principal, overdue=arguments["overdue"], first=max(0, arguments["first"])
        )
        return [self._seen(grant, asking.principal) for grant in found]

    def _seen(self, grant: Grant, principal: Principal) -> dict[str, object]:
        """A grant for one reader: who the child is, and what is said of them, is for a guardian whom it concerns."""
        shown = _shown(grant)
        concerned = principal.agency and principal.agency in (grant.agency, *grant.holders, *grant.sensitive_holders)
        if Role.GUARDIAN in principal.roles and concerned:
            return shown
        told = {"child": self._pseudonym(grant.child) if self._pseudonym else "", "narrative": ""}
        if grant.review is not None:
            told_of_review = dict(shown["review"], comment="")  # type: ignore[call-overload] # made above
            return {**shown, **told, "review": told_of_review}
        return {**shown, **told}


def _shown(grant: Grant) -> dict[str, object]:
    review = grant.review
    return {
        "id": grant.id,
        "child": grant.child,
        "purpose": grant.purpose,
        "reason": grant.reason.value,
        "narrative": grant.narrative,
        "practitioner": grant.subject,
        "agency": grant.agency,
        "auditId": grant.audit_id,
        "readBy": sorted({grant.agency, *grant.holders}),
        "told": [],
        "grantedAt": time_of(grant.granted),
        "expiresAt": time_of(grant.expires),
        "reviewDue": time_of(grant.review_due),
        "review": review
        and {"by": review.by, "at": time_of(review.at), "finding": review.finding.value, "comment": review.comment},
    }
