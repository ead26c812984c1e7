"""The cost model: what the search minimises, in one place.

A fetch is a round trip, and nothing else in a plan weighs as much; a field is a few bytes. Entering a subgraph again
at the same position costs almost nothing, as the passes make one fetch of both entries.
"""

FETCH = 1_000
FETCH_AGAIN = 5
FIELD = 1

MAX_EXPANSIONS = 100_000
"""How many moves one operation's search may try; a hostile operation stops here with an error."""

MAX_NEED_DEPTH = 8
"""How many needs may stand inside each other."""
