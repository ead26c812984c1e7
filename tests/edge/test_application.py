"""How a gateway is wired, and how what it serves is replaced."""

from __future__ import annotations

import asyncio
import gc
import re
import time
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import access
from gateway.app import AppConfig, Application, AssertionConfig, AuditConfig, Served, SignInConfig, build
from gateway.audit import Sealer, Tokeniser, remote
from gateway.composition import SubgraphSource, compose
from gateway.console import ConsoleConfig
from gateway.edge import Acts, Auditing, fault_of
from gateway.errors import AuditUnavailable
from gateway.rate_limits import LocalCounter, PersonLimits, RemoteCounter
from gateway.rate_limits.redis_counter import RedisCounter
from tests.audit.entries import entry
from tests.edge.network import SURNAME, MemoryLog


def served(field: str) -> Served:
    read = compose([SubgraphSource("a", "http://a/", f"type Query {{ {field}: String }}")]).read
    assert read is not None
    return Served(read, {}, frozenset())


async def test_where_the_log_may_be_another_pseudonyms_are_sealed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "CONNECT_SECONDS", 0.05)
    audit = AuditConfig(tmp_path / "audit.sqlite", tmp_path, tmp_path / "nobody.sock")
    auditing = build(served("a"), AppConfig((), audit)).pipeline.settings.auditing
    assert auditing is not None
    auditing.sealer.keep(auditing.sealer.seal({"token": "9990000018"}))
    assert auditing.sealer.seal({"token": "9990000018"}) == ()
    with pytest.raises(AuditUnavailable, match="the audit log's writer is gone: it can't be reached"):
        await auditing.log.append(entry())
    assert [token for token, _ in auditing.sealer.seal({"token": "9990000018"})] == ["token"]


async def test_of_reloads_that_have_not_begun_one_is_enough() -> None:
    read: list[str] = []

    def reload() -> Served:
        read.append(f"a{len(read)}")
        time.sleep(0.02)
        return served(read[-1])

    application = build(served("a"), AppConfig((), None), reload)
    await asyncio.gather(*(application._reloaded(reload) for _ in range(30)))
    assert read == ["a0", "a1"], "the one under way may have read what was there before"
    assert "a1" in application.pipeline.supergraph.types["Query"].fields


async def test_what_was_served_before_goes_soon_though_the_collector_seldom_looks() -> None:
    application = build(served("a"), AppConfig((), None, deadline=0.05))
    gone = weakref.ref(application.pipeline)
    schema = weakref.ref(application.pipeline.supergraph.api_schema)
    gc.disable()
    try:
        await application.swap(served("b"))
        await asyncio.sleep(1.3)
        assert gone() is None
        assert schema() is None
    finally:
        gc.enable()


def reached(application: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url="http://gateway")


async def test_what_is_served_is_said_with_what_is_not_as_it_is_published() -> None:
    plain = build(served("a"), AppConfig((), None))
    version = plain.pipeline.supergraph.version
    async with reached(plain) as client:
        assert (await client.get("/health")).json() == {"status": "ok", "schema": version}
        ready = {"status": "ready", "schema": version, "unapproved": [], "refused": [], "unreachable": []}
        assert (await client.get("/ready")).json() == ready
        assert (await client.get("/.well-known/cps-keys.json")).json() == {"keys": []}
        assert (await client.get("/nothing")).status_code == 404
    for name in ("unapproved", "refused", "unreachable"):
        changed = replace(served("a"), **{name: ("police",)})  # type: ignore[arg-type] # by name
        async with reached(build(changed, AppConfig((), None))) as client:
            found = (await client.get("/ready")).json()
        assert found == {**ready, "status": "degraded", name: ["police"]}


async def test_a_log_that_can_not_be_written_is_said_and_looked_at_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Log:
        asked = 0
        failure: Exception | None = AuditUnavailable("the disk of Jones is full")

        async def check(self) -> None:
            self.asked += 1
            if self.failure is not None:
                raise self.failure

    log, application = Log(), build(served("a"), AppConfig((), None))
    application._log = log  # type: ignore[assignment] # all that is used of one
    async with reached(application) as client:
        for _ in range(3):
            answer = await client.get("/health")
            assert (answer.status_code, answer.json()["status"]) == (503, "failing")
            assert answer.json()["log"] == "can't be written"
            assert "Jones" not in answer.text
        assert log.asked == 1
        log.failure = None
        monkeypatch.setattr("gateway.app.HEALTH_SECONDS", 0.01)
        await asyncio.sleep(0.03)
        assert (await client.get("/health")).json()["status"] == "ok"
        log.check = lambda: asyncio.sleep(5)  # type: ignore[method-assign] # it does not answer
        await asyncio.sleep(0.03)
        assert (await client.get("/health")).status_code == 503


async def test_the_keys_of_assertions_are_published_without_what_is_private(tmp_path: Path) -> None:
    config = AppConfig((), None, assertion=AssertionConfig(tmp_path / "assertion.jwk"))
    async with reached(build(served("a"), config)) as client:
        (key,) = (await client.get("/.well-known/cps-keys.json")).json()["keys"]
    assert (key["kty"], key["crv"]) == ("EC", "P-256")
    assert "d" not in key


