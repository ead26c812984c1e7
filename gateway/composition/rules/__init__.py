"""Rules, one a file, named by the error code that they give.

`SUBGRAPH_RULES` look at each subgraph by itself, before merging; `MERGED_RULES` at all of them together, after it.
"""

from gateway.composition.rules.field_sets import check_field_sets
from gateway.composition.rules.invalid_field_sharing import check_field_sharing
from gateway.composition.rules.no_queries import check_queries

SUBGRAPH_RULES = (check_field_sets,)
MERGED_RULES = (check_queries, check_field_sharing)

__all__ = ["MERGED_RULES", "SUBGRAPH_RULES"]
