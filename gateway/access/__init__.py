"""The gateway's own subgraph: break-glass, claimed relationships, and what somebody would see of a child and why.

It is composed with the agencies' like one more of them, and answered in this process.
"""

from gateway.access.claims import Claim, ClaimStore
from gateway.access.claims_in_force import ClaimsInForce
from gateway.access.facts import FactsReader
from gateway.access.grants import BreakGlass, Grant
from gateway.access.inside import AccessSubgraph
from gateway.access.schema import NAME, SDL, URL

__all__ = [
    "NAME",
    "SDL",
    "URL",
    "AccessSubgraph",
    "BreakGlass",
    "Claim",
    "ClaimStore",
    "ClaimsInForce",
    "FactsReader",
    "Grant",
]
