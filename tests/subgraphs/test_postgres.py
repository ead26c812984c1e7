"""Social care over PostgreSQL gives what it gives over SQLite, in as many statements."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, insert

from resolvers.entity import Representation
from subgraphs.social_care.tables import metadata
from tests.resolvers.postgres import postgres
from tests.resolvers.served import served
from tests.subgraphs.conftest import SECTORS, Serve, subgraph


async def test_both_engines_agree(
    serve: Serve, population: Path, tmp_path: Path, representations: dict[str, list[Representation]]
) -> None:
    source = sqlite3.connect(population / "social_care.sqlite")
    source.row_factory = sqlite3.Row

    def fill(connection: Connection) -> None:
        metadata.create_all(connection)
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in source.execute(f'SELECT * FROM "{table.name}"')]
            if rows:
                connection.execute(insert(table), rows)

    there_log = tmp_path / "there"
    there_log.mkdir()
    selection, given = SECTORS[0].everything(), representations["social_care"]
    paged = """... on Child { socialCare { chronology(first: 2) { id date summary } addresses { line } } }"""
    async with (
        postgres(fill) as url,
        served(subgraph("social_care"), url, there_log) as there,
        serve("social_care") as here,
    ):
        for asked in (selection, paged):
            assert await there.entities(asked, *given) == await here.entities(asked, *given)
            assert len(there.statements()) == len(here.statements())
        [entity] = await there.entities("... on Child { socialCare { chronology { id } } }", given[0])
        ids = [each["id"] for each in entity["socialCare"][0]["chronology"]]
        after = f'... on Child {{ socialCare {{ chronology(after: "{ids[0]}") {{ id }} }} }}'
        [entity] = await there.entities(after, given[0])
        assert [each["id"] for each in entity["socialCare"][0]["chronology"]] == ids[1:]
    source.close()
