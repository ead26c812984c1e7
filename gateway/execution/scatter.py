"""A subgraph's answer -> the objects that it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.execution.context import Batch, Context, holds
from gateway.execution.faults import read_problems, report_broken, report_problem
from gateway.execution.locate import merge
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.planning import Request, Step
    from gateway.planning.plan import Rename


def scatter(request: Request, batches: Sequence[Batch], payload: Mapping[str, object], context: Context) -> None:
    """Merge the answer of each step into its objects; what the answer should have and has not is accounted for."""
    errors = payload.get("errors")
    problems = read_problems(errors if isinstance(errors, list) else [], request)
    data = payload.get("data")
    for index, batch in enumerate(batches):
        spoilt = {p.entity for p in problems if p.batch in (None, index)}
        if batch.step.entity is None:
            _root(request, batch, data, bool(spoilt), context)
        else:
            entities = data.get(request.response_key(index)) if isinstance(data, dict) else None
            _entities(request, batch, entities, spoilt, context)
    for problem in problems:
        report_problem(problem, request, batches, context)


def _root(request: Request, batch: Batch, data: object, spoilt: bool, context: Context) -> None:
    for rename in batch.step.renames:
        _put_back(data, rename.path, rename)
    for place in batch.all_places:
        if isinstance(data, dict):
            merge(place.object, data)
    if not spoilt and _lacks(batch.step, data, context):
        report_broken(batch.step, batch.all_places, request, context)


def _entities(request: Request, batch: Batch, entities: object, spoilt: set[int | None], context: Context) -> None:
    """`spoilt` are the entities that errors speak of, with None where one speaks of all."""
    step = batch.step
    assert step.entity is not None
    if not isinstance(entities, list) or len(entities) != len(batch.representations):
        if batch.representations and not spoilt:
            report_broken(step, batch.all_places, request, context)
        return
    settles = request.graph.id in context.plan.authoritative.get(step.entity, frozenset())
    for rename in step.renames:
        _put_back(entities, rename.path, rename)
    for index, (entity, places) in enumerate(zip(entities, batch.places, strict=True)):
        whole = None not in spoilt and index not in spoilt
        if isinstance(entity, dict):
            for place in places:
                merge(place.object, entity)
        elif entity is None and settles and whole:
            context.outcome.absent.update(id(place.object) for place in places)
        if whole and entity is not None and _lacks(step, entity, context):
            report_broken(step, places, request, context)


def _lacks(step: Step, data: object, context: Context) -> bool:
    """Whether an answer leaves out a key that was asked for: what is not there must not read as null."""
    if not isinstance(data, dict):
        return True
    return any(
        selection.key not in data and holds((selection.conditions,), context.variables)
        for selection in step.selections
        if isinstance(selection, Field)
    )


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
