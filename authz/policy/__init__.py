"""Cedar policies: loaded and checked against their schema, decided by, explained."""

from authz.policy.decide import Decision, Outlook, Policies, Reason
from authz.policy.files import PARTNERSHIP, SCHEMA, read_grants
from authz.policy.names import CATEGORIES, LEVELS, PolicyName

__all__ = [
    "CATEGORIES",
    "LEVELS",
    "PARTNERSHIP",
    "SCHEMA",
    "Decision",
    "Outlook",
    "Policies",
    "PolicyName",
    "Reason",
    "read_grants",
]
