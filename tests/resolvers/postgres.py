"""A PostgreSQL database for one test: made, filled and dropped; the test is skipped where no server answers."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]  # it has no types
import pytest
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

HOST = "127.0.0.1"
USERS = ("postgres", "root")


async def server_user() -> str:
    """A user whom the server at 127.0.0.1:5432 trusts; skips the test if there is none."""
    reasons = []
    for user in USERS:
        try:
            connection = await asyncpg.connect(host=HOST, user=user, database="postgres", timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            reasons.append(f"{user}: {type(error).__name__}")
        else:
            await connection.close()
            return user
    pytest.skip(f"no PostgreSQL at {HOST}:5432 that trusts {' or '.join(USERS)} ({', '.join(reasons)})")


@asynccontextmanager
async def postgres(fill: Callable[[Connection], None]) -> AsyncIterator[str]:
    """The URL of a new database that `fill` has filled."""
    user = await server_user()
    name = f"cps_test_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(host=HOST, user=user, database="postgres")
    url = f"postgresql+asyncpg://{user}@{HOST}/{name}"
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(fill)
        await engine.dispose()
        yield url
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()
