"""The API schema: what a client sees of a supergraph.

Without the machinery of join and link, without type-system directives, and without anything `@inaccessible`
(inaccessible specification, v0.2).
"""

from __future__ import annotations

from typing import Any, TypeVar

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    validate_schema,
)
from graphql.language import Node

from gateway.errors import SupergraphError

_MACHINERY = ("join__", "link__", "core__", "federation__", "connect__", "context__", "policy__", "requiresScopes__")
_KEPT_DIRECTIVES = frozenset(("deprecated", "specifiedBy", "oneOf"))
_EXECUTABLE = frozenset(
    ("QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT")
)
_N = TypeVar("_N", bound=Node)


def api_schema(
    document: DocumentNode, inaccessible: str = "inaccessible", machinery: tuple[str, ...] = ()
) -> GraphQLSchema:
    """The executable schema of a supergraph's visible part; raises `SupergraphError` where nothing valid is left.

    `machinery` are the beginnings of names that the document's links have taken for themselves.
    """
    hidden_types = {
        d.name.value for d in document.definitions if isinstance(d, TypeDefinitionNode) and _marked(d, inaccessible)
    }
    kept: list[DefinitionNode] = []
    for definition in document.definitions:
        visible = _visible(definition, inaccessible, hidden_types, (*_MACHINERY, *machinery))
        if visible is not None:
            kept.append(visible)
    try:  # composition validates what it makes; another composer's supergraph is taken at its word
        return build_ast_schema(DocumentNode(definitions=tuple(kept)), assume_valid=True, assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        raise SupergraphError(f"the supergraph's visible part is no valid schema: {error}") from error


def schema_problems(schema: GraphQLSchema) -> list[str]:
    """What the GraphQL specification's type validation (section 3) has against a schema that was taken at its word.

    Default values are passed over: composers take an enum's value in quotes, and subgraphs answer for their own; so is
    the deprecation of what an interface has not deprecated, which Federation does not mind.
    """
    known = schema.to_kwargs()
    known["assume_valid"] = False
    checked = GraphQLSchema(**known)
    lenient = ("default value", "not deprecated")
    return [e.message for e in validate_schema(checked) if not any(words in e.message for words in lenient)]


def _marked(node: Node, inaccessible: str) -> bool:
    return any(d.name.value == inaccessible for d in getattr(node, "directives", None) or ())


def _visible(
    node: DefinitionNode, inaccessible: str, hidden_types: set[str], machinery: tuple[str, ...]
) -> DefinitionNode | None:
    if isinstance(node, DirectiveDefinitionNode):
        executable = {location.value for location in node.locations} & _EXECUTABLE
        return node if executable and not node.name.value.startswith(machinery) else None
    if isinstance(node, SchemaDefinitionNode):
        return _copy(node, directives=())
    if isinstance(node, SchemaExtensionNode) or not isinstance(node, TypeDefinitionNode):
        return None
    if node.name.value in hidden_types or node.name.value.startswith(machinery):
        return None
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        fields = tuple(_field(f, inaccessible) for f in node.fields or () if not _marked(f, inaccessible))
        interfaces = tuple(i for i in node.interfaces or () if i.name.value not in hidden_types)
        return _copy(node, fields=fields, interfaces=interfaces)
    if isinstance(node, UnionTypeDefinitionNode):
        return _copy(node, types=tuple(t for t in node.types or () if t.name.value not in hidden_types))
    if isinstance(node, EnumTypeDefinitionNode):
        return _copy(node, values=tuple(_copy(v) for v in node.values or () if not _marked(v, inaccessible)))
    if isinstance(node, InputObjectTypeDefinitionNode):
        return _copy(node, fields=_inputs(node.fields, inaccessible))
    return _copy(node)


def _field(node: FieldDefinitionNode, inaccessible: str) -> FieldDefinitionNode:
    return _copy(node, arguments=_inputs(node.arguments, inaccessible))


def _inputs(
    nodes: tuple[InputValueDefinitionNode, ...] | list[InputValueDefinitionNode] | None, inaccessible: str
) -> tuple[InputValueDefinitionNode, ...]:
    return tuple(_copy(n) for n in nodes or () if not _marked(n, inaccessible))


def _copy(node: _N, **changes: object) -> _N:
    """The node with these parts, and with only the directives that mean something to a client."""
    values: dict[str, Any] = {name: getattr(node, name, None) for name in node.keys if name != "loc"}
    if "directives" in values:
        values["directives"] = tuple(
            d for d in getattr(node, "directives", None) or () if d.name.value in _KEPT_DIRECTIVES
        )
    return type(node)(**{**values, **changes})
