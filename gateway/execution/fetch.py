"""One request of a plan: gather representations, send, put the answer where it belongs, account for what went wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import orjson

from gateway.errors import Problem, SubgraphError
from gateway.execution.locate import MISSING, Place, ResponsePath, locate, merge, representation
from gateway.execution.outcome import Outcome, Unavailable
from gateway.supergraph.selections import Conditions, Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.execution.transport import SubgraphTransport, Target
    from gateway.planning import Plan, Request, Step
    from gateway.planning.plan import Rename
    from gateway.supergraph.selections import SelectionSet

MAX_ERRORS_A_STEP = 20
_CODE = re.compile(r"[A-Z][A-Z_]{0,63}")


@dataclass(frozen=True, slots=True)
class Context:
    """What the requests of one operation share. `variables` hold only what was given or has a default."""

    transport: SubgraphTransport
    targets: Mapping[str, Target]
    variables: Mapping[str, object]
    headers: Mapping[str, str]
    outcome: Outcome
    pass_messages: bool
    plan: Plan


class _Batch(NamedTuple):
    """A step with what it sends: `places[i]` are the objects that representation i speaks of."""

    step: Step
    representations: list[object]
    places: list[list[Place]]


def holds(alternatives: tuple[Conditions, ...], variables: Mapping[str, object]) -> bool:
    """Whether one of these conjunctions is true."""
    return any(all(bool(variables.get(c.variable)) is c.value for c in conditions) for conditions in alternatives)


async def fetch(request: Request, context: Context) -> None:
    """Run one request. Never raises for what a subgraph does: that becomes errors of the outcome."""
    outcome = context.outcome
    assert outcome.data is not None
    batches: list[_Batch] = []
    for step in request.steps:
        wanted = holds(step.wanted, context.variables)
        batches.append(_gather(request, step, context) if wanted else _Batch(step, [], []))
    if not any(batch.places for batch in batches):
        return
    variables = {name: context.variables[name] for name in request.variables if name in context.variables}
    for index, batch in enumerate(batches):
        if batch.step.entity is not None:
            variables[f"_r{index}"] = batch.representations
    body = orjson.dumps({"query": request.query, "variables": variables})
    outcome.asked[request.graph.name] = None
    try:
        payload = await _exchange(request, body, context)
    except SubgraphError as error:
        outcome.failed[request.graph.name] = error.reason
        for batch in batches:
            _unavailable(batch.step, [p for places in batch.places for p in places], request, error.reason, context)
        return
    _place(request, batches, payload, context)


def _gather(request: Request, step: Step, context: Context) -> _Batch:
    assert context.outcome.data is not None
    found = locate(context.outcome.data, step.path)
    if step.entity is None:
        return _Batch(step, [], [found])
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
        _unavailable(step, missing, request, "NOT_ASKED", context)
    return _Batch(step, representations, places)


async def _exchange(request: Request, body: bytes, context: Context) -> Mapping[str, object]:
    answer = await context.transport.post(
        context.targets[request.graph.id], body, context.headers, again=request.kind == "query"
    )
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


def _put_back(value: object, path: tuple[str, ...], rename: Rename) -> None:
    """What was asked under an alias, so that the subgraph would take the request, goes under its own key."""
    if isinstance(value, list):
        for item in value:
            _put_back(item, path, rename)
    elif isinstance(value, dict):
        if path:
            _put_back(value.get(path[0]), path[1:], rename)
        elif rename.alias in value:
            value[rename.key] = value.pop(rename.alias)


def _place(request: Request, batches: Sequence[_Batch], payload: Mapping[str, object], context: Context) -> None:
    data = payload.get("data")
    errors = payload.get("errors")
    errors = errors if isinstance(errors, list) else []
    for index, batch in enumerate(batches):
        if batch.step.entity is None:
            for rename in batch.step.renames:
                _put_back(data, rename.path, rename)
            for place in batch.places[0]:
                if isinstance(data, dict):
                    merge(place.object, data)
            if not errors and _lacks(batch.step, data, context):
                _broken(batch.step, batch.places[0], request, context)
            continue
        entities = data.get(request.response_key(index)) if isinstance(data, dict) else None
        if not isinstance(entities, list) or len(entities) != len(batch.representations):
            if batch.representations and not errors:
                _broken(batch.step, [p for found in batch.places for p in found], request, context)
            continue
        settles = request.graph.id in context.plan.authoritative.get(batch.step.entity, frozenset())
        for rename in batch.step.renames:
            _put_back(entities, rename.path, rename)
        for entity, places in zip(entities, batch.places, strict=True):
            for place in places:
                if isinstance(entity, dict):
                    merge(place.object, entity)
                elif settles and not errors:
                    context.outcome.absent.add(id(place.object))
            if isinstance(entity, dict) and not errors and _lacks(batch.step, entity, context):
                _broken(batch.step, places, request, context)
    for error in errors:
        _subgraph_error(error if isinstance(error, dict) else {}, request, batches, context)


def _lacks(step: Step, data: object, context: Context) -> bool:
    """Whether an answer leaves out a key that was asked for: what is not there must not read as null."""
    if not isinstance(data, dict):
        return True
    return any(
        selection.key not in data and holds((selection.conditions,), context.variables)
        for selection in step.selections
        if isinstance(selection, Field)
    )


def _broken(step: Step, places: Sequence[Place], request: Request, context: Context) -> None:
    """The agency answered, but not what it was asked."""
    context.outcome.failed[request.graph.name] = "BAD_CONTENT"
    _unavailable(step, places, request, "BAD_CONTENT", context)


def _subgraph_error(error: Mapping[str, object], request: Request, batches: Sequence[_Batch], context: Context) -> None:
    """One error of a subgraph, under the client's path; its words only where configuration lets them pass."""
    path = error.get("path")
    parts = [part for part in path if isinstance(part, str | int)] if isinstance(path, list) else []
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    message = error.get("message")
    shown = (
        message
        if context.pass_messages and isinstance(message, str)
        else f"`{request.graph.name}` answered with an error here"
    )
    code = code if isinstance(code, str) and _CODE.fullmatch(code) else "SUBGRAPH_ERROR"
    more = (("agency", request.graph.name),)
    reported: list[Problem] = []
    for index, batch in enumerate(batches):
        prefix: list[str | int] = [request.response_key(index)] if batch.step.entity else []
        if parts[: len(prefix)] != prefix and parts:
            continue
        rest = parts[len(prefix) :]
        places = [p for found in batch.places for p in found]
        if batch.step.entity is not None and rest and isinstance(rest[0], int):
            places = batch.places[rest[0]] if rest[0] < len(batch.places) else []
            rest = rest[1:]
        for place in places[:MAX_ERRORS_A_STEP]:
            full = _visible((*place.path, *rest), context.plan)
            reported.append(Problem(shown, code, full, extensions=more))
            context.outcome.unavailable[Unavailable(_pattern(full), request.graph.name, code)] = None
    context.outcome.errors.extend(reported or [Problem(shown, code, None, extensions=more)])


