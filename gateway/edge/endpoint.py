"""The GraphQL endpoint: plain ASGI, bytes to bytes (GraphQL over HTTP, sections 5 and 6)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

from authz.errors import ProviderError, TokenError
from gateway.edge.compression import SHORTEST, gzipped, takes_gzip
from gateway.edge.pipeline import Response, fault, refusal
from gateway.edge.request import BREAK_GLASS_HEADER, PURPOSE_HEADER, read_request
from gateway.errors import AuditUnavailable, NotAcceptable, NotAuthenticated, RequestError, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from authz.oidc import Verifier
    from authz.principal import Principal
    from gateway.edge.pipeline import Pipeline

log = logging.getLogger("gateway.edge")

_MODERN = "application/graphql-response+json"
_LEGACY = "application/json"
_DECIDING = (b"authorization", PURPOSE_HEADER, BREAK_GLASS_HEADER, b"content-type")
_LENGTH_DIGITS = 15
Headers: TypeAlias = "Mapping[bytes, bytes]"


class GraphQLEndpoint:
    """Answers POST. `verifier` is None with `--insecure-no-auth`; `session_token` gives a console session's token.

    `under_way` are the operations that are being answered: an entry of each is to come, or waits to be durable.
    """

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        verifier: Verifier | None,
        session_token: Callable[[Scope], Awaitable[str | None]] | None,
        body_bytes: int,
        sign_in_failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`sign_in_failed` is told of each request without a token that is taken, and why it is not."""
        self.under_way = 0
        self._sign_in_failed = sign_in_failed
        self._pipeline = pipeline
        self._verifier = verifier
        self._session_token = session_token
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        media_type = _negotiate(headers.get(b"accept", b"*/*").decode("latin-1"))
        extra: list[tuple[bytes, bytes]] = []
        try:
            response = await self._answer(scope, headers, receive)
        except RequestError as error:
            response = Response(_status(error, media_type), refusal(error))
            if isinstance(error, NotAuthenticated):
                self._sign_in_failed(error.problems[0].message)
                refused = b', error="invalid_token"' if b"authorization" in headers else b""
                extra = [(b"www-authenticate", b'Bearer realm="cps"' + refused)]
            if isinstance(error, TooManyRequests):
                extra = [(b"retry-after", str(error.retry_after).encode())]
            if response.status == 405:
                extra = [(b"allow", b"POST")]
        except AuditUnavailable as error:
            log.error("no answer left: %s", error)
            response = Response(503, fault("AUDIT_UNAVAILABLE", "the audit log can't be written: nothing is disclosed"))
        except ProviderError as error:
            log.error("sign-in can't be checked: %s", error)
            response = Response(503, fault("SIGN_IN_UNAVAILABLE", "sign-in can't be checked at the moment"))
        except Exception as error:
            log.error("internal error %s", fault_of(error))
            response = Response(500, fault("INTERNAL", "the gateway failed; the fault is logged"))
        body = response.body
        if len(body) >= SHORTEST and takes_gzip(headers.get(b"accept-encoding", b"")):
            body = await gzipped(body)
            extra.append((b"content-encoding", b"gzip"))
        await _send(send, response.status, body, media_type, extra)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Response:
        if scope["method"] != "POST":
            raise NotAcceptable.of("METHOD_NOT_ALLOWED", "GraphQL requests are sent by POST", 405)
        content_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if content_type != b"application/json":
            raise NotAcceptable.of("UNSUPPORTED_MEDIA_TYPE", "the body is sent as `application/json`", 415)
        if len(headers) != len(scope["headers"]) and _comes_twice(scope["headers"]):
            raise NotAcceptable.of("BAD_REQUEST", "a header that decides access comes once")
        principal = await self._authenticate(scope, headers)
        pipeline = self._pipeline()
        try:
            body = await self._read(headers, receive)
            purpose, grant = headers.get(PURPOSE_HEADER), headers.get(BREAK_GLASS_HEADER)
            request = read_request(
                body,
                purpose.decode("latin-1") if purpose is not None else None,
                grant.decode("latin-1") if grant is not None else None,
            )
        except RequestError as error:
            await pipeline.refuse(principal, error)
            raise
        if request.purpose is None and principal is not None and principal.purpose is not None:
            request = request._replace(purpose=principal.purpose)
        self.under_way += 1
        try:
            return await pipeline.answer(request, principal)
        finally:
            self.under_way -= 1

    async def _authenticate(self, scope: Scope, headers: Headers) -> Principal | None:
        if self._verifier is None:
            return None
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        found: str | None = token.strip() if scheme.lower() == "bearer" else None
        if found is None and not scheme and self._session_token is not None:
            found = await self._session_token(scope)
        if not found:
            raise NotAuthenticated.of("UNAUTHENTICATED", "a bearer token is expected: sign in first")
        try:
            return await self._verifier.verify(found)
        except TokenError as error:
            raise NotAuthenticated.of("UNAUTHENTICATED", str(error)) from None

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        """The body, whole; refused as soon as it is known to pass the bound."""
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and (len(declared) > _LENGTH_DIGITS or int(declared) > self._body_bytes):
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise NotAcceptable.of("BAD_REQUEST", "the body broke off")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._body_bytes:
                raise self._too_large()
            chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self) -> RequestError:
        return NotAcceptable.of("BODY_TOO_LARGE", f"the body has at most {self._body_bytes} bytes", 413)


def _comes_twice(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a header that decides access does: which of them counts would be anyone's guess."""
    names = [name for name, _ in headers]
    return any(names.count(name) > 1 for name in _DECIDING)


def _negotiate(accept: str) -> str:
    """The media type of the answer: the modern one for whoever names it (GraphQL over HTTP, section 6.3)."""
    accept = accept.lower()
    if _MODERN not in accept:
        return _LEGACY
    for offered in accept.split(","):
        media_type, *parameters = (part.strip() for part in offered.split(";"))
        if media_type == _MODERN and not any(p.replace(" ", "") in ("q=0", "q=0.0") for p in parameters):
            return _MODERN
    return _LEGACY


def _status(error: RequestError, media_type: str) -> int:
    """A well-formed request that is refused has status 200 under the legacy media type (section 6.4.1)."""
    refused = not isinstance(error, NotAcceptable | NotAuthenticated)
    return 200 if refused and media_type == _LEGACY else error.status


def fault_of(error: BaseException) -> str:
    """A fault's class, module and line: enough to find it, without the values that a traceback's text can hold."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    trace = error.__traceback__
    place = "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"


async def _send(send: Send, status: int, body: bytes, media_type: str, extra: list[tuple[bytes, bytes]]) -> None:
    headers = [
        (b"content-type", media_type.encode() + b"; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"vary", b"accept, accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
