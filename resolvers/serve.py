"""A subgraph as an ASGI application: `POST /graphql` and `GET /health`, with limits and masked errors.

Everything is bounded: the body, the document's tokens, the representations, the time. What is logged is the request's
id, the status and the kind of an error: never a variable, a message or a value.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from hashlib import sha256
from typing import Any, Final

import orjson
from graphql import GraphQLError, VariableDefinitionNode
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from authz.assertion import ASSERTION_HEADER
from resolvers.errors import ClientError, RequestRefused, SourceUnavailable, Withheld
from resolvers.guard import Guard, request_id
from resolvers.receipts import FieldReader, Receipt, Receipts, count_objects
from resolvers.request import Request
from resolvers.sources.sql import REQUEST_ID, Database
from resolvers.subgraph import Subgraph

MAX_BODY_BYTES: Final = 1_000_000
REQUEST_SECONDS: Final = 30

_log = logging.getLogger(__name__)


def application(
    subgraph: Subgraph, database: Database, guard: Guard | None = None, receipts: Receipts | None = None
) -> Starlette:
    """The subgraph over one database, which the application closes when it stops.

    Without a `guard` it answers whoever reaches it: for local development. Where there are `receipts`, no answer leaves
    before its receipt is durable.
    """
    reader = FieldReader(subgraph.schema._schema, subgraph.schema.sdl)  # noqa: SLF001 - strawberry has no other way to it

    async def graphql(request: HttpRequest) -> Response:
        REQUEST_ID.set(request_id(request.headers))
        context = Request(database, subgraph.stub)
        try:
            operation = _operation(await _body(request))
            context.asserted = guard.check(request.headers, operation["query"]) if guard else None
            async with asyncio.timeout(REQUEST_SECONDS):
                result = await subgraph.schema.execute(
                    operation["query"],
                    variable_values=operation.get("variables"),
                    operation_name=operation.get("operationName"),
                    context_value=context,
                )
        except RequestRefused as refused:
            return _json(refused.status, {"errors": [_error(str(refused), refused.code)]})
        except (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError):
            return _json(400, {"errors": [_error("the document has no such operation", "BAD_REQUEST")]})
        except TimeoutError:
            _log.error("request `%s` took longer than %d s", REQUEST_ID.get(), REQUEST_SECONDS)
            return _json(504, {"errors": [_error("the agency's database took too long", "TIMEOUT")]})
        answer = _answer(result, context)
        if receipts is not None and (context.asserted is not None or guard is None):
            try:
                async with asyncio.timeout(REQUEST_SECONDS):
                    await receipts.append(_receipt(request, operation["query"], answer, context))
            except (SourceUnavailable, TimeoutError) as error:
                _log.error("request `%s`: %s", REQUEST_ID.get(), str(error) or type(error).__name__)
                return _json(503, {"errors": [_error("the agency can't keep its receipt", "RECEIPT_UNAVAILABLE")]})
        return _json(200, answer, BackgroundTask(_finish, context) if context.afterwards else None)

    def _receipt(request: HttpRequest, query: str, answer: dict[str, Any], context: Request) -> Receipt:
        token = request.headers.get(ASSERTION_HEADER, "")
        fields = reader.fields(query)
        return Receipt(
            request_id(request.headers),
            time.time(),
            subgraph.name,
            context.asserted,
            sha256(token.encode()).hexdigest() if token else "",
            fields,
            reader.protected(fields),
            count_objects(answer.get("data")),
            len(answer.get("errors", ())),
        )

    async def health(_request: HttpRequest) -> Response:
        try:
            await database.ping()
        except SourceUnavailable as error:
            return _json(503, {"status": "unavailable", "reason": str(error)})
        return _json(200, {"status": "ok", "subgraph": subgraph.name})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            async with subgraph.while_served(database) if subgraph.while_served else nullcontext():
                yield
        except SourceUnavailable as error:
            _log.critical("`%s` is not served: %s", subgraph.name, error)
            raise
        await database.close()
        if receipts is not None:
            receipts.close()

    routes = [Route("/graphql", graphql, methods=["POST"]), Route("/health", health, methods=["GET"])]
    return Starlette(routes=routes, lifespan=lifespan)


async def _body(request: HttpRequest) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestRefused(415, "BAD_REQUEST", "expected `Content-Type: application/json`")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RequestRefused(413, "TOO_LARGE", f"the body is larger than {MAX_BODY_BYTES:,} bytes")
    return bytes(body)


def _operation(body: bytes) -> dict[str, Any]:
    try:
        operation = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestRefused(400, "BAD_REQUEST", "the body is not JSON") from None
    if not isinstance(operation, dict) or not isinstance(operation.get("query"), str):
        raise RequestRefused(400, "BAD_REQUEST", "expected a JSON object with `query`")
    if not isinstance(operation.get("variables", {}), dict | None):
        raise RequestRefused(400, "BAD_REQUEST", "`variables` must be an object")
    if not isinstance(operation.get("operationName"), str | None):
        raise RequestRefused(400, "BAD_REQUEST", "`operationName` must be a string")
    return operation


def _answer(result: ExecutionResult, context: Request) -> dict[str, object]:
    answer: dict[str, object] = {}
    executed = not isinstance(result, PreExecutionError)
    errors = [_masked(error, executed=executed) for error in result.errors or ()]
    for path, reason in context.withheld:
        kept_back = Withheld(reason)
        errors.append({"message": str(kept_back), "path": path, "extensions": kept_back.extensions})
    if errors:
        answer["errors"] = errors
    if executed:  # GraphQL specification, section 7.1: no execution, no `data`
        answer["data"] = result.data
    return answer


def _masked(error: GraphQLError, *, executed: bool) -> dict[str, object]:
    """The error as it may be sent: one that was not made for the client says nothing of itself.

    Not even a `GraphQLError`: graphql-core's words on a value that can't be serialised, or on a variable that is not of
    its type, hold the value.
    """
    if isinstance(error.original_error, ClientError):
        return dict(error.formatted)
    if not executed:
        variable = next((node for node in error.nodes or () if isinstance(node, VariableDefinitionNode)), None)
        if variable is not None:
            return _error(f"the value of `${variable.variable.name.value}` is not of its type", "BAD_USER_INPUT")
        return {**error.formatted, "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}
    masked = _error("internal error", "INTERNAL")
    if error.path is not None:
        masked["path"] = list(error.path)
    return masked


def _error(message: str, code: str) -> dict[str, object]:
    return {"message": message, "extensions": {"code": code}}


async def _finish(context: Request) -> None:
    """What was put off until the answer had left; a failure of it is logged, as there is nobody to be told."""
    for each in context.afterwards:
        try:
            await each()
        except Exception as error:
            _log.error("request `%s`: %s afterwards", REQUEST_ID.get(), type(error).__name__)


def _json(status: int, content: object, afterwards: BackgroundTask | None = None) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json", background=afterwards)
