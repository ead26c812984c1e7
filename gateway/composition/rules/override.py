"""`@override`: not from oneself, not on interfaces, not chained, not beside what it can't stand beside; labels valid.

OVERRIDE_FROM_SELF_ERROR, OVERRIDE_ON_INTERFACE, OVERRIDE_SOURCE_HAS_OVERRIDE,
OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE, OVERRIDE_LABEL_INVALID; a source that is no subgraph is a hint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph, TypeElement

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*")
_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


def check_overrides(collected: Collected) -> None:
    by_name = {subgraph.name: subgraph for subgraph in collected.subgraphs}
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            if len({t.kind for _, t in collected.having(type_.name) if not t.interface_object}) > 1:
                continue
            for field in type_.fields.values():
                if field.override_from is not None:
                    _check(subgraph, type_, field, by_name, collected)


def _check(
    subgraph: Subgraph,
    type_: TypeElement,
    field: FieldElement,
    by_name: dict[str, Subgraph],
    collected: Collected,
) -> None:
    coordinate = f"{type_.name}.{field.name}"
    here = f"[{subgraph.name}] `{coordinate}`"
    if type_.kind == "interface":
        collected.error("OVERRIDE_ON_INTERFACE", f"{here} is an interface's field", field.place)
        return
    if field.override_from == subgraph.name:
        collected.error("OVERRIDE_FROM_SELF_ERROR", f"{here} overrides itself", field.place)
        return
    if field.override_label is not None and not _is_label(field.override_label):
        message = f"{here}: a label is a letter and letters, digits or `_-:./`, or `percent(0)` to `percent(100)`"
        collected.error("OVERRIDE_LABEL_INVALID", message, field.place)
    if field.external:
        message = f"{here} is external, and so has nothing to take over"
        collected.error("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", message, field.place)
    source = by_name.get(field.override_from or "")
    if source is None:
        message = f"`{field.override_from}`, from which the field is overridden, is no subgraph"
        collected.hint("FROM_SUBGRAPH_DOES_NOT_EXIST", "WARN", message, coordinate)
        return
    other = source.types[type_.name].fields.get(field.name) if type_.name in source.types else None
    if other is None:
        collected.hint("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", "INFO", "the source has no such field any more", coordinate)
        return
    if other.override_from is not None:
        message = f"{here}: its source `{source.name}` overrides it too"
        collected.error("OVERRIDE_SOURCE_HAS_OVERRIDE", message, field.place)
    if field.override_label is not None and (other.external or other.has_provides or other.has_requires):
        message = f"{here}: its source in `{source.name}` is external, or requires or provides"
        collected.error("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", message, field.place)


def _is_label(label: str) -> bool:
    percent = _PERCENT.fullmatch(label)
    return float(percent[1]) <= 100 if percent else _LABEL.fullmatch(label) is not None
