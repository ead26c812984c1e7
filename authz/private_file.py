"""Files that their owner alone reads and writes: keys, logs, and whatever names a child."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def open_private(path: Path, flags: int = os.O_RDWR, *, new: bool = False) -> int:
    """Return a descriptor of a private file, which is made where it is not there; with `new` it must not be.

    A file of one's own that others could read is closed to them. Raises `OSError`; a symbolic link is no such file.
    """
    wanted = flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_EXCL if new else 0)
    descriptor = os.open(path, wanted, 0o600)
    try:
        found = os.fstat(descriptor)
        if found.st_mode & 0o077 and stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            os.fchmod(descriptor, 0o600)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def make_private(path: Path) -> None:
    """Let there be a private file, empty where it is new: what opens it next, such as SQLite, keeps its mode.

    A file that is there is not opened: to close it would let go of all locks that this process has on it (POSIX,
    fcntl), those of an open SQLite database too. Raises `OSError`; a symbolic link is no such file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        found = path.lstat()
    except FileNotFoundError:
        try:
            os.close(open_private(path, new=True))
        except FileExistsError:  # somebody else made it meanwhile
            make_private(path)
        return
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if found.st_mode & 0o077 and stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
        path.chmod(0o600)


def replace_private(path: Path, content: bytes) -> None:
    """Let a private file hold this: whoever reads meanwhile reads what was there or this, whole, and so after a crash.

    Raises `OSError`; then what was there is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(open_private(draft, os.O_WRONLY, new=True), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
