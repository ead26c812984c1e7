"""The OpenID provider, by authlib's Starlette client: discovery, the redirect, the code's exchange, the ID token.

authlib ships no types, so what is used of it is declared here.
"""

import logging
import warnings
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Protocol, cast
from urllib.parse import urlencode

import httpx
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # authlib ships no types
from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]  # authlib ships no types
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.config import ConsoleConfig
from gateway.console.sessions import Session

with warnings.catch_warnings():
    # authlib would rather have httpx's successor; it works with httpx, which the gateway uses throughout.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.starlette_client import (  # type: ignore[import-untyped]  # authlib ships no types
        OAuth,
    )

# authlib's debug log holds code verifiers.
logging.getLogger("authlib").setLevel(logging.INFO)

TIMEOUT_SECONDS = 10.0
METADATA_SECONDS = 3600.0
SIGNING_ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "PS384", "PS512", "RS256")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_KEPT_METADATA = {
    "issuer",
    *_ENDPOINTS,
    "userinfo_endpoint",
    "end_session_endpoint",
    "id_token_signing_alg_values_supported",
    "_loaded_at",  # authlib's own mark
}


class ProviderUnavailableError(Exception):
    """The provider did not answer, or not as an OpenID provider does."""


class SignInRefusedError(Exception):
    """The provider refused the sign-in, or its answer does not belong to one that this browser started."""


class _Client(Protocol):
    """What is used of `authlib.integrations.starlette_client.StarletteOAuth2App`."""

    async def load_server_metadata(self) -> dict[str, object]: ...
    async def authorize_redirect(self, request: Request, redirect_uri: str) -> Response: ...
    async def authorize_access_token(self, request: Request) -> dict[str, object]: ...
    async def userinfo(self, *, token: Mapping[str, object]) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A finished sign-in. `seconds` is the life of the access token where the provider says it."""

    session: Session
    seconds: float | None


class Provider:
    """One provider, discovered at the first sign-in and again when what was found is an hour old."""

    def __init__(
        self, config: ConsoleConfig, transport: httpx.AsyncBaseTransport | None, clock: Callable[[], float]
    ) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._discovered: tuple[float, _Client, dict[str, object]] | None = None

    async def redirect(self, request: Request, memory: MutableMapping[str, object]) -> Response:
        """Sends the browser to the provider; `memory` keeps state, nonce and verifier until it comes back.

        Raises `ProviderUnavailableError`.
        """
        client, _ = await self._client()
        request.scope["session"] = memory
        return await client.authorize_redirect(request, self._config.redirect_uri)

    async def finish(self, request: Request, memory: MutableMapping[str, object]) -> SignedIn:
        """Exchanges the code of the callback for who signed in, their ID token verified and the nonce in it compared.

        Raises `SignInRefusedError`, `ProviderUnavailableError`.
        """
        client, metadata = await self._client()
        answered_by = request.query_params.get("iss", self._config.issuer)
        if answered_by != self._config.issuer:  # RFC 9207: an answer of another provider, mixed in
            raise SignInRefusedError("another provider answered")
        request.scope["session"] = memory
        try:
            token = await client.authorize_access_token(request)
            return await self._signed_in(client, metadata, token)
        except (AuthlibBaseError, JoseError) as error:
            raise SignInRefusedError(str(error)) from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ProviderUnavailableError(type(error).__name__) from error

    def end_session_url(self, return_to: str) -> str | None:
        """Where the provider ends its own session (OpenID Connect RP-Initiated Logout), if it says so.

        No ID token goes along as a hint, for none may reach the browser; the provider may ask the person to confirm.
        """
        endpoint = self._discovered[2].get("end_session_endpoint") if self._discovered else None
        if not isinstance(endpoint, str):
            return None
        values = {"client_id": self._config.client_id, "post_logout_redirect_uri": return_to}
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(values)}"

    async def _client(self) -> tuple[_Client, dict[str, object]]:
        if self._discovered is None or self._clock() - self._discovered[0] > METADATA_SECONDS:
            client = self._register()
            self._discovered = (self._clock(), client, await self._metadata(client))
        return self._discovered[1:]

    async def _metadata(self, client: _Client) -> dict[str, object]:
        """The provider's metadata, checked (OpenID Connect Discovery section 4.3)."""
        try:
            metadata = await client.load_server_metadata()
        except (httpx.HTTPError, ValueError, TypeError) as error:
            raise ProviderUnavailableError(type(error).__name__) from error
        if metadata.get("issuer") != self._config.issuer:
            raise ProviderUnavailableError("the metadata is another issuer's")
        if not all(isinstance(metadata.get(name), str) for name in _ENDPOINTS):
            raise ProviderUnavailableError("the metadata lacks an endpoint")
        offered = metadata.get("id_token_signing_alg_values_supported")
        # Public keys only: no `none`, and no secret shared with the client, may sign an ID token.
        allowed = [name for name in SIGNING_ALGORITHMS if isinstance(offered, list) and name in offered]
        metadata["id_token_signing_alg_values_supported"] = allowed or ["RS256"]
        # authlib passes what is here on as options of its HTTP client: the provider must not set those.
        for name in metadata.keys() - _KEPT_METADATA:
            del metadata[name]
        return metadata

    def _register(self) -> _Client:
        config = self._config
        client_options: dict[str, object] = {
            "scope": config.scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "none" if config.client_secret is None else "client_secret_basic",
            "timeout": TIMEOUT_SECONDS,
        }
        if self._transport is not None:
            client_options["transport"] = self._transport
        client = OAuth().register(
            "provider",
            client_id=config.client_id,
            client_secret=config.client_secret,
            server_metadata_url=config.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs=client_options,
        )
        return cast(_Client, client)

    async def _signed_in(
        self, client: _Client, metadata: Mapping[str, object], token: Mapping[str, object]
    ) -> SignedIn:
        access_token, identity = token.get("access_token"), token.get("userinfo")
        if not isinstance(access_token, str) or not isinstance(identity, Mapping):
            raise SignInRefusedError("the provider gave no access token or no ID token")
        claims = dict(identity)
        if isinstance(metadata.get("userinfo_endpoint"), str):
            person = await client.userinfo(token=token)
            if person.get("sub") != claims["sub"]:  # OpenID Connect Core section 5.3.2
                raise SignInRefusedError("the user info is another person's")
            claims = {**person, **claims}
        agency, roles = claims.get("agency"), claims.get("roles")
        session = Session(
            subject=str(claims["sub"]),
            name=str(claims.get("name") or claims["sub"]),
            roles=tuple(str(role) for role in roles) if isinstance(roles, list) else (),
            agency=agency if isinstance(agency, str) else None,
            access_token=access_token,
        )
        expires_in = token.get("expires_in")
        return SignedIn(session, float(expires_in) if isinstance(expires_in, (int, float)) else None)
