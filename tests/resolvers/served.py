"""A subgraph in this process, over HTTP, with the SQL statements that each request ran."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from resolvers.serve import application
from resolvers.sources.sql import Database
from resolvers.subgraph import Subgraph


class Served:
    def __init__(self, client: httpx.AsyncClient, log: Path) -> None:
        self.client = client
        self._log = log
        self._read = 0

    async def post(self, content: object, **headers: str) -> httpx.Response:
        return await self.client.post("/graphql", json=content, headers=headers)

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The whole answer."""
        response = await self.post({"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def entities(self, selection: str, *representations: object) -> list[Any]:
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
        entities: list[Any] = (await self.data(query, r=list(representations)))["_entities"]
        return entities

    def log(self) -> list[dict[str, str]]:
        """The lines of the SQL log since the last look."""
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        new, self._read = lines[self._read :], len(lines)
        return new

    def statements(self) -> list[str]:
        return [line["statement"] for line in self.log()]


@asynccontextmanager
async def served(subgraph: Subgraph, url: str, folder: Path) -> AsyncIterator[Served]:
    log = folder / f"{subgraph.name}.sql.jsonl"
    database = Database(url, log)
    transport = httpx.ASGITransport(app=application(subgraph, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://subgraph") as client:
        yield Served(client, log)
    await database.close()


def child(identifier: str, *holders: tuple[str, str]) -> dict[str, object]:
    """A representation of Child as the gateway sends it."""
    held = [{"agency": agency, "recordId": record} for agency, record in holders]
    return {"__typename": "Child", "id": identifier, "holders": held}
