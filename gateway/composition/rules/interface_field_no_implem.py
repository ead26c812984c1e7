"""INTERFACE_FIELD_NO_IMPLEM: a field of an interface is a field of all that implement it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.result import listed

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_interface_fields(collected: Collected) -> None:
    """Each field of the merged interface is on each merged implementation, from whichever subgraph."""
    interfaces = dict.fromkeys(
        t.name for s in collected.subgraphs for t in s.types.values() if t.kind == "interface" or t.interface_object
    )
    for name in interfaces:
        having = collected.having(name)
        added = {f for _, t in having if t.interface_object for f in t.fields}
        fields = dict.fromkeys(f for _, t in having if not t.interface_object for f in t.fields)
        types = dict.fromkeys(
            t.name for s in collected.subgraphs for t in s.types.values() if name in t.interfaces and t.kind == "type"
        )
        for type_name in types:
            own = {f for _, t in collected.having(type_name) for f in t.fields}
            missing = [f for f in fields if f not in own and f not in added]
            if missing:
                message = f"`{type_name}` implements `{name}`, and no subgraph gives it {listed(missing)}"
                collected.error(
                    "INTERFACE_FIELD_NO_IMPLEM", message, *(t.place for _, t in collected.having(type_name))
                )
