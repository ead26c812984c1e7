"""The gateway's own subgraph: break-glass, and what somebody would see of a child and why.

It is composed with the agencies' like one more of them, and answered in this process.
"""

from gateway.access.facts import FactsReader
from gateway.access.grants import BreakGlass, Grant
from gateway.access.inside import AccessSubgraph
from gateway.access.schema import NAME, SDL, URL

__all__ = ["NAME", "SDL", "URL", "AccessSubgraph", "BreakGlass", "FactsReader", "Grant"]
