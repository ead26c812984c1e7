"""The query graph: at which subgraphs a type's fields can be had, and how one gets from one subgraph to another.

Shared by planning (which way is cheapest?) and by composition's satisfiability check (is there any way?).
"""

from gateway.querygraph.graph import Entry, FieldMove, Node, QueryGraph

__all__ = ["Entry", "FieldMove", "Node", "QueryGraph"]
