"""Appends entries until it is killed, and says of each that it is durable: `python -m tests.audit.writer FILE`."""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from tests.audit.entries import entry
from tests.audit.local import local_log


async def main(path: Path) -> None:
    numbers = count()

    async def client() -> None:
        while True:
            name = f"crash-{next(numbers)}"
            await log.append(entry(audit_id=name, asked=("9990000018",)))
            os.write(1, f"{name}\n".encode())

    async with local_log(path) as log:
        await asyncio.gather(*(client() for _ in range(20)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
