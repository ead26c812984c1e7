"""Accounting for what an agency did not give: an error where the client can see it, and a line in `unavailable`.

What it takes grows with the number of objects that are missing, and with nothing else: of many of them it is told once,
by the path of the list that they are in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.errors import Problem
from gateway.execution.outcome import Unavailable, WithheldBy
from gateway.execution.problems import keys_of
from gateway.execution.refusals import WITHHELD
from gateway.operations.subjects import SUBJECT_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gateway.execution.context import Batch, Context
    from gateway.execution.locate import Place, ResponsePath
    from gateway.execution.problems import SubgraphProblem
    from gateway.planning import Plan, Request, Step

MAX_ERRORS_A_STEP: Final = 20
"""How many paths of one step have an error of their own."""

MAX_KEY_SETS: Final = 50
"""Sets of keys that objects of one step lack, each of which is told of by itself."""

Position: TypeAlias = tuple[str, ...]
"""A path without its indices."""


class Spot(NamedTuple):
    """Where something is missing: one object, by its path, or several, by what the paths of all begin with.

    `is_hidden`: it may not be told whether it exists.
    """

    path: ResponsePath
    position: Position
    is_hidden: bool
    is_many: bool


class Spots:
    """The spots of the entities of some batches, each found once however many errors speak of it."""

    def __init__(self, batches: Sequence[Batch], context: Context) -> None:
        self.context = context
        self._batches = batches
        self._known: dict[tuple[int, int | None], list[Spot]] = {}

    def of(self, batch: int, entity: int | None) -> list[Spot]:
        """Return the spots of an entity of a batch (by their indices), or of all of it."""
        known = self._known.get((batch, entity))
        if known is None:
            one = self._batches[batch]
            places = one.all_places if entity is None else one.places[entity]
            known = self._known[batch, entity] = _spots(one.step, places, self.context)
        return known


def report_problem(problem: SubgraphProblem, request: Request, batches: Sequence[Batch], spots: Spots) -> None:
    """One error of a subgraph, under the client's path."""
    agency = request.graph.name
    context = spots.context
    is_lost = not problem.is_given and not context.refusals_of(request).is_client_fault(problem.code)
    for index, batch in enumerate(batches):
        if problem.batch in (None, index):
            rest = problem.rest[:1] if batch.shared else problem.rest
            told = _told(batch.step, spots.of(index, problem.entity), context, rest=rest)
            _report(told, agency, problem.message, problem.code, problem.reason, context, is_lost=is_lost)
    if not batches:
        context.outcome.errors.add(Problem(problem.message, problem.code, None, extensions=(("agency", agency),)))


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
    told = _told(step, _spots(step, places, context), context, keys)
    _report(told, agency, message, "AGENCY_UNAVAILABLE", reason, context)


def report_broken(
    step: Step, places: Sequence[Place], request: Request, context: Context, keys: Sequence[str] | None = None
) -> None:
    """The agency answered, but not what it was asked; or not these `keys` of it."""
    context.outcome.failed[request.graph.name] = "BAD_CONTENT"
    report_unavailable(step, places, request, "BAD_CONTENT", context, keys)


class Lacking:
    """The keys that objects of one step lack: those of the same keys are told of together."""

    def __init__(self, step: Step, request: Request, context: Context) -> None:
        self._step = step
        self._request = request
        self._context = context
        self._places: dict[tuple[str, ...], list[Place]] = {}

    def add(self, keys: Sequence[str], places: Sequence[Place]) -> None:
        """These places lack these keys. Of too many sets of keys, each lacks what any of them does."""
        slot = tuple(keys)
        if slot in self._places or len(self._places) < MAX_KEY_SETS:
            self._places.setdefault(slot, []).extend(places)
            return
        every = dict.fromkeys(key for known in (*self._places, slot) for key in known)
        self._places = {tuple(every): [place for known in self._places.values() for place in known] + list(places)}

    def fallen(self, places: Sequence[Place], told: Collection[ResponsePath]) -> None:
        """An entity is null because of what errors tell of it: the client's other fields of it are missing too.

        `told` are the beginnings of their paths below it, with () where one speaks of it whole. Of a subject that is
        not known to exist they tell the place.
        """
        if () in told:
            return
        asked = [key for key in keys_of(self._step.selections, self._context.variables) if (key,) not in told]
        by_position: dict[Position, list[str]] = {}
        for place in places:
            if not _is_hidden(self._step, place, self._context):
                position = _position(place.path)
                keys = by_position.get(position)
                if keys is None:
                    keys = by_position[position] = _chosen(position, asked, self._context)
                if keys:
                    self.add(keys, [place])

    def report(self) -> None:
        """Say so."""
        for keys, places in self._places.items():
            report_broken(self._step, places, self._request, self._context, keys)


