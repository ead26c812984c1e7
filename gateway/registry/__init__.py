"""The registry: the schemas that agencies publish, which of them are served, and what was composed of them last."""

from gateway.registry.differences import differences
from gateway.registry.kept import COMPOSED, KeptSupergraph, has_code_changed
from gateway.registry.sources import Sources, fetch_sources, pinned_sources
from gateway.registry.versions import SdlVersion, SdlVersions, State

__all__ = [
    "COMPOSED",
    "KeptSupergraph",
    "SdlVersion",
    "SdlVersions",
    "Sources",
    "State",
    "differences",
    "fetch_sources",
    "has_code_changed",
    "pinned_sources",
]
