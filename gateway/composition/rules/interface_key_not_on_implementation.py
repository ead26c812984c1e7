"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION: a key of an interface is a key of all that implement it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_interface_keys(collected: Collected) -> None:
    """A key of an interface is a key of each of its implementations."""
    for subgraph in collected.subgraphs:
        for interface in subgraph.types.values():
            if interface.kind != "interface" or not interface.keys or subgraph.federation_1:
                continue
            implementations = {t.name: t for t in subgraph.types.values() if interface.name in t.interfaces}
            for key in interface.keys:
                for type_ in implementations.values():
                    if type_.kind == "type" and key.fields not in [own.fields for own in type_.keys]:
                        message = f"[{subgraph.name}] `{type_.name}` lacks the key `{key.fields}` of `{interface.name}`"
                        collected.error("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", message, type_.place)
