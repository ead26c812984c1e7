"""Introspection of the API schema (GraphQL specification, section 4): answered here, no subgraph is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, execute_sync

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

    from gateway.operations import Document

_ROOT_FIELDS = frozenset(("__schema", "__type"))


def introspect(schema: GraphQLSchema, document: Document, variables: Mapping[str, object]) -> dict[str, object]:
    """What the operation's introspection fields answer, by response key; empty where it has none."""
    operation = _only_introspection(document)
    if operation is None:
        return {}
    node = DocumentNode(definitions=(operation, *document.fragments.values()))
    result = execute_sync(schema, node, variable_values=dict(variables))
    return dict(result.data or {})


def _only_introspection(document: Document) -> OperationDefinitionNode | None:
    node = document.operation
    fields = tuple(
        s for s in node.selection_set.selections if isinstance(s, FieldNode) and s.name.value in _ROOT_FIELDS
    )
    if not fields:
        return None
    return OperationDefinitionNode(
        operation=node.operation,
        name=node.name,
        variable_definitions=node.variable_definitions,
        directives=node.directives,
        selection_set=SelectionSetNode(selections=fields),
    )
