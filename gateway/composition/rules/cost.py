"""`@cost` and `@listSize` (Federation, "Demand control").

COST_APPLIED_TO_INTERFACE_FIELD, LIST_SIZE_APPLIED_TO_NON_LIST, LIST_SIZE_INVALID_ASSUMED_SIZE,
LIST_SIZE_INVALID_SIZED_FIELD, LIST_SIZE_INVALID_SLICING_ARGUMENT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import DirectiveNode, IntValueNode, ListValueNode, StringValueNode

from gateway.supergraph.links import argument
from gateway.supergraph.typeref import is_list, named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph


def check_costs(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if type_.kind == "interface" or type_.interface_object:
                    elements = [field, *field.arguments.values()]
                    if any(element.has("cost") for element in elements):
                        message = f"[{subgraph.name}] `{type_.name}.{field.name}` is an interface's"
                        collected.error("COST_APPLIED_TO_INTERFACE_FIELD", message, field.place)
                for directive in field.applied("listSize"):
                    for code, problem in _list_size(directive, field, subgraph):
                        message = f"[{subgraph.name}] `{type_.name}.{field.name}`: {problem}"
                        collected.error(code, message, field.place)


def _list_size(directive: DirectiveNode, field: FieldElement, subgraph: Subgraph) -> Iterator[tuple[str, str]]:
    assert field.type is not None
    sized = _texts(directive, "sizedFields")
    if not sized and not is_list(field.type):
        yield "LIST_SIZE_APPLIED_TO_NON_LIST", "it is no list, and `sizedFields` names none"
    assumed = argument(directive, "assumedSize")
    if isinstance(assumed, IntValueNode) and int(assumed.value) < 0:
        yield "LIST_SIZE_INVALID_ASSUMED_SIZE", "`assumedSize` is negative"
    for name in _texts(directive, "slicingArguments"):
        known = field.arguments.get(name)
        if known is None or str(known.type).rstrip("!") != "Int":
            yield "LIST_SIZE_INVALID_SLICING_ARGUMENT", f"`{name}` is no argument of type `Int`"
    value = subgraph.types.get(named_type(field.type))
    if sized and (value is None or value.kind not in ("type", "interface")):
        yield "LIST_SIZE_INVALID_SIZED_FIELD", "`sizedFields` names fields of a value that has none"
        return
    for name in sized:
        inner = value.fields.get(name) if value is not None else None
        if inner is None or inner.type is None:
            yield "LIST_SIZE_INVALID_SIZED_FIELD", f"the value has no field `{name}`"
        elif not is_list(inner.type):
            yield "LIST_SIZE_APPLIED_TO_NON_LIST", f"`{name}` is no list"


def _texts(directive: DirectiveNode, name: str) -> list[str]:
    value = argument(directive, name)
    items = value.values if isinstance(value, ListValueNode) else ()
    return [item.value for item in items if isinstance(item, StringValueNode)]
