"""The signed statement that the gateway sends with each request to an agency: who asks, in what role and why.

A JWT (RFC 7519) of type `cps-assertion+jwt`, signed by ES256, for one audience (an agency's code), good for a minute.
It is reused while it lives, so it does not name the request: the request's id and attempt come beside it.
"""

from __future__ import annotations

import base64
import json
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet

from authz.bounded import Bounded
from authz.errors import AccessError, KeyFileError, TokenError
from authz.keyfile import kept_secret
from authz.principal import Principal, Purpose, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ASSERTION_HEADER: Final = "cps-assertion"
"""The header in which an assertion comes."""

TYPE: Final = "cps-assertion+jwt"
ALGORITHM: Final = "ES256"
_ES256: Final = ECDSA(SHA256())
SECONDS: Final = 60
RENEWED: Final = 10
"""Seconds before its end from which an assertion is not sent any more: it has yet to arrive."""

LEEWAY: Final = 5
MAX_BYTES: Final = 4 * 1024
MAX_KEPT: Final = 20_000
MAX_SPEAKERS: Final = 5_000
MAX_AUDIENCES: Final = 2_048
"""Assertions of one speaker that are kept, of a thousand agencies; of more, the rarest are signed again."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an agency is told of who asks. `break_glass` is the grant under which they ask, "" for none."""

    subject: str
    issuer: str
    client: str
    agency: str
    team: str
    roles: tuple[Role, ...]
    purpose: Purpose | None
    break_glass: str = ""


def make_key() -> ECKey:
    """A new signing key, with its thumbprint as its id (RFC 7638)."""
    return ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)


def load_key(path: Path, *, make: bool) -> ECKey:
    """The signing key in this file (a private JWK), made at first use; raises `KeyFileError` where it can't be used."""
    kept = kept_secret(path, (lambda: json.dumps(make_key().as_dict(private=True)).encode()) if make else None)
    try:
        return ECKey.import_key(json.loads(kept))
    except (ValueError, JoseError) as error:
        raise KeyFileError(f"`{path.name}` holds no signing key") from error


def public_keys(*keys: ECKey) -> dict[str, list[dict[str, object]]]:
    """The JWK set by which agencies check (RFC 7517, section 5)."""
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


def _base64(content: bytes) -> bytes:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=")


class Signed(NamedTuple):
    """An assertion, as the whole line of a header too. It is sent from `since` to `until` (Unix seconds)."""

    token: str
    header: bytes
    since: float
    until: float


class Signer:
    """Signs assertions as `gateway`, and reuses each while it lives."""

    def __init__(self, gateway: str, key: ECKey, clock: Callable[[], float] = time.time) -> None:
        self.gateway = gateway
        self.clock = clock
        self._key = key
        self._private = key.private_key
        self._head = _base64(json.dumps({"alg": ALGORITHM, "typ": TYPE, "kid": key.thumbprint()}).encode()) + b"."
        self._known: Bounded[tuple[Principal, Purpose | None, str], Speaker] = Bounded(MAX_SPEAKERS)

    def published(self) -> dict[str, list[dict[str, object]]]:
        """The JWK set by which agencies check."""
        return public_keys(self._key)

    def speaker(self, principal: Principal, purpose: Purpose | None, break_glass: str = "") -> Speaker:
        """Who asks, why, and under which break-glass grant: what one request says to every agency."""
        slot = (principal, purpose, break_glass)
        known = self._known.get(slot)
        if known is None:
            known = Speaker(self, principal, purpose, break_glass)
            self._known.put(slot, known)
        return known

    def encode(self, claims: dict[str, object]) -> str:
        """A JWS in its compact form (RFC 7515, section 7.1), signed by ES256 (RFC 7518, section 3.4).

        The library's own way takes three times as long, and each of some thousand practitioners is spoken of to each
        agency once a minute.
        """
        assert self._private is not None
        said = self._head + _base64(json.dumps(claims, separators=(",", ":")).encode())
        r, s = decode_dss_signature(self._private.sign(said, _ES256))
        return (said + b"." + _base64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))).decode("ascii")


