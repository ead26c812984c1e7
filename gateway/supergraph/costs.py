"""What `@cost` and `@listSize` say in a supergraph (cost specification, v0.1; Federation, "Demand control")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    ListValueNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
)

from gateway.supergraph.links import Link, argument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IDENTITY: Final = "https://specs.apollo.dev/cost"
_NAMESPACED: Final = "federation__"
_DIGITS: Final = 18
_K = TypeVar("_K")


class ListSize(NamedTuple):
    """How long a field's list is taken to be.

    `slicing` are the arguments that bound it, each with its default; `sized` the fields below to whose lists the size
    goes, where it is not the field's own.
    """

    assumed: int | None
    slicing: Mapping[str, int | None]
    sized: tuple[str, ...]
    require_one: bool


@dataclass(frozen=True, slots=True)
class Costs:
    """Weights and sizes that are stated: of types by name, and of what is in them by type, field and argument."""

    types: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], int] = field(default_factory=dict)
    arguments: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    inputs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sizes: Mapping[tuple[str, str], ListSize] = field(default_factory=dict)


def read_costs(document: DocumentNode, linked: Iterable[Link]) -> Costs:
    """Read a supergraph's costs, under the names that its link to the cost specification gives."""
    reader = _Reader(linked)
    for node in document.definitions:
        if isinstance(node, ObjectTypeDefinitionNode | ScalarTypeDefinitionNode | EnumTypeDefinitionNode):
            reader.add(reader.types, node.name.value, node.directives)
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            for field_node in node.fields or ():
                reader.add_field(node.name.value, field_node)
        elif isinstance(node, InputObjectTypeDefinitionNode):
            for item in node.fields or ():
                reader.add(reader.inputs, (node.name.value, item.name.value), item.directives)
    return Costs(reader.types, reader.fields, reader.arguments, reader.inputs, reader.sizes)


class _Reader:
    def __init__(self, linked: Iterable[Link]) -> None:
        links = [link for link in linked if link.identity == IDENTITY]
        self.cost = {f"{_NAMESPACED}cost", *(link.directive("cost") for link in links)}
        self.list_size = {f"{_NAMESPACED}listSize", *(link.directive("listSize") for link in links)}
        self.types: dict[str, int] = {}
        self.fields: dict[tuple[str, str], int] = {}
        self.arguments: dict[tuple[str, str, str], int] = {}
        self.inputs: dict[tuple[str, str], int] = {}
        self.sizes: dict[tuple[str, str], ListSize] = {}

    def add(self, found: dict[_K, int], key: _K, directives: Iterable[DirectiveNode] | None) -> None:
        for directive in directives or ():
            weight = _int(argument(directive, "weight")) if directive.name.value in self.cost else None
            if weight is not None:
                found[key] = weight

    def add_field(self, type_name: str, node: FieldDefinitionNode) -> None:
        key = (type_name, node.name.value)
        self.add(self.fields, key, node.directives)
        for item in node.arguments or ():
            self.add(self.arguments, (*key, item.name.value), item.directives)
        for directive in node.directives or ():
            if directive.name.value in self.list_size:
                self.sizes[key] = _size(directive, node)


def _size(directive: DirectiveNode, node: FieldDefinitionNode) -> ListSize:
    defaults = {a.name.value: _int(a.default_value) for a in node.arguments or ()}
    require_one = argument(directive, "requireOneSlicingArgument")
    return ListSize(
        _int(argument(directive, "assumedSize")),
        {name: defaults[name] for name in _names(directive, "slicingArguments") if name in defaults},
        _names(directive, "sizedFields"),
        require_one.value if isinstance(require_one, BooleanValueNode) else True,
    )


def _int(value: object) -> int | None:
    """The number of a value node; one with more digits than any that counts is the largest of that many."""
    if not isinstance(value, IntValueNode):
        return None
    negative = value.value.startswith("-")
    digits = value.value.removeprefix("-")
    number = int(digits) if len(digits) <= _DIGITS else 10**_DIGITS - 1
    return -number if negative else number


def _names(directive: DirectiveNode, name: str) -> tuple[str, ...]:
    value = argument(directive, name)
    items = value.values if isinstance(value, ListValueNode) else ()
    return tuple(item.value for item in items if isinstance(item, StringValueNode))
