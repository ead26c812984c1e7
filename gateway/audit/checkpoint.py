"""Signed tree heads: checkpoints in signed notes (C2SP, tlog-checkpoint and signed-note), by Ed25519.

cps.example/audit
1042
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— cps.example/audit Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from authz.errors import KeyFileError
from authz.keyfile import kept_secret, older_keys
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_ED25519: Final = b"\x01"
_DASH: Final = "\u2014"
SEED_BYTES: Final = 32
ORIGIN: Final = "child-protection-gateway/audit"
"""The log's name in its checkpoints."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's size and root, under the log's name."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class HeadSigner:
    """Signs the checkpoints of one log."""

    def __init__(self, origin: str, seed: bytes) -> None:
        self.origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._key.public_key().public_bytes_raw()

    @classmethod
    def of_file(cls, origin: str, path: Path) -> HeadSigner:
        """By the seed in a file, made at first use; raises `ConfigError` where it can't be used."""
        try:
            seed = kept_secret(path, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
        except KeyFileError as error:
            raise ConfigError(f"the key of the log's heads: {error}") from error
        if len(seed) != SEED_BYTES:
            raise ConfigError(f"the key of the log's heads has {len(seed)} bytes, not {SEED_BYTES}")
        return cls(origin, seed)

    @property
    def verifier_key(self) -> str:
        """The public key as a signed note's verifier key: name, hash and key, with `+` between."""
        identifier = _key_hash(self.origin, self._public).hex()
        return f"{self.origin}+{identifier}+{base64.b64encode(_ED25519 + self._public).decode()}"

    def sign(self, size: int, root: bytes) -> str:
        """The signed note of a tree's head."""
        text = Checkpoint(self.origin, size, root).text()
        signed = _key_hash(self.origin, self._public) + self._key.sign(text.encode())
        return f"{text}\n{_DASH} {self.origin} {base64.b64encode(signed).decode()}\n"


def read_checkpoint(note: str, verifier_keys: list[str]) -> Checkpoint:
    """A note's checkpoint, signed by one of these keys; raises `ConfigError` where it is not."""
    found = unsigned(note)
    text, _, signatures = note.partition("\n\n")
    keys = [_verifier(key) for key in verifier_keys]
    for line in signatures.splitlines():
        dash, name, encoded = (*line.split(" "), "", "")[:3]
        if dash == _DASH and any(_is_signed(f"{text}\n", name, encoded, key) for key in keys):
            return found
    raise ConfigError("the head is not signed by a key that is known")


def unsigned(note: str) -> Checkpoint:
    """What a note says, whoever signed it; raises `ConfigError` where it is no checkpoint."""
    lines = [*note.partition("\n\n")[0].split("\n"), ""]
    try:
        return Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (IndexError, ValueError, binascii.Error):
        raise ConfigError("the head is no checkpoint: name, size and root on lines of their own") from None


def _is_signed(text: str, name: str, encoded: str, key: tuple[str, bytes]) -> bool:
    try:
        signed = base64.b64decode(encoded, validate=True)
        if name != key[0] or signed[:4] != _key_hash(*key):
            return False
        Ed25519PublicKey.from_public_bytes(key[1]).verify(signed[4:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def _verifier(key: str) -> tuple[str, bytes]:
    """Name and public key; the base64 of a key may have a `+` in it, a name may not."""
    name, _, encoded = (*key.strip().split("+", 2), "", "")[:3]
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        decoded = b""
    if len(decoded) != 33 or decoded[:1] != _ED25519:
        raise ConfigError("a verifier key is `name+hash+key`, of Ed25519")
    return name, decoded[1:]


def verifier_keys(signing: Path) -> list[str]:
    """Those of the key of heads in a file and of the keys before it, the newest first; and, a line each in a file
    beside it (`.trusted`), those of other hosts that write the same log. Raises `ConfigError`.
    """
    if not signing.exists():
        raise ConfigError("there is no key of heads beside the log: give --key")
    ours = [HeadSigner.of_file(ORIGIN, path).verifier_key for path in (signing, *older_keys(signing))]
    others = signing.with_name(f"{signing.name}.trusted")
    return ours + (others.read_text(encoding="utf-8").split() if others.exists() else [])


def _key_hash(name: str, public: bytes) -> bytes:
    return sha256(f"{name}\n".encode() + _ED25519 + public).digest()[:4]
