"""`@inaccessible` leaves a schema that holds together (inaccessible specification, v0.2, section 4).

QUERY_ROOT_TYPE_INACCESSIBLE, REFERENCED_INACCESSIBLE, IMPLEMENTED_BY_INACCESSIBLE, REQUIRED_INACCESSIBLE,
ONLY_INACCESSIBLE_CHILDREN, DEFAULT_VALUE_USES_INACCESSIBLE. An element is inaccessible where any subgraph says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import MergedField, MergedInput, MergedSchema, MergedType
    from gateway.composition.merge.merged import Collected, MergedValue
    from gateway.composition.result import Place

_MARK = "@inaccessible"


def check_inaccessible(collected: Collected, merged: MergedSchema) -> None:
    hidden = {t.name for t in merged.types.values() if _MARK in t.directives}
    if not any(_marked(t) for t in merged.types.values()):
        return
    if merged.roots.get("query") in hidden:
        message = "the query root can't be inaccessible"
        collected.error("QUERY_ROOT_TYPE_INACCESSIBLE", message, *collected.places("Query"))
    for type_ in merged.types.values():
        if type_.name not in hidden:
            _check_children(type_, hidden, collected)
            _check_fields(type_, hidden, merged, collected)


def _marked(type_: MergedType) -> bool:
    parts: list[MergedType | MergedField | MergedInput | MergedValue] = [type_]
    parts += [*type_.fields.values(), *type_.inputs.values(), *type_.values.values()]
    parts += [argument for field in type_.fields.values() for argument in field.arguments.values()]
    return any(_MARK in part.directives for part in parts)


def _check_children(type_: MergedType, hidden: set[str], collected: Collected) -> None:
    children: list[bool] = [_MARK in f.directives for f in type_.fields.values()]
    children += [_MARK in i.directives for i in type_.inputs.values()]
    children += [_MARK in v.directives for v in type_.values.values()]
    children += [member in hidden for member in type_.members]
    if children and all(children):
        message = f"`{type_.name}` is visible, and nothing in it is: mark it too"
        collected.error("ONLY_INACCESSIBLE_CHILDREN", message, *collected.places(type_.name))


def _check_fields(type_: MergedType, hidden: set[str], merged: MergedSchema, collected: Collected) -> None:
    for field in type_.fields.values():
        coordinate = f"{type_.name}.{field.name}"
        if _MARK in field.directives:
            for interface in type_.interfaces:
                asked = merged.types[interface].fields.get(field.name) if interface in merged.types else None
                if asked is not None and interface not in hidden and _MARK not in asked.directives:
                    message = f"`{coordinate}` is inaccessible, and `{interface}.{field.name}` is visible"
                    places = collected.places(type_.name, field.name)
                    collected.error("IMPLEMENTED_BY_INACCESSIBLE", message, *places)
            continue
        _check_reference(
            coordinate, named_type(field.type), hidden, collected.places(type_.name, field.name), collected
        )
        for argument in field.arguments.values():
            places = collected.places(type_.name, field.name, argument.name)
            _check_input(f"{coordinate}({argument.name}:)", argument, hidden, places, merged, collected)
    for item in type_.inputs.values():
        places = collected.places(type_.name, item.name)
        _check_input(f"{type_.name}.{item.name}", item, hidden, places, merged, collected)


def _check_input(
    coordinate: str,
    item: MergedInput,
    hidden: set[str],
    places: list[Place | None],
    merged: MergedSchema,
    collected: Collected,
) -> None:
    if _MARK not in item.directives:
        _check_reference(coordinate, named_type(item.type), hidden, places, collected)
        enum = merged.types.get(named_type(item.type))
        value = enum.values.get(item.default.strip('"')) if enum is not None and item.default is not None else None
        if value is not None and _MARK in value.directives:
            message = f"`{coordinate}` is visible, and its default `{value.name}` is inaccessible"
            collected.error("DEFAULT_VALUE_USES_INACCESSIBLE", message, *places)
    elif str(item.type).endswith("!") and item.default is None:
        message = f"`{coordinate}` is inaccessible, and a value is required"
        collected.error("REQUIRED_INACCESSIBLE", message, *places)


def _check_reference(
    coordinate: str, name: str, hidden: set[str], places: list[Place | None], collected: Collected
) -> None:
    if name in hidden:
        message = f"`{coordinate}` is visible, and its type `{name}` is inaccessible"
        collected.error("REFERENCED_INACCESSIBLE", message, *places)
