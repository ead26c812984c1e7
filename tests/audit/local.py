"""The log in one process: a store, its writer and one gateway's end of the socket between them."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.audit import RemoteLog
from gateway.audit.store import Store
from gateway.audit.writer import Writer


class LocalLog(RemoteLog):
    """With the store at hand."""

    def __init__(self, socket: Path, store: Store, writer: Writer) -> None:
        super().__init__(socket)
        self.store = store
        self.writer = writer


@asynccontextmanager
async def local_log(path: Path) -> AsyncIterator[LocalLog]:
    store = Store(path)
    writer = Writer(store)
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "audit.sock"
        server = await asyncio.get_running_loop().create_unix_server(writer.connection, str(socket))
        log = LocalLog(socket, store, writer)
        yield log
        await log.close()
        server.close()
        store.close()


def ids(path: Path) -> list[str]:
    """The entries in their order, as another connection reads them."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [row[0] for row in connection.execute("SELECT audit_id FROM entry ORDER BY seq")]
    finally:
        connection.close()
