"""Answering the gateway's own subgraph, in this process."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from authz.policy import Outlook
from authz.principal import Purpose, Role, may_claim
from gateway.access.grants import BreakGlassReason, ReviewFinding
from gateway.access.preview import preview
from gateway.access.schema import REFUSALS, TYPES
from gateway.errors import RequestError
from gateway.inside import answered, executable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLResolveInfo

    from authz.principal import Principal
    from gateway.access.grants import BreakGlass, Grant
    from gateway.inside import Asking


class AccessSubgraph:
    """Break-glass and `access`. `pseudonym` gives the token by which auditors know a child."""

    refusals = REFUSALS

    def __init__(self, grants: BreakGlass, pseudonym: Callable[[str], str] | None = None) -> None:
        self.grants = grants
        self._pseudonym = pseudonym
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
        return None

    async def _access(self, asking: Asking, child: str, purpose: Purpose) -> dict[str, object] | None:
        if not may_claim(asking.principal.roles, purpose):
            raise RequestError.of("PURPOSE_NOT_YOURS", f"your role can't ask for the purpose {purpose.value}", 403)
        if asking.policies.outlook(asking.principal, purpose, "locator.summary", break_glass=True) is Outlook.DENIED:
            return None  # whoever is told of no child is not told of this one either
        facts = await asking.facts.of(child, asking.headers)
        if facts is None:
            return None
        broken = asking.granted == child
        seen = preview(asking.supergraph, asking.policies, asking.principal, purpose, facts, break_glass=broken)
        return None if seen is None else {"child": child, **seen}

    async def _break_glass(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        if asking.purpose is None:
            raise RequestError.of("PURPOSE_MISSING", "say for what purpose you ask", 400)
        await self.grants.check(asking.principal, arguments["narrative"])  # before anything is asked or noted
        child = arguments["child"]
        facts = await asking.facts.of(child, asking.headers)
        hidden = (
            facts is not None
            and preview(asking.supergraph, asking.policies, asking.principal, asking.purpose, facts, break_glass=False)
            is None
        )
        if facts is None or hidden:
            raise RequestError.of("NO_SUCH_CHILD", "no child is known by this id", 404)
        reason, codes = BreakGlassReason(arguments["reason"]), _agencies(facts)
        # the event is durable before there is a grant: a crash between leaves one without a grant, which opens nothing
        await asking.note("BREAK_GLASS", child, codes, reason.value)
        made = await self.grants.grant(
            asking.principal, asking.purpose, child, reason, arguments["narrative"], codes, asking.audit_id
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
        concerned = principal.agency and principal.agency in (grant.agency, *grant.holders)
        if Role.GUARDIAN in principal.roles and concerned:
            return shown
        told = {"child": self._pseudonym(grant.child) if self._pseudonym else "", "narrative": ""}
        if grant.review is not None:
            told_of_review = dict(shown["review"], comment="")  # type: ignore[call-overload] # made above
            return {**shown, **told, "review": told_of_review}
        return {**shown, **told}


def _agencies(facts: Mapping[str, object]) -> list[str]:
    """The codes of the agencies that hold a record."""
    holders = facts.get("holders")
    found = holders if isinstance(holders, list) else []
    return sorted({str(each["agency"]) for each in found if isinstance(each, dict) and "agency" in each})


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
        "told": list(grant.holders),
        "grantedAt": _time(grant.granted),
        "expiresAt": _time(grant.expires),
        "reviewDue": _time(grant.review_due),
        "review": review
        and {"by": review.by, "at": _time(review.at), "finding": review.finding.value, "comment": review.comment},
    }


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")
