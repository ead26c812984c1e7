"""KEY_UNSUPPORTED_ON_INTERFACE, REQUIRES_UNSUPPORTED_ON_INTERFACE, PROVIDES_UNSUPPORTED_ON_INTERFACE.

An interface has keys only where it is resolved as an entity (Federation v2.3); what a field reads of
others, or gives of them, is said where it is resolved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


_INTERFACE_KEYS = (2, 3)


def check_directives_on_interfaces(collected: Collected) -> None:
    """Interfaces have keys since version 2.3, and their fields neither require nor provide."""
    for subgraph in collected.subgraphs:
        version = subgraph.version
        for type_ in subgraph.types.values():
            if type_.kind != "interface" or version is None:
                continue
            here = f"[{subgraph.name}] `{type_.name}"
            for key in type_.keys:
                if version < _INTERFACE_KEYS:
                    message = f"{here}` is an interface, and has no keys before v2.3"
                    collected.error("KEY_UNSUPPORTED_ON_INTERFACE", message, key.place)
            for field in type_.fields.values():
                if field.has_requires:
                    message = f"{here}.{field.name}` is an interface's"
                    collected.error("REQUIRES_UNSUPPORTED_ON_INTERFACE", message, field.place)
                if field.has_provides and field.type is not None and named_type(field.type) in subgraph.types:
                    message = f"{here}.{field.name}` is an interface's"
                    collected.error("PROVIDES_UNSUPPORTED_ON_INTERFACE", message, field.place)
