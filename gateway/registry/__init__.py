"""The registry: where the schemas that agencies publish come from, and what was composed of them last."""

from gateway.registry.kept import KeptSupergraph, has_code_changed
from gateway.registry.sdl import fetch_sources

__all__ = ["KeptSupergraph", "fetch_sources", "has_code_changed"]