def _visible(path: ResponsePath, plan: Plan) -> ResponsePath:
    """A path up to the first key that the client did not choose: what is fetched for other fields has no name here."""
    position: tuple[str, ...] = ()
    for index, part in enumerate(path):
        if isinstance(part, str):
            if part not in plan.chosen.get(position, frozenset()):
                return path[:index]
            position = (*position, part)
    return path


def _unavailable(step: Step, places: Sequence[Place], request: Request, reason: str, context: Context) -> None:
    """Say at each field that the client asked for that its agency did not give it."""
    outcome = context.outcome
    agency = request.graph.name
    position = tuple(segment.key for segment in step.path)
    chosen = context.plan.chosen.get(position, frozenset())
    keys = [k for k in dict.fromkeys(_keys(step.selections, context.variables)) if k in chosen]
    words = {
        "NOT_ASKED": f"`{agency}` could not be asked: what it needs to be asked with is missing",
        "DEADLINE": f"`{agency}` did not answer in time",
    }
    message = words.get(reason, f"`{agency}` did not answer")
    reported = 0
    for place in places:
        for path in [(*place.path, key) for key in keys] or [_visible(place.path, context.plan)]:
            outcome.unavailable[Unavailable(_pattern(path), agency, reason)] = None
            if reported < MAX_ERRORS_A_STEP:
                more = (("agency", agency), ("reason", reason))
                outcome.errors.append(Problem(message, "AGENCY_UNAVAILABLE", path, extensions=more))
                reported += 1


def _keys(selections: SelectionSet, variables: Mapping[str, object]) -> list[str]:
    """The keys of one level that count in this request."""
    out: list[str] = []
    for selection in selections:
        if isinstance(selection, Field):
            if holds((selection.conditions,), variables):
                out.append(selection.key)
        else:
            out.extend(_keys(selection.selections, variables))
    return out


def _pattern(path: Sequence[str | int]) -> str:
    """A path without its indices: `child.siblings.police`."""
    return ".".join(part for part in path if isinstance(part, str))
