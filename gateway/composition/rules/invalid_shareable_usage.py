"""INVALID_SHAREABLE_USAGE: only what resolves a field can share it, and an interface does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_shareable_on_objects(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if type_.kind == "interface" and field.shareable and not subgraph.federation_1:
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` is an interface's: it is not shared"
                    collected.error("INVALID_SHAREABLE_USAGE", message, field.place)
