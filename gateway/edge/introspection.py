"""Introspection of the API schema (GraphQL specification, section 4): answered here, no subgraph is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    execute_sync,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

    from gateway.operations import Document

_ROOT_FIELDS = frozenset(("__schema", "__type"))


def introspects(document: Document) -> bool:
    """Whether the operation asks anything of the schema itself."""
    return bool(_only_introspection(document, document.operation.selection_set))


def introspect(schema: GraphQLSchema, document: Document, variables: Mapping[str, object]) -> dict[str, object]:
    """What the operation's introspection fields answer, by response key."""
    selections = _only_introspection(document, document.operation.selection_set)
    node = document.operation
    operation = OperationDefinitionNode(
        operation=node.operation,
        name=node.name,
        variable_definitions=node.variable_definitions,
        directives=node.directives,
        selection_set=SelectionSetNode(selections=selections),
    )
    whole = DocumentNode(definitions=(operation, *document.fragments.values()))
    result = execute_sync(schema, whole, variable_values=dict(variables))
    return dict(result.data or {})


def in_order(data: dict[str, object], document: Document) -> dict[str, object]:
    """The root's keys as the client asked for them, where introspection has come in between."""
    keys = dict.fromkeys(_keys(document, document.operation.selection_set))
    return {key: data[key] for key in keys if key in data}


def _keys(document: Document, selections: SelectionSetNode) -> list[str]:
    out: list[str] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            out.append((node.alias or node.name).value)
        elif isinstance(node, FragmentSpreadNode):
            out += _keys(document, document.fragments[node.name.value].selection_set)
        else:
            assert isinstance(node, InlineFragmentNode)
            out += _keys(document, node.selection_set)
    return out


def _only_introspection(document: Document, selections: SelectionSetNode) -> tuple[SelectionNode, ...]:
    """The root's introspection fields, in their fragments."""
    out: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if node.name.value in _ROOT_FIELDS:
                out.append(node)
            continue
        if isinstance(node, FragmentSpreadNode):
            inside = document.fragments[node.name.value].selection_set
        else:
            assert isinstance(node, InlineFragmentNode)
            inside = node.selection_set
        inner = _only_introspection(document, inside)
        if inner:
            out.append(InlineFragmentNode(directives=node.directives, selection_set=SelectionSetNode(selections=inner)))
    return tuple(out)
