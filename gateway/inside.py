"""Subgraphs that this process answers itself: who asks one, and how its answer is made.

They are composed with the agencies' like more of them; a request of a plan to one comes here and not over the network.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import orjson
from graphql import GraphQLError, GraphQLSchema, build_schema, execute, parse

from authz.errors import FactsError
from gateway.errors import ConfigError, RequestError, SubgraphError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from graphql import GraphQLFieldResolver

    from authz.policy import Policies
    from authz.principal import Principal, Purpose
    from gateway.supergraph import Supergraph

log = logging.getLogger("gateway.inside")

SCHEME: Final = "internal:"
"""Of URLs that stand for subgraphs of this process's own."""

_DIRECTIVES = (
    "directive @authenticated on FIELD_DEFINITION\n"
    "directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION\n"
    "directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],"
    " requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION\n"
)


class Facts(Protocol):
    """The facts of one child, by which it is decided about; None where there is no such child.

    With `surnames` those that the child's authority knows, where it says them.
    """

    async def of(
        self, child: str, headers: Callable[[str], bytes], *, surnames: bool = False
    ) -> Mapping[str, object] | None: ...


class Asking(NamedTuple):
    """Who asks, and by what their request is answered. `granted` is the child for whom they have broken the glass,
    `claimed` are those with whom they have claimed a relationship for this purpose.

    `headers` are those for a request to an agency; `note` writes an event down: what, about whom, for whom, why.
    """

    principal: Principal
    purpose: Purpose | None
    audit_id: str
    granted: str | None
    supergraph: Supergraph
    policies: Policies
    facts: Facts
    headers: Callable[[str], bytes]
    note: Callable[[str, str, Sequence[str], str], Awaitable[None]]
    claimed: frozenset[str] = frozenset()


class Inside(Protocol):
    """A subgraph of this process's own. `refusals` are the codes by which it says no: these reach clients."""

    refusals: frozenset[str]

    async def answer(self, asking: Asking, body: bytes) -> bytes:
        """The answer's JSON to one request of a plan."""


async def closed(body: bytes) -> bytes:
    """The answer of a subgraph of the process's own that is not served: without sign-in, or without a log."""
    return b'{"data":null,"errors":[{"message":"this is not served here","extensions":{"code":"NOT_SERVED"}}]}'


def executable(types: str) -> GraphQLSchema:
    """A schema that runs, of types whose directives only composition reads."""
    return build_schema(_DIRECTIVES + types)


async def answered(schema: GraphQLSchema, asking: Asking, body: bytes, resolve: GraphQLFieldResolver) -> bytes:
    """Carry out one request of a plan; `resolve` answers for every field."""
    sent = orjson.loads(body)
    result = execute(
        schema,
        parse(sent["query"]),
        variable_values=sent.get("variables"),
        context_value=asking,
        field_resolver=resolve,
    )
    done = result if not hasattr(result, "__await__") else await result
    answer: dict[str, object] = {"data": done.data}
    if done.errors:
        answer["errors"] = [_error(error) for error in done.errors]
    return orjson.dumps(answer)


def _error(error: GraphQLError) -> dict[str, object]:
    """An error as an agency would send it; the words of a fault of ours stay here."""
    original = error.original_error
    if isinstance(original, RequestError):
        problem = original.problems[0]
        message, code = problem.message, problem.code
    elif isinstance(original, SubgraphError | FactsError):
        message, code = "the index could not say what decides about this child", "SUBGRAPH_ERROR"
    else:
        told = f": {original}" if isinstance(original, ConfigError) else ""
        log.error("a subgraph of the gateway's own failed: %s%s", type(original or error).__name__, told)
        message, code = "the gateway failed; the fault is logged", "INTERNAL"
    return {"message": message, "path": error.path, "extensions": {"code": code}}
