"""The cost model: what the search minimises, in one place.

A fetch is a round trip, and nothing else in a plan weighs as much. What goes to one subgraph in one wave is one fetch,
wherever in the response it belongs; each entry adds its representations to it. A field is a few bytes.
"""

FETCH = 1_000
ENTRY = 5
FIELD = 1

MAX_EXPANSIONS = 100_000
"""How many moves one operation's search may try; a hostile operation stops here with an error."""

MAX_OF_GRAPH = 2_000_000
"""How many moves are tried in all for what a query graph keeps: how its subgraphs are reached from each other."""

MAX_CHOICES = 2_000
"""How many ways are tried in search of a better tree, once there is one."""

MAX_OPEN_GROUPS = 60
"""How many groups of leaves may have several ways for a better tree to be searched at all."""

MAX_NEED_DEPTH = 24
"""How many needs may stand inside each other."""
