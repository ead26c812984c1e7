"""The issuer as an ASGI application: discovery, keys, sign-in, tokens, user info; wiring and the small endpoints."""

import time
from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from authz.issuer.authorize import authorize
from authz.issuer.codes import Codes
from authz.issuer.keys import ALGORITHM, SigningKeys
from authz.issuer.settings import Settings
from authz.issuer.token import NO_STORE, token
from authz.issuer.tokens import OPENID_SCOPES, Issuer, verified
from authz.loopback import is_loopback


def create_app(settings: Settings, clock: Callable[[], float] = time.time) -> Starlette:
    """The issuer for these settings. `clock` gives seconds since 1970.

    Callers reach it by `settings.issuer`; in a test, that is the base address of the `httpx.ASGITransport` client.
    """
    issuer = Issuer(settings, SigningKeys(), Codes(clock), clock)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", partial(discovery, issuer)),
            Route("/jwks", partial(jwks, issuer)),
            Route("/authorize", partial(authorize, issuer), methods=["GET", "POST"]),
            Route("/token", partial(token, issuer), methods=["POST"]),
            Route("/userinfo", partial(userinfo, issuer), methods=["GET", "POST"]),
            Route("/rotate", partial(rotate, issuer), methods=["POST"]),
        ],
        middleware=[Middleware(LoopbackOnly)],
    )


async def discovery(issuer: Issuer, request: Request) -> JSONResponse:
    """The provider's metadata (OpenID Connect Discovery section 3, RFC 8414)."""
    base = issuer.settings.issuer
    scopes = {name for client in issuer.settings.clients for name in client.scope}
    return JSONResponse(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks_uri": f"{base}/jwks",
            "scopes_supported": [*OPENID_SCOPES, *sorted(scopes - set(OPENID_SCOPES))],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "name", "roles", "agency", "team", "registration"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


async def jwks(issuer: Issuer, request: Request) -> JSONResponse:
    """The public keys, the current one first."""
    return JSONResponse(issuer.keys.published(), headers={"cache-control": "no-cache"})


async def userinfo(issuer: Issuer, request: Request) -> JSONResponse:
    """Who the bearer's access token stands for (OpenID Connect Core section 5.3)."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    claims = verified(issuer, bearer.strip()) if scheme.lower() == "bearer" else None
    if claims is None:
        return _refused(401, "invalid_token")
    if "openid" not in str(claims.get("scope", "")).split():
        return _refused(403, "insufficient_scope")
    person = issuer.settings.person(str(claims["sub"]))
    if person is None:
        return _refused(401, "invalid_token")
    body: dict[str, object] = {"sub": person.sub, "name": person.name, "roles": person.roles, "agency": person.agency}
    if person.team is not None:
        body["team"] = person.team
    return JSONResponse(body, headers=NO_STORE)


async def rotate(issuer: Issuer, request: Request) -> JSONResponse:
    """Makes a new signing key and keeps the earlier ones published: an aid for tests of rotation."""
    return JSONResponse({"kid": issuer.keys.rotate()}, headers=NO_STORE)


class LoopbackOnly:
    """Answers callers on this machine who address it as this machine.

    The second half is for browsers: a page elsewhere whose name is made to resolve to 127.0.0.1 still sends its own
    name as Host.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes loopback requests on, answers others with 403."""
        if scope["type"] == "http" and not (_called_from_loopback(scope) and _addressed_as_loopback(scope)):
            refusal = PlainTextResponse("the development issuer answers on loopback only\n", status_code=403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _called_from_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    return client is not None and is_loopback(client[0])


def _addressed_as_loopback(scope: Scope) -> bool:
    host = Headers(scope=scope).get("host", "")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name.lower())


def _refused(status: int, code: str) -> JSONResponse:
    """RFC 6750 section 3."""
    headers = NO_STORE | {"www-authenticate": f'Bearer realm="userinfo", error="{code}"'}
    return JSONResponse({"error": code}, status_code=status, headers=headers)
