"""Composition: subgraph SDLs -> a supergraph, or the errors that stand in its way.

`stages.composed` reads as the algorithm: parse each subgraph, check each by itself, merge, check what was merged, write
the supergraph, and see that every query it allows can be answered.
"""

from gateway.composition.compose import compose
from gateway.composition.result import CompositionError, CompositionResult, Hint, Place
from gateway.composition.subgraph import SubgraphSource

__all__ = ["CompositionError", "CompositionResult", "Hint", "Place", "SubgraphSource", "compose"]
