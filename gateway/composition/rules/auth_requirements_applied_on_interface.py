"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: what a field needs is said where it is resolved, never on an interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import Element


_DIRECTIVES = ("authenticated", "requiresScopes", "policy")


def check_access_on_interfaces(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            if type_.kind != "interface" and not type_.interface_object:
                continue
            marked: list[Element] = [type_]
            if not type_.interface_object:
                marked += type_.fields.values()
            for element in marked:
                if any(element.has(directive) for directive in _DIRECTIVES):
                    name = element.name if element is type_ else f"{type_.name}.{element.name}"
                    message = f"[{subgraph.name}] `{name}`: access is asked for on implementations, not on interfaces"
                    collected.error("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", message, element.place)
