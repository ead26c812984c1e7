"""Accounting for what an agency did not give: an error where the client can see it, and a line in `unavailable`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.errors import Problem
from gateway.execution.context import Batch, Context, holds
from gateway.execution.outcome import Unavailable, WithheldBy
from gateway.execution.refusals import MASKED, WITHHELD
from gateway.operations.subjects import SUBJECT_KEY
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gateway.execution.conform import Unfit
    from gateway.execution.locate import Place, ResponsePath
    from gateway.execution.refusals import Refusals
    from gateway.planning import Plan, Request, Step
    from gateway.supergraph.selections import SelectionSet

MAX_ERRORS_A_STEP = 20
"""How many paths of one step have an error of their own."""


class SubgraphProblem(NamedTuple):
    """An error of a subgraph's answer. `batch` and `entity` say which part it speaks of, None of all."""

    message: str
    code: str
    reason: str
    batch: int | None
    entity: int | None
    rest: tuple[str | int, ...]


def read_problems(
    errors: Sequence[object], request: Request, batches: Sequence[Batch], refusals: Refusals
) -> list[SubgraphProblem]:
    """The errors of an answer, each with the step and the entity that its path leads to, and the client's keys below.

    One whose path leads to nothing that was asked speaks of all that was. Of its words only what `refusals` let pass is
    read.
    """
    keys = {request.response_key(i): i for i, step in enumerate(request.steps) if step.entity is not None}
    found: list[SubgraphProblem] = []
    for error in errors:
        item: Mapping[str, object] = error if isinstance(error, dict) else {}
        given = item.get("extensions")
        extensions: Mapping[str, object] = given if isinstance(given, dict) else {}
        code = refusals.code(extensions.get("code"))
        reason = refusals.reason(extensions.get("reason"), code)
        stated = item.get("message")
        message = refusals.message(stated if isinstance(stated, str) else None, code, request.graph.name)
        raw = item.get("path")
        path = tuple(part for part in raw if isinstance(part, str | int)) if isinstance(raw, list) else ()
        batch: int | None = None
        entity: int | None = None
        if keys:
            batch = keys.get(path[0]) if path and isinstance(path[0], str) else None
            if batch is not None and len(path) > 1 and isinstance(path[1], int):
                entity = path[1] if 0 <= path[1] < len(batches[batch].places) else None
            path = _put_back(path[2:], batches[batch].step) if batch is not None and entity is not None else ()
        else:
            path = _put_back(path, request.steps[0])
            if path and path[0] not in _keys(request.steps[0].selections, {}, every=True):
                path = ()
        found.append(SubgraphProblem(message, code, reason, batch, entity, path))
    return found


def unfit_problems(unfit: Iterable[Unfit], request: Request, batches: Sequence[Batch]) -> list[SubgraphProblem]:
    """Return an error for each value that is not of its type, as if its agency had said so."""
    message = f"`{request.graph.name}` answered with a value that does not fit the type of this field"
    return [
        SubgraphProblem(
            message, MASKED, "BAD_CONTENT", one.step, one.entity, _put_back(one.path, batches[one.step].step)
        )
        for one in unfit
        if one.entity is None or one.entity < len(batches[one.step].places)
    ]


def _put_back(path: ResponsePath, step: Step) -> ResponsePath:
    """A path with each field's own key where it was asked under an alias."""
    keys = {rename.alias: rename.key for rename in step.renames}
    return tuple(keys.get(part, part) if isinstance(part, str) else part for part in path)


def report_problem(problem: SubgraphProblem, request: Request, batches: Sequence[Batch], context: Context) -> None:
    """One error of a subgraph, under the client's path."""
    agency = request.graph.name
    message = problem.message
    for index, batch in enumerate(batches):
        if problem.batch not in (None, index):
            continue
        places = batch.all_places
        if problem.entity is not None:
            places = batch.places[problem.entity] if 0 <= problem.entity < len(batch.places) else []
        paths: dict[ResponsePath, None] = {}
        for place in places:
            whole = _fields(batch.step, place, context)
            if problem.rest and not _is_unknown_subject(batch.step, place, context):
                rest = problem.rest[:1] if batch.shared else problem.rest
                whole = [_visible((*place.path, *rest), context.plan)]
            paths.update(dict.fromkeys(whole))
        is_lost = not context.refusals_of(request).is_client_fault(problem.code)
        _report(list(paths), agency, message, problem.code, problem.reason, context, is_lost=is_lost)
    if not batches:
        context.outcome.errors.append(Problem(message, problem.code, None, extensions=(("agency", agency),)))


def report_unavailable(
    step: Step,
    places: Sequence[Place],
    request: Request,
    reason: str,
    context: Context,
    keys: Sequence[str] | None = None,
) -> None:
    """Say at each field that the client asked for that its agency did not give it."""
    agency = request.graph.name
    words = {
        "NOT_ASKED": f"`{agency}` could not be asked: what it needs to be asked with is missing",
        "DEADLINE": f"`{agency}` did not answer in time",
    }
    message = words.get(reason, f"`{agency}` did not answer")
    paths = dict.fromkeys(path for place in places for path in _fields(step, place, context, keys))
    _report(list(paths), agency, message, "AGENCY_UNAVAILABLE", reason, context)


