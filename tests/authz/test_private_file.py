"""Files for their owner alone."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from authz.private_file import make_private, open_private

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def open_umask() -> object:
    """As if all that is made were for everyone."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    make_private(tmp_path / "new" / "file")
    assert mode(tmp_path / "new" / "file") == 0o600


def test_one_that_others_could_read_is_closed_to_them_and_keeps_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("kept")
    path.chmod(0o644)
    make_private(path)
    assert (mode(path), path.read_text()) == (0o600, "kept")


def test_an_open_database_keeps_its_locks(tmp_path: Path) -> None:
    """Were they let go of, another process would take itself for the last one and remove the write-ahead file."""
    path = tmp_path / "file.sqlite"
    make_private(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as here:
        here.execute("PRAGMA journal_mode = WAL")
        here.execute("CREATE TABLE seen (number)")
        make_private(path)
        write = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('INSERT INTO seen VALUES (1)');"
        for expected in (1, 2):
            subprocess.run([sys.executable, "-c", f"{write} c.commit(); c.close()", str(path)], check=True)
            assert here.execute("SELECT count(*) FROM seen").fetchone() == (expected,)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"symbolic|loop|Too many"):
        make_private(tmp_path / "link")


def test_a_new_one_is_not_one_that_is_there(tmp_path: Path) -> None:
    os.close(open_private(tmp_path / "file", os.O_WRONLY, new=True))
    with pytest.raises(FileExistsError, match="File exists"):
        open_private(tmp_path / "file", os.O_WRONLY, new=True)


def test_no_other_function_makes_a_private_file() -> None:
    makes = re.compile(r"O_CREAT|\.touch\(|mkstemp|NamedTemporaryFile|0o600")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("authz", "gateway", "resolvers", "subgraphs")
        for path in (ROOT / folder).rglob("*.py")
        if makes.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"authz/private_file.py"}
