"""Reference data in Redis: shared by gateways, let go in its time, and no loss where Redis is down."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from gateway.execution.reference import ReferenceCache
from tests.execution.test_reference import Kept

URL = os.environ.get("CPS_TEST_REDIS", "redis://127.0.0.1:6379/9")
HOST, PORT = URL.split("//")[1].split("/")[0].split(":")


def answers() -> bool:
    try:
        with closing(socket.create_connection((HOST, int(PORT)), timeout=1)) as there:
            there.sendall(b"PING\r\n")
            return there.recv(16).startswith(b"+PONG")
    except OSError:
        return False


pytestmark = pytest.mark.filterwarnings(
    "ignore:Call to deprecated setex:DeprecationWarning"
)  # as aiocache 0.12 writes to redis 8
needs_redis = pytest.mark.skipif(not answers(), reason=f"no Redis answers at {HOST}:{PORT}")


@pytest.fixture
async def caches(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[ReferenceCache, ReferenceCache]]:
    """Those of two gateways, with keys of this test's own."""
    monkeypatch.setattr("gateway.execution.reference._PREFIX", f"cps:test:{secrets.token_hex(8)}:")
    pair = ReferenceCache(URL), ReferenceCache(URL)
    yield pair
    for cache in pair:
        await cache.close()


@needs_redis
async def test_what_one_gateway_fetched_another_has(caches: tuple[ReferenceCache, ReferenceCache]) -> None:
    one, other = map(Kept, caches)
    assert await one.ask("{ short }") == await other.ask("{ short }") == {"short": "1"}
    assert (len(one.transport.asked), len(other.transport.asked)) == (1, 0)


@needs_redis
async def test_it_is_let_go_in_its_time(caches: tuple[ReferenceCache, ReferenceCache]) -> None:
    kept = Kept(caches[0])
    assert await kept.ask("{ short }") == await kept.ask("{ short }") == {"short": "1"}
    await asyncio.sleep(1.1)
    assert await kept.ask("{ short }") == {"short": "2"}


@needs_redis
async def test_what_may_not_be_kept_is_not_there(caches: tuple[ReferenceCache, ReferenceCache]) -> None:
    one, other = map(Kept, caches)
    await one.ask("{ plain }")
    await other.ask("{ plain }")
    assert (len(one.transport.asked), len(other.transport.asked)) == (1, 1)


async def test_where_redis_is_down_the_agency_is_asked() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        cache = ReferenceCache(f"redis://127.0.0.1:{taken.getsockname()[1]}/0")
        kept = Kept(cache)
        assert await kept.ask("{ short }") == {"short": "1"}
        assert await kept.ask("{ short }") == {"short": "2"}
        await cache.close()
