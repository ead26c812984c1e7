"""An identity provider's metadata and keys (OpenID Connect Discovery 1.0; RFC 7517).

The key set is fetched once and again when a token names a key that it does not hold, at most once in `MIN_REFRESH`
seconds however many such tokens come, and by one request at a time. While the provider is down the last good set
serves, for `MAX_STALE` seconds.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import httpx
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from authz.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MIN_REFRESH = 10.0
MIN_RETRY = 1.0
MAX_AGE = 3_600.0
MAX_STALE = 24 * 3_600.0
MAX_BYTES = 512 * 1024
_KINDS: Final[dict[str, type[RSAKey | ECKey | OKPKey]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class Provider:
    """One issuer. `client` is used for these two documents only; times are seconds of a monotonic clock.

    `kids` are the keys of the set that was fetched last.
    """

    def __init__(self, issuer: str, client: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._client = client
        self._clock = clock
        self._keys: KeySet | None = None
        self.kids: frozenset[str] = frozenset()
        self._fetched = 0.0
        self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def keys(self, kid: str | None) -> KeySet:
        """The key set, fetched anew where it is old or does not hold `kid`; raises `ProviderError`."""
        now = self._clock()
        known = kid is None or kid in self.kids
        if self._keys is not None and known and now - self._fetched < MAX_AGE:
            return self._keys
        async with self._lock:
            now = self._clock()
            if self._keys is not None and (kid is None or kid in self.kids) and now - self._fetched < MAX_AGE:
                return self._keys
            if now - self._tried >= (MIN_REFRESH if self._keys is not None else MIN_RETRY):
                try:
                    await self._refresh()
                except ProviderError:
                    if self._keys is None:
                        raise
                finally:
                    self._tried = self._clock()
            if self._keys is None or self._clock() - self._fetched > MAX_STALE:
                raise ProviderError("the identity provider's keys can't be had")
            return self._keys

    async def _refresh(self) -> None:
        metadata = await self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata.get("issuer") != self.issuer:
            raise ProviderError("the metadata names another issuer than the one configured")
        uri = metadata.get("jwks_uri")
        if not isinstance(uri, str):
            raise ProviderError("the metadata has no `jwks_uri`")
        document = await self._json(uri)
        found = document.get("keys")
        imported = [_import(item) for item in found] if isinstance(found, list) else []
        keys: list[OctKey | RSAKey | ECKey | OKPKey] = [key for key in imported if key is not None]
        if not keys:
            raise ProviderError("the key set holds no signature key that can be used")
        self._keys = KeySet(keys)
        self.kids = frozenset(key.kid for key in keys if key.kid)
        self._fetched = self._clock()

    async def _json(self, url: str) -> Mapping[str, object]:
        try:
            answer = await self._client.get(url, headers={"accept": "application/json"}, timeout=5.0)
            if answer.status_code != httpx.codes.OK:
                raise ProviderError(f"the identity provider answered with HTTP status {answer.status_code}")
            if len(answer.content) > MAX_BYTES:
                raise ProviderError("the identity provider's answer is too large")
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ProviderError(f"the identity provider does not answer: {type(error).__name__}") from error
        if not isinstance(body, dict):
            raise ProviderError("the identity provider's answer is not a JSON object")
        return body


def _import(item: object) -> RSAKey | ECKey | OKPKey | None:
    """A public signature key with an id; what is not one, or not understood, is passed over (RFC 7517, section 5).

    Symmetric keys have no place in a key set that anyone can read.
    """
    if not isinstance(item, dict) or item.get("use", "sig") != "sig" or not isinstance(item.get("kid"), str):
        return None
    kind = _KINDS.get(str(item.get("kty")))
    if kind is None:
        return None
    try:
        return kind.import_key(item)
    except Exception:  # whatever is wrong with one key, the others serve
        return None
