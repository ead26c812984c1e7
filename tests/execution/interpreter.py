"""A plan carried out by reading it, step by step: what compiled plans are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.edge import Pipeline
from gateway.errors import SubgraphError
from gateway.execution.conform import conform_data
from gateway.execution.context import Batch, Context, holds
from gateway.execution.contexts import split
from gateway.execution.faults import report_unavailable
from gateway.execution.fetch import MAX_REPEATED, read
from gateway.execution.locate import MISSING, Place, locate, representation
from gateway.execution.scatter import scatter
from gateway.planning.documents import repeated
from tests.execution.projector import Projector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.principal import Principal, Purpose
    from gateway.edge.documents import Prepared
    from gateway.edge.pipeline import Exceptions
    from gateway.edge.prepared import Planned
    from gateway.execution import Program
    from gateway.planning import Request, Step


class FollowedPipeline(Pipeline):
    """The pipeline; it keeps what it last carried out."""

    last: Planned

    async def _plan(
        self, prepared: Prepared, principal: Principal | None, purpose: Purpose | None, exceptions: Exceptions
    ) -> Planned:
        self.last = await super()._plan(prepared, principal, purpose, exceptions)
        return self.last


class InterpretingPipeline(Pipeline):
    """Answers by the plan that another pipeline has just carried out, and does not compile it."""

    followed: FollowedPipeline

    async def _plan(
        self, prepared: Prepared, principal: Principal | None, purpose: Purpose | None, exceptions: Exceptions
    ) -> Planned:
        return self.followed.last

    async def _carry_out(self, program: Program, context: Context) -> dict[str, object] | None:
        await run(program, context)
        data = Projector(self.supergraph, program.shapes, context.outcome, context.variables).project()
        program.account(context.outcome)
        return data


async def run(program: Program, context: Context) -> None:
    """Carry out every request, one after the other."""
    for request in program.plan.requests:
        await fetch(request, context, program)


async def fetch(request: Request, context: Context, program: Program) -> None:
    """Run one request. Never raises for what a subgraph does: that becomes errors of the outcome."""
    try:
        await _fetch(request, context, program)
    except RecursionError:
        assert context.outcome.data is not None
        root = [Place(context.outcome.data, ())]  # an answer is nested so deeply that what is below can't be reached
        for step in request.steps:
            report_unavailable(step, root, request, "NOT_ASKED", context)


async def _fetch(request: Request, context: Context, program: Program) -> None:
    missing: dict[int, list[Place]] = {}
    batches = [_gather(step, _positions(step, context), missing, context) for step in request.steps]
    await _ask(request, batches, missing, context, program)
    if missing:
        await _fetch_apart(request, missing, context, program)


async def _fetch_apart(request: Request, missing: dict[int, list[Place]], context: Context, program: Program) -> None:
    """Ask for what can be had without the inputs that were never fetched, and say that the rest can't."""
    parts = request.apart.steps if request.apart is not None else ()
    still: dict[int, list[Place]] = {}
    if request.apart is not None:
        found = (missing.get(part.part_of, []) if part.part_of is not None else [] for part in parts)
        await _ask(
            request.apart,
            [_gather(part, places, still, context) for part, places in zip(parts, found, strict=True)],
            still,
            context,
            program,
        )
    whole = [step for step in request.steps if step.number not in {part.part_of for part in parts}]
    for step in (*whole, *parts):
        places = (missing if step.part_of is None else still).get(step.number)
        if places:
            report_unavailable(step, places, request, "NOT_ASKED", context)


async def _ask(
    request: Request, batches: list[Batch], missing: dict[int, list[Place]], context: Context, program: Program
) -> None:
    if not any(batch.places for batch in batches):
        return
    if any(step.contexts for step in request.steps):
        batches = [
            part for whole in batches for part in (split(whole, missing, context) if whole.step.contexts else [whole])
        ]
        for some in (batches[at : at + MAX_REPEATED] for at in range(0, len(batches), MAX_REPEATED)):
            await _exchange(repeated(request, [batch.step for batch in some]), some, context, program)
    else:
        await _exchange(request, batches, context, program)


async def _exchange(request: Request, batches: list[Batch], context: Context, program: Program) -> None:
    variables = {name: context.variables[name] for name in request.variables if name in context.variables}
    for index, batch in enumerate(batches):
        if batch.step.entity is not None:
            variables[f"_r{index}"] = batch.representations
        for number, value in batch.values.items():
            variables[f"_c{index}_{number}"] = value
    body = orjson.dumps({"query": request.query, "variables": variables})
    context.outcome.asked[request.graph.name] = None
    try:
        payload = await _post(request, body, context)
    except SubgraphError as error:
        context.outcome.failed[request.graph.name] = error.reason
        for batch in batches:
            report_unavailable(batch.step, batch.all_places, request, error.reason, context)
        return
    context.outcome.steps.update(dict.fromkeys(batch.step.number for batch in batches if batch.places))
    shapes = program.answer_shapes(request)
    scatter(request, batches, payload, conform_data(payload.get("data"), request, shapes, context.variables), context)


def _positions(step: Step, context: Context) -> list[Place]:
    assert context.outcome.data is not None
    if not holds(step.wanted, context.variables):
        return []
    return [place for path in step.paths for place in locate(context.outcome.data, path)]


def _gather(step: Step, found: list[Place], missing: dict[int, list[Place]], context: Context) -> Batch:
    """The objects of a step's position, and one representation for those that are the same entity.

    Those of which an input was never fetched become `missing`, by the step's number.
    """
    if not found:
        return Batch(step, [], [])
    if step.entity is None:
        return Batch(step, [], [found])
    index: dict[bytes, int] = {}
    representations: list[object] = []
    places: list[list[Place]] = []
    for place in found:
        built = representation(step, place.object)
        if built is None:
            continue
        if built is MISSING:
            if id(place.object) not in context.outcome.absent:
                missing.setdefault(step.number, []).append(place)
            continue
        try:
            slot = orjson.dumps([[[built]]])
        except TypeError:  # nested deeper than any key is
            missing.setdefault(step.number, []).append(place)
            continue
        if slot not in index:
            index[slot] = len(representations)
            representations.append(built)
            places.append([])
        places[index[slot]].append(place)
    return Batch(step, representations, places)


async def _post(request: Request, body: bytes, context: Context) -> Mapping[str, object]:
    """The answer as a GraphQL response; raises `SubgraphError` where there is none."""
    again = request.kind == "query"
    return read(await context.transport.post(context.targets[request.graph.id], body, context.headers, again=again))
