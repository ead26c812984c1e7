"""Documents by their hash: a list that is trusted, and those that clients have sent before.

A request names a document by `extensions.persistedQuery {version: 1, sha256Hash}`, as automatic persisted queries do.
Where only trusted documents are taken, a text is taken too if it is one of them.

What clients send is kept for all of them, so nothing is that has values of its own: whether a document is known would
tell whether somebody has asked for that child.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from authz.bounded import Bounded
from gateway.config import read_text
from gateway.errors import ConfigError, RequestError
from gateway.operations import without_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_KEPT: Final = 2_000
MAX_TEXT: Final = 16 * 2**20
"""Characters of all documents that clients sent."""

_HASH_LENGTH: Final = 64


class PersistedDocuments:
    """`trusted` are texts by hash; with `only` no others are taken, else `MAX_KEPT` that clients sent are kept."""

    def __init__(self, trusted: Mapping[str, str] | None = None, *, only: bool = False) -> None:
        self._trusted = dict(trusted or {})
        self.only = only
        self._sent: Bounded[str, str] = Bounded(MAX_KEPT, most=MAX_TEXT, weigh=len)

    def __len__(self) -> int:
        return len(self._trusted) + len(self._sent)

    def resolve(self, text: str | None, hash_: str | None) -> str:
        """The document that is meant.

        Raises `RequestError` with code PERSISTED_QUERY_NOT_FOUND (send the text too), BAD_REQUEST where hash and text
        do not belong together, or DOCUMENT_NOT_TRUSTED.
        """
        if hash_ is None:
            assert text is not None
            if self.only and sha256(text.encode()).hexdigest() not in self._trusted:
                raise RequestError.of("DOCUMENT_NOT_TRUSTED", "only documents of the trusted list are taken here")
            return text
        known = self._trusted.get(hash_) or self._sent.get(hash_)
        if text is None:
            if known is None:
                raise RequestError.of("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
            return known
        if sha256(text.encode()).hexdigest() != hash_:
            raise RequestError.of("BAD_REQUEST", "`sha256Hash` is not that of `query`")
        if known is None:
            if self.only:
                raise RequestError.of("DOCUMENT_NOT_TRUSTED", "only documents of the trusted list are taken here")
            if without_values(text).is_as_sent:
                self._sent.put(hash_, text)
        return text


def read_trusted(path: Path) -> dict[str, str]:
    """A list of documents: JSON, `{hash: text}` or a manifest with `operations: [{id, body}]`.

    Raises `ConfigError` where it is neither, or a hash is not that of its text.
    """
    try:
        payload = orjson.loads(read_text(path))
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"`{path}` is not JSON: line {error.lineno}, column {error.colno}") from error
    found = payload
    if isinstance(payload, dict) and isinstance(payload.get("operations"), list):
        items = [item for item in payload["operations"] if isinstance(item, dict)]
        found = {item.get("id"): item.get("body") for item in items}
    if not isinstance(found, dict) or not found:
        raise ConfigError(f"`{path}` is a JSON object of texts by hash, or has `operations` with `id` and `body`")
    for hash_, text in found.items():
        if not isinstance(hash_, str) or not isinstance(text, str) or sha256(text.encode()).hexdigest() != hash_:
            raise ConfigError(f"`{path}`: `{str(hash_)[:_HASH_LENGTH]}` is not the SHA-256 of its text, in hexadecimal")
    return found
