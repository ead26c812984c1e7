"""A log in this process, for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.audit.local import LocalLog, local_log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "audit.sqlite"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[LocalLog]:
    async with local_log(path) as made:
        yield made
