"""Decisions by Cedar: denied unless a policy permits, and denied wherever anything goes wrong.

Cedar skips a policy whose evaluation errs, even a forbidding one; here any error in a decision denies. A decision is
one evaluation over all policies that could have a part in it; where none could, it is a denial.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import cedarpy

from authz.bounded import Bounded
from authz.policy.conditions import SHIELDED, Asking
from authz.policy.files import MAX_GRANTED, PARTNERSHIP, SCHEMA, read_folder, read_policies
from authz.policy.names import CATEGORIES, PolicyName
from authz.policy.slices import Slices
from authz.policy.standings import MAX_KINDS, standings
from authz.principal import Principal, Purpose, Role
from authz.standing import UNRELATED, Standing

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from pathlib import Path

MAX_MEMOISED = 50_000
MAX_ENTITIES = 10_000


class Reason(StrEnum):
    """Why something is withheld: stable words that programs may rely on."""

    NOT_SIGNED_IN = "NOT_SIGNED_IN"
    SCOPE_MISSING = "SCOPE_MISSING"
    PURPOSE_MISSING = "PURPOSE_MISSING"
    PURPOSE_DOES_NOT_PERMIT = "PURPOSE_DOES_NOT_PERMIT"
    ROLE_DOES_NOT_PERMIT = "ROLE_DOES_NOT_PERMIT"
    NO_RELATIONSHIP = "NO_RELATIONSHIP"
    OWNER_ONLY = "OWNER_ONLY"
    OWNER_FORBIDS = "OWNER_FORBIDS"
    SUBJECT_NOT_KNOWN = "SUBJECT_NOT_KNOWN"
    POLICY_UNKNOWN = "POLICY_UNKNOWN"


class Outlook(Enum):
    """What can come of a demand before it is known of which child it is."""

    PERMITTED = "permitted"
    DENIED = "denied"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` names the policies that decided; where denied, `reason` says why in a word."""

    permitted: bool
    by: tuple[str, ...] = ()
    reason: Reason | None = None


class _Case(NamedTuple):
    """All that a decision depends on. `holder` is "" where the holder has no grants of its own."""

    asking: Asking
    standing: Standing
    holder: str


_EXISTENCE = PolicyName("existence", "summary")
_REQUEST = {
    "principal": {"type": "Practitioner", "id": "asking"},
    "resource": {"type": "Information", "id": "asked"},
}
_ACTIONS = {action: {"type": "Action", "id": action} for action in ("disclose", "know")}
_NOTHING_PERMITS = Decision(False)
_FAILED = Decision(False)
"""Neither is kept: the one is as soon found again, the other may be for want of room on the stack."""


def _request(asking: Asking, standing: Standing) -> dict[str, object]:
    context = {
        "purpose": asking.purpose.value,
        "own": asking.own,
        "relationships": sorted(standing.relationships),
        "team": bool(standing.team),
        "related": bool(standing.related),
        "claimed": bool(standing.claimed),
        "breakGlass": bool(standing.break_glass),
        SHIELDED: bool(standing.shielded),
    }
    return {**_REQUEST, "action": _ACTIONS[asking.action], "context": context}


