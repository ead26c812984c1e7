from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from tests.edge.network import Edge, MemoryLog, edge


@pytest.fixture
async def gateway() -> AsyncIterator[Edge]:
    log = MemoryLog()
    made = edge(Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32)), log)
    async with made.client:
        yield made
