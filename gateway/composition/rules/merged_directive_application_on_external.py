"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: a directive that is merged stands on the field that is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


_MERGED = ("inaccessible", "tag")


def check_external_directives(collected: Collected) -> None:
    """A directive that is merged into the supergraph stands where the field is resolved."""
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                marks = [name for name in _MERGED if field.external and field.has(name)]
                if marks and not subgraph.federation_1:
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` is external, and marked `@{marks[0]}`"
                    collected.error("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", message, field.place)