def report_broken(
    step: Step, places: Sequence[Place], request: Request, context: Context, keys: Sequence[str] | None = None
) -> None:
    """The agency answered, but not what it was asked; or not these `keys` of it."""
    context.outcome.failed[request.graph.name] = "BAD_CONTENT"
    report_unavailable(step, places, request, "BAD_CONTENT", context, keys)


def report_fallen(
    step: Step, places: Sequence[Place], request: Request, context: Context, told: Collection[ResponsePath]
) -> None:
    """An entity is null because of what errors tell of it: the client's other fields of it are missing too.

    `told` are the beginnings of their paths below it, with () where one speaks of it whole. Of a subject that is not
    known to exist they tell the place.
    """
    if () in told:
        return
    lost: dict[tuple[str, ...], list[Place]] = {}
    for place in places:
        if not _is_unknown_subject(step, place, context):
            asked = (key for key in _keys(step.selections, context.variables) if (key,) not in told)
            lost.setdefault(tuple(_chosen(place, asked, context)), []).append(place)
    for keys, without in lost.items():
        if keys:
            report_broken(step, without, request, context, keys)


def _report(
    paths: Sequence[ResponsePath],
    agency: str,
    message: str,
    code: str,
    reason: str,
    context: Context,
    *,
    is_lost: bool = True,
) -> None:
    """`is_lost`: what is at these paths is not there; else the request was at fault, and the agency is there."""
    outcome = context.outcome
    more = (("agency", agency), ("reason", reason))
    for path in paths:
        if not is_lost:
            continue
        if code == WITHHELD:
            outcome.withheld[WithheldBy(_pattern(path), agency, reason)] = None
        else:
            outcome.unavailable[Unavailable(_pattern(path), agency, reason)] = None
    for path in (*paths[:MAX_ERRORS_A_STEP], *_stems(paths[MAX_ERRORS_A_STEP:])):
        if not any(known.path == path and known.code == code for known in outcome.errors):
            outcome.errors.append(Problem(message, code, path or None, extensions=more))


def _stems(paths: Sequence[ResponsePath]) -> list[ResponsePath]:
    """For each field that these paths name, the path down to which they are the same: an error there is above all."""
    stems: dict[str, ResponsePath] = {}
    for path in paths:
        known = stems.setdefault(_pattern(path), path)
        if known != path:
            differs = next((at for at, (a, b) in enumerate(zip(known, path, strict=False)) if a != b), len(known))
            stems[_pattern(path)] = known[:differs]
    return list(stems.values())


def _fields(step: Step, place: Place, context: Context, wanted: Sequence[str] | None = None) -> list[ResponsePath]:
    """The client's fields that a step was to bring for an object.

    Of a subject that is not known to exist only the place is told, without its index: how many there are is not told.
    """
    if _is_unknown_subject(step, place, context):
        path = _visible(place.path, context.plan)
        while path and isinstance(path[-1], int):
            path = path[:-1]
        return [path]
    asked = wanted if wanted is not None else _keys(step.selections, context.variables)
    keys = _chosen(place, asked, context)
    return [(*place.path, key) for key in keys] or [_visible(place.path, context.plan)]


def _chosen(place: Place, asked: Iterable[str], context: Context) -> list[str]:
    """Those of these keys of an object that the client chose."""
    position = tuple(part for part in place.path if isinstance(part, str))
    chosen = context.plan.chosen.get(position, frozenset())
    return [key for key in dict.fromkeys(asked) if key in chosen]


def _is_unknown_subject(step: Step, place: Place, context: Context) -> bool:
    return step.entity in context.plan.authoritative and not isinstance(place.object.get(SUBJECT_KEY), str)


def _keys(selections: SelectionSet, variables: Mapping[str, object], *, every: bool = False) -> list[str]:
    """The keys of one level that count in this request, or `every` one."""
    out: list[str] = []
    for selection in selections:
        if isinstance(selection, Field):
            if every or holds((selection.conditions,), variables):
                out.append(selection.key)
        else:
            out.extend(_keys(selection.selections, variables, every=every))
    return out


def _visible(path: ResponsePath, plan: Plan) -> ResponsePath:
    """A path up to the first key that the client did not choose: what is fetched for other fields has no name here."""
    position: tuple[str, ...] = ()
    for index, part in enumerate(path):
        if isinstance(part, str):
            if part not in plan.chosen.get(position, frozenset()):
                return path[:index]
            position = (*position, part)
    return path


def _pattern(path: ResponsePath) -> str:
    """A path without its indices: `child.siblings.police`."""
    return ".".join(part for part in path if isinstance(part, str))
