from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.resolvers.clinic import clinic, fill
from tests.resolvers.postgres import postgres
from tests.resolvers.served import Served, served


@pytest.fixture(scope="session")
def clinic_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("clinic") / "clinic.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def api(clinic_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """The clinic over SQLite."""
    async with served(clinic, clinic_url, tmp_path) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    """The clinic over each engine in turn."""
    if request.param == "sqlite":
        async with served(clinic, request.getfixturevalue("clinic_url"), tmp_path) as running:
            yield running
    else:
        async with postgres(fill) as url, served(clinic, url, tmp_path) as running:
            yield running
