"""Access tokens -> principals (RFC 9068, JWT profile for access tokens; RFC 8725, best current practices).

A verified token is kept by its hash for some minutes, and never for longer than the token or its key is good.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import warnings
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jws import JWSRegistry

from authz.bounded import Bounded
from authz.errors import TokenError
from authz.oidc.profile import TokenProfile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from authz.oidc.provider import Provider
    from authz.principal import Principal

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
MAX_TOKEN_BYTES = 8 * 1024
LEEWAY = 30
MAX_LIFETIME = 24 * 3600.0
"""Seconds: a token that is good for longer is as good as a password that somebody wrote down."""

_LAST_TIME = 1e15
_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
MAX_CACHED = 10_000
KEPT_SECONDS = 600.0
"""Then a token is verified anew, by the keys that there are then."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer whose tokens are taken, for this audience.

    `agencies` are those whose people it may speak of, None for all that no other issuer has: one who has an agency's
    practitioners in its directory must not be able to state that of its own.
    """

    provider: Provider
    audience: str
    profile: TokenProfile = field(default_factory=TokenProfile)
    agencies: frozenset[str] | None = None


class _Cached(NamedTuple):
    principal: Principal
    until: float
    kid: str
    provider: Provider


class Verifier:
    """Verifies tokens of the configured issuers."""

    def __init__(
        self,
        issuers: Mapping[str, Issuer],
        clock: Callable[[], float] = time.time,
        *,
        max_lifetime: float = MAX_LIFETIME,
    ) -> None:
        """`max_lifetime` are the seconds for which a token may be good, from when it was issued."""
        self._issuers = dict(issuers)
        self._max_lifetime = max_lifetime
        self._claimed = frozenset[str]().union(*(each.agencies or () for each in issuers.values()))
        self._clock = clock
        self._cache: Bounded[bytes, _Cached] = Bounded(MAX_CACHED)

    async def verify(self, token: str) -> Principal:
        """The principal that a token speaks for.

        Raises `TokenError` where the token is to be refused and `ProviderError` where that can't be told.
        """
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenError("the token is too large")
        slot = sha256(token.encode()).digest()
        known = self._known(slot)
        if known is not None:
            return known
        header, payload = _peek(token)
        issuer = self._issuers.get(str(payload.get("iss")))
        if issuer is None:
            raise TokenError("the token is from an issuer that is not trusted here")
        if str(header.get("typ", "")).lower() not in issuer.profile.types:
            raise TokenError(f"an access token of type `{issuer.profile.types[0]}` is expected")
        if header.get("alg") not in ALGORITHMS:
            raise TokenError("the token is signed by an algorithm that is not taken")
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise TokenError("the token does not name its key (`kid`)")
        keys = await issuer.provider.keys(kid)
        known = self._known(slot)
        if known is not None:  # others came with the same token while its keys were fetched
            return known
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # `EdDSA` is the older name of Ed25519
                claims = jwt.decode(token, keys, registry=_REGISTRY).claims
        except Exception as error:  # whatever a token does to its reader, it is refused
            raise TokenError("the token's signature does not verify") from error
        expires = self._check(claims, issuer)
        principal = issuer.profile.principal(claims)
        if issuer.profile.clients and principal.client not in issuer.profile.clients:
            raise TokenError("the token was given to a client that is not taken here")
        if principal.agency in self._claimed if issuer.agencies is None else principal.agency not in issuer.agencies:
            raise TokenError("the token is of an agency of whose people another issuer speaks")
        until = min(expires, self._clock() + KEPT_SECONDS)
        self._cache.put(slot, _Cached(principal, until, kid, issuer.provider))
        return principal

    def _known(self, slot: bytes) -> Principal | None:
        cached = self._cache.get(slot)
        if cached is None:
            return None
        if self._clock() < cached.until and cached.kid in cached.provider.kids:
            return cached.principal
        self._cache.drop(slot)
        return None

    def _check(self, claims: Mapping[str, object], issuer: Issuer) -> float:
        """RFC 9068, section 4; returns when the token stops being good."""
        now = self._clock()
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if claims.get("iss") != issuer.provider.issuer:
            raise TokenError("the token is from an issuer that is not trusted here")
        audience = claims.get("aud")
        if issuer.audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenError("the token is for another audience")
        if not _is_time(expires):
            raise TokenError("the token does not say when it expires")
        if now >= expires + LEEWAY:
            raise TokenError("the token has expired: sign in again")
        if not _is_time(begins) or now < begins - LEEWAY:
            raise TokenError("the token is not yet valid")
        issued = claims.get("iat", now)
        if not _is_time(issued) or issued > now + LEEWAY:
            raise TokenError("the token is from the future: its issuer's clock, or this one, is wrong")
        if expires - issued > self._max_lifetime:
            raise TokenError(f"the token is good for longer than {self._max_lifetime / 3600:g} hours")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject or not subject.isprintable():
            raise TokenError("the token names no subject")
        if "cnf" in claims:
            raise TokenError("the token is bound to a key, and that can't be checked here")
        return float(expires) + LEEWAY


def _is_time(value: object) -> TypeGuard[int | float]:
    """Whether this is a NumericDate (RFC 7519, section 2) that can be compared."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LAST_TIME


def _peek(token: str) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Header and payload before verification: enough to choose the issuer and its key, and trusted for nothing else."""
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenError("the bearer token is not a signed JWT")
    try:
        header, payload = (json.loads(base64.urlsafe_b64decode(p + "=" * (-len(p) % 4))) for p in parts[:2])
    except (binascii.Error, ValueError, RecursionError) as error:
        raise TokenError("the bearer token is not a signed JWT") from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise TokenError("the bearer token is not a signed JWT")
    return header, payload
