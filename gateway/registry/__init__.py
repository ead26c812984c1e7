"""The registry: where the schemas that agencies publish come from."""

from gateway.registry.sdl import fetch_sources

__all__ = ["fetch_sources"]
