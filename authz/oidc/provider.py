"""An identity provider's metadata and keys (OpenID Connect Discovery 1.0; RFC 7517).

The key set is fetched once and again when a token names a key that it does not hold, at most once in `MIN_REFRESH`
seconds however many such tokens come, and by one request at a time. A set that is `MAX_AGE` seconds old is fetched
anew beside what it serves: nobody with a key that is known waits for a provider. While that is down the last good set
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
        self._refreshing: asyncio.Task[None] | None = None

    async def keys(self, kid: str | None) -> KeySet:
        """Return the key set; raises `ProviderError`.

        Where it holds `kid` that is at once, and what is old is fetched anew meanwhile; else it is fetched first.
        """
        known = self._served(kid)
        if known is not None:
            if self._clock() - self._fetched >= MAX_AGE and (self._refreshing is None or self._refreshing.done()):
                self._refreshing = asyncio.create_task(self._refresh_old())
            return known
        async with self._lock:
            known = self._served(kid)
            if known is not None:
                return known
            await self._try()
            if self._keys is None or self._clock() - self._fetched > MAX_STALE:
                raise ProviderError("the identity provider's keys can't be had")
            return self._keys

    def _served(self, kid: str | None) -> KeySet | None:
        """Return the set where it holds a key, and is not so old that it does not count any more."""
        is_held = kid is None or kid in self.kids
        return self._keys if is_held and self._clock() - self._fetched <= MAX_STALE else None

    async def _refresh_old(self) -> None:
        async with self._lock:
            if self._clock() - self._fetched >= MAX_AGE:
                await self._try()

    async def _try(self) -> None:
        """Fetch the set, unless that was tried just now; raises `ProviderError` where there is none to go on with."""
        if self._clock() - self._tried < (MIN_REFRESH if self._keys is not None else MIN_RETRY):
            return
        try:
            await self._refresh()
        except ProviderError:
            if self._keys is None:
                raise
        finally:
            self._tried = self._clock()

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
