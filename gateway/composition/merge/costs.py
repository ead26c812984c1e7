"""`@cost` and `@listSize` over several subgraphs (Federation, "Demand control"; cost specification, v0.1).

The dearest that any says holds: the largest weight, the largest assumed size, all slicing arguments that are left and
all sized fields. A slicing argument is asked for only where every subgraph that says anything asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphql import BooleanValueNode, DirectiveNode, IntValueNode, ListValueNode, StringValueNode

from gateway.supergraph.links import argument

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gateway.composition.merge.merged import Collected
    from gateway.composition.subgraph import Element, Subgraph


class _Size(NamedTuple):
    """One `@listSize`."""

    assumed: int | None
    slicing: tuple[str, ...]
    sized: tuple[str, ...]
    require_one: bool


def weight(coordinate: str, elements: Sequence[tuple[Subgraph, Element]], collected: Collected) -> list[str]:
    """`@cost` for an element, where any subgraph says one."""
    weights = [
        found for _, element in elements for d in element.applied("cost") if (found := _int(d, "weight")) is not None
    ]
    if not weights:
        return []
    if len(set(weights)) > 1:
        _hint("cost", "the largest `weight` holds", coordinate, collected)
    return [f"@cost(weight: {max(weights)})"]


def list_size(
    coordinate: str,
    elements: Sequence[tuple[Subgraph, Element]],
    arguments: Collection[str],
    collected: Collected,
) -> list[str]:
    """`@listSize` for a field, where any subgraph says one; `arguments` are those that the merged field has."""
    sizes = list(dict.fromkeys(_size(d) for _, element in elements for d in element.applied("listSize")))
    if not sizes:
        return []
    if len(sizes) > 1:
        said = "the largest `assumedSize` holds, with all `slicingArguments` and `sizedFields`"
        _hint("listSize", said, coordinate, collected)
    assumed = [size.assumed for size in sizes if size.assumed is not None]
    slicing = [name for name in dict.fromkeys(name for size in sizes for name in size.slicing) if name in arguments]
    sized = list(dict.fromkeys(name for size in sizes for name in size.sized))
    parts = [f"assumedSize: {max(assumed)}"] if assumed else []
    parts += [f"slicingArguments: {_texts(slicing)}"] if slicing else []
    parts += [f"sizedFields: {_texts(sized)}"] if sized else []
    parts.append(f"requireOneSlicingArgument: {str(all(size.require_one for size in sizes)).lower()}")
    return [f"@listSize({', '.join(parts)})"]


def _hint(directive: str, said: str, coordinate: str, collected: Collected) -> None:
    message = f"subgraphs differ in `@{directive}`: {said}"
    collected.hint("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", "INFO", message, coordinate)


def _size(directive: DirectiveNode) -> _Size:
    require_one = argument(directive, "requireOneSlicingArgument")
    return _Size(
        _int(directive, "assumedSize"),
        _names(directive, "slicingArguments"),
        _names(directive, "sizedFields"),
        require_one.value if isinstance(require_one, BooleanValueNode) else True,
    )


def _int(directive: DirectiveNode, name: str) -> int | None:
    value = argument(directive, name)
    return int(value.value) if isinstance(value, IntValueNode) else None


def _names(directive: DirectiveNode, name: str) -> tuple[str, ...]:
    value = argument(directive, name)
    if isinstance(value, StringValueNode):
        return (value.value,)
    items = value.values if isinstance(value, ListValueNode) else ()
    return tuple(item.value for item in items if isinstance(item, StringValueNode))


def _texts(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
