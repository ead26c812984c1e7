"""Appends entries until it is killed, and says of each that it is durable: `python -m tests.audit.writer FILE`."""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from gateway.audit import AuditLog
from tests.audit.entries import entry


async def main(path: Path) -> None:
    log = AuditLog(path)
    numbers = count()

    async def client() -> None:
        while True:
            name = f"crash-{next(numbers)}"
            await log.append(entry(audit_id=name, asked=("9990000018",)))
            os.write(1, f"{name}\n".encode())

    await asyncio.gather(*(client() for _ in range(20)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
