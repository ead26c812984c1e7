"""Running a plan: each request as soon as those that it waits for are done."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.execution.fetch import fetch

if TYPE_CHECKING:
    from gateway.execution.compile import Program
    from gateway.execution.context import Context


async def run(program: Program, context: Context) -> None:
    """Carry out every request of a plan; the outcome in `context` holds what came of it."""
    requests = program.requests
    if len(requests) == 1:
        await fetch(requests[0], context)
        return
    waits = [len(asking.request.after) for asking in requests]

    async def carry_out(number: int) -> None:
        """One request, then those that only it held up: the first of them here, the others beside."""
        while True:
            await fetch(requests[number], context)
            ready = []
            for later in program.followers[number]:
                waits[later] -= 1
                if not waits[later]:
                    ready.append(later)
            if not ready:
                return
            number, *others = ready
            for other in others:
                group.create_task(carry_out(other))

    async with asyncio.TaskGroup() as group:
        for number, count in enumerate(tuple(waits)):
            if not count:
                group.create_task(carry_out(number))
