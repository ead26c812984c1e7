"""Request text -> a parsed, validated operation within its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    parse,
    validate,
)

from gateway.errors import Problem, RequestError
from gateway.operations import limits as bounds

if TYPE_CHECKING:
    from gateway.operations.limits import Limits


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """The operation chosen from a valid document, the document's fragments, and the `whole` of it.

    Its nodes know nothing of the text: tokens take ten times the memory of what they say.
    """

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    whole: DocumentNode

    @property
    def declared(self) -> tuple[VariableDefinitionNode, ...]:
        """The operation's variables."""
        return tuple(self.operation.variable_definitions or ())


def read_document(text: str, operation_name: str | None, schema: GraphQLSchema, limits: Limits) -> Document:
    """Parse, choose the operation, hold it to its limits, validate it.

    Raises `RequestError` with code GRAPHQL_PARSE_FAILED, OPERATION_RESOLUTION_FAILURE, OPERATION_TOO_LARGE or
    GRAPHQL_VALIDATION_FAILED.
    """
    try:
        node = parse(text, max_tokens=limits.tokens)
    except GraphQLError as error:
        raise RequestError([_problem(error, "GRAPHQL_PARSE_FAILED")]) from None
    except RecursionError:
        raise RequestError.of("OPERATION_TOO_LARGE", "the operation is nested too deeply") from None
    operation = _choose(node, operation_name)
    if operation.operation is OperationType.SUBSCRIPTION:
        raise RequestError.of("SUBSCRIPTIONS_NOT_SERVED", "this endpoint serves queries and mutations")
    bounds.check(node, operation, limits)
    try:
        errors = validate(schema, node, max_errors=20)
    except (ValueError, RecursionError):  # a number of more digits than Python reads, or nesting that it can't follow
        raise RequestError.of("OPERATION_TOO_LARGE", "a value of the operation is too large to be read") from None
    if any(error.message == "Validation aborted." for error in errors):  # graphql-core bounds its comparisons
        message = "the operation selects fields of one response key too often for them to be compared"
        raise RequestError.of("OPERATION_TOO_LARGE", message)
    if errors:
        raise RequestError([_problem(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])
    node = parse(text, max_tokens=limits.tokens, no_location=True)
    operation = _choose(node, operation_name)
    fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
    return Document(operation, fragments, node)


def _choose(node: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """GetOperation of the GraphQL specification, section 6.1."""
    operations = [d for d in node.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None:
        if len(operations) == 1:
            return operations[0]
        message = f"the document holds {len(operations)} operations: say which by `operationName`"
        raise RequestError.of("OPERATION_RESOLUTION_FAILURE", message)
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise RequestError.of("OPERATION_RESOLUTION_FAILURE", "`operationName` names no operation of the document")


def _problem(error: GraphQLError, code: str) -> Problem:
    locations = tuple((location.line, location.column) for location in error.locations or ())
    return Problem(error.message, code, locations=locations)
