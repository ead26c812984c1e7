"""EXTERNAL_UNUSED: a field is external because a key, a requirement, a provision or an interface uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.field_sets import used_fields

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_external_used(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        if subgraph.federation_1:
            continue
        used = used_fields(subgraph)
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if field.external and (type_.name, field.name) not in used:
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` is external, and nothing uses it"
                    collected.error("EXTERNAL_UNUSED", message, field.place)
