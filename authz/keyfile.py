"""Secrets that are kept in files: made at first use, readable by their owner only.

They are backed up with what they belong to: a key that is gone takes with it what was made by it.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from authz.errors import KeyFileError
from authz.private_file import open_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def kept_secret(path: Path, make: Callable[[], bytes] | None) -> bytes:
    """The secret in this file, made if there is none and `make` is given.

    Raises `KeyFileError` where there is none, or it can't be used.
    """
    try:
        if make is not None and not path.exists():
            _make(path, make())
        secret = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise KeyFileError(f"`{path.name}` can't be had: {error.strerror}") from error
    if mode & 0o077:
        raise KeyFileError(f"`{path.name}` can be read by others: `chmod 600` it")
    return secret


def older_keys(path: Path) -> list[Path]:
    """Files of keys that this one has taken the place of, the newest first: its name, a dot and a number."""
    found = [each for each in path.parent.glob(f"{path.name}.*") if each.suffix[1:].isdigit()]
    return sorted(found, key=lambda each: int(each.suffix[1:]), reverse=True)


def retire(path: Path) -> Path | None:
    """Set a key's file aside under the next number, so that a new one is made at the next start; None: there is none.

    One rename: a crash leaves the key in one of the two places.
    """
    if not path.exists():
        return None
    number = max((int(each.suffix[1:]) for each in older_keys(path)), default=0) + 1
    return path.rename(path.with_name(f"{path.name}.{number}"))


def _make(path: Path, secret: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = open_private(draft, os.O_WRONLY, new=True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # a crash before this leaves a draft that nothing reads; another process may win
    except FileExistsError:
        pass
    finally:
        draft.unlink()
