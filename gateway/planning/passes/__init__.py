"""Rewrites of the drafted steps, in the order in which they run.

None pushes a step into its parent: staying in a subgraph costs nothing in the search, so that no step enters the
subgraph that it comes from unless something that it requires must be fetched in between.
"""

from gateway.planning.passes.alias_conflicting_fields import alias_conflicting_fields
from gateway.planning.passes.drop_empty_steps import drop_empty_steps
from gateway.planning.passes.merge_sibling_steps import merge_sibling_steps

PASSES = (drop_empty_steps, merge_sibling_steps, alias_conflicting_fields)

__all__ = ["PASSES", "alias_conflicting_fields", "drop_empty_steps", "merge_sibling_steps"]
