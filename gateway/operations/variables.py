"""The values of variables (GraphQL specification, section 6.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError, print_ast
from graphql.execution.values import get_variable_values

from gateway.errors import Problem, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

    from gateway.operations.document import Declared
    from gateway.operations.normalise import Normalised


def check_variables(
    schema: GraphQLSchema, declared: Declared, normalised: Normalised, given: Mapping[str, object]
) -> dict[str, object]:
    """The values that the operation uses: those given, else defaults; what was not given and has none is left out.

    Raises `RequestError` (BAD_USER_INPUT) that names each variable at fault and the type expected, never its value.
    """
    coerced = get_variable_values(schema, declared.definitions, dict(given), max_errors=10)
    if isinstance(coerced, list):
        raise RequestError([_problem(error, declared) for error in coerced])
    sent = {name: given[theirs] for name, theirs in normalised.given.items() if theirs in given}
    return {**normalised.values, **sent}


def _problem(error: GraphQLError, declared: Declared) -> Problem:
    """graphql-core's message holds the value that was refused: say which variable and which type instead."""
    at_fault = {id(n) for n in error.nodes or ()}
    for definition, place in zip(*declared, strict=True):
        if id(definition) in at_fault:
            said = f"variable `${definition.variable.name.value}` needs a value of type `{print_ast(definition.type)}`"
            return Problem(said, "BAD_USER_INPUT", None, (place,))
    return Problem("a variable's value does not fit its type", "BAD_USER_INPUT")
