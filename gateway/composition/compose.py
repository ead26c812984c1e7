"""The entrance to composition."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.result import CompositionResult
    from gateway.composition.subgraph import SubgraphSource


def compose(sources: Sequence[SubgraphSource]) -> CompositionResult:
    """Compose subgraphs into a supergraph. Reports every error of a stage; never raises for what an SDL says."""
    from gateway.composition.stages import composed  # a gateway that starts again over the same SDLs composes nothing

    return composed(sources)
