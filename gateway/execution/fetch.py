"""One request of a plan: gather representations, send them, hand the answer on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.errors import SubgraphError
from gateway.execution.context import Batch, Context, holds
from gateway.execution.faults import report_unavailable
from gateway.execution.locate import MISSING, Place, locate, representation
from gateway.execution.scatter import scatter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.planning import Request, Step


async def fetch(request: Request, context: Context) -> None:
    """Run one request. Never raises for what a subgraph does: that becomes errors of the outcome."""
    batches = [_gather(request, step, context) for step in request.steps]
    if not any(batch.places for batch in batches):
        return
    variables = {name: context.variables[name] for name in request.variables if name in context.variables}
    for index, batch in enumerate(batches):
        if batch.step.entity is not None:
            variables[f"_r{index}"] = batch.representations
    body = orjson.dumps({"query": request.query, "variables": variables})
    context.outcome.asked[request.graph.name] = None
    try:
        payload = await _exchange(request, body, context)
    except SubgraphError as error:
        context.outcome.failed[request.graph.name] = error.reason
        for batch in batches:
            report_unavailable(batch.step, batch.all_places, request, error.reason, context)
        return
    context.outcome.steps.update(dict.fromkeys(batch.step.number for batch in batches if batch.places))
    scatter(request, batches, payload, context)


def _gather(request: Request, step: Step, context: Context) -> Batch:
    """The objects of a step's position, and one representation for those that are the same entity."""
    assert context.outcome.data is not None
    if not holds(step.wanted, context.variables):
        return Batch(step, [], [])
    found = locate(context.outcome.data, step.path)
    if step.entity is None:
        return Batch(step, [], [found])
    index: dict[bytes, int] = {}
    representations: list[object] = []
    places: list[list[Place]] = []
    missing: list[Place] = []
    for place in found:
        built = representation(step, place.object)
        if built is None:
            continue
        if built is MISSING:
            if id(place.object) not in context.outcome.absent:
                missing.append(place)
            continue
        slot = orjson.dumps(built)
        if slot not in index:
            index[slot] = len(representations)
            representations.append(built)
            places.append([])
        places[index[slot]].append(place)
    if missing:
        report_unavailable(step, missing, request, "NOT_ASKED", context)
    return Batch(step, representations, places)


async def _exchange(request: Request, body: bytes, context: Context) -> Mapping[str, object]:
    """The answer as a GraphQL response; raises `SubgraphError` where there is none."""
    again = request.kind == "query"
    answer = await context.transport.post(context.targets[request.graph.id], body, context.headers, again=again)
    try:
        payload = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        payload = None
    usable = isinstance(payload, dict) and ("data" in payload or isinstance(payload.get("errors"), list))
    if answer.status >= 500 or (not usable and answer.status != 200):
        raise SubgraphError("BAD_STATUS", f"HTTP status {answer.status}")
    if not usable:
        raise SubgraphError("BAD_CONTENT", "the answer is not a GraphQL response")
    assert isinstance(payload, dict)
    return payload
