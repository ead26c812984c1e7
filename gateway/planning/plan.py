"""The plan: requests in waves, each the steps that travel together to one subgraph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from gateway.supergraph.selections import Conditions, SelectionSet, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.operations.operation import Operation
    from gateway.supergraph import Graph


class Segment(NamedTuple):
    """One step down the response. `types`: go on only with objects of these types; None is any."""

    key: str
    types: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.key + (f"|[{', '.join(sorted(self.types))}]" if self.types is not None else "")


class Input(NamedTuple):
    """A field of a representation: sent as `name`, found in the response under `key`.

    `types`: of objects of these types only. `tells_type`: its objects say of which type each is.
    """

    name: str
    key: str
    inputs: tuple[Input, ...] = ()
    types: frozenset[str] | None = None
    tells_type: bool = False

    def __str__(self) -> str:
        found = "" if self.key == self.name else f"{self.key}: "
        below = f" {{ {' '.join(map(str, self.inputs))} }}" if self.inputs else ""
        return f"{found}{self.name}{below}"


class ContextValue(NamedTuple):
    """A value that a step's argument takes from an object further up: `$_context_<number>` stands for it.

    It is at `keys` below the object to which the first `up` response keys of the step's path lead.
    """

    number: int
    type: str
    up: int
    keys: tuple[str, ...]


class Rename(NamedTuple):
    """A field that was asked under `alias` and belongs under `key`, in the objects at `path` below the step's own."""

    path: tuple[str, ...]
    alias: str
    key: str


Path: TypeAlias = tuple[Segment, ...]
"""How to reach a position from the root of the response."""

Demand: TypeAlias = tuple[tuple[str, ...], ...]
"""The policies that something is under: of one of the rows every one has to permit."""


class Guard(NamedTuple):
    """By whom it is decided what a step may ask about the objects of a position.

    By the subject to which the first `up` response keys of the path lead, or where there are `about` keys by all
    subjects to which these lead from the object itself. `entering` is what has to be permitted for the subject to be
    told of at all.
    """

    up: int
    about: tuple[str, ...] = ()
    entering: Demand = ()


class Crossing(NamedTuple):
    """A position of subjects. `demand` is that of the field that leads there, where no other subject is above it."""

    path: Path
    demand: Demand


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked of one subgraph for one position, or for several that ask the same of the same type of entity.

    `paths` lead to the positions; a root step has one, and so has a step with contexts. An entity step (`entity` is its
    type) sends representations made of `keys`, of which none may be null, and `required`, of which none may be missing;
    a root step sends nothing. `wanted` are the alternatives of which one must hold for the step to run. `typename` is
    what representations say that they are, None where each says its own type. `part_of` is the step of
    `Request.apart`'s request that this is a part of. `guards` are those of its paths, where a subject decides about
    what it selects; `held` is then the response key of the holders that it sends.
    """

    number: int
    graph: str
    paths: tuple[Path, ...]
    selections: SelectionSet
    entity: str | None = None
    typename: str | None = None
    keys: tuple[Input, ...] = ()
    required: tuple[Input, ...] = ()
    wanted: tuple[Conditions, ...] = ((),)
    renames: tuple[Rename, ...] = ()
    after: tuple[int, ...] = ()
    part_of: int | None = None
    contexts: tuple[ContextValue, ...] = ()
    guards: tuple[Guard, ...] = ()
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Steps of one wave to one subgraph: one HTTP request. `variables` are those of the operation that it uses,
    `declared` the same with their types. A step with `contexts` stands in it once for each set of their values.

    Where the steps are entity steps, step n's representations are the variable `_rn` and its entities the key `_n`; a
    request with one step uses `_r0` and `_entities`. `after` are indices of requests of earlier waves.

    `apart` has the parts of those steps that were merged though they require different things. It is asked for the
    objects of which an input was never fetched, so that what one field requires costs no other field.
    """

    number: int
    graph: Graph
    kind: str
    steps: tuple[Step, ...]
    query: str
    variables: tuple[str, ...]
    declared: tuple[str, ...]
    after: tuple[int, ...]
    apart: Request | None = None

    def response_key(self, index: int) -> str:
        return "_entities" if len(self.steps) == 1 else f"_{index}"


@dataclass(frozen=True)
class Plan:
    """Requests in an order that respects `after`; `waves` groups their numbers.

    `chosen` are the response keys that the client chose, by position: all others are hidden from it. `authoritative`
    are the subgraphs (ids) whose null for a subject means that it does not exist, by the subject's type. `crossings`
    are the positions of subjects that are decided about.
    """

    operation: Operation
    requests: tuple[Request, ...]
    waves: tuple[tuple[int, ...], ...]
    chosen: Mapping[tuple[str, ...], frozenset[str]]
    authoritative: Mapping[str, frozenset[str]]
    crossings: tuple[Crossing, ...] = ()

    @cached_property
    def parts_places(self) -> bool:
        """Whether two places of one entity can come to differ: by what contexts give them, or by whom they stand under,
        as what is decided by a subject above is given in one place and not in another.
        """
        return any(
            step.contexts or any(guard.up < len(path) for guard, path in zip(step.guards, step.paths, strict=False))
            for request in self.requests
            for step in request.steps
        )

    @cached_property
    def graphs(self) -> frozenset[str]:
        """The subgraphs (ids) that it asks."""
        return frozenset(request.graph.id for request in self.requests)

    @cached_property
    def by_subject(self) -> bool:
        """Whether anything of it is decided when it is known of whom it is."""
        return bool(self.crossings) or any(step.guards for request in self.requests for step in request.steps)

    def describe(self) -> Iterator[str]:
        """The plan as people read it: waves in sequence, what is in a wave in parallel."""
        yield f"QueryPlan  # {len(self.requests)} fetches in {len(self.waves)} waves"
        for number, wave in enumerate(self.waves):
            yield f"  Wave {number}"
            for index in wave:
                request = self.requests[index]
                after = f" after {', '.join(map(str, request.after))}" if request.after else ""
                yield f"    Fetch {request.number} `{request.graph.name}`{after}"
                for step in request.steps:
                    yield from _describe(step)
                for part in request.apart.steps if request.apart else ():
                    inputs = " ".join(map(str, part.keys + part.required))
                    yield f"        or, where more is missing: send {{ {inputs} }} select {{ {text(part.selections)} }}"


def _describe(step: Step) -> Iterator[str]:
    conditions = "" if () in step.wanted else f"  # if {' or '.join(_condition(c) for c in step.wanted)}"
    for path in step.paths:
        yield f"      at {'.'.join(map(str, path)) or '(root)'}{conditions}"
    for guard in step.guards[:1]:
        by = " and ".join(guard.about) or ".".join(str(segment) for segment in step.paths[0][: guard.up])
        yield f"        decided by {by}{f' for each of {step.held}' if step.held else ''}"
    if step.entity:
        inputs = " ".join(map(str, step.keys + step.required))
        for value in step.contexts:
            source = ".".join((*(segment.key for segment in step.paths[0][: value.up]), *value.keys))
            yield f"        with $_context_{value.number} from {source}"
        yield f"        send {step.entity} {{ {inputs} }}"
    yield f"        select {{ {text(step.selections)} }}"


def _condition(conditions: Conditions) -> str:
    return " and ".join(("" if c.value else "not ") + f"${c.variable}" for c in conditions)
