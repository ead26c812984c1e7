"""A validated document -> `Operation` and the literals that it held.

Fragments are spread and flattened, `@skip`/`@include` with constants are settled, with variables they become conditions
of the fields below, equal fields are merged, and each literal argument becomes a variable of its own (`$_1`, `$_2`,
...). Introspection fields of the root are left out: the API schema answers them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    print_ast,
    value_from_ast_untyped,
)

from gateway.operations.operation import Operation, Variable
from gateway.supergraph import Kind
from gateway.supergraph.selections import (
    Argument,
    Condition,
    Conditions,
    Field,
    Selection,
    SelectionSet,
    TypeCase,
    variables_of,
)
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.operations.document import Document
    from gateway.supergraph import Supergraph

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Normalised:
    operation: Operation
    literals: Mapping[str, object]


def normalise(document: Document, supergraph: Supergraph) -> Normalised:
    """Normalise the document's operation against the supergraph's visible types."""
    worker = _Normaliser(document, supergraph)
    node = document.operation
    kind = node.operation.value
    root = supergraph.roots[kind]
    selections = worker.selections(root, [(node.selection_set, ())], ())
    used = _used(selections)
    declared = tuple(
        Variable(
            v.variable.name.value,
            print_ast(v.type),
            print_ast(v.default_value) if v.default_value is not None else None,
        )
        for v in node.variable_definitions or ()
        if v.variable.name.value in used
    )
    operation = Operation(
        kind=kind,
        root_type=root,
        selections=selections,
        variables=(*declared, *worker.hoisted.values()),
        name=node.name.value if node.name else None,
    )
    return Normalised(operation, worker.literals)


class _Normaliser:
    def __init__(self, document: Document, supergraph: Supergraph) -> None:
        self.fragments = document.fragments
        self.supergraph = supergraph
        self.hoisted: dict[tuple[str, str], Variable] = {}
        self.literals: dict[str, object] = {}
        self.declared = {v.variable.name.value for v in document.operation.variable_definitions or ()}

    def selections(
        self, type_name: str, sets: Sequence[tuple[SelectionSetNode, Conditions]], given: Conditions
    ) -> SelectionSet:
        """The merged selection set of these sets on a type; `given` conditions hold already."""
        fields: dict[tuple[str, Conditions], list[FieldNode]] = {}
        cases: dict[str, list[tuple[SelectionSetNode, Conditions]]] = {}
        order: list[tuple[str, Conditions] | str] = []
        objects = self.supergraph.object_types(type_name)

        def collect(node: SelectionSetNode, conditions: Conditions) -> None:
            for selection in node.selections:
                own = _conditions(selection.directives, conditions, given)
                if own is None:
                    continue
                if isinstance(selection, FieldNode):
                    if selection.name.value in ("__schema", "__type"):
                        continue
                    slot = ((selection.alias or selection.name).value, own)
                    if slot not in fields:
                        order.append(slot)
                    fields.setdefault(slot, []).append(selection)
                    continue
                if isinstance(selection, FragmentSpreadNode):
                    fragment = self.fragments[selection.name.value]
                    condition: str | None = fragment.type_condition.name.value
                    inner = fragment.selection_set
                else:
                    assert isinstance(selection, InlineFragmentNode)
                    condition = selection.type_condition.name.value if selection.type_condition else None
                    inner = selection.selection_set
                if condition is None or self._is_a(type_name, condition):
                    collect(inner, own)
                elif objects & self.supergraph.object_types(condition):
                    if condition not in cases:
                        order.append(condition)
                    cases.setdefault(condition, []).append((inner, own))

        for node, conditions in sets:
            collect(node, conditions)
        out: list[Selection] = []
        for slot in order:
            if isinstance(slot, str):
                inner = self.selections(slot, cases[slot], given)
                if inner:
                    out.append(TypeCase(slot, inner))
            else:
                out.append(self._field(type_name, slot[0], slot[1], fields[slot], given))
        return tuple(out)

    def _is_a(self, type_name: str, condition: str) -> bool:
        """Whether each value of the type is one of the condition's, and has the condition's fields as its own."""
        if type_name == condition:
            return True
        type_ = self.supergraph.types[type_name]
        if type_.kind is Kind.OBJECT:
            return type_name in self.supergraph.object_types(condition)
        return any(condition in names for names in type_.interfaces.values())

    def _field(
        self, type_name: str, key: str, conditions: Conditions, nodes: list[FieldNode], given: Conditions
    ) -> Field:
        name = nodes[0].name.value
        if name == TYPENAME:
            return Field(key, name, (), conditions)
        definition = self.supergraph.types[type_name].fields[name]
        arguments = tuple(
            sorted(
                self._argument(node.name.value, node.value, str(definition.arguments[node.name.value]))
                for node in nodes[0].arguments or ()
            )
        )
        value_type = named_type(definition.type)
        sets = [(node.selection_set, ()) for node in nodes if node.selection_set]
        inner = self.selections(value_type, sets, (*given, *conditions)) if sets else ()
        return Field(key, name, arguments, conditions, inner)

    def _argument(self, name: str, value: ValueNode, type_text: str) -> Argument:
        if isinstance(value, VariableNode):
            return Argument(name, f"${value.name.value}", (value.name.value,))
        mentioned = variables_of(value)
        if mentioned:  # an input object or a list with variables inside stays as it was written
            return Argument(name, print_ast(value), mentioned)
        slot = (type_text, print_ast(value))
        if slot not in self.hoisted:
            variable = Variable(self._fresh(), type_text)
            self.hoisted[slot] = variable
            self.literals[variable.name] = value_from_ast_untyped(value)
        variable = self.hoisted[slot]
        return Argument(name, f"${variable.name}", (variable.name,))

    def _fresh(self) -> str:
        number = len(self.hoisted) + 1
        while f"_{number}" in self.declared:
            number += 1000
        return f"_{number}"


def _conditions(directives: Iterable[DirectiveNode] | None, outer: Conditions, given: Conditions) -> Conditions | None:
    """The conditions of a selection, in order and without those given; None where it can never count."""
    found = set(outer)
    for directive in directives or ():
        if directive.name.value not in ("skip", "include"):
            continue
        wanted = directive.name.value == "include"
        value = next(a.value for a in directive.arguments or () if a.name.value == "if")
        if isinstance(value, BooleanValueNode):
            if value.value is not wanted:
                return None
        else:
            assert isinstance(value, VariableNode)
            found.add(Condition(value.name.value, wanted))
    if any(Condition(c.variable, not c.value) in found or Condition(c.variable, not c.value) in given for c in found):
        return None
    return tuple(sorted(found - set(given)))


def _used(selections: SelectionSet) -> set[str]:
    """The variables that a selection set mentions."""
    found: set[str] = set()
    for selection in selections:
        if isinstance(selection, Field):
            found.update(c.variable for c in selection.conditions)
            found.update(name for argument in selection.arguments for name in argument.variables)
        found |= _used(selection.selections)
    return found
