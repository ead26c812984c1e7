"""The query graph: at which subgraphs a type's fields can be had, and how one gets from one subgraph to another.

`graph` has the nodes and moves, `search` finds the cheapest paths over them, `tree` is what the chosen paths make,
`cost` says what a move costs. Shared by planning (which way is best?) and by composition's satisfiability check (is
there any way?).
"""

from gateway.querygraph.graph import Entry, FieldMove, Node, QueryGraph
from gateway.querygraph.search import Search, Unreachable
from gateway.querygraph.tree import Enter, Narrow, Path, Select, Tree

__all__ = [
    "Enter",
    "Entry",
    "FieldMove",
    "Narrow",
    "Node",
    "Path",
    "QueryGraph",
    "Search",
    "Select",
    "Tree",
    "Unreachable",
]
