"""Cedar policies: loaded and checked against their schema, decided by, explained."""

from authz.policy.decide import Decision, Policies, Reason
from authz.policy.names import CATEGORIES, LEVELS, PolicyName

__all__ = ["CATEGORIES", "LEVELS", "Decision", "Policies", "PolicyName", "Reason"]
