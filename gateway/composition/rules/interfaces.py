"""Interfaces over subgraphs: keys, interface objects, fields that implementations have to have.

INTERFACE_KEY_NOT_ON_IMPLEMENTATION, INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE, INTERFACE_OBJECT_USAGE_ERROR,
INTERFACE_FIELD_NO_IMPLEM, INVALID_SHAREABLE_USAGE, KEY_UNSUPPORTED_ON_INTERFACE, REQUIRES_UNSUPPORTED_ON_INTERFACE,
PROVIDES_UNSUPPORTED_ON_INTERFACE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


_INTERFACE_KEYS = (2, 3)


def check_shareable_on_objects(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if type_.kind == "interface" and field.shareable and not subgraph.federation_1:
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` is an interface's: it is not shared"
                    collected.error("INVALID_SHAREABLE_USAGE", message, field.place)


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
                message = f"[{subgraph.name}] `{interface.name}` has a key, so {_listed(missing)} must be there too"
                collected.error("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", message, interface.place)


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
                message = f"[{subgraph.name}] `{type_.name}` is an interface object beside {_listed(beside)}"
                collected.error("INTERFACE_OBJECT_USAGE_ERROR", message, type_.place)


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
                message = f"`{type_name}` implements `{name}`, and no subgraph gives it {_listed(missing)}"
                collected.error(
                    "INTERFACE_FIELD_NO_IMPLEM", message, *(t.place for _, t in collected.having(type_name))
                )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
