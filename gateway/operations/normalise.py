"""A validated document -> `Operation`, and where the values of its variables come from.

Fragments are spread and flattened, `@skip`/`@include` with constants are settled, with variables they become
conditions of the fields below, equal fields are merged. Every literal and every default becomes the value of a
variable, and variables are named `v1`, `v2`, ... as they are met: so what the client wrote freely (values, names) is
in no plan and in no log, and queries that differ only in it share one plan. Introspection fields of the root are left
out: the API schema answers them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, cast

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    print_ast,
)

from gateway.errors import RequestError
from gateway.operations.operation import Operation, Variable
from gateway.supergraph import Kind
from gateway.supergraph.selections import (
    HIDDEN,
    TYPENAME,
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

_DIGITS = 18
_CONDITION = GraphQLNonNull(GraphQLBoolean)


@dataclass(frozen=True, slots=True)
class Normalised:
    """`given` says which of the client's variables each of the operation's is; `values` are literals and defaults.

    `written` are those values as they stand in the document.
    """

    operation: Operation
    given: Mapping[str, str]
    values: Mapping[str, object]
    written: Mapping[str, ValueNode] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class _Names:
    """The operation's variables, in the order in which they are met."""

    declared: Mapping[str, tuple[str, ValueNode | None]]
    variables: dict[str, Variable] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    written: dict[str, ValueNode] = field(default_factory=dict)
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def of_client(self, name: str, wanted: GraphQLInputType) -> str:
        """The name for one of the client's variables. One with a default is non-null where its place wants that."""
        type_text, default = self.declared[name]
        new = self._known.get(("$", name)) or self._add(("$", name), type_text)
        self.given[new] = name
        if default is not None:
            self._write(new, default)
            strict = is_non_null_type(wanted) and self.values[new] is not None
            if strict and not self.variables[new].type.endswith("!"):
                self.variables[new] = Variable(new, f"{type_text}!")
        return new

    def of_literal(self, node: ValueNode, type_text: str) -> str:
        """The name for a literal; equal ones of one type have one."""
        slot = (type_text, print_ast(node))
        new = self._known.get(slot)
        if new is None:
            new = self._add(slot, type_text)
            self._write(new, node)
        return new

    def _write(self, name: str, node: ValueNode) -> None:
        self.values[name] = plain(node)
        self.written[name] = node

    def _add(self, slot: tuple[str, str], type_text: str) -> str:
        new = f"v{len(self.variables) + 1}"
        self._known[slot] = new
        self.variables[new] = Variable(new, type_text)
        return new


def normalise(document: Document, supergraph: Supergraph) -> Normalised:
    """Normalise the document's operation against the supergraph's visible types."""
    node = document.operation
    names = _Names(
        {v.variable.name.value: (print_ast(v.type), v.default_value) for v in node.variable_definitions or ()}
    )
    worker = _Normaliser(document, supergraph, names)
    kind = node.operation.value
    root = supergraph.roots[kind]
    selections = worker.selections(root, [(node.selection_set, ())], ())
    operation = Operation(kind, root, selections, tuple(names.variables.values()))
    return Normalised(operation, names.given, names.values, names.written)


