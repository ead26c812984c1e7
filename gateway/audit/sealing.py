"""What pseudonyms stand for, encrypted: an opened case file may reveal it, and nobody who has only the log can.

AES-256-GCM (NIST SP 800-38D) with a random nonce; the token is authenticated with what it stands for, so that no sealed
value can be put in another's place. The key is kept beside the log's, in a file of its own.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from authz.bounded import Bounded
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_KNOWN: Final = 50_000
"""Of so many it is known that somebody's token is sealed in the log already; others are sealed again.

It is known for each practitioner apart: or the time of an answer would tell that somebody else has asked about a child.
"""

Asker: TypeAlias = tuple[str, str]
"""A practitioner: issuer and subject."""

NOBODY: Final[Asker] = ("", "")
_NONCE_BYTES: Final = 12


class Sealer:
    """Seals what tokens stand for, each as seldom as it can tell."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._known: Bounded[tuple[Asker, str], bool] = Bounded(MAX_KNOWN)

    def seal(self, found: Mapping[str, str], asker: Asker = NOBODY) -> tuple[tuple[str, str], ...]:
        """Of these tokens, with what they stand for, those that are not known to be in the log from this asker."""
        fresh = [(token, plain) for token, plain in found.items() if self._known.get((asker, token)) is None]
        return tuple((token, self._sealed(token, plain)) for token, plain in fresh)

    def keep(self, sealed: Iterable[tuple[str, str]], asker: Asker = NOBODY) -> None:
        """These are durable: they are not sealed again where the same one asks."""
        for token, _ in sealed:
            self._known.put((asker, token), True)

    def forget(self) -> None:
        """What is in the log is not known: all is sealed again."""
        self._known = Bounded(MAX_KNOWN)

    def open(self, token: str, sealed: str) -> str:
        """What a token stands for; raises `ConfigError` where it was sealed by another key, or altered."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], token.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise ConfigError("what the pseudonym stands for can't be read by this key") from error

    def _sealed(self, token: str, plain: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, plain.encode(), token.encode())).decode()