class Speaker:
    """What is asserted of one who asks, to each agency: an assertion made for one is good at no other."""

    def __init__(self, signer: Signer, principal: Principal, purpose: Purpose | None, break_glass: str) -> None:
        self._signer = signer
        self._kept: Bounded[str, Signed] = Bounded(MAX_AUDIENCES)
        self._said: dict[str, object] = {
            "sub": principal.subject,
            "idp": principal.issuer,
            "client_id": principal.client,
            "agency": principal.agency,
            "team": principal.team,
            "roles": [role.value for role in principal.roles],
            "purpose": purpose.value if purpose else None,
            "break_glass": break_glass,
        }

    def to(self, audience: str) -> Signed:
        """The assertion for this audience; it lives for `RENEWED` seconds at least."""
        now = self._signer.clock()
        kept = self._kept.get(audience)
        if kept is not None and kept.since <= now < kept.until:  # before it, the clock has been set back
            return kept
        times = {"iss": self._signer.gateway, "aud": audience, "iat": int(now), "exp": int(now) + SECONDS}
        token = self._signer.encode(times | self._said)
        header = f"{ASSERTION_HEADER}: {token}\r\n".encode("ascii")
        kept = Signed(token, header, now, now + SECONDS - RENEWED)
        self._kept.put(audience, kept)
        return kept


class AssertionVerifier:
    """Verifies assertions of one gateway for one audience."""

    def __init__(
        self, keys: Mapping[str, object], gateway: str, audience: str, clock: Callable[[], float] = time.time
    ) -> None:
        """`keys` is the gateway's JWK set. Raises `AccessError` where it is none."""
        try:
            self._keys = KeySet.import_key_set(keys)  # type: ignore[arg-type] # checked by the library
        except Exception as error:  # whatever a library makes of it
            raise AccessError("the gateway's keys are no JWK set") from error
        self._gateway = gateway
        self._audience = audience
        self._clock = clock
        self._kept: Bounded[str, tuple[Assertion, float]] = Bounded(MAX_KEPT)

    def verify(self, token: str) -> Assertion:
        """What an assertion says; raises `TokenError` where it is not good here and now."""
        now = self._clock()
        kept = self._kept.get(token)
        if kept is not None and now < kept[1]:
            return kept[0]
        if len(token) > MAX_BYTES:
            raise TokenError("the assertion is too large")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)
                decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
        except Exception as error:  # whatever an assertion does to its reader, it is refused
            raise TokenError("the assertion's signature does not verify") from error
        claims = decoded.claims
        if decoded.header.get("typ") != TYPE:
            raise TokenError(f"an assertion has the type `{TYPE}`")
        if claims.get("iss") != self._gateway or claims.get("aud") != self._audience:
            raise TokenError("the assertion is of another gateway, or for another agency")
        begins, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(begins, int) or not isinstance(ends, int) or ends - begins > SECONDS:
            raise TokenError("the assertion does not say for how long it is good")
        if now >= ends + LEEWAY or now < begins - LEEWAY:
            raise TokenError("the assertion has expired, or is not good yet")
        found = _read(claims)
        self._kept.put(token, (found, ends + LEEWAY))
        return found


def _read(claims: Mapping[str, object]) -> Assertion:
    texts = {name: claims.get(name) for name in ("sub", "idp", "client_id", "agency", "team", "break_glass")}
    roles, purpose = claims.get("roles"), claims.get("purpose")
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(roles, list):
        raise TokenError("the assertion does not say who asks")
    if purpose is not None and purpose not in set(Purpose):
        raise TokenError("the assertion's purpose is not known")
    return Assertion(
        subject=str(texts["sub"]),
        issuer=str(texts["idp"]),
        client=str(texts["client_id"]),
        agency=str(texts["agency"]),
        team=str(texts["team"]),
        roles=tuple(role for role in Role if role.value in roles),
        purpose=None if purpose is None else Purpose(str(purpose)),
        break_glass=str(texts["break_glass"]),
    )
