"""Selection sets: the one representation that key field sets, client operations and subgraph fetches share.

Values are immutable and hashable, so that they serve as keys of caches and of merges. Arguments are kept as canonical
text with the variables that they mention; literals of client operations have become variables before they get here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    print_ast,
)
from graphql.language import OperationDefinitionNode, Visitor, visit

from gateway.errors import SupergraphError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Condition(NamedTuple):
    """A variable that must have this value for a selection to count: `@include(if: $v)` is (v, True)."""

    variable: str
    value: bool


Conditions: TypeAlias = tuple[Condition, ...]


class Argument(NamedTuple):
    name: str
    value: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field under its response key. `alias` is what a subgraph is asked for it under, where that is not its key."""

    key: str
    name: str
    arguments: tuple[Argument, ...] = ()
    conditions: Conditions = ()
    selections: SelectionSet = ()
    alias: str | None = None

    @property
    def asked_as(self) -> str:
        """The key under which a subgraph answers it."""
        return self.key if self.alias is None else self.alias

    def __str__(self) -> str:
        alias = "" if self.asked_as == self.name else f"{self.asked_as}: "
        arguments = f"({', '.join(f'{a.name}: {a.value}' for a in self.arguments)})" if self.arguments else ""
        body = f" {{ {text(self.selections)} }}" if self.selections else ""
        own = {c.value: c for c in reversed(self.conditions)}
        out = f"{alias}{self.name}{arguments}{''.join(map(_directive, reversed(own.values())))}{body}"
        for condition in self.conditions:
            if condition not in own.values():  # a directive is not repeated: the rest stand around it
                out = f"...{_directive(condition)} {{ {out} }}"
        return out


@dataclass(frozen=True, slots=True)
class TypeCase:
    """Selections that count where the object is a `type_name`: an inline fragment."""

    type_name: str
    selections: SelectionSet = ()

    def __str__(self) -> str:
        return f"... on {self.type_name} {{ {text(self.selections)} }}"


Selection: TypeAlias = Field | TypeCase
SelectionSet: TypeAlias = tuple[Selection, ...]

TYPENAME = "__typename"
HIDDEN = "__cps_"
"""How response keys begin that the gateway fetches under for itself; `operations.limits` keeps clients from them."""


def _directive(condition: Condition) -> str:
    return f" @{'include' if condition.value else 'skip'}(if: ${condition.variable})"


def text(selections: SelectionSet) -> str:
    """One line of GraphQL."""
    return " ".join(str(selection) for selection in selections)


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        if node.name.value not in self.names:
            self.names.append(node.name.value)


def variables_of(value: ValueNode) -> tuple[str, ...]:
    visitor = _Variables()
    visit(value, visitor)
    return tuple(visitor.names)


def arguments_of(nodes: Iterable[ArgumentNode] | None) -> tuple[Argument, ...]:
    """Arguments in the order of their names: the same call is the same value."""
    found = [Argument(n.name.value, print_ast(n.value), variables_of(n.value)) for n in nodes or ()]
    return tuple(sorted(found, key=lambda argument: argument.name))


@lru_cache(maxsize=4096)
def parse_field_set(fields: str) -> SelectionSet:
    """The selection set that a `fields` string means (Federation, scalar `FieldSet`)."""
    braced = fields.strip().startswith("{")  # as other composers let it stand
    try:
        definition, *more = parse(fields if braced else f"{{ {fields} }}", no_location=True).definitions
    except GraphQLError as error:
        raise SupergraphError(f"`{fields}` is not a field set: {error.message}") from error
    if more or not isinstance(definition, OperationDefinitionNode) or not definition.selection_set.selections:
        raise SupergraphError(f"`{fields}` is not a field set")
    return _from_node(definition.selection_set)


def _from_node(node: SelectionSetNode | None) -> SelectionSet:
    out: list[Selection] = []
    for selection in node.selections if node else ():
        if isinstance(selection, FieldNode):
            key = selection.alias.value if selection.alias else selection.name.value
            out.append(
                Field(
                    key,
                    selection.name.value,
                    arguments_of(selection.arguments),
                    (),
                    _from_node(selection.selection_set),
                )
            )
        elif isinstance(selection, InlineFragmentNode):
            inner = _from_node(selection.selection_set)
            if selection.type_condition is None:
                out.extend(inner)
            else:
                out.append(TypeCase(selection.type_condition.name.value, inner))
        else:
            raise SupergraphError("a field set can't spread a named fragment")
    return tuple(out)
