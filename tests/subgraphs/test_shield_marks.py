"""An older index that is put back unshields nobody."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from resolvers.errors import SourceUnavailable
from resolvers.serve import application
from resolvers.sources.sql import Database
from subgraphs.index import shield_marks
from subgraphs.index.schema import subgraph
from subgraphs.index.shield_marks import LIFTED, MARKS, kept_shields


@pytest.fixture
def file(population: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(population / "index.sqlite", tmp_path / "index.sqlite"))


def marks(file: Path) -> Path:
    return file.with_name("index.sqlite.shields")


def shield(file: Path, *, lift: bool = False, count: int = 1) -> None:
    with sqlite3.connect(file) as index:
        index.execute(
            "UPDATE child SET shielded = ? WHERE id IN (SELECT id FROM child WHERE shielded = ? ORDER BY id LIMIT ?)",
            (not lift, lift, count),
        )
    index.close()


async def served(file: Path) -> None:
    """Serve the index for a moment."""
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        async with kept_shields(database):
            await asyncio.sleep(0)
    finally:
        await database.close()


async def test_who_is_shielded_is_kept_by_digests_that_nobody_else_reads(file: Path) -> None:
    await served(file)
    kept = json.loads(marks(file).read_text())
    with sqlite3.connect(file) as index:
        ids = [row[0] for row in index.execute("SELECT id FROM child WHERE shielded")]
    index.close()
    assert len(kept) == len(ids) > 0
    assert all(len(each) == 64 and not any(id_ in each for id_ in ids) for each in kept)
    assert marks(file).stat().st_mode & 0o777 == 0o600


async def test_an_older_index_does_not_start(file: Path, tmp_path: Path) -> None:
    older = shutil.copy(file, tmp_path / "older.sqlite")
    shield(file, count=2)
    await served(file)
    await served(file)
    shutil.copy(older, file)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="2 children who were shielded are not any more"):
            await served(file)


async def test_shields_that_were_lifted_are_named_by_their_number(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shield(file, count=3)
    await served(file)
    shield(file, lift=True, count=2)
    monkeypatch.setenv(LIFTED, "1")
    with pytest.raises(SourceUnavailable, match="2 children"):
        await served(file)
    monkeypatch.setenv(LIFTED, "2")
    await served(file)
    monkeypatch.delenv(LIFTED)
    await served(file)
    monkeypatch.setenv(LIFTED, "many")
    with pytest.raises(SourceUnavailable, match="is a number"):
        await served(file)


async def test_while_it_runs_new_shields_are_kept_and_lost_ones_reported(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shield_marks, "EVERY", 0.02)
    database = Database(f"sqlite+aiosqlite:///{file}")
    async with kept_shields(database):
        before = len(json.loads(marks(file).read_text()))
        shield(file, count=3)
        await asyncio.sleep(0.3)
        assert len(json.loads(marks(file).read_text())) == before + 3
        assert "not any more" not in caplog.text
        shield(file, lift=True)
        await asyncio.sleep(0.3)
        assert "1 children who were shielded are not any more" in caplog.text
    await database.close()


async def test_the_file_may_be_elsewhere_and_must_be_one_of_marks(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MARKS, str(tmp_path / "elsewhere.json"))
    await served(file)
    assert not marks(file).exists()
    for content, problem in (("{", "can't be read"), ("{}", "is not a list")):
        (tmp_path / "elsewhere.json").write_text(content)
        with pytest.raises(SourceUnavailable, match=problem):
            await served(file)


async def test_the_application_does_not_start_either(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    await served(file)
    shield(file, lift=True)
    database = Database(f"sqlite+aiosqlite:///{file}")
    app = application(subgraph, database)
    with pytest.raises(SourceUnavailable, match="1 children"):
        async with app.router.lifespan_context(app):
            pass
    await database.close()
    assert "`index` is not served: 1 children" in caplog.text


async def test_a_new_population_has_shields_of_its_own(file: Path, population: Path) -> None:
    assert not any(path.name.endswith(".shields") for path in population.iterdir())  # noqa: ASYNC240 - one look
    await served(file)
    marks(file).write_text(json.dumps(["another's"]))
    command = [sys.executable, "-m", "gateway", "seed", "--children", "20", "--seed", "3", "--data", str(file.parent)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    await served(file)
