"""How a gateway is wired, and how what it serves is replaced."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from pathlib import Path

import pytest

from gateway.app import AppConfig, AuditConfig, Served, build
from gateway.audit import remote
from gateway.composition import SubgraphSource, compose
from gateway.errors import AuditUnavailable
from tests.audit.entries import entry


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
