"""Hints: where subgraphs differ in ways that composition can bridge (Federation, "Composition hints").

Said once the supergraph stands, so that whoever publishes a subgraph sees what was decided for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.composition.merge import Collected, MergedSchema, MergedType
    from gateway.composition.subgraph import Element, Subgraph, TypeElement

    Definitions = Sequence[tuple[Subgraph, TypeElement]]

_ROOTS = ("Query", "Mutation", "Subscription")


def hint_differences(collected: Collected, merged: MergedSchema) -> None:
    """Every hint about the merged schema."""
    for type_ in merged.types.values():
        definitions = collected.having(type_.name)
        _hint_descriptions(type_.name, [t for _, t in definitions], collected)
        for rule in _BY_KIND.get(type_.kind, ()):
            rule(type_, definitions, collected)
    _hint_unused_enums(collected, merged)
    _hint_labels(collected)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _without(names: Sequence[str], definitions: Definitions) -> str:
    return _listed([s.name for s, _ in definitions if s.name not in names])


def _hint_descriptions(coordinate: str, elements: Sequence[Element], collected: Collected) -> None:
    if len({element.description for element in elements if element.description}) > 1:
        message = "subgraphs describe it differently; the first description is kept"
        collected.hint("INCONSISTENT_DESCRIPTION", "WARN", message, coordinate)


def _hint_fields(type_: MergedType, definitions: Definitions, collected: Collected) -> None:
    """Fields that not every subgraph of a type without keys has, and types that differ and fit."""
    entity = any(t.keys or t.interface_object for _, t in definitions)
    code = "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD" if type_.kind == "interface" else None
    for field in type_.fields.values():
        coordinate = f"{type_.name}.{field.name}"
        having = [(s, t.fields[field.name]) for s, t in definitions if field.name in t.fields]
        _hint_descriptions(coordinate, [element for _, element in having], collected)
        if len(having) < len(definitions) and not entity and type_.name not in _ROOTS:
            missing = _without([s.name for s, _ in having], definitions)
            message = f"it is not in {missing}, which has the type"
            collected.hint(code or "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", "DEBUG", message, coordinate)
        if len({str(element.type) for _, element in having}) > 1:
            message = f"its types differ and fit; it is `{field.type}`"
            collected.hint("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", "INFO", message, coordinate)
        for name, argument in field.arguments.items():
            types = {str(element.arguments[name].type) for _, element in having if name in element.arguments}
            if len(types) > 1:
                message = f"its types differ and fit; it is `{argument.type}`"
                collected.hint("INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE", "INFO", message, f"{coordinate}({name}:)")


def _hint_entity(type_: MergedType, definitions: Definitions, collected: Collected) -> None:
    with_key = [s.name for s, t in definitions if t.keys]
    if with_key and len(with_key) < len(definitions) and type_.name not in _ROOTS:
        message = f"it has a key in {_listed(with_key)} and none in {_without(with_key, definitions)}"
        collected.hint("INCONSISTENT_ENTITY", "DEBUG", message, type_.name)


def _hint_inputs(type_: MergedType, definitions: Definitions, collected: Collected) -> None:
    for name in dict.fromkeys(name for _, t in definitions for name in t.inputs):
        having = [s.name for s, t in definitions if name in t.inputs]
        if len(having) < len(definitions):
            message = f"it is not in {_without(having, definitions)}, and so left out"
            collected.hint("INCONSISTENT_INPUT_OBJECT_FIELD", "WARN", message, f"{type_.name}.{name}")


def _hint_members(type_: MergedType, definitions: Definitions, collected: Collected) -> None:
    for name in type_.members:
        having = [s.name for s, t in definitions if name in t.members]
        if len(having) < len(definitions):
            message = f"`{name}` is no member in {_without(having, definitions)}"
            collected.hint("INCONSISTENT_UNION_MEMBER", "DEBUG", message, type_.name)


def _hint_values(type_: MergedType, definitions: Definitions, collected: Collected) -> None:
    for name in type_.values:
        having = [s.name for s, t in definitions if name in t.values]
        if len(having) < len(definitions):
            message = f"it is not in {_without(having, definitions)}"
            collected.hint("INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", "DEBUG", message, f"{type_.name}.{name}")


def _hint_unused_enums(collected: Collected, merged: MergedSchema) -> None:
    used = {named_type(f.type) for t in merged.types.values() for f in t.fields.values()}
    used |= {named_type(a.type) for t in merged.types.values() for f in t.fields.values() for a in f.arguments.values()}
    used |= {named_type(i.type) for t in merged.types.values() for i in t.inputs.values()}
    for type_ in merged.types.values():
        if type_.kind == "enum" and type_.name not in used:
            collected.hint("UNUSED_ENUM_TYPE", "DEBUG", "nothing is of this type", type_.name)


def _hint_labels(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if field.override_label is not None:
                    message = f"it goes from `{field.override_from}` to `{subgraph.name}` by `{field.override_label}`"
                    collected.hint("OVERRIDE_MIGRATION_IN_PROGRESS", "INFO", message, f"{type_.name}.{field.name}")


_BY_KIND: dict[str, tuple[Callable[[MergedType, Definitions, Collected], None], ...]] = {
    "type": (_hint_entity, _hint_fields),
    "interface": (_hint_fields,),
    "input": (_hint_inputs,),
    "union": (_hint_members,),
    "enum": (_hint_values,),
}