async def test_a_console_is_served_where_there_is_one_and_its_sessions_count(tmp_path: Path) -> None:
    console = ConsoleConfig(
        "https://idp.example", "console", None, "https://gateway.example", "openid cps.read", "{ a }"
    )
    signed_in = (SignInConfig("https://idp.example", "cps"),)
    asserting = AssertionConfig(tmp_path / "assertion.jwk")
    with_one = build(served("a"), AppConfig(signed_in, None, console=console, assertion=asserting))
    without = build(served("a"), AppConfig(signed_in, None))
    async with reached(with_one) as client, reached(without) as other:
        assert (await client.get("/console")).status_code == 200
        assert (await other.get("/console")).status_code == 404
        refused = await other.post("/graphql", json={"query": "{ a }"})
        assert refused.status_code == 401
    assert with_one._endpoint._session_token is not None
    assert without._endpoint._session_token is None


async def test_what_the_configuration_says_reaches_the_pipeline(tmp_path: Path) -> None:
    given = replace(
        served("a"),
        agencies={"a": "380"},
        pass_messages=frozenset("a"),
        hosted={"a": frozenset(("380", "381"))},
        codes={"a": frozenset(("OWN",))},
        audiences={"a": "380"},
    )
    limits = PersonLimits(searches_a_minute=3)
    signed_in = (SignInConfig("https://idp.example", "cps"),)
    assertion = AssertionConfig(tmp_path / "assertion.jwk", "west")
    config = AppConfig(signed_in, None, assertion=assertion, person_limits=limits, override_labels=frozenset(("x",)))
    application = build(given, config)
    settings = application.pipeline.settings
    assert settings.agencies == {"a": "380"}
    assert (settings.pass_messages, settings.labels) == (frozenset("a"), frozenset("x"))
    assert (settings.hosted, settings.codes, settings.audiences) == (given.hosted, given.codes, given.audiences)
    assert settings.limiter is not None
    assert settings.limiter.limits == limits
    assert settings.policies is not None
    assert settings.signer is not None
    assert settings.claims is not None
    assert settings.grants is not None
    assert set(settings.inside) == {access.URL}
    open_to_all = build(given, AppConfig((), None)).pipeline.settings
    assert (open_to_all.policies, open_to_all.signer, open_to_all.claims, open_to_all.grants) == (
        None,
        None,
        None,
        None,
    )
    changed = replace(given, agencies={"a": "381"}, codes={})
    await application.swap(changed)
    assert (application.pipeline.settings.agencies, application.pipeline.settings.codes) == ({"a": "381"}, {})
    assert application.pipeline.settings.limiter is settings.limiter


async def test_requests_under_way_are_counted_until_they_are_answered() -> None:
    """By it the log's client knows for how many entries a batch may wait."""
    application = build(served("a"), AppConfig((), None, deadline=0.2))
    seen: list[int] = []
    answer = application.pipeline.answer

    async def watched(*given: Any) -> Any:
        seen.append(application._endpoint.under_way)
        return await answer(*given)

    application.pipeline.answer = watched  # type: ignore[method-assign, assignment]
    async with reached(application) as client:
        for query in ("{ a }", "{ nothing }", "{ a }"):
            assert (await client.post("/graphql", json={"query": query})).status_code == 200
            assert application._endpoint.under_way == 0
    assert seen == [1, 1, 1]


async def test_what_is_served_from_when_on_is_in_the_log() -> None:
    log = MemoryLog()
    application = build(served("a"), AppConfig((), None))
    application._acts = Acts(Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32)))
    async with application._lifespan(application._rest):
        first = application.pipeline.supergraph.version
        await application.swap(served("b"))
        second = application.pipeline.supergraph.version
    assert [(entry.outcome, entry.schema_version) for entry in log.entries] == [
        ("SCHEMA_SERVED", first),
        ("SCHEMA_SERVED", second),
    ]
    assert first != second


def test_one_person_is_counted_where_all_workers_reach(tmp_path: Path) -> None:
    def counter(**more: Any) -> object:
        return build(served("a"), AppConfig((), **{"audit": None, **more}))._counter

    writer = AuditConfig(tmp_path / "audit.sqlite", tmp_path, tmp_path / "audit.sock")
    assert isinstance(counter(), LocalCounter)
    assert isinstance(counter(audit=writer), RemoteCounter)
    assert isinstance(counter(audit=writer, counter="redis://127.0.0.1:6379/0"), RedisCounter)


@pytest.mark.parametrize("group", [False, True])
def test_a_fault_is_told_by_its_class_and_place(group: bool) -> None:
    try:
        raise ValueError(SURNAME)
    except ValueError as error:
        fault = ExceptionGroup("several", [ExceptionGroup("inner", [error])]) if group else error
        found = fault_of(fault)
    assert re.fullmatch(r"ValueError at tests\.edge\.test_application:\d+", found)
