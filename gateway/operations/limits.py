"""Bounds on an operation, checked before anything costly (GraphQL over HTTP leaves them to the server).

The check costs no more than the size of the document: what a fragment holds is counted once, however often it is
spread, while every spread adds its count. A small document whose fragments multiply is refused without being expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.errors import RequestError
from gateway.supergraph.selections import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHORT: Final = 5
"""From so many digits on a number, or a name that has them in a row, may be somebody's identifier."""

_IDENTIFIER: Final = re.compile(rf"[0-9]{{{SHORT}}}")


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds, each in the unit that its name says.

    `estimated_cost` is in the units of `operations.cost`: roughly, objects in the answer. Its default is far above what
    a person reads and below what fills a gateway's memory; None is no bound. `list_size` is how many items a list is
    taken to have where the schema does not say.
    """

    body_bytes: int = 256 * 1024
    tokens: int = 8_000
    depth: int = 30
    root_fields: int = 50
    aliases: int = 300
    directives: int = 300
    expanded_fields: int = 2_500
    introspection_depth: int = 16
    variable_values: int = 5_000
    estimated_cost: int | None = 1_000_000
    list_size: int = 10


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection set amounts to once every fragment in it is spread."""

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: Measure) -> Measure:
        return Measure(
            self.fields + other.fields,
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
        )


class _Meter:
    """Measures selection sets; raises `RequestError` at a cycle of fragments."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.known: dict[str, Measure] = {}
        self.open: set[str] = set()

    def measure(self, selections: SelectionSetNode | None) -> Measure:
        total = Measure()
        for node in selections.selections if selections else ():
            own = Measure(directives=len(node.directives or ()))
            if isinstance(node, FieldNode):
                _check_alias(node)
                inner = self.measure(node.selection_set)
                total = total.beside(own).beside(
                    Measure(inner.fields + 1, inner.depth + 1, inner.aliases + bool(node.alias), inner.directives)
                )
            elif isinstance(node, FragmentSpreadNode):
                total = total.beside(own).beside(self.fragment(node.name.value))
            else:
                total = total.beside(own).beside(self.measure(getattr(node, "selection_set", None)))
        return total

    def fragment(self, name: str) -> Measure:
        if name in self.known:
            return self.known[name]
        if name in self.open:
            raise RequestError.of("GRAPHQL_VALIDATION_FAILED", f"fragment `{name}` spreads itself")
        if name not in self.fragments:
            return Measure()  # validation names it
        self.open.add(name)
        found = self.measure(self.fragments[name].selection_set)
        self.open.discard(name)
        self.known[name] = found
        return found


def _check_alias(node: FieldNode) -> None:
    """Keys that the gateway fetches under for itself are not a client's to choose.

    Neither is what may be an identifier: an alias is in plans, which are kept for all, and agencies get it.
    """
    if node.alias is None:
        return
    alias = node.alias.value
    if _IDENTIFIER.search(alias):
        message = f"an alias holds fewer than {SHORT} digits in a row: more could be somebody's identifier"
        raise RequestError.of("GRAPHQL_VALIDATION_FAILED", message)
    if alias.startswith(HIDDEN) or (alias == "__typename" and node.name.value != "__typename"):
        raise RequestError.of("GRAPHQL_VALIDATION_FAILED", f"`{alias}` is no alias that can be chosen")


def check(document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> Measure:
    """Refuse an operation that passes a bound; the error names the bound, its value and what was found."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    meter = _Meter(fragments)
    try:
        found = meter.measure(operation.selection_set)
    except RecursionError:
        raise _refused("selections nested", "many", limits.depth) from None
    if found.fields > limits.expanded_fields:
        raise _refused("fields once its fragments are spread", found.fields, limits.expanded_fields)
    if found.depth > limits.depth:
        raise _refused("levels of nesting", found.depth, limits.depth)
    if found.aliases > limits.aliases:
        raise _refused("aliases", found.aliases, limits.aliases)
    if found.directives > limits.directives:
        raise _refused("directives", found.directives, limits.directives)
    if len(operation.selection_set.selections) > limits.root_fields:
        raise _refused("root selections", len(operation.selection_set.selections), limits.root_fields)
    for node in _introspection(operation.selection_set, fragments, set()):
        depth = meter.measure(node.selection_set).depth
        if depth > limits.introspection_depth:
            raise _refused("levels of introspection", depth, limits.introspection_depth)
    return found


def _introspection(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[FieldNode]:
    """The root's introspection fields, wherever they are spread from; each fragment once."""
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if node.name.value.startswith("__"):
                yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _introspection(node.selection_set, fragments, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments.keys() - seen:
            seen.add(node.name.value)
            yield from _introspection(fragments[node.name.value].selection_set, fragments, seen)


def _refused(what: str, found: int | str, bound: int) -> RequestError:
    return RequestError.of("OPERATION_TOO_LARGE", f"the operation has {found} {what}; at most {bound} are taken")
