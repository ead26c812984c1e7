"""Determinism, and what a crash or a second run leaves."""

import asyncio
import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.population import databases, seeding
from subgraphs.population.__main__ import main
from subgraphs.population.seeding import DATABASES, MARKER, TODAY, Order, seed
from subgraphs.population.views.sheet import Sheet
from tests.resolvers.postgres import postgres

ROOT = Path(__file__).parents[2]


def digest(path: Path) -> str:
    """Of every row of every table, in the order in which they were written."""
    found = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        for line in connection.iterdump():
            found.update(line.encode())
    return found.hexdigest()


def _nobody(database: str, done: int, total: int) -> None:
    assert done <= total


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_same_seed_gives_the_same_rows_in_another_process(folder: Path, tmp_path: Path, hash_seed: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "subgraphs.population"]
    options = ["--children", "300", "--seed", "7", "--out", str(tmp_path)]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run([*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "300 children" in done.stderr
    for name in DATABASES:
        assert digest(tmp_path / f"{name}.sqlite") == digest(folder / f"{name}.sqlite"), name


def test_another_seed_and_another_day_give_other_rows(folder: Path, tmp_path: Path) -> None:
    for order in (Order(300, 8, TODAY, tmp_path / "seed", {}), Order(300, 7, date(2026, 5, 1), tmp_path / "day", {})):
        seed(order, _nobody)
        for name in DATABASES:
            assert digest(order.folder / f"{name}.sqlite") != digest(folder / f"{name}.sqlite"), name


def test_foreign_keys_hold(folder: Path) -> None:
    for name in DATABASES:
        with closing(sqlite3.connect(folder / f"{name}.sqlite")) as connection:
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_second_run_does_nothing_unless_asked(tmp_path: Path) -> None:
    options = ["--children", "12", "--out", str(tmp_path)]
    assert CliRunner().invoke(main, options).exit_code == 0
    (tmp_path / "police.sqlite").write_bytes(b"touched")
    again = CliRunner().invoke(main, options)
    assert "already made" in again.stderr
    assert (tmp_path / "police.sqlite").read_bytes() == b"touched"
    assert CliRunner().invoke(main, [*options, "--fresh"]).exit_code == 0
    assert (tmp_path / "police.sqlite").read_bytes() != b"touched"


def test_another_order_is_not_made_yet(tmp_path: Path) -> None:
    order = Order(12, 1, TODAY, tmp_path, {})
    seed(order, _nobody)
    assert order.is_made()
    assert not replace(order, children=13).is_made()
    assert not replace(order, seed=2).is_made()
    assert not replace(order, today=date(2026, 4, 1)).is_made()


def test_a_new_version_or_a_lost_file_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order(12, 1, TODAY, tmp_path, {})
    seed(order, _nobody)
    (tmp_path / "acute.sqlite").rename(tmp_path / "elsewhere")
    assert not order.is_made()
    (tmp_path / "elsewhere").rename(tmp_path / "acute.sqlite")
    assert order.is_made()
    monkeypatch.setattr(seeding, "VERSION", seeding.VERSION + 1)
    assert not order.is_made()


def test_a_crash_leaves_no_half_database_and_no_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order(12, 1, TODAY, tmp_path, {})
    seed(order, _nobody)
    before = {name: digest(tmp_path / f"{name}.sqlite") for name in DATABASES}

    def crash(database: str, done: int, total: int) -> None:
        if database == "acute":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # noqa: PT011 - it says nothing
        seed(Order(12, 2, TODAY, tmp_path, {}), crash)
    assert not (tmp_path / MARKER).exists()
    assert digest(tmp_path / "acute.sqlite") == before["acute"]
    assert digest(tmp_path / "index.sqlite") == before["index"]
    seed(order, _nobody)
    assert {name: digest(tmp_path / f"{name}.sqlite") for name in DATABASES} == before
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_database_goes_where_its_url_says_and_the_marker_keeps_no_password(tmp_path: Path) -> None:
    place = tmp_path / "elsewhere" / "p.db"
    options = ["--children", "12", "--out", str(tmp_path), "--url", f"police=sqlite+aiosqlite:///{place}"]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0, result.output
    assert place.is_file()
    assert not (tmp_path / "police.sqlite").exists()
    url = make_url("postgresql+asyncpg://cps:secret@db/police")
    assert "secret" not in Order(12, 1, TODAY, tmp_path, {"police": url}).marker()


@pytest.mark.parametrize(
    "value", ["nowhere=sqlite:///x", "police=mysql://x/y", "police=sqlite://", "police=", "police"]
)
def test_a_wrong_url_is_refused(tmp_path: Path, value: str) -> None:
    result = CliRunner().invoke(main, ["--out", str(tmp_path / "out"), "--url", value])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


async def test_postgresql_holds_the_same(written: dict[str, Sheet]) -> None:
    """Skipped, saying so, where no PostgreSQL answers on this machine."""
    assert all(len(sheet) for sheet in written.values())
    assert len(written) == 6
    async with postgres(lambda connection: None) as url:
        for sheet in written.values():
            await asyncio.to_thread(databases.write, make_url(url), sheet, lambda rows: None)
            engine = create_async_engine(url)
            async with engine.connect() as connection:
                for table, rows in sheet:
                    found = [dict(row._mapping) for row in await connection.execute(select(table))]
                    assert sorted(map(repr, found)) == sorted(map(repr, rows)), table.name
            await engine.dispose()
