"""Decisions by Cedar: denied unless a policy permits, and denied wherever anything goes wrong.

Cedar skips a policy whose evaluation errs, even a forbidding one; here any error in a decision denies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import cedarpy

from authz.bounded import Bounded
from authz.errors import PolicyError
from authz.policy.names import CATEGORIES, PolicyName
from authz.principal import Principal, Purpose, Role

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

MAX_MEMOISED = 50_000


class Reason(StrEnum):
    """Why something is withheld: stable words that programs may rely on."""

    NOT_SIGNED_IN = "NOT_SIGNED_IN"
    SCOPE_MISSING = "SCOPE_MISSING"
    PURPOSE_MISSING = "PURPOSE_MISSING"
    PURPOSE_DOES_NOT_PERMIT = "PURPOSE_DOES_NOT_PERMIT"
    ROLE_DOES_NOT_PERMIT = "ROLE_DOES_NOT_PERMIT"
    OWNER_ONLY = "OWNER_ONLY"
    POLICY_UNKNOWN = "POLICY_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` names the policies that decided; where denied, `reason` says why in a word."""

    permitted: bool
    by: tuple[str, ...] = ()
    reason: Reason | None = None


class _Case(NamedTuple):
    """All that a decision depends on."""

    roles: tuple[Role, ...]
    purpose: Purpose
    name: PolicyName
    own: bool


class Policies:
    """A checked set of policies. `version` is the SHA-256 of its text."""

    def __init__(self, text: str, schema: str, categories: Container[str] | None = CATEGORIES) -> None:
        """`categories` are those that information may be of; None takes any.

        Raises `PolicyError` where the text does not parse, does not fit the schema, or a policy has no `@id`.
        """
        self._categories = categories
        self.version = sha256(text.encode()).hexdigest()
        try:
            self._ids = _ids(text)
            self._policies = cedarpy.PolicySet.from_str(text)
            self._schema = cedarpy.Schema.from_json_str(schema)
        except ValueError as error:
            raise PolicyError(f"the policies can't be loaded: {error}") from error
        result = cedarpy.validate_policies(text, schema)
        if not result.validation_passed:
            raise PolicyError("the policies do not fit their schema: " + "; ".join(str(e.error) for e in result.errors))
        self._memo: Bounded[_Case, Decision] = Bounded(MAX_MEMOISED)

    @classmethod
    def partnership(cls) -> Policies:
        """The partnership's own matrix, as it ships."""
        folder = files("authz.policy")
        return cls((folder / "partnership.cedar").read_text(), (folder / "schema.json").read_text())

    @classmethod
    def of_folder(cls, folder: Path) -> Policies:
        """Another partnership's: its `*.cedar` files, over categories of its own; raises `PolicyError`."""
        try:
            text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.cedar")))
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"the policies can't be read: {type(error).__name__}") from error
        if not text.strip():
            raise PolicyError("the folder holds no policy: `*.cedar` is expected")
        return cls(text, (files("authz.policy") / "schema.json").read_text(), categories=None)

    def decide(self, principal: Principal, purpose: Purpose | None, name: str, holder: str | None) -> Decision:
        """Whether this principal may have information of this name for this purpose.

        `holder` is the code of the agency that holds it, None where that isn't one agency: then it is nobody's own.
        """
        policy = PolicyName.parse(name, self._categories)
        if policy is None:
            return Decision(False, reason=Reason.POLICY_UNKNOWN)
        if purpose is None:
            return Decision(False, reason=Reason.PURPOSE_MISSING)
        own = bool(holder) and holder == principal.agency
        decision = self._decide(_Case(principal.roles, purpose, policy, own))
        if decision.permitted:
            return decision
        return Decision(False, decision.by, decision.reason or self._why(principal.roles, policy, own))

    def _why(self, roles: tuple[Role, ...], policy: PolicyName, own: bool) -> Reason:
        if policy.level == "owner" and not own:
            return Reason.OWNER_ONLY
        if any(self._decide(_Case(roles, other, policy, own)).permitted for other in Purpose):
            return Reason.PURPOSE_DOES_NOT_PERMIT
        if not own and any(self._decide(_Case(roles, other, policy, True)).permitted for other in Purpose):
            return Reason.OWNER_ONLY
        return Reason.ROLE_DOES_NOT_PERMIT

    def _decide(self, case: _Case) -> Decision:
        known = self._memo.get(case)
        if known is None:
            known = self._evaluate(case)
            self._memo.put(case, known)
        return known

    def _evaluate(self, case: _Case) -> Decision:
        request = {
            "principal": 'Practitioner::"asking"',
            "action": 'Action::"disclose"',
            "resource": 'Information::"asked"',
            "context": {"purpose": case.purpose.value, "own": case.own},
        }
        roles = [role.value for role in case.roles]
        entities: list[dict[str, object]] = [
            {
                "uid": {"type": "Practitioner", "id": "asking"},
                "attrs": {"roles": roles},
                "parents": [],
            },
            {
                "uid": {"type": "Information", "id": "asked"},
                "attrs": {"category": case.name.category, "level": case.name.level},
                "parents": [],
            },
        ]
        try:
            result = cedarpy.is_authorized(request, self._policies, entities, self._schema)
        except Exception:
            return Decision(False)
        by = tuple(self._id(reason) for reason in result.diagnostics.reasons)
        permitted = result.decision is cedarpy.Decision.Allow and not result.diagnostics.errors and bool(by)
        return Decision(permitted, by)

    def _id(self, internal: str) -> str:
        """Cedar numbers policies; people know them by their `@id`."""
        return self._ids.get(internal, internal)


def _ids(text: str) -> dict[str, str]:
    """Each policy's `@id` by Cedar's own name for it; raises `PolicyError` where one has none, or two have the same."""
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    if parsed.get("templates"):
        raise PolicyError("a template decides nothing: write policies")
    found = {name: policy.get("annotations", {}).get("id") for name, policy in parsed["staticPolicies"].items()}
    if not all(found.values()) or len(set(found.values())) != len(found):
        raise PolicyError("every policy needs an `@id` of its own")
    return found
