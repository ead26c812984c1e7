"""Arguments and input fields: what every subgraph takes (Federation, "Input types and field arguments")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge.costs import weight
from gateway.composition.merge.directives import carried, description
from gateway.composition.merge.merged import Collected, MergedInput
from gateway.composition.merge.types import input_type
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.composition.subgraph import InputElement, Subgraph

_CODES = {
    "argument": (
        "FIELD_ARGUMENT_TYPE_MISMATCH",
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    ),
    "input field": (
        "FIELD_TYPE_MISMATCH",
        "INPUT_FIELD_DEFAULT_MISMATCH",
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
    ),
}


def merge_inputs(
    what: str,
    owner: str,
    definitions: Sequence[tuple[Subgraph, Mapping[str, InputElement]]],
    collected: Collected,
    external: frozenset[str] = frozenset(),
) -> dict[str, MergedInput]:
    """Merge the arguments of `owner` (or its input fields, as `what` says) over the subgraphs that define it.

    In the subgraphs that are `external` the field is another's, whose defaults they need not repeat.
    """
    type_code, default_code, missing_code = _CODES[what]
    out: dict[str, MergedInput] = {}
    for name in dict.fromkeys(name for _, inputs in definitions for name in inputs):
        coordinate = f"{owner}({name}:)" if what == "argument" else f"{owner}.{name}"
        having = [(subgraph, inputs[name]) for subgraph, inputs in definitions if name in inputs]
        if len(having) < len(definitions):
            required = [element for _, element in having if element.required]
            if required:
                collected.error(
                    missing_code,
                    f"{what} `{coordinate}` is required in some subgraphs and missing in others",
                    *(element.place for element in required),
                )
            else:
                collected.hint("INCONSISTENT_ARGUMENT_PRESENCE", "WARN", f"{what} is not in every subgraph", coordinate)
            continue
        places = [element.place for _, element in having]
        type_ = input_type([e.type for _, e in having if e.type is not None], collected)
        if type_ is None:
            types = ", ".join(f"`{e.type}` in `{s.name}`" for s, e in having)
            collected.error(type_code, f"{what} `{coordinate}` has types that do not fit: {types}", *places)
        own = [element.default for subgraph, element in having if subgraph.name not in external]
        defaults = list(dict.fromkeys(own or [element.default for _, element in having]))
        if len({default for default in defaults if default is not None}) > 1:
            collected.error(default_code, f"{what} `{coordinate}` has different default values", *places)
            continue
        if type_ is None:
            continue
        if len(defaults) > 1:
            message = f"{what} has a default in some subgraphs only, so it has none"
            collected.hint("INCONSISTENT_DEFAULT_VALUE_PRESENCE", "WARN", message, coordinate)
        default = _default(defaults[0], named_type(type_), collected) if len(defaults) == 1 else None
        directives = [*carried(having), *weight(coordinate, having, collected)]
        out[name] = MergedInput(name, type_, default, description(having), directives)
    return out


def _default(text: str | None, type_name: str, collected: Collected) -> str | None:
    """A default as text; an enum's value in quotes, as some subgraphs write it, is that value."""
    if text is not None and text.startswith('"') and any(t.kind == "enum" for _, t in collected.having(type_name)):
        return text.strip('"')
    return text
