"""Why an agency withholds what it holds: the words that it and the gateway share."""

from __future__ import annotations

from enum import StrEnum


class WithholdingReason(StrEnum):
    """What an agency may say of its own last word. It says nothing of what is kept back."""

    OWNER_WITHHOLDS = "OWNER_WITHHOLDS"
    CONSENT_REFUSED = "CONSENT_REFUSED"
    COURT_ORDER = "COURT_ORDER"
    LEGAL_PRIVILEGE = "LEGAL_PRIVILEGE"
    LIVE_INVESTIGATION = "LIVE_INVESTIGATION"
    RISK_OF_HARM = "RISK_OF_HARM"
    SEALED = "SEALED"
    THIRD_PARTY = "THIRD_PARTY"
