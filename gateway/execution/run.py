"""Running a plan: each request as soon as those that it waits for are done, then the projection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.execution.context import Context
from gateway.execution.fetch import fetch
from gateway.execution.project import Projector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.execution.shape import Shapes
    from gateway.planning import Plan
    from gateway.supergraph import Supergraph


async def run(plan: Plan, context: Context) -> None:
    """Carry out every request of a plan; the outcome in `context` holds what came of it."""
    if len(plan.requests) == 1:
        await fetch(plan.requests[0], context)
        return
    tasks: list[asyncio.Task[None]] = []

    async def when_ready(number: int) -> None:
        request = plan.requests[number]
        for before in request.after:
            await asyncio.wait((tasks[before],))
        await fetch(request, context)

    async with asyncio.TaskGroup() as group:
        tasks += [group.create_task(when_ready(number)) for number in range(len(plan.requests))]


def project(
    supergraph: Supergraph, shapes: Shapes, context: Context, variables: Mapping[str, object]
) -> dict[str, object] | None:
    """The answer's `data` from what has been fetched."""
    return Projector(supergraph, shapes, context.outcome, variables).project()
