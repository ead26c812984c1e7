"""One request of a plan: send it, take what comes, and account for what does not."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeGuard

import orjson

from gateway.errors import SubgraphError
from gateway.execution.conform import conform_data
from gateway.execution.connection import Answer
from gateway.execution.context import Batch, Context
from gateway.execution.contexts import split
from gateway.execution.faults import report_unavailable
from gateway.execution.gathered import Gathered, places_of
from gateway.execution.locate import Place
from gateway.execution.reference import reference_key
from gateway.execution.scatter import scatter
from gateway.planning.documents import repeated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.execution.compile import Asking
    from gateway.execution.connection import Done
    from gateway.execution.reference import ReferenceCache
    from gateway.planning import Request
    from gateway.supergraph import Supergraph

log = logging.getLogger("gateway.execution")

MAX_REPEATED = 100
"""How many sets of values one request may stand for."""


def send(request: Request, body: bytes, context: Context, done: Done) -> None:
    """Ask; `done` is called once with what comes of it."""
    context.outcome.asked[request.graph.name] = None
    if request.graph.id in context.inside:
        task = asyncio.ensure_future(_answer_inside(request, body, context))
        context.under_way.add(task)  # the loop itself would let go of it
        task.add_done_callback(lambda ended: done(ended.result()))
        return
    target = context.targets[request.graph.id]
    context.transport.send(target, body, context.headers_for(request), done, again=request.kind == "query")


def receive(asking: Asking, gathered: list[Gathered], answer: Answer | SubgraphError, context: Context) -> None:
    """Merge an answer into the objects that were asked about. What a subgraph does never raises: it becomes errors."""
    request = asking.request
    data = asking.decoder.decode(answer.body) if isinstance(answer, Answer) and answer.status == 200 else None
    try:
        if data is not None and asking.take(context, gathered, data):
            steps = context.outcome.steps  # as `_note_answered` does: it is done for each answer
            for one in gathered:
                if one.objects:
                    steps[one.step.number] = None
            return
        payload = read(answer)
        _note_answered(gathered, context)
        batches = [one.placed(context) for one in gathered]
        conformed = conform_data(payload.get("data"), request, asking.decoder.steps, context.variables)
        scatter(request, batches, payload, conformed, context)
    except SubgraphError as error:
        _unanswered(request, [one.placed(context) for one in gathered], error.reason, context)
    except RecursionError:
        out_of_reach(request, context)


def _note_answered(gathered: list[Gathered], context: Context) -> None:
    steps = context.outcome.steps
    for one in gathered:
        if one.objects:
            steps[one.step.number] = None


def out_of_reach(request: Request, context: Context) -> None:
    """An answer is nested so deeply that what is below can't be reached."""
    assert context.outcome.data is not None
    root = [Place(context.outcome.data, ())]
    for step in request.steps:
        report_unavailable(step, root, request, "NOT_ASKED", context)


def read(answer: Answer | SubgraphError) -> Mapping[str, object]:
    """The answer as a GraphQL response; raises `SubgraphError` where there is none.

    It is one with a status of 2xx and `errors` that are absent, null or a list (GraphQL specification, section 7.1);
    with 4xx it is errors, and whatever data comes beside them is none (GraphQL over HTTP, section 6.4).
    """
    if isinstance(answer, SubgraphError):
        raise answer
    try:
        payload = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        payload = None
    errors = payload.get("errors") if isinstance(payload, dict) else None
    if not 200 <= answer.status < 300:
        if 400 <= answer.status < 500 and errors and isinstance(errors, list):
            return {"data": None, "errors": errors}
        raise SubgraphError("BAD_STATUS", f"HTTP status {answer.status}")
    if not isinstance(payload, dict) or not isinstance(errors, list | None):
        raise SubgraphError("BAD_CONTENT", "the answer is not a GraphQL response")
    if not errors and "data" not in payload:
        raise SubgraphError("BAD_CONTENT", "the answer has neither data nor errors")
    return payload


def bounded(request: Request, answer: Answer | SubgraphError, context: Context) -> tuple[Answer | SubgraphError, bool]:
    """Return an answer, or the error that it holds too much; and whether it is large, and decoded in pieces."""
    if isinstance(answer, SubgraphError):
        return answer, False
    try:
        return answer, context.received.take(request.graph.id, answer.body)
    except SubgraphError as error:
        return error, False


async def receive_in_pieces(asking: Asking, gathered: list[Gathered], answer: Answer, context: Context) -> None:
    """Merge a large answer: whole, and as it was asked for, or not at all."""
    data = await asking.decoder.decode_in_pieces(answer.body) if answer.status == 200 else None
    error = SubgraphError("BAD_CONTENT", "a large answer is not what was asked for")
    try:
        if data is None or not asking.take(context, gathered, data):
            receive(asking, gathered, error, context)
        else:
            _note_answered(gathered, context)
    except RecursionError:
        out_of_reach(asking.request, context)


async def fetch_in_parts(asking: Asking, gathered: list[Gathered], context: Context) -> None:
    """Run a request of which something is missing, or that is asked once for each set of its contexts' values."""
    missing: dict[int, list[Place]] = {}
    try:
        await _ask(asking, gathered, missing, context)
        _note_missing(gathered, missing, context)
        if missing:
            await _fetch_apart(asking, missing, context)
    except RecursionError:
        out_of_reach(asking.request, context)


