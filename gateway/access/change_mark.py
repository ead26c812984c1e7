"""A mark beside a file: it changes with what is in the file, and processes see it as memory that they share.

It is no lock and no part of the database: who opens and closes it lets go of none of SQLite's locks.
"""

from __future__ import annotations

import mmap
import os
import secrets
from typing import TYPE_CHECKING, Final

from authz.private_file import open_private

if TYPE_CHECKING:
    from pathlib import Path

SIZE: Final = 16


def mark_of(path: Path) -> Path:
    """Return where the mark of a file stands."""
    return path.with_suffix(".mark")


def change_mark(path: Path) -> mmap.mmap:
    """Return the mark of a file as memory, made where there is none. Blocks; raises `OSError`."""
    descriptor = open_private(mark_of(path))
    try:
        if os.fstat(descriptor).st_size < SIZE:
            os.ftruncate(descriptor, SIZE)
        return mmap.mmap(descriptor, SIZE, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)


def change(path: Path) -> None:
    """Change the mark of a file, once what has changed in it is durable. Blocks; raises `OSError`."""
    descriptor = open_private(mark_of(path))
    try:
        os.pwrite(descriptor, secrets.token_bytes(SIZE), 0)
    finally:
        os.close(descriptor)