class Policies:
    """A checked set of policies: the partnership's, and by agency each agency's grants.

    What an agency says counts only for what it holds itself: it can forbid others what the partnership permits, and
    open its own, and never another's. `version` is the SHA-256 of all text.
    """

    def __init__(
        self,
        text: str,
        schema: str = SCHEMA,
        categories: Container[str] | None = CATEGORIES,
        grants: Mapping[str, str] | None = None,
    ) -> None:
        """`categories` are those that information may be of; None takes any. `grants` are texts by agency's code.

        Raises `PolicyError` where a text does not parse, does not fit the schema, or a policy has no `@id`.
        """
        self._categories = categories
        shared = read_policies(text, schema, categories=categories)
        own = {
            code: read_policies(each, schema, shared, most=MAX_GRANTED, categories=categories)
            for code, each in sorted((grants or {}).items())
        }
        self._slices = Slices(shared, own)
        self._codes = dict.fromkeys(own)
        self._entities: Bounded[tuple[tuple[Role, ...], PolicyName], cedarpy.Entities] = Bounded(MAX_ENTITIES)
        digest = sha256(text.encode())
        for code, each in sorted((grants or {}).items()):
            digest.update(f"\0{code}\0{each}".encode())
        self.version = digest.hexdigest()
        self._memo: Bounded[_Case, Decision] = Bounded(MAX_MEMOISED)
        self._outlooks: Bounded[tuple[object, ...], Outlook] = Bounded(MAX_MEMOISED)

    @classmethod
    def partnership(cls, grants: Mapping[str, str] | None = None) -> Policies:
        """The partnership's own, as they ship."""
        return cls(PARTNERSHIP, grants=grants)

    @classmethod
    def of_folder(cls, folder: Path, grants: Mapping[str, str] | None = None) -> Policies:
        """Another partnership's: its `*.cedar` files, over categories of its own; raises `PolicyError`."""
        return cls(read_folder(folder), categories=None, grants=grants)

    def knows_category(self, name: str) -> bool:
        """Whether a name is one that information may be of."""
        return PolicyName.parse(name, self._categories) is not None

    def decide(
        self,
        principal: Principal,
        purpose: Purpose | None,
        name: str,
        holder: str | None,
        standing: Standing = UNRELATED,
    ) -> Decision:
        """Whether this principal may have information of this name for this purpose, of a child in this standing.

        `holder` is the code of the agency that holds it, None where that isn't one agency: then it is nobody's own.
        """
        policy = PolicyName.parse(name, self._categories)
        if policy is None:
            return Decision(False, reason=Reason.POLICY_UNKNOWN)
        if purpose is None:
            return Decision(False, reason=Reason.PURPOSE_MISSING)
        own = bool(holder) and holder == principal.agency
        with_grants = holder if holder and holder in self._codes else ""
        case = _Case(Asking(principal.roles, purpose, policy, own), standing, with_grants)
        decision = self._decide(case)
        if decision.permitted or decision.reason is not None:
            return decision
        explained = Decision(False, decision.by, self._why(case))
        if decision is not _FAILED:
            self._memo.put(case, explained)
        return explained

    def unmet(
        self,
        principal: Principal,
        purpose: Purpose | None,
        demand: Sequence[Sequence[str]],
        holder: str | None,
        standing: Standing = UNRELATED,
    ) -> tuple[str, Reason] | None:
        """None where of one row of a demand everything is permitted; else the first name that is not, and why."""
        first: tuple[str, Reason] | None = None
        for row in demand:
            for name in row:
                decision = self.decide(principal, purpose, name, holder, standing)
                if not decision.permitted:
                    first = first or (name, decision.reason or Reason.ROLE_DOES_NOT_PERMIT)
                    break
            else:
                return None
        return first

    def is_open(
        self, principal: Principal, purpose: Purpose | None, demand: Sequence[Sequence[str]], standing: Standing
    ) -> bool:
        """Whether a demand is met whoever holds what it asks for: own agency, another, one with grants of its own."""
        holders = [None, principal.agency or None, *self._codes]
        return all(self.unmet(principal, purpose, demand, holder, standing) is None for holder in holders)

    def permits(self, case: tuple[Principal, Purpose], name: PolicyName, standing: Standing, *, own: bool) -> bool:
        """Whether a decision permits, without the trouble of saying why not."""
        principal, purpose = case
        return self._decide(_Case(Asking(principal.roles, purpose, name, own), standing, "")).permitted

    def knows(self, principal: Principal, purpose: Purpose | None, standing: Standing) -> bool:
        """Return whether this principal may know for this purpose that a child in this standing exists."""
        if purpose is None:
            return False
        asking = Asking(principal.roles, purpose, _EXISTENCE, own=False, action="know")
        return self._decide(_Case(asking, standing, "")).permitted

    def outlook(
        self,
        principal: Principal,
        purpose: Purpose | None,
        name: str,
        *,
        break_glass: bool = False,
        claimed: bool = False,
    ) -> Outlook:
        """What can come of asking for information of this name, of whichever child and whoever holds it.

        Each standing that could make a difference is tried, held by the own agency and by every other kind of holder;
        one with `break_glass` or a claim only where the principal has such.
        """
        extra = (break_glass, claimed)
        slot = (principal.roles, purpose, name, extra)
        known = self._outlooks.get(slot)
        if known is None:
            known = self._outlook(principal.roles, purpose, PolicyName.parse(name, self._categories), extra)
            self._outlooks.put(slot, known)
        return known

    def _outlook(
        self, roles: tuple[Role, ...], purpose: Purpose | None, policy: PolicyName | None, extra: tuple[bool, bool]
    ) -> Outlook:
        if policy is None or purpose is None:
            return Outlook.DENIED
        break_glass, claimed = extra
        found: set[bool] = set()
        for shielded in (False, True):
            for own in (True, False):
                asking = Asking(roles, purpose, policy, own)
                for holder in ("", *self._codes):
                    if holder and not self._slices.adds(asking, holder):
                        continue  # decided as of what any other holds
                    known = self._slices.of(asking, holder)
                    if known.has_permit and len(known.kinds) > MAX_KINDS:
                        return Outlook.DEPENDS  # too many to try: it is decided by each child
                    tried = self._tried(asking, holder, break_glass=break_glass, claimed=claimed, shielded=shielded)
                    for permitted in tried:
                        found.add(permitted)
                        if len(found) == 2:
                            return Outlook.DEPENDS
            if True in found:
                return Outlook.PERMITTED
        return Outlook.DENIED

    def _tried(
        self,
        asking: Asking,
        holder: str,
        *,
        break_glass: bool = False,
        claimed: bool = False,
        shielded: bool = False,
    ) -> Iterator[bool]:
        """What is decided in each standing that could make a difference, those that give most first.

        `shielded`: of shielded children, where a policy speaks of the shield.
        """
        known = self._slices.of(asking, holder)
        if not known.has_permit or (shielded and not known.speaks_of_shield):
            yield False
            return
        for standing in standings(known.kinds, break_glass=break_glass, claimed=claimed, shielded=shielded):
            yield self._decide(_Case(asking, standing, holder)).permitted

    def _opens(self, asking: Asking, holder: str) -> bool:
        """Whether it would be permitted in some standing, without a broken glass, of a child that is not shielded."""
        return any(self._tried(asking, holder))

    def _why(self, case: _Case) -> Reason:
        """The nearest change that would permit, in the order in which people would think of it."""
        asking, _, holder = case
        if holder and self._decide(case._replace(holder="")).permitted:
            return Reason.OWNER_FORBIDS
        if asking.name.level == "owner" and not asking.own:
            return Reason.OWNER_ONLY
        if self._opens(asking, holder):
            return Reason.NO_RELATIONSHIP
        others = [asking._replace(purpose=purpose) for purpose in Purpose]
        if any(self._opens(other, holder) for other in others):
            return Reason.PURPOSE_DOES_NOT_PERMIT
        if not asking.own and any(self._opens(other._replace(own=True), holder) for other in others):
            return Reason.OWNER_ONLY
        return Reason.ROLE_DOES_NOT_PERMIT

    def _decide(self, case: _Case) -> Decision:
        known = self._memo.get(case)
        if known is None:
            known = self._evaluate(case)
            if known is not _NOTHING_PERMITS and known is not _FAILED:
                self._memo.put(case, known)
        return known

    def _evaluate(self, case: _Case) -> Decision:
        asking, standing, holder = case
        try:
            known = self._slices.of(asking, holder)
            if not known.matters(standing):
                return _NOTHING_PERMITS
            request = _request(asking, standing)
            entities = self._who_and_what(asking.roles, asking.name)
            result = cedarpy.is_authorized(request, self._slices.policies(known), entities)
        except Exception:  # whatever Cedar makes of it
            return _FAILED
        by = tuple(result.diagnostics.reasons)
        permitted = result.decision is cedarpy.Decision.Allow and not result.diagnostics.errors and bool(by)
        return Decision(permitted, by)

    def _who_and_what(self, roles: tuple[Role, ...], name: PolicyName) -> cedarpy.Entities:
        """Who asks and what for, as Cedar knows them."""
        slot = (roles, name)
        known = self._entities.get(slot)
        if known is None:
            asking = {"roles": [role.value for role in roles]}
            asked = {"category": name.category, "level": name.level}
            known = cedarpy.Entities.from_json_str(
                json.dumps(
                    [
                        {"uid": _REQUEST["principal"], "attrs": asking, "parents": []},
                        {"uid": _REQUEST["resource"], "attrs": asked, "parents": []},
                    ]
                )
            )
            self._entities.put(slot, known)
        return known
