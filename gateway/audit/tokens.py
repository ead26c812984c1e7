"""Keyed pseudonyms: one identifier always has one token, and only who holds the key can tell which.

The key is made at first use and kept beside the log, readable by its owner only: without it the log can't be searched
by identifier any more, so it is backed up with the log and never deleted.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.errors import KeyFileError
from authz.keyfile import kept_secret, older_keys
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY_BYTES = 32
AUDIT_KEYS = ("audit.key", "audit.seal")
"""The files of a log's keys: that of pseudonyms, and that of what they stand for."""

SHORTEST_IDENTIFIER = 6
BLOCK_BYTES = 64
"""Of SHA-256."""


def load_key(path: Path, *, make: bool) -> bytes:
    """The key in this file; `make` one if there is none, as only who writes the log may.

    Raises `ConfigError` where there is none, or it can't be used.
    """
    try:
        key = kept_secret(path, (lambda: secrets.token_bytes(KEY_BYTES)) if make else None)
    except KeyFileError as error:
        raise ConfigError(f"the audit key: {error}") from error
    if len(key) != KEY_BYTES:
        raise ConfigError(f"the audit key has {len(key)} bytes, not {KEY_BYTES}")
    return key


def load_tokeniser(path: Path, *, make: bool) -> Tokeniser:
    """By the key in this file, with those that were before it. Raises as `load_key`."""
    newest, *older = load_keys(path, make=make)
    return Tokeniser(newest, tuple(older))


def load_keys(path: Path, *, make: bool) -> list[bytes]:
    """The key in this file with those that were before it, the newest first. Raises as `load_key`."""
    return [load_key(path, make=make), *(load_key(each, make=False) for each in older_keys(path))]


LONGEST_IDENTIFIER: Final = 100
"""Characters: what is longer is a text, and identifies nobody. It is not sealed: what it says is not the log's."""

MAX_IDENTIFIERS: Final = 500
"""Values of one request that may identify: each is sealed, and the entry is found by it."""


class Tokeniser:
    """Makes tokens: 128 bits of HMAC-SHA-256, in hexadecimal."""

    def __init__(self, key: bytes, older: tuple[bytes, ...] = ()) -> None:
        """`older` are keys that tokens were made by before this one."""
        self._all = (key, *older)
        block = (key if len(key) <= BLOCK_BYTES else sha256(key).digest()).ljust(BLOCK_BYTES, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))  # RFC 2104: what of it is the same for every text
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    @property
    def keys(self) -> int:
        """How many keys there have been."""
        return len(self._all)

    def tokens(self, identifier: str) -> list[str]:
        """The token of an identifier by each key, the newest first."""
        return [Tokeniser(key).token(identifier) for key in self._all]

    def token(self, identifier: str) -> str:
        """The token of an identifier; spaces and case do not count, as people write NHS numbers both ways."""
        plain = "".join(identifier.split()).upper()
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(plain.encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:32]

    def variables(self, values: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
        """Variables as they may be kept: every text, number and name inside is its token; and what can identify, by its
        token.
        """
        found: dict[str, str] = {}
        return {name: self._value(value, found) for name, value in values.items()}, found

    def _value(self, value: object, found: dict[str, str]) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str | int | float):
            token = self.token(str(value))
            if SHORTEST_IDENTIFIER <= len(str(value)) <= LONGEST_IDENTIFIER:
                found[token] = str(value)
            return token
        if isinstance(value, list):
            return [self._value(item, found) for item in value]
        if isinstance(value, dict):
            return {self.token(name): self._value(item, found) for name, item in value.items()}
        return None
