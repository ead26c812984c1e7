"""An identity provider that is not there: keys made here, metadata and key set answered in memory."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from authz.oidc import Issuer, Provider, Verifier

ISSUER: Final = "https://idp.example"
AUDIENCE: Final = "cps"
NOW: Final = 1_780_000_000.0

Json: TypeAlias = dict[str, object]


class Clock:
    """Seconds that go on only when a test says so."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def rsa(kid: str = "rsa-1") -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "kid": kid})


def ec(kid: str = "ec-1") -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "kid": kid})


def ed(kid: str = "ed-1") -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig", "kid": kid})


def public(key: Key) -> Json:
    return dict(key.as_dict(private=False))


def claims(**changed: object) -> Json:
    """The claims of a good token; a changed value of `...` leaves the claim out."""
    good: Json = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "worker-7",
        "client_id": "console",
        "exp": NOW + 300,
        "iat": NOW,
        "jti": "1",
        "scope": "openid cps.read",
        "roles": ["social_worker"],
        "agency": "380",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not ...}


def sign(key: Key, content: Mapping[str, object], **header: object) -> str:
    """A signed token; header values of `...` are left out."""
    stated = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "typ": "at+jwt", "kid": key.kid, **header}
    whole = {name: value for name, value in stated.items() if value is not ...}
    return jws.serialize_compact(whole, json.dumps(dict(content)).encode(), key, algorithms=[str(whole["alg"])])


def unsigned(header: object, payload: object, signature: bytes = b"no signature") -> str:
    """Three parts as a token has them, whatever they hold."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload, signature))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@dataclass
class StubProvider:
    """What the provider answers at the moment, once what it hangs on is set; `fetches` are the paths asked for."""

    keys: Sequence[object]
    metadata: Json = field(default_factory=lambda: {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})
    status: int = 200
    down: bool = False
    body: bytes | None = None
    hangs: asyncio.Event | None = None
    fetches: list[str] = field(default_factory=list)

    @property
    def key_fetches(self) -> int:
        return self.fetches.count("/jwks")

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.fetches.append(request.url.path)
        if self.hangs is not None:
            await self.hangs.wait()
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        if self.body is not None:
            return httpx.Response(self.status, content=self.body)
        found = self.metadata if request.url.path.endswith("/openid-configuration") else {"keys": list(self.keys)}
        return httpx.Response(self.status, json=found)

    def provider(self, clock: Clock | None = None) -> Provider:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return Provider(ISSUER, client, clock or Clock(1_000.0))

    def verifier(self, clock: Clock | None = None, monotonic: Clock | None = None) -> Verifier:
        return Verifier({ISSUER: Issuer(self.provider(monotonic), AUDIENCE)}, clock or Clock(NOW))
