"""INTERFACE_OBJECT_USAGE_ERROR: `@interfaceObject` stands for an interface of others, and is found by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.result import listed

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_interface_object_keys(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            if type_.interface_object and not type_.keys:
                message = f"[{subgraph.name}] `{type_.name}` is an interface object, and has no key"
                collected.error("INTERFACE_OBJECT_USAGE_ERROR", message, type_.place)


def check_interface_objects(collected: Collected) -> None:
    """An interface object is an interface elsewhere, and has none of its implementations beside it."""
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            if not type_.interface_object:
                continue
            having = [(s, t) for s, t in collected.having(type_.name) if not t.interface_object]
            if not any(t.kind == "interface" for _, t in having):
                message = f"[{subgraph.name}] `{type_.name}` is an interface object, and no subgraph has the interface"
                collected.error("INTERFACE_OBJECT_USAGE_ERROR", message, type_.place)
                continue
            known = {t.name for s in collected.subgraphs for t in s.types.values() if type_.name in t.interfaces}
            beside = sorted(known & subgraph.types.keys())
            if beside:
                message = f"[{subgraph.name}] `{type_.name}` is an interface object beside {listed(beside)}"
                collected.error("INTERFACE_OBJECT_USAGE_ERROR", message, type_.place)
