"""The gateway as an ASGI application: wiring only."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from authz.assertion import Signer
from authz.assertion import load_key as load_signing_key
from authz.oidc import Issuer, Provider, TokenProfile, Verifier, read_profile
from authz.policy import Policies, read_grants
from gateway import access, audit
from gateway.access import AccessSubgraph, BreakGlass, ClaimsInForce, ClaimStore
from gateway.audit import CaseFiles, RemoteLog, Sealer, load_key, load_tokeniser
from gateway.audit.auditors import AuditedLog, AuditSubgraph
from gateway.audit.marks import ACCESS_FILE
from gateway.audit.report import read_names
from gateway.edge import (
    Acts,
    Auditing,
    GraphQLEndpoint,
    PersistedDocuments,
    PersonLimiter,
    Pipeline,
    Settings,
    fault_of,
    read_trusted,
    warm,
)
from gateway.errors import AuditUnavailable, GatewayError
from gateway.execution import MEMORY, ReferenceCache, SubgraphTransport, TransportLimits, is_any_public
from gateway.operations import Limits
from gateway.rate_limits import LocalCounter, PersonLimits, RemoteCounter, counter_socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from gateway.answer_limits import AnswerLimits
    from gateway.audit.database import Where
    from gateway.console import ConsoleConfig, SignIn
    from gateway.inside import Inside
    from gateway.rate_limits import Counter
    from gateway.supergraph import Supergraph

KEYS_PATH = "/.well-known/cps-keys.json"

log = logging.getLogger("gateway")


@dataclass(frozen=True, slots=True)
class SignInConfig:
    """The identity provider whose tokens are taken, for this audience. `profile` is a file: how they are read.

    `agencies` are those whose people it may speak of, None for all that no other has.
    """

    issuer: str
    audience: str
    profile: Path | None = None
    agencies: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class AuditConfig:
    """Where the log is, the folder of its keys, and the socket of the process that writes it."""

    where: Where
    folder: Path
    socket: Path


@dataclass(frozen=True, slots=True)
class AssertionConfig:
    """The file of the key by which the gateway asserts to agencies who asks, and what it calls itself there."""

    key: Path
    gateway: str = "cps"


HEALTH_SECONDS: Final = 1.0
"""How often it is looked whether the log can be written."""


@dataclass(frozen=True, slots=True)
class AppConfig:
    """How a gateway is wired. Without `sign_in` requests are taken from anyone, `audit` None writes nothing down.

    `policies` is a folder of them, the partnership's own where None; `grants` one of agencies' own. `assertion` None
    asserts nothing to agencies. `trusted` is a file of persisted documents, and
    `trusted_only` takes no others. `reference` is the URL of the cache for what agencies say is for all; None keeps
    none. `person_limits` are what one person may do, counted by the process that writes the log, or by Redis where
    `counter` is its URL.
    """

    sign_in: tuple[SignInConfig, ...]
    audit: AuditConfig | None
    console: ConsoleConfig | None = None
    assertion: AssertionConfig | None = None
    policies: Path | None = None
    grants: Path | None = None
    override_labels: frozenset[str] = frozenset()
    trusted: Path | None = None
    trusted_only: bool = False
    reference: str | None = MEMORY
    deadline: float = 5.0
    token_hours: float = 24.0
    limits: Limits = field(default_factory=Limits)
    person_limits: PersonLimits = field(default_factory=PersonLimits)
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """What is served: a supergraph, with what the configuration says of its subgraphs.

    `agencies` are the codes of those that are one agency's, `hosted` those of all agencies whose records one gives.
    `pass_messages` names those whose own messages reach the client where they err, `codes` are those that one may give
    beyond the standard ones. `audiences` say for whom the assertions to each are made, `answers` how
    much one of its answers may hold where that is not as is usual. `unapproved` publish an SDL that
    waits for approval, `refused` one that was refused, `unreachable` could not be asked for theirs: what was approved
    last is served.
    """

    supergraph: Supergraph
    agencies: Mapping[str, str]
    pass_messages: frozenset[str]
    hosted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    audiences: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, AnswerLimits] = field(default_factory=dict)
    unapproved: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()

    @property
    def configured(self) -> tuple[object, ...]:
        """What the configuration says of subgraphs."""
        return self.agencies, self.pass_messages, self.hosted, self.codes, self.audiences, self.answers


class Application:
    """`/graphql` goes straight to its endpoint; all else to Starlette.

    A request is answered whole by the pipeline that is current when it comes: a new one takes over at once, and those
    under way finish on the old one.
    """

    def __init__(self, served: Served, config: AppConfig, reload: Callable[[], Served] | None) -> None:
        """`reload` gives what is served anew, when the process is told to by SIGHUP."""
        self._config = config
        self._reload = reload
        self._client = httpx.AsyncClient(timeout=5.0)
        self._transport = SubgraphTransport(TransportLimits(deadline=config.deadline))
        self._log: RemoteLog | None = None
        self._log_looked_at: float | None = None
        self._log_can = True
        auditing: Auditing | None = None
        if config.audit is not None:
            sealer = Sealer(load_key(config.audit.folder / "audit.seal", make=True))
            self._log = RemoteLog(config.audit.socket, lambda: self._endpoint.under_way, sealer.forget)
            auditing = Auditing(self._log, load_tokeniser(config.audit.folder / "audit.key", make=True), sealer)
        self._reference: ReferenceCache | None = None
        opened = _beside_log(config, ACCESS_FILE) if config.assertion else None
        grants = BreakGlass(opened) if opened is not None else None
        claims = ClaimStore(opened) if opened is not None else None
        self._claims = ClaimsInForce(claims) if claims is not None else None
        self._counter = _counter(config)
        self._signer = _signer(config.assertion) if config.assertion else None
        self._acts = Acts(auditing)
        self._settings = Settings(
            policies=_policies(config) if config.sign_in else None,
            signer=self._signer,
            grants=grants,
            claims=self._claims,
            limiter=PersonLimiter(config.person_limits, self._counter, self._acts.limited),
            inside=_inside(config, grants, claims, auditing),
            auditing=auditing,
            agencies=served.agencies,
            hosted=served.hosted,
            codes=served.codes,
            audiences=served.audiences,
            answers=served.answers,
            limits=config.limits,
            pass_messages=served.pass_messages,
            labels=config.override_labels,
            documents=PersistedDocuments(
                read_trusted(config.trusted) if config.trusted else None, only=config.trusted_only
            ),
            reference=self._reference_for(served),
        )
        self._served = served
        self._reloading = asyncio.Lock()
        self._reload_waits = False
        self.pipeline = Pipeline(served.supergraph, self._transport, self._settings)
        sign_in, pages = _console(config, config.console) if config.console else (None, [])
        self._endpoint = GraphQLEndpoint(
            lambda: self.pipeline,
            _verifier(config, self._client) if config.sign_in else None,
            sign_in.bearer_from_session if sign_in else None,
            config.limits.body_bytes,
            self._acts.sign_in_failed,
        )
        self._rest = Starlette(
            routes=[
                Route("/health", self._health),
                Route("/ready", self._ready),
                Route(KEYS_PATH, self._keys),
                *pages,
            ],
            lifespan=self._lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._endpoint(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def swap(self, served: Served) -> None:
        """Let a pipeline over what is served now take over, once it has planned what the present one is asked most."""
        settings = replace(
            self._settings,
            agencies=served.agencies,
            hosted=served.hosted,
            codes=served.codes,
            audiences=served.audiences,
            answers=served.answers,
            pass_messages=served.pass_messages,
            reference=self._reference_for(served),
        )
        fresh = Pipeline(served.supergraph, self._transport, settings)
        await warm(fresh, self.pipeline)
        self.pipeline = fresh
        self._served = served
        # a schema is a ring, which the collector seldom looks for here: once none of its requests is under way
        asyncio.get_running_loop().call_later(self._config.deadline + 1.0, gc.collect)
        await self._note_served()

    def _reference_for(self, served: Served) -> ReferenceCache | None:
        """The cache, made once; one in memory, about which nothing can be wrong, once there is something to keep."""
        url = self._config.reference
        if self._reference is None and url and (url != MEMORY or is_any_public(served.supergraph)):
            self._reference = ReferenceCache(url)
        return self._reference

    async def _note_served(self) -> None:
        policies = self._settings.policies
        await self._acts.served(self.pipeline.supergraph.version, policies.version if policies else "")

    async def _reloaded(self, reload: Callable[[], Served]) -> None:
        """One after the other: what was read last is what stays. Of those that have not begun one is enough."""
        if self._reload_waits:
            return
        self._reload_waits = True
        async with self._reloading:
            self._reload_waits = False
            try:
                served = await asyncio.to_thread(reload)
                known = self._served
                same = served.supergraph.version == known.supergraph.version
                if not same or served.configured != known.configured:
                    await self.swap(served)
                self._served = served
                log.info("serving schema %s", served.supergraph.version[:12])
            except GatewayError as error:
                log.error("the schema stays as it was: %s", error)
            except Exception as error:
                log.error("the schema stays as it was: %s", fault_of(error))

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        reloading: set[asyncio.Task[None]] = set()

        def begin_reload(reload: Callable[[], Served]) -> None:
            task = asyncio.ensure_future(self._reloaded(reload))
            reloading.add(task)
            task.add_done_callback(reloading.discard)

        await self._note_served()
        if self._reload is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, begin_reload, self._reload)
            if _held.asked:
                _held.asked = False
                begin_reload(self._reload)
        yield
        await self._acts.close()
        await self._transport.close()
        await self._client.aclose()
        await self._counter.close()
        if self._claims is not None:
            self._claims.close()
        if self._reference is not None:
            await self._reference.close()
        if self._log is not None:
            await self._log.close()

    async def _keys(self, request: Request) -> JSONResponse:
        """The keys by which agencies check what the gateway asserts (RFC 7517, section 5)."""
        return JSONResponse(self._signer.published() if self._signer else {"keys": []})

    async def _health(self, request: Request) -> JSONResponse:
        """Whether it can answer: without a log that can be written nothing is, and the status is 503."""
        can = await self._can_write()
        told = {"status": "ok" if can else "failing", "schema": self.pipeline.supergraph.version}
        return JSONResponse(told if can else {**told, "log": "can't be written"}, 200 if can else 503)

    async def _can_write(self) -> bool:
        """Whether entries can be made durable: looked at once a second, whoever asks."""
        if self._log is None:
            return True
        now = time.monotonic()
        if self._log_looked_at is None or now - self._log_looked_at > HEALTH_SECONDS:
            self._log_looked_at = now
            try:
                await asyncio.wait_for(self._log.check(), HEALTH_SECONDS * 2)
                self._log_can = True
            except (AuditUnavailable, TimeoutError):
                self._log_can = False
        return self._log_can

    async def _ready(self, request: Request) -> JSONResponse:
        """Whether it serves what its agencies publish: `ready`, or `degraded` with the names of others."""
        served = self._served
        names = {"unapproved": served.unapproved, "refused": served.refused, "unreachable": served.unreachable}
        status = "degraded" if any(names.values()) else "ready"
        return JSONResponse({"status": status, "schema": self.pipeline.supergraph.version, **names})


class _Held:
    """Whether a reload was asked for before there was anything to reload."""

    asked = False

    def note(self, *_: object) -> None:
        self.asked = True


_held: Final = _Held()


def hold_reloads() -> None:
    """From here on SIGHUP, which would end this process, is kept until an application can reload.

    Whoever started it may have blocked the signal till now.
    """
    signal.signal(signal.SIGHUP, _held.note)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


def build(served: Served, config: AppConfig, reload: Callable[[], Served] | None = None) -> Application:
    """Wire a gateway.

    Raises `ConfigError` where the log's key can't be used or its overrides are too many, `PolicyError` where its
    policies can't be used and `ProviderError` where the issuer's profile can't.
    """
    return Application(served, config, reload)


def _console(config: AppConfig, console: ConsoleConfig) -> tuple[SignIn, list[BaseRoute]]:
    from gateway.console import SignIn, routes  # most gateways serve none: they need not load it

    sign_in = SignIn(console, _beside_log(config, "console.sqlite"))
    return sign_in, routes(sign_in)


def _policies(config: AppConfig) -> Policies:
    own = read_grants(config.grants) if config.grants else None
    return Policies.of_folder(config.policies, own) if config.policies else Policies.partnership(own)


def _signer(config: AssertionConfig) -> Signer:
    return Signer(config.gateway, load_signing_key(config.key, make=True))


def _verifier(config: AppConfig, client: httpx.AsyncClient) -> Verifier:
    issuers = {each.issuer: _issuer(each, client) for each in config.sign_in}
    return Verifier(issuers, max_lifetime=config.token_hours * 3600)


def _issuer(config: SignInConfig, client: httpx.AsyncClient) -> Issuer:
    profile = read_profile(config.profile) if config.profile else TokenProfile()
    return Issuer(Provider(config.issuer, client), config.audience, profile, config.agencies)


def _beside_log(config: AppConfig, name: str) -> Where:
    """Where all who write the log keep something more: a file of its folder, or its database."""
    if config.audit is not None and not isinstance(config.audit.where, Path):
        return config.audit.where
    folder = config.audit.folder if config.audit is not None else None
    if folder is None and config.assertion is not None:
        folder = config.assertion.key.parent
    assert folder is not None
    return folder / name


def _counter(config: AppConfig) -> Counter:
    """What counts for one person: Redis, the process that writes the log, or without one this process."""
    if config.counter is not None:
        from gateway.rate_limits.redis_counter import RedisCounter  # loaded only where it is used

        return RedisCounter(config.counter)
    return RemoteCounter(counter_socket(config.audit.socket)) if config.audit is not None else LocalCounter()


def _inside(
    config: AppConfig, grants: BreakGlass | None, claims: ClaimStore | None, auditing: Auditing | None
) -> dict[str, Inside]:
    """The gateway's own subgraphs, by the URLs that stand for them."""
    found: dict[str, Inside] = {}
    if grants is not None:
        token = auditing.tokeniser.token if auditing else None
        found[access.URL] = AccessSubgraph(grants, token, claims, config.person_limits)
    if auditing is not None and config.audit is not None:
        folder = config.audit.folder
        cases = CaseFiles(_beside_log(config, "cases.sqlite"))
        log = AuditedLog(config.audit.where, folder / "audit.signing")
        found[audit.URL] = AuditSubgraph(log, auditing.tokeniser, auditing.sealer, cases, read_names(folder))
    return found
