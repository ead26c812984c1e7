"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: where an interface has a key, every implementation is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.result import listed

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_implementations_known(collected: Collected) -> None:
    """Who resolves an interface by a key knows all of its implementations."""
    for subgraph in collected.subgraphs:
        for interface in subgraph.types.values():
            if interface.kind != "interface" or not interface.keys or subgraph.federation_1:
                continue
            implementations = {t.name for t in subgraph.types.values() if interface.name in t.interfaces}
            known = {
                t.name
                for s in collected.subgraphs
                for t in s.types.values()
                if interface.name in t.interfaces and t.kind == "type"
            }
            missing = sorted(known - implementations)
            if missing and any(key.resolvable for key in interface.keys):
                message = f"[{subgraph.name}] `{interface.name}` has a key, so {listed(missing)} must be there too"
                collected.error("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", message, interface.place)
