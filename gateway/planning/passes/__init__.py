"""Rewrites of the drafted steps, in the order in which they run."""

from gateway.planning.passes.alias_conflicting_fields import alias_conflicting_fields
from gateway.planning.passes.drop_empty_steps import drop_empty_steps
from gateway.planning.passes.merge_sibling_steps import merge_sibling_steps

PASSES = (drop_empty_steps, merge_sibling_steps, alias_conflicting_fields)

__all__ = ["PASSES", "alias_conflicting_fields", "drop_empty_steps", "merge_sibling_steps"]
