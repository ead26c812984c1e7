"""Signing in and out, and the session that a signed-in browser's requests carry."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from gateway.audit.database import Failure
from gateway.console import pages
from gateway.console.config import ConsoleConfig
from gateway.console.cookies import Cookie
from gateway.console.provider import Provider, ProviderUnavailableError, SignInRefusedError
from gateway.console.sessions import Session, SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.database import Where

SESSIONS = 10_000
IDLE_SECONDS = 30 * 60
ABSOLUTE_SECONDS = 8 * 3600
"""A session outlives neither a shift nor the access token in it."""

STARTED_SIGN_INS = 1_000
SIGN_IN_SECONDS = 10 * 60

CONSOLE_HEADER = b"cps-console"

_log = logging.getLogger(__name__)


class SignIn:
    """The console's sessions and its provider.

    Sign-ins that were started and sessions are kept apart, so that strangers who start sign-ins can't push out those
    who are signed in. `transport` replaces the network towards the provider in tests.
    """

    def __init__(
        self,
        config: ConsoleConfig,
        where: Where,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`where` is the file or database in which all workers keep sessions."""
        self.config = config
        self._provider = Provider(config, transport, clock)
        self._sessions = SessionStore(
            where,
            "session",
            entries=SESSIONS,
            idle_seconds=IDLE_SECONDS,
            absolute_seconds=ABSOLUTE_SECONDS,
            clock=clock,
        )
        self._started = SessionStore(
            where,
            "started",
            entries=STARTED_SIGN_INS,
            idle_seconds=SIGN_IN_SECONDS,
            absolute_seconds=SIGN_IN_SECONDS,
            clock=clock,
        )
        self._session_cookie = Cookie("cps-console", config.secure, ABSOLUTE_SECONDS)
        self._started_cookie = Cookie("cps-sign-in", config.secure, SIGN_IN_SECONDS)

    @property
    def provider_origin(self) -> str:
        """The provider's origin: signing out may lead there."""
        parts = urlsplit(self.config.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    async def session(self, scope: Scope) -> Session | None:
        """The session of a request, by its cookie; None where there is none, or it can't be read."""
        key = self._session_cookie.read(scope)
        if key is None:
            return None
        try:
            found = await self._sessions.get(key)
            return None if found is None else Session.of_json(found)
        except (Failure, KeyError, TypeError) as error:
            _log.error("sessions can't be read: %s", type(error).__name__)
            return None

    async def bearer_from_session(self, scope: Scope) -> str | None:
        """The access token of a request that carries the session's cookie and the header `CPS-Console: 1`.

        Another site's page can make a browser send the cookie, but not the header: that would take our consent (a
        CORS preflight), which we don't give. So a request without it isn't the console's, and has no session.
        """
        marks = [value for name, value in scope["headers"] if name == CONSOLE_HEADER]
        session = await self.session(scope) if marks == [b"1"] else None
        return None if session is None else session.access_token

    async def login(self, request: Request) -> Response:
        """`GET /auth/login`: sends the browser to the provider."""
        memory: dict[str, object] = {}
        try:
            response = await self._provider.redirect(request, memory)
            started = await self._started.open(memory)
        except ProviderUnavailableError as error:
            return _unavailable(error)
        except Failure as error:
            return _not_kept(error)
        self._started_cookie.write(response, started)
        return response

    async def callback(self, request: Request) -> Response:
        """`GET /auth/callback`: finishes the sign-in that this browser started, once, under a new session id."""
        key = self._started_cookie.read(request.scope)
        try:
            memory = None if key is None else await self._started.close(key)
            if memory is None:
                return pages.failure(400, "Sign in again", "This sign-in wasn't started here, or it took too long.")
            signed_in = await self._provider.finish(request, memory)
            await self._close(request)
            opened = await self._sessions.open(signed_in.session.as_json(), signed_in.seconds)
        except Failure as error:
            return _not_kept(error)
        except ProviderUnavailableError as error:
            return _unavailable(error)
        except SignInRefusedError as error:
            _log.warning("sign-in refused: %s", type(error.__cause__ or error).__name__)
            return pages.failure(400, "You aren't signed in", "The sign-in was refused or couldn't be checked.")
        response = RedirectResponse("/console", status_code=303)
        self._session_cookie.write(response, opened)
        self._started_cookie.clear(response)
        return response

    async def logout(self, request: Request) -> Response:
        """`POST /auth/logout`: ends the session here, and then the provider's where it has such an end."""
        try:
            await self._close(request)
        except Failure as error:
            return _not_kept(error)
        url = self._provider.end_session_url(f"{self.config.base_url}/console") or "/console"
        response = RedirectResponse(url, status_code=303)
        self._session_cookie.clear(response)
        return response

    async def _close(self, request: Request) -> None:
        key = self._session_cookie.read(request.scope)
        if key is not None:
            await self._sessions.close(key)


def _not_kept(error: Failure) -> Response:
    _log.error("sessions can't be kept: %s", error)
    return pages.failure(503, "Sign-in isn't available", "The gateway can't keep sessions now. Try again in a moment.")


def _unavailable(error: ProviderUnavailableError) -> Response:
    _log.warning("the identity provider is unavailable: %s", error)
    return pages.failure(
        503, "Sign-in isn't available", "The identity provider isn't answering. Nothing is wrong with your account."
    )
