"""The transport under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.execution import SubgraphTransport
from tests.transport.asking import LIMITS


@pytest.fixture
async def transport() -> AsyncIterator[SubgraphTransport]:
    made = SubgraphTransport(LIMITS)
    yield made
    await made.close()
