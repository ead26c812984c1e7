"""Default values fit the types of their arguments and input fields (INVALID_GRAPHQL; GraphQL specification, 3.6.1).

Two things are taken that the specification does not: an enum's value in quotes, and an input object that lacks required
fields. Subgraphs write both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InputValueDefinitionNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    type_from_ast,
    visit,
)
from graphql.language import Visitor

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLType

_INT_DIGITS = 11
_INT = range(-(2**31), 2**31)
_SCALARS: dict[str, tuple[type[ValueNode], ...]] = {
    "Int": (IntValueNode,),
    "Float": (IntValueNode, FloatValueNode),
    "String": (StringValueNode,),
    "Boolean": (BooleanValueNode,),
    "ID": (StringValueNode, IntValueNode),
}


def default_errors(document: DocumentNode, schema: GraphQLSchema) -> list[GraphQLError]:
    visitor = _Defaults(schema)
    visit(document, visitor)
    return visitor.errors


class _Defaults(Visitor):
    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.schema = schema
        self.errors: list[GraphQLError] = []

    def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: object) -> None:
        type_ = type_from_ast(self.schema, node.type)
        if node.default_value is not None and type_ is not None and not fits(node.default_value, type_):
            message = f"the default of `{node.name.value}` is no value of type `{type_}`"
            self.errors.append(GraphQLError(message, node))


def fits(value: ValueNode, type_: GraphQLType) -> bool:
    """Whether a constant can be a default of an input type."""
    if isinstance(type_, GraphQLNonNull):
        return not isinstance(value, NullValueNode) and fits(value, type_.of_type)
    if isinstance(value, NullValueNode):
        return True
    if isinstance(type_, GraphQLList):
        items = value.values if isinstance(value, ListValueNode) else (value,)
        return all(fits(item, type_.of_type) for item in items)
    if isinstance(type_, GraphQLInputObjectType):
        return isinstance(value, ObjectValueNode) and all(
            field.name.value in type_.fields and fits(field.value, type_.fields[field.name.value].type)
            for field in value.fields
        )
    if isinstance(type_, GraphQLEnumType):
        return isinstance(value, EnumValueNode | StringValueNode) and value.value in type_.values
    kinds = _SCALARS.get(str(type_))
    if kinds is None:
        return True
    if not isinstance(value, kinds):
        return False
    return str(type_) != "Int" or (
        len(getattr(value, "value", "")) <= _INT_DIGITS and int(getattr(value, "value", "0")) in _INT
    )