class _Normaliser:
    def __init__(self, document: Document, supergraph: Supergraph, names: _Names) -> None:
        self.fragments = document.fragments
        self.supergraph = supergraph
        self.names = names

    def selections(
        self,
        type_name: str,
        sets: Sequence[tuple[SelectionSetNode, Conditions]],
        given: Conditions,
        unsettled: bool = False,
    ) -> SelectionSet:
        """The merged selection set of these sets on a type; `given` conditions hold already.

        `unsettled`: a key above stands under several conditions, so each field keeps all of its own.
        """
        fields: dict[tuple[str, Conditions], list[FieldNode]] = {}
        cases: list[list[tuple[SelectionSetNode, Conditions]]] = []
        order: list[tuple[str, Conditions] | str] = []
        objects = self.supergraph.object_types(type_name)

        def collect(node: SelectionSetNode, conditions: Conditions) -> None:
            for selection in node.selections:
                own = self._conditions(selection.directives, conditions, given)
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
                    if not order or order[-1] != condition or not isinstance(order[-1], str):
                        order.append(condition)
                        cases.append([])
                    cases[-1].append((inner, own))

        for node, conditions in sets:
            collect(node, conditions)
        out: list[Selection] = []
        keys = Counter(key for key, _ in fields)
        in_order = iter(cases)
        for slot in order:
            if isinstance(slot, str):
                inner = self.selections(slot, next(in_order), given, unsettled)
                if inner:
                    out.append(TypeCase(slot, inner))
            else:
                out.append(self._field(type_name, slot, fields[slot], given, unsettled or keys[slot[0]] > 1))
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
        self,
        type_name: str,
        slot: tuple[str, Conditions],
        nodes: list[FieldNode],
        given: Conditions,
        several: bool,
    ) -> Field:
        """One field; where its key stands under `several` conditions, what is below says its own."""
        key, conditions = slot
        name = nodes[0].name.value
        if name == TYPENAME:
            return Field(key, name, (), conditions)
        type_ = self.supergraph.api_schema.get_type(type_name)
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        arguments = tuple(
            sorted(
                self._argument(node.name.value, node.value, type_.fields[name].args[node.name.value].type)
                for node in sorted(nodes[0].arguments or (), key=lambda node: node.name.value)
            )
        )
        value_type = named_type(self.supergraph.types[type_name].fields[name].type)
        below = conditions if several else ()
        sets = [(node.selection_set, below) for node in nodes if node.selection_set]
        held = given if several else (*given, *conditions)
        inner = self.selections(value_type, sets, held, several) if sets else ()
        if sets and not inner:  # constants have left nothing: whether the object is there is still asked
            inner = (Field(f"{HIDDEN}typename", TYPENAME),)
        return Field(key, name, arguments, conditions, inner)

    def _argument(self, name: str, value: ValueNode, type_: GraphQLInputType) -> Argument:
        mentioned: dict[str, None] = {}
        text = self._value(value, type_, mentioned)
        return Argument(name, text, tuple(mentioned))

    def _value(self, node: ValueNode, type_: GraphQLInputType, mentioned: dict[str, None]) -> str:
        """The value as text in which all that a client wrote is a variable."""
        if isinstance(node, ListValueNode) and variables_of(node):
            nullable = get_nullable_type(type_)
            item = cast("GraphQLInputType", nullable.of_type) if is_list_type(nullable) else type_
            return f"[{', '.join(self._value(each, item, mentioned) for each in node.values)}]"
        if isinstance(node, ObjectValueNode) and variables_of(node):
            named = get_named_type(type_)
            fields = named.fields if isinstance(named, GraphQLInputObjectType) else {}
            parts = [
                f"{f.name.value}: {self._value(f.value, fields[f.name.value].type, mentioned)}"
                for f in sorted(node.fields, key=lambda f: f.name.value)
                if f.name.value in fields
            ]
            return f"{{{', '.join(parts)}}}"
        if isinstance(node, VariableNode):
            new = self.names.of_client(node.name.value, type_)
        else:
            new = self.names.of_literal(node, str(type_))
        mentioned[new] = None
        return f"${new}"

    def _conditions(
        self, directives: Iterable[DirectiveNode] | None, outer: Conditions, given: Conditions
    ) -> Conditions | None:
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
                found.add(Condition(self.names.of_client(value.name.value, _CONDITION), wanted))
        denied = {Condition(c.variable, not c.value) for c in found}
        if denied & (found | set(given)):
            return None
        return tuple(sorted(found - set(given)))


def plain(node: ValueNode) -> object:
    """Return a constant as JSON holds it.

    A whole number that 64 bits do not take can only be an ID's, and is its text.
    """
    if isinstance(node, ListValueNode):
        return [plain(item) for item in node.values]
    if isinstance(node, ObjectValueNode):
        return {item.name.value: plain(item.value) for item in node.fields}
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) <= _DIGITS else node.value
    if isinstance(node, FloatValueNode):
        value = float(node.value)
        if not isfinite(value):
            raise RequestError.of("GRAPHQL_VALIDATION_FAILED", "a number of the operation is too large to be sent")
        return value
    if isinstance(node, BooleanValueNode | StringValueNode | EnumValueNode):
        return node.value
    return None
