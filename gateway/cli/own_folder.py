"""A folder of one process, for its sockets. Those of processes that were killed are removed by whoever starts next."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from authz.private_file import open_private

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX: Final = "cps-"
_LOCK: Final = "lock"
"""A file that the folder's process holds as long as it lives: what nobody holds is left over."""

MAX_LOOKED_AT: Final = 1_000


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """Yield a new folder that only this user reaches; it goes with the process, or with the next one's start."""
    remove_left_over()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        held = open_private(folder / f".{_LOCK}", new=True)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            (folder / f".{_LOCK}").rename(folder / _LOCK)  # held already when it is there
            yield folder
        finally:
            os.close(held)


def remove_left_over() -> None:
    """Remove the folders of this user's processes that are no more; one that can't be looked at stays."""
    for number, folder in enumerate(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        if number >= MAX_LOOKED_AT:
            return
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and _is_left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(folder: Path) -> bool:
    held = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(held)
    return True
