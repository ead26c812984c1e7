"""Why something is withheld, as a practitioner would be told, and what could change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.policy.decide import Reason
from authz.principal import Purpose, may_ask_for, may_claim

if TYPE_CHECKING:
    from authz.policy.decide import Policies
    from authz.principal import Principal
    from authz.standing import Standing

SENTENCES: Final = {
    Reason.NOT_SIGNED_IN: "Sign in to see this.",
    Reason.SCOPE_MISSING: "The application that you use is not set up to read this.",
    Reason.PURPOSE_MISSING: "Say for what purpose you ask.",
    Reason.PURPOSE_DOES_NOT_PERMIT: "This is not shared for the purpose that you gave.",
    Reason.ROLE_DOES_NOT_PERMIT: "This is not shared with your role.",
    Reason.NO_RELATIONSHIP: "This is shared only with those who work with this child.",
    Reason.OWNER_ONLY: "Only the agency that holds this may see it.",
    Reason.OWNER_FORBIDS: "The agency that holds this does not share it.",
    Reason.SUBJECT_NOT_KNOWN: "It can't be told whom this is about.",
    Reason.POLICY_UNKNOWN: "This can't be shown: the policy that it is under is not known.",
}
WITHHELD_BY_AGENCY: Final = "The agency that holds this has withheld it for this child."
ASK_OWNER: Final = "ASK_OWNER"
BREAK_GLASS: Final = "BREAK_GLASS"
CLAIM: Final = "CLAIM"
RELATIONSHIP: Final = "RELATIONSHIP"
_ASKED: Final = frozenset((Reason.OWNER_ONLY, Reason.OWNER_FORBIDS, Reason.ROLE_DOES_NOT_PERMIT))


def sentence(reason: str) -> str:
    """What a practitioner is told; an agency's own reason is the agency's to explain."""
    return SENTENCES.get(Reason(reason), WITHHELD_BY_AGENCY) if reason in set(Reason) else WITHHELD_BY_AGENCY


def remedies(
    policies: Policies,
    principal: Principal,
    purpose: Purpose | None,
    name: str,
    standing: Standing,
    reason: Reason,
) -> tuple[str, ...]:
    """Return what could change a denial: `PURPOSE:<purpose>`, `RELATIONSHIP`, `CLAIM`, `BREAK_GLASS`, `ASK_OWNER`."""
    if reason in (Reason.OWNER_FORBIDS, Reason.SUBJECT_NOT_KNOWN):
        return (ASK_OWNER,) if reason is Reason.OWNER_FORBIDS else ()

    def helps(other: Purpose | None, changed: Standing) -> bool:
        return policies.decide(principal, other, name, None, changed).permitted

    others = [other for other in Purpose if other is not purpose and may_ask_for(principal.roles, other)]
    found = [f"PURPOSE:{other.value}" for other in others if helps(other, standing)]
    if reason is Reason.NO_RELATIONSHIP:
        found.append(RELATIONSHIP)
    if not standing.claimed and may_claim(principal) and helps(purpose, standing._replace(claimed=True)):
        found.append(CLAIM)
    if not standing.break_glass and helps(purpose, standing._replace(break_glass=True)):
        found.append(BREAK_GLASS)
    if reason in _ASKED:
        found.append(ASK_OWNER)
    return tuple(found)
