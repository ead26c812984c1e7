"""The values of variables (GraphQL specification, section 6.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError, OperationDefinitionNode
from graphql.execution.values import get_variable_values

from gateway.errors import Problem, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

    from gateway.operations.normalise import Normalised


def check_variables(
    schema: GraphQLSchema, node: OperationDefinitionNode, normalised: Normalised, given: Mapping[str, object]
) -> dict[str, object]:
    """The values that the operation uses: those given, else defaults; what was not given and has none is left out.

    Raises `RequestError` (BAD_USER_INPUT) that names each variable at fault and the type expected, never its value.
    """
    coerced = get_variable_values(schema, node.variable_definitions or (), dict(given), max_errors=10)
    if isinstance(coerced, list):
        raise RequestError([_problem(error, node) for error in coerced])
    sent = {name: given[theirs] for name, theirs in normalised.given.items() if theirs in given}
    return {**normalised.values, **sent}


def _problem(error: GraphQLError, node: OperationDefinitionNode) -> Problem:
    """graphql-core's message holds the value that was refused: say which variable and which type instead."""
    at_fault = {id(n) for n in error.nodes or ()}
    for definition in node.variable_definitions or ():
        if id(definition) in at_fault:
            name = definition.variable.name.value
            type_text = (
                definition.type.loc.source.body[definition.type.loc.start : definition.type.loc.end]
                if (definition.type.loc)
                else "its declared type"
            )
            locations = tuple((place.line, place.column) for place in error.locations or ())
            return Problem(f"variable `${name}` needs a value of type `{type_text}`", "BAD_USER_INPUT", None, locations)
    return Problem("a variable's value does not fit its type", "BAD_USER_INPUT")
