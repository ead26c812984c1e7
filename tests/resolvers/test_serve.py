"""The HTTP side: limits, masked errors, the SQL log, health."""

import asyncio
import datetime as dt
import logging
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from resolvers import serve
from resolvers.entity import MAX_ENTITY_CALLS, MAX_REPRESENTATIONS
from resolvers.errors import SourceUnavailable
from resolvers.sources.sql import Database
from tests.resolvers.clinic import clinic, metadata
from tests.resolvers.served import Served, child, served

ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { clinic { name } } } }"


async def test_health(api: Served) -> None:
    response = await api.client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "subgraph": "clinic"})


async def test_health_of_a_database_that_is_gone(clinic_url: str, tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"this is no database, and long enough to be seen as none" * 20)
    async with served(clinic, f"sqlite+aiosqlite:///{path}", tmp_path) as api:
        response = await api.client.get("/health")
        assert (response.status_code, response.json()["status"]) == (503, "unavailable")
        answer = await api.ask(ENTITIES, r=[child("a", ("EAST", "1"))])
        assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b'{"query": "{ __typename }"}', {"content-type": "text/plain"}, 415, "BAD_REQUEST"),
        (b"{", {}, 400, "BAD_REQUEST"),
        (b"[]", {}, 400, "BAD_REQUEST"),
        (b'{"query": 1}', {}, 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "variables": []}', {}, 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "operationName": 1}', {}, 400, "BAD_REQUEST"),
        (b'{"query": "' + b" " * serve.MAX_BODY_BYTES + b'"}', {}, 413, "TOO_LARGE"),
    ],
)
async def test_what_is_no_request_is_refused(
    api: Served, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = await api.client.post(
        "/graphql", content=content, headers={"content-type": "application/json", **headers}
    )
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("{ _service { sdl } }", "Other"), ("query A { _service { sdl } }", "B"), ("{ __typename ", "A"),
        ("query A { __typename } query B { __typename }", "C"),
        ("fragment F on Query { __typename }", None), ("", None),
    ],
)  # fmt: skip
async def test_an_operation_that_is_not_there_is_a_mistake_of_who_asks(
    api: Served, query: str, name: str | None
) -> None:
    response = await api.client.post("/graphql", json={"query": query, "operationName": name})
    told = response.json()
    assert response.status_code in (200, 400)
    assert "data" not in told
    assert told["errors"][0]["extensions"]["code"] in ("BAD_REQUEST", "GRAPHQL_VALIDATION_FAILED")


async def test_only_post(api: Served) -> None:
    assert (await api.client.get("/graphql?query={__typename}")).status_code == 405


async def test_too_many_representations(api: Served) -> None:
    full = [child("a", ("EAST", "1"))] * MAX_REPRESENTATIONS
    assert len((await api.data(ENTITIES, r=full))["_entities"]) == MAX_REPRESENTATIONS
    answer = await api.ask(ENTITIES, r=[*full, full[0]])
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REPRESENTATION"


async def test_too_many_entity_fields(api: Served) -> None:
    fields = "".join(f"e{each}: _entities(representations: []) {{ __typename }} " for each in range(MAX_ENTITY_CALLS))
    assert "errors" not in await api.ask(f"{{ {fields} }}")
    answer = await api.ask(f"{{ {fields} last: _entities(representations: []) {{ __typename }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REPRESENTATION"


async def test_too_long_a_document(api: Served) -> None:
    answer = await api.ask("{ " + "__typename " * 10_001 + "}")
    assert "errors" in answer
    assert answer.get("data") is None


async def test_an_internal_error_says_nothing_of_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A table is missing: the caller learns that something failed, the log what kind and where, neither any value."""
    path = tmp_path / "half.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine, tables=[metadata.tables["ROOM"]])
    engine.dispose()
    async with served(clinic, f"sqlite+aiosqlite:///{path}", tmp_path) as api:
        with caplog.at_level(logging.DEBUG):
            answer = await api.ask(ENTITIES, r=[child("a", ("EAST", "31415"))])
    assert answer == {
        "data": None,
        "errors": [{"message": "internal error", "path": ["_entities"], "extensions": {"code": "INTERNAL"}}],
    }
    assert "OperationalError" in caplog.text
    assert "31415" not in caplog.text


async def test_a_slow_database_costs_a_timeout(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(*_: object, **__: object) -> None:
        await asyncio.sleep(10)

    monkeypatch.setattr(serve, "REQUEST_SECONDS", 0.05)
    monkeypatch.setattr("resolvers.subgraph.resolve_entities", stuck)
    response = await api.post({"query": ENTITIES, "variables": {"r": [child("a", ("EAST", "1"))]}})
    assert response.status_code == 504
    assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"


async def test_the_sql_log_holds_texts_and_the_request_but_no_value(api: Served) -> None:
    body = {"query": ENTITIES, "variables": {"r": [child("a", ("EAST", "31"))]}}
    await api.post(body, **{"cps-request-id": "01J-abc"})
    await api.post(body, **{"cps-request-id": "not {an} id"})
    await api.post(body)
    lines = api.log()
    assert [line["requestId"] for line in lines] == ["01J-abc", "", ""]
    for line in lines:
        assert set(line) == {"time", "requestId", "statement"}
        assert dt.datetime.fromisoformat(line["time"]).utcoffset() == dt.timedelta()
        assert line["statement"].startswith("SELECT")
        assert "31" not in line["statement"]
        assert "EAST" not in line["statement"]


async def test_requests_at_once_keep_their_ids(api: Served) -> None:
    body = {"query": ENTITIES, "variables": {"r": [child("a", ("EAST", "1"))]}}
    await asyncio.gather(*(api.post(body, **{"cps-request-id": f"id-{each}"}) for each in range(20)))
    assert sorted(line["requestId"] for line in api.log()) == sorted(f"id-{each}" for each in range(20))


async def test_the_database_cannot_be_written(clinic_url: str) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    database = Database(clinic_url)
    try:
        async with database.reader() as reader:
            with pytest.raises(OperationalError, match="attempt to write a readonly database"):
                await reader.rows(text("DELETE FROM NOTE"), {})
    finally:
        await database.close()


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///nowhere.sqlite", "sqlite+aiosqlite://", "mysql://x/y", "?"])
def test_a_database_that_cannot_be_opened_is_said_at_once(url: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"does not exist|can't be read"):
        Database(url)


async def test_what_is_refused_is_no_fault_and_not_logged_as_one(api: Served, caplog: pytest.LogCaptureFixture) -> None:
    full = [child("a", ("EAST", "1"))] * (MAX_REPRESENTATIONS + 1)
    with caplog.at_level(logging.DEBUG):
        answer = await api.ask(ENTITIES, r=full)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REPRESENTATION"
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