def _spots(step: Step, places: Sequence[Place], context: Context) -> list[Spot]:
    """Return the spots of these places: some one by one, and of the others those of one position as one."""
    out: list[Spot] = []
    many: dict[tuple[Position, bool], Spot] = {}
    for place in places:
        path, position, is_hidden = place.path, _position(place.path), _is_hidden(step, place, context)
        if len(out) < MAX_ERRORS_A_STEP:
            out.append(Spot(path, position, is_hidden, is_many=False))
            continue
        known = many.get((position, is_hidden))
        if known is None:
            many[position, is_hidden] = Spot(path, position, is_hidden, is_many=False)
        elif not known.is_many or path[: len(known.path)] != known.path:
            many[position, is_hidden] = Spot(_common(known.path, path), position, is_hidden, is_many=True)
    return [*out, *many.values()]


class _Told(NamedTuple):
    """The paths at which an error is, and the positions of all that is missing."""

    paths: dict[ResponsePath, None]
    positions: dict[str, None]

    def add(self, paths: Iterable[ResponsePath], positions: Iterable[str]) -> None:
        self.paths.update(dict.fromkeys(paths))
        self.positions.update(dict.fromkeys(positions))


def _told(
    step: Step,
    spots: Sequence[Spot],
    context: Context,
    keys: Sequence[str] | None = None,
    rest: ResponsePath = (),
) -> _Told:
    """Return where the client sees what a step was to bring of these spots: these `keys`, or what `rest` leads to."""
    ends = _Ends(keys if keys is not None else keys_of(step.selections, context.variables), rest, context, {})
    found = _Told({}, {})
    late: dict[tuple[Position, bool], Spot] = {}
    for spot in spots:
        slot = (spot.position, spot.is_hidden)
        if not spot.is_many and len(found.paths) < MAX_ERRORS_A_STEP:
            found.add(*ends.of(spot))
        elif slot in late:
            late[slot] = spot._replace(path=_common(late[slot].path, spot.path), is_many=True)
        else:
            late[slot] = spot
    for spot in late.values():
        found.add(*ends.of(spot))
    return found


class _Ends(NamedTuple):
    """Where the client sees what is missing of a spot. `chosen` is what was found by position."""

    keys: Sequence[str]
    rest: ResponsePath
    context: Context
    chosen: dict[Position, list[str]]

    def of(self, spot: Spot) -> tuple[Sequence[ResponsePath], Sequence[str]]:
        """Return the paths of a spot's errors, and the positions that are missing.

        Of several objects that is the path of them all. Of a subject that is not known to exist only the place is told,
        without its index: how many there are is not told.
        """
        plan = self.context.plan
        if spot.is_hidden:
            path = _visible(spot.path, plan)
            while path and isinstance(path[-1], int):
                path = path[:-1]
            return (path,), (_pattern(_visible(spot.position, plan)),)
        if self.rest:
            path = spot.path if spot.is_many else _visible((*spot.path, *self.rest), plan)
            return (path,), (_pattern(_visible((*spot.position, *self.rest), plan)),)
        keys = self.chosen.get(spot.position)
        if keys is None:
            keys = self.chosen[spot.position] = _chosen(spot.position, self.keys, self.context)
        if not keys:
            return (_visible(spot.path, plan),), (_pattern(_visible(spot.position, plan)),)
        paths = (spot.path,) if spot.is_many else tuple((*spot.path, key) for key in keys)
        return paths, [".".join((*spot.position, key)) for key in keys]


def _report(
    told: _Told, agency: str, message: str, code: str, reason: str, context: Context, *, is_lost: bool = True
) -> None:
    """`is_lost`: what is at these paths is not there; else the request was at fault, and the agency is there."""
    outcome = context.outcome
    if is_lost:
        for position in told.positions:
            if code == WITHHELD:
                outcome.withheld[WithheldBy(position, agency, reason)] = None
            else:
                outcome.unavailable[Unavailable(position, agency, reason)] = None
    more = (("agency", agency), ("reason", reason))
    for path in told.paths:
        outcome.errors.add(Problem(message, code, path or None, extensions=more))


def _chosen(position: Position, asked: Iterable[str], context: Context) -> list[str]:
    """Those of these keys of the objects at a position that the client chose."""
    chosen = context.plan.chosen.get(position, frozenset())
    return [key for key in dict.fromkeys(asked) if key in chosen]


def _is_hidden(step: Step, place: Place, context: Context) -> bool:
    return step.entity in context.plan.authoritative and not isinstance(place.object.get(SUBJECT_KEY), str)


def _visible(path: ResponsePath, plan: Plan) -> ResponsePath:
    """A path up to the first key that the client did not choose: what is fetched for other fields has no name here."""
    position: Position = ()
    for index, part in enumerate(path):
        if isinstance(part, str):
            if part not in plan.chosen.get(position, frozenset()):
                return path[:index]
            position = (*position, part)
    return path


def _common(one: ResponsePath, other: ResponsePath) -> ResponsePath:
    """Return what both paths begin with."""
    return one[: next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))]


def _position(path: ResponsePath) -> Position:
    return tuple([part for part in path if part.__class__ is str])


def _pattern(path: ResponsePath) -> str:
    """A path without its indices, as text: `child.siblings.police`."""
    return ".".join(_position(path))
