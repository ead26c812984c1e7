"""`@composeDirective`: what is exported is linked, and is one thing in all subgraphs that export it.

DIRECTIVE_COMPOSITION_ERROR, INVALID_LINK_DIRECTIVE_USAGE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.result import Place
    from gateway.supergraph.links import Link


class _Export(NamedTuple):
    """A directive that a subgraph exports, and the link that it comes from."""

    local: str
    link: Link
    place: Place | None

    @property
    def original(self) -> tuple[str, str]:
        return self.link.identity, _original(self.link, self.local)


def check_exports(collected: Collected) -> None:
    """What a subgraph exports is its own, and linked."""
    for subgraph in collected.subgraphs:
        defined = subgraph.directives()
        for name in subgraph.exported:
            local = name.removeprefix("@")
            link = subgraph.composed.get(local)
            place = subgraph.place(link) if link else None
            if link is not None and (local not in defined or local in subgraph.canonical):
                message = f"[{subgraph.name}] `{name}` is exported, and is no directive that the SDL defines"
                collected.error("DIRECTIVE_COMPOSITION_ERROR", message, place)
            elif link is None or not name.startswith("@"):
                message = f"[{subgraph.name}] `{name}` is exported, and no `@link` of its own brings it"
                collected.error("DIRECTIVE_COMPOSITION_ERROR", message, place)


def check_composed(collected: Collected) -> None:
    """What several export is one thing."""
    exports = [_Export(n, link, s.place(link)) for s in collected.subgraphs for n, link in s.composed.items()]
    for local in dict.fromkeys(export.local for export in exports):
        same = [export for export in exports if export.local == local]
        origins = sorted({export.link.identity for export in same})
        if len(origins) > 1:
            message = f"`@{local}` is exported from different specifications: {', '.join(origins)}"
            collected.error("DIRECTIVE_COMPOSITION_ERROR", message, *(export.place for export in same))
    for identity in dict.fromkeys(export.link.identity for export in exports):
        same = [export for export in exports if export.link.identity == identity]
        if len({export.link.version[0] for export in same}) > 1:
            message = f"`{identity}` is linked in different major versions"
            collected.error("DIRECTIVE_COMPOSITION_ERROR", message, *(export.place for export in same))
    for original in dict.fromkeys(export.original for export in exports):
        same = [export for export in exports if export.original == original]
        if len({export.local for export in same}) > 1:
            listed = ", ".join(f"`@{local}`" for local in sorted({export.local for export in same}))
            message = f"`{original[1]}` of `{original[0]}` is exported under different names: {listed}"
            collected.error("INVALID_LINK_DIRECTIVE_USAGE", message, *(export.place for export in same))


def _original(link: Link, local: str) -> str:
    return next((name for name, imported in link.imports.items() if imported == f"@{local}"), f"@{local}")
