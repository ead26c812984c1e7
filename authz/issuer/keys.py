"""The signing keys: ES256, made at start, in memory only."""

from collections import deque

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"

PUBLISHED_KEYS = 8
"""Keys in the published set: the current one, and those before it whose tokens may still live."""


class SigningKeys:
    """The current key, and the earlier ones that stay published. A key's `kid` is its RFC 7638 thumbprint."""

    def __init__(self) -> None:
        self._keys: deque[ECKey] = deque(maxlen=PUBLISHED_KEYS)
        self.rotate()

    def rotate(self) -> str:
        """Makes a new key the current one and returns its `kid`; tokens of the earlier keys still verify."""
        key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        self._keys.appendleft(key)
        return key.thumbprint()

    def published(self) -> dict[str, list[dict[str, object]]]:
        """The JWK set, newest key first, public parts only (RFC 7517 section 5)."""
        return {"keys": [dict(key.as_dict(private=False)) for key in self._keys]}

    def sign(self, kind: str, claims: dict[str, object]) -> str:
        """A signed JWT whose `typ` is `kind`."""
        current = self._keys[0]
        header = {"alg": ALGORITHM, "typ": kind, "kid": current.thumbprint()}
        return jwt.encode(header, claims, current, algorithms=[ALGORITHM])

    def verify(self, kind: str, token: str, *, issuer: str, audience: str, now: int) -> dict[str, object] | None:
        """The claims of a token that these keys signed, of this kind, for this audience and alive; else None."""
        try:
            decoded = jwt.decode(token, KeySet(list(self._keys)), algorithms=[ALGORITHM])
            if decoded.header.get("typ") != kind:
                return None
            registry = jwt.JWTClaimsRegistry(
                now=now,
                iss={"essential": True, "value": issuer},
                aud={"essential": True, "value": audience},
                exp={"essential": True},
            )
            registry.validate(decoded.claims)
        except (JoseError, ValueError):
            return None
        return dict(decoded.claims)
