"""The gateway as an ASGI application: wiring only."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from authz.oidc import Issuer, Provider, Verifier
from authz.policy import Policies
from gateway.audit import AuditLog, Tokeniser, load_key
from gateway.console import ConsoleConfig, SignIn, routes
from gateway.edge import Auditing, GraphQLEndpoint, Pipeline, Settings
from gateway.execution import SubgraphTransport, TransportLimits
from gateway.operations import Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from gateway.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class SignInConfig:
    """The identity provider whose tokens are taken, for this audience."""

    issuer: str
    audience: str


@dataclass(frozen=True, slots=True)
class AppConfig:
    """How a gateway is wired. `sign_in` None takes requests from anyone, `audit` None writes nothing down.

    `pass_messages` names the subgraphs whose own words reach the client where they err.
    """

    sign_in: SignInConfig | None
    audit: Path | None
    console: ConsoleConfig | None = None
    agencies: Mapping[str, str] | None = None
    pass_messages: frozenset[str] = frozenset()
    override_labels: frozenset[str] = frozenset()
    deadline: float = 5.0
    limits: Limits = field(default_factory=Limits)


class Application:
    """`/graphql` goes straight to its endpoint; all else to Starlette."""

    def __init__(self, endpoint: GraphQLEndpoint, rest: Starlette) -> None:
        self._endpoint = endpoint
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._endpoint(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def build(supergraph: Supergraph, config: AppConfig) -> Application:
    """Wire a gateway over one supergraph.

    Raises `AuditUnavailable` where its log can't be opened, `ConfigError` where its overrides are too many.
    """
    client = httpx.AsyncClient(timeout=5.0)
    transport = SubgraphTransport(TransportLimits(deadline=config.deadline))
    verifier = _verifier(config.sign_in, client) if config.sign_in else None
    auditing = _auditing(config.audit) if config.audit else None
    settings = Settings(
        policies=Policies.partnership() if config.sign_in else None,
        auditing=auditing,
        agencies=config.agencies or {},
        limits=config.limits,
        pass_messages=config.pass_messages,
        labels=config.override_labels,
    )
    pipeline = Pipeline(supergraph, transport, settings)
    sign_in = SignIn(config.console) if config.console else None
    endpoint = GraphQLEndpoint(
        lambda: pipeline,
        verifier,
        sign_in.bearer_from_session if sign_in else None,
        config.limits.body_bytes,
    )

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await transport.close()
        pipeline.close()
        await client.aclose()
        if auditing is not None:
            auditing.log.close()

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "schema": supergraph.version})

    rest = Starlette(
        routes=[Route("/health", health), *(routes(sign_in) if sign_in else [])],
        lifespan=lifespan,
    )
    return Application(endpoint, rest)


def _verifier(config: SignInConfig, client: httpx.AsyncClient) -> Verifier:
    return Verifier({config.issuer: Issuer(Provider(config.issuer, client), config.audience)})


def _auditing(folder: Path) -> Auditing:
    return Auditing(AuditLog(folder / "audit.sqlite"), Tokeniser(load_key(folder / "audit.key", make=True)))