async def fetch_reference(
    asking: Asking, gathered: list[Gathered], cache: ReferenceCache, supergraph: Supergraph, context: Context
) -> None:
    """Run a request whose answer may be kept for everyone: from the cache, or asked once for all who want it now."""
    body = asking.body(gathered, context)
    asked: list[Answer] = []

    async def ask() -> bytes | None:
        answer = await _exchange_small(asking.request, body, context)
        if isinstance(answer, SubgraphError):
            raise answer  # it is the same for all who wait
        asked.append(answer)
        return answer.body if _may_be_kept(answer) else None

    key = reference_key(asking.request, body, supergraph)
    try:
        kept = await cache.fetch(key, asking.lifetime, ask)
    except SubgraphError as error:
        receive(asking, gathered, error, context)
        return
    if kept is not None:
        receive(asking, gathered, Answer(200, "application/json", kept), context)
    elif asked:
        receive(asking, gathered, asked[0], context)
    else:  # another asked meanwhile, and was given what is not for everyone
        receive(asking, gathered, await _exchange_small(asking.request, body, context), context)


def _may_be_kept(answer: Answer | SubgraphError) -> TypeGuard[Answer]:
    """Whether a subgraph answered whole: an error is never kept."""
    try:
        payload = read(answer)
    except SubgraphError:
        return False
    whole = bool(payload.get("data")) and not payload.get("errors")
    return isinstance(answer, Answer) and answer.status == 200 and whole


async def _fetch_apart(asking: Asking, missing: dict[int, list[Place]], context: Context) -> None:
    """Ask for what can be had without the inputs that were never fetched, and say that the rest can't."""
    request = asking.request
    parts = asking.apart.request.steps if asking.apart is not None else ()
    still: dict[int, list[Place]] = {}
    if asking.apart is not None:
        gathered: list[Gathered] = []
        for part in parts:
            places = missing.get(part.part_of, []) if part.part_of is not None else []
            gathered.append(asking.apart.parts[part.number](context, [place.object for place in places]))
        await _ask(asking.apart, gathered, still, context)
        _note_missing(gathered, still, context)
    whole = [step for step in request.steps if step.number not in {part.part_of for part in parts}]
    for step in (*whole, *parts):
        lacking = (missing if step.part_of is None else still).get(step.number)
        if lacking and context.judge is not None:
            lacking = context.judge.explain_lacking(request, step, lacking)
        if lacking:
            report_unavailable(step, lacking, request, "NOT_ASKED", context)


def _note_missing(gathered: list[Gathered], missing: dict[int, list[Place]], context: Context) -> None:
    for one in gathered:
        if one.missing:
            missing.setdefault(one.step.number, []).extend(places_of(one.step, one.missing, context))


async def _ask(asking: Asking, gathered: list[Gathered], missing: dict[int, list[Place]], context: Context) -> None:
    if not any(one.objects for one in gathered):
        return
    if not asking.by_context:
        answer, is_large = await _exchange(asking.request, asking.body(gathered, context), context)
        if is_large and isinstance(answer, Answer):
            await receive_in_pieces(asking, gathered, answer, context)
        else:
            receive(asking, gathered, answer, context)
        return
    batches = [part for one in gathered for part in split(one.placed(context), missing, context)]
    for some in (batches[at : at + MAX_REPEATED] for at in range(0, len(batches), MAX_REPEATED)):
        await _ask_split(asking, repeated(asking.request, [batch.step for batch in some]), some, context)


async def _ask_split(asking: Asking, request: Request, batches: list[Batch], context: Context) -> None:
    """Ask for steps that stand in a request once for each set of their contexts' values."""
    variables = {name: context.variables[name] for name in request.variables if name in context.variables}
    for index, batch in enumerate(batches):
        if batch.step.entity is not None:
            variables[f"_r{index}"] = batch.representations
        for number, value in batch.values.items():
            variables[f"_c{index}_{number}"] = value
    body = orjson.dumps({"query": request.query, "variables": variables})
    try:
        payload = read(await _exchange_small(request, body, context))
    except SubgraphError as error:
        _unanswered(request, batches, error.reason, context)
        return
    context.outcome.steps.update(dict.fromkeys(batch.step.number for batch in batches if batch.places))
    by_step = {step.number: shape for step, shape in zip(asking.request.steps, asking.decoder.steps, strict=True)}
    shapes = [by_step[step.number] for step in request.steps]
    conformed = conform_data(payload.get("data"), request, shapes, context.variables)
    scatter(request, batches, payload, conformed, context)


async def _exchange_small(request: Request, body: bytes, context: Context) -> Answer | SubgraphError:
    """Ask for what may not be large, whatever is agreed with its agency: it is read whole."""
    answer, is_large = await _exchange(request, body, context)
    return SubgraphError("TOO_LARGE", "the answer holds more than is taken of it") if is_large else answer


async def _exchange(request: Request, body: bytes, context: Context) -> tuple[Answer | SubgraphError, bool]:
    return bounded(request, await _exchanged(request, body, context), context)


async def _exchanged(request: Request, body: bytes, context: Context) -> Answer | SubgraphError:
    context.outcome.asked[request.graph.name] = None
    if request.graph.id in context.inside:
        return await _answer_inside(request, body, context)
    target = context.targets[request.graph.id]
    try:
        return await context.transport.post(target, body, context.headers_for(request), again=request.kind == "query")
    except SubgraphError as error:
        return error


async def _answer_inside(request: Request, body: bytes, context: Context) -> Answer | SubgraphError:
    """A subgraph of this process's own. Whatever it does, it is an answer or an error like any other's."""
    try:
        return Answer(200, "application/json", await context.inside[request.graph.id](body))
    except Exception as error:
        log.error("a subgraph of the gateway's own failed: %s", type(error).__name__)
        return SubgraphError("BAD_CONTENT", "the gateway's own subgraph failed")


def _unanswered(request: Request, batches: list[Batch], reason: str, context: Context) -> None:
    context.outcome.failed[request.graph.name] = reason
    for batch in batches:
        report_unavailable(batch.step, batch.all_places, request, reason, context)
