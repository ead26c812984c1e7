"""Enums, by how they are used (Federation, "Enums")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge.directives import carried, description
from gateway.composition.merge.merged import Collected, MergedValue
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.subgraph import Element, Subgraph, TypeElement


def merge_values(
    name: str, definitions: Sequence[tuple[Subgraph, TypeElement]], collected: Collected
) -> dict[str, MergedValue]:
    """Output only: every value of any. Input only: the values of all. Both: they have to be the same."""
    as_input, as_output = _uses(name, collected)
    out: dict[str, MergedValue] = {}
    for value in dict.fromkeys(v for _, type_ in definitions for v in type_.values):
        having: list[tuple[Subgraph, Element]] = [(s, t.values[value]) for s, t in definitions if value in t.values]
        everywhere = len(having) == len(definitions)
        hidden = any(element.has("inaccessible") for _, element in having)
        if as_input and as_output and not everywhere and not hidden:
            collected.error(
                "ENUM_VALUE_MISMATCH",
                f"enum `{name}` is both input and output, so `{value}` has to be in every subgraph that defines it",
                *(element.place for _, element in having),
            )
            continue
        if as_input and not as_output and not everywhere:
            collected.hint("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", "WARN", "the value is left out", f"{name}.{value}")
            continue
        joins = [f"@join__enumValue(graph: {s.id})" for s, _ in having]
        out[value] = MergedValue(value, description(having), [*joins, *carried(having)])
    if not out and not any(e.code == "ENUM_VALUE_MISMATCH" for e in collected.errors):
        message = f"no value of enum `{name}` is in every subgraph that defines it"
        collected.error("EMPTY_MERGED_ENUM_TYPE", message, *collected.places(name))
    return out


def _uses(name: str, collected: Collected) -> tuple[bool, bool]:
    as_input = as_output = False
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for item in type_.inputs.values():
                as_input = as_input or (item.type is not None and named_type(item.type) == name)
            for field in type_.fields.values():
                as_output = as_output or (field.type is not None and named_type(field.type) == name)
                for argument in field.arguments.values():
                    as_input = as_input or (argument.type is not None and named_type(argument.type) == name)
    return as_input, as_output
