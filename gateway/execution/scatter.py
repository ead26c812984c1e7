"""A subgraph's answer -> the objects that it speaks of."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, TypeAlias

import orjson

from gateway.execution.context import Batch, Context, holds
from gateway.execution.faults import Lacking, Spots, report_broken, report_problem
from gateway.execution.locate import merge, objects_at
from gateway.execution.problems import read_problems, unfit_problems
from gateway.execution.spoken_of import SpokenOf
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.execution.conform import Conformed
    from gateway.execution.locate import ResponsePath
    from gateway.planning import Request, Step
    from gateway.planning.plan import Rename


Spoilt: TypeAlias = "dict[int | None, set[ResponsePath]]"
"""The beginnings of the errors' paths below the entities that they speak of, None for all; () where of a whole one."""


def scatter(
    request: Request, batches: Sequence[Batch], payload: Mapping[str, object], conformed: Conformed, context: Context
) -> None:
    """Merge the answer of each step into its objects; what the answer should have and has not is accounted for.

    `conformed` is the payload's data with what was requested and nothing else (`conform_data`).
    """
    data = conformed.data
    errors = payload.get("errors")
    refusals = context.refusals_of(request)
    stated = read_problems(errors if isinstance(errors, list) else [], request, batches, refusals)
    spoken_of = SpokenOf(data, request, batches)
    problems = [each for problem in stated for each in spoken_of.of(problem)]
    problems += unfit_problems(conformed.unfit, request, batches, problems)
    for index, batch in enumerate(batches):
        if batch.step.entity is None:
            _root(request, batch, data, {p.rest[:1] for p in problems}, context)
        else:
            spoilt: Spoilt = {}
            for problem in problems:
                if problem.batch in (None, index):
                    spoilt.setdefault(problem.entity, set()).add(problem.rest[:1])
            entities = data.get(request.response_key(index)) if isinstance(data, dict) else None
            _entities(request, batch, entities, spoilt, context)
    spots = Spots(batches, context)
    for problem in problems:
        report_problem(problem, request, batches, spots)


def _root(request: Request, batch: Batch, data: object, spoilt: set[ResponsePath], context: Context) -> None:
    """`spoilt` are the beginnings of the errors' paths, with () where one speaks of all."""
    for rename in batch.step.renames:
        put_back(data, rename.path, rename)
    for place in batch.all_places:
        if isinstance(data, dict):
            merge(place.object, own(data) if context.plan.parts_places else data)
    lacking = [key for key in _lacking(batch.step, data, context) if (key,) not in spoilt]
    if lacking and () not in spoilt:
        report_broken(batch.step, batch.all_places, request, context, lacking)


def _entities(request: Request, batch: Batch, entities: object, spoilt: Spoilt, context: Context) -> None:
    step = batch.step
    assert step.entity is not None
    lost = Lacking(step, request, context)
    if not isinstance(entities, list) or len(entities) != len(batch.representations):
        if None not in spoilt:
            untold = [p for i, places in enumerate(batch.places) if i not in spoilt for p in places]
            if untold:
                report_broken(step, untold, request, context)
            for index, places in enumerate(batch.places):
                if told := spoilt.get(index):
                    lost.fallen(places, told)
            lost.report()
        return
    settles = request.graph.id in context.plan.authoritative.get(step.entity, frozenset())
    for rename in step.renames:
        put_back(entities, rename.path, rename)
    for index, (entity, places) in enumerate(zip(entities, batch.places, strict=True)):
        told = spoilt.get(None, set()) or spoilt.get(index, set())
        if isinstance(entity, dict):
            for place in places:
                merge(place.object, own(entity) if context.plan.parts_places and place is not places[0] else entity)
        elif entity is None and settles and not told:
            context.outcome.absent.update((id(place.object), place.object) for place in places)
        if entity is None:
            if told:
                lost.fallen(places, told)
            continue
        lacking = [key for key in _lacking(step, entity, context) if (key,) not in told]
        if lacking and () not in told:
            lost.add(lacking, places)
    lost.report()


def own(data: dict[str, object]) -> dict[str, object]:
    """A copy, for a place whose data may come to differ from that of another with the same entity."""
    try:
        copied: dict[str, object] = orjson.loads(orjson.dumps(data))
    except TypeError:  # a value in it is missing, or can't be written
        copied = deepcopy(data)
    return copied


def _lacking(step: Step, data: object, context: Context) -> list[str]:
    """The keys that were asked for and are not in the answer: what is not there must not read as null."""
    known = data if isinstance(data, dict) else {}
    return [
        selection.key
        for selection in step.selections
        if isinstance(selection, Field)
        and selection.key not in known
        and holds((selection.conditions,), context.variables)
    ]


def put_back(value: object, path: tuple[str, ...], rename: Rename) -> None:
    """What was asked under an alias, so that the subgraph would take the request, goes under its own key.

    What is there already stays: of one object a part may be asked under the key, and another under the alias.
    """
    for each in objects_at(value, path):
        if rename.alias in each:
            merge(each, {rename.key: each.pop(rename.alias)})
