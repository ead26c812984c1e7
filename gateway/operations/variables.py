"""The values of variables (GraphQL specification, section 6.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphql import GraphQLError, VariableDefinitionNode, print_ast
from graphql.execution.values import get_variable_values

from gateway.errors import Problem, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graphql import GraphQLSchema

    from gateway.operations.normalise import Normalised


class Declared(NamedTuple):
    """An operation's variables, without their defaults, and the names of those that have one."""

    definitions: tuple[VariableDefinitionNode, ...]
    defaulted: frozenset[str]


def declared(definitions: Iterable[VariableDefinitionNode]) -> Declared:
    """Return what is declared by these nodes. Defaults are left out: validation has looked at them."""
    definitions = tuple(definitions)
    return Declared(
        tuple(VariableDefinitionNode(variable=d.variable, type=d.type, directives=()) for d in definitions),
        frozenset(d.variable.name.value for d in definitions if d.default_value is not None),
    )


def check_variables(
    schema: GraphQLSchema,
    declared: Declared,
    normalised: Normalised,
    given: Mapping[str, object],
    place_of: Callable[[str], tuple[int, int] | None] = lambda _: None,
) -> dict[str, object]:
    """The values that the operation uses: those given, else defaults; what was not given and has none is left out.

    `place_of` says where a variable is declared. Raises `RequestError` (BAD_USER_INPUT) that names each variable at
    fault and the type expected, never its value.
    """
    needed = declared.definitions
    if declared.defaulted:
        left = declared.defaulted - given.keys()
        needed = tuple(d for d in needed if d.variable.name.value not in left)
    coerced = get_variable_values(schema, needed, dict(given), max_errors=10)
    if isinstance(coerced, list):
        raise RequestError([_problem(error, needed, place_of) for error in coerced])
    sent = {name: given[theirs] for name, theirs in normalised.given.items() if theirs in given}
    return {**normalised.values, **sent}


def _problem(
    error: GraphQLError,
    definitions: Iterable[VariableDefinitionNode],
    place_of: Callable[[str], tuple[int, int] | None],
) -> Problem:
    """graphql-core's message holds the value that was refused: say which variable and which type instead."""
    at_fault = {id(n) for n in error.nodes or ()}
    for definition in definitions:
        if id(definition) in at_fault:
            name = definition.variable.name.value
            said = f"variable `${name}` needs a value of type `{print_ast(definition.type)}`"
            place = place_of(name)
            return Problem(said, "BAD_USER_INPUT", None, (place,) if place else ())
    return Problem("a variable's value does not fit its type", "BAD_USER_INPUT")
