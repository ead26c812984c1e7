"""A plan with the functions that carry it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count, islice
from types import NoneType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast
from weakref import ReferenceType, ref

import orjson

from gateway.errors import PlanningError, Problem
from gateway.execution.answer import Answer
from gateway.execution.answer_shape import AnswerShapes, no_codes
from gateway.execution.compile.asking import RequestWriter
from gateway.execution.compile.code import Names
from gateway.execution.compile.decoding import DecoderWriter, step_shapes
from gateway.execution.compile.disclosing import givers
from gateway.execution.compile.projecting import ProjectionWriter, given_name
from gateway.execution.conform import drop_key, keep_requested
from gateway.execution.context import holds
from gateway.execution.disclosure import Noted
from gateway.execution.gathered import Gathered, alike, below, interned, of_types
from gateway.execution.locate import MISSING, merge
from gateway.execution.outcome import Unavailable
from gateway.execution.reference import lifetime
from gateway.execution.refusals import MASKED
from gateway.execution.scatter import own, put_back
from gateway.planning.documents import asks, narrowed, within
from gateway.planning.readings import reading, readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.execution.answer_shape import Codes, ObjectShape
    from gateway.execution.compile.code import Function
    from gateway.execution.compile.decoding import AnswerDecoder
    from gateway.execution.context import Context
    from gateway.execution.disclosure import Given
    from gateway.execution.gathered import Object
    from gateway.execution.outcome import Outcome
    from gateway.execution.shape import Shapes
    from gateway.planning import Plan, Request, Step
    from gateway.supergraph import Supergraph
    from gateway.supergraph.selections import Conditions, SelectionSet

MAX_SIZE: Final = 1_000_000
"""Characters of a plan's code: the demonstration's has 12,000, and each takes some microseconds to be made."""

MAX_VARIANTS: Final = 256
"""Narrower forms of a plan's steps."""

Ask: TypeAlias = "Callable[[Context, Object], list[Gathered]]"
Part: TypeAlias = "Callable[[Context, list[Object]], Gathered]"
Take: TypeAlias = "Callable[[Context, list[Gathered], object], bool]"


class Disclosed(NamedTuple):
    """The fields (`Type.field`, in the order of their bits), each with the subgraphs that may give it.

    `paths` are the positions (response keys) that are noted by themselves.
    """

    fields: tuple[tuple[tuple[str, ...], str], ...]
    paths: frozenset[str]


Project: TypeAlias = "Callable[[Object, None, Answer], dict[str, object] | None]"

_LIBRARY: Final = {
    "Gathered": Gathered,
    "MISSING": MISSING,
    "SCALAR": frozenset((str, int, float, bool, NoneType)),
    "alike": alike,
    "PLAIN": frozenset((str, int)),
    "PLAIN_OR_NULL": frozenset((str, int, NoneType)),
    "below": below,
    "drop_key": drop_key,
    "interned": interned,
    "keep_requested": keep_requested,
    "merge": merge,
    "of_types": of_types,
    "own": own,
    "put_back": put_back,
}


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a plan.

    `head` is its body up to the variables, `decoder` takes its answer, and `lifetime` are the seconds for which that
    may be kept for everyone. `by_context`: it is asked once for each set of values that its arguments take from objects
    above. `others` are requests that may bring objects to its positions where those that it waits for have not.

    `ask` is None for a request of parts; they gather, by the number of the step, what has been found already.
    """

    request: Request
    head: bytes
    decoder: AnswerDecoder
    take: Take
    ask: Ask | None
    parts: Mapping[int, Part]
    apart: Asking | None
    by_context: bool
    lifetime: int = 0
    others: frozenset[int] = frozenset()

    def body(self, gathered: Sequence[Gathered], context: Context) -> bytes:
        """What is sent."""
        known = context.variables
        variables = {name: known[name] for name in self.request.variables if name in known}
        for index, one in enumerate(gathered):
            if one.step.entity is not None:
                variables[f"_r{index}"] = one.representations
        return self.head + orjson.dumps(variables) + b"}"


class Program:
    """A plan's requests with their functions, and the projection of what they fetch.

    It grows by the functions of types as values of abstract positions turn out to be of them; the schema bounds that.
    `size` are the characters of its text by now.
    """

    def __init__(
        self,
        plan: Plan,
        shapes: Shapes,
        supergraph: Supergraph,
        codes: Codes = no_codes,
        *,
        discloses: bool = False,
        records: Mapping[str, str] | None = None,
    ) -> None:
        """`codes` are those with which agencies' record ids begin.

        `discloses`: it is noted what is given of whom; `records` are the types of which one subgraph has the records of
        several agencies.

        Raises `PlanningError` where it would be too large.
        """
        self.plan = plan
        self.shapes = shapes
        self.supergraph = supergraph
        self._names = Names(dict(_LIBRARY))
        self._names.values["meet"] = _meeting(ref(self))
        self._alternatives = _Alternatives()
        self._texts: list[str] = []
        self.size = 0
        self._is_made = False
        self._answers = AnswerShapes(supergraph, codes)
        self._decoders = DecoderWriter(supergraph, self._answers)
        self._requests = RequestWriter(plan, self._names, supergraph, self._alternatives.flag, self._answers)
        interned = self._requests.levels.interned
        self._projections = ProjectionWriter(
            supergraph,
            shapes,
            self._names,
            interned,
            self._alternatives.flag,
            absents=bool(plan.authoritative or plan.crossings),
            plan=plan if discloses else None,
            records=records,
        )
        self.readings = readings(plan, supergraph)
        self._variants: dict[tuple[int, SelectionSet], Asking] = {}
        written: list[Function] = []
        for request in plan.requests:
            written += self._functions(request)
        root = self._projections.root()
        self._load([*written, *self._projections.finish()])
        self.requests = tuple(self._asking(request) for request in plan.requests)
        self.levels = len(self._requests.levels.numbers)
        self.waits = tuple(len(request.after) for request in plan.requests)
        self.first = tuple(request.number for request in plan.requests if not request.after)
        self.followers = tuple(
            tuple(later.number for later in plan.requests if request.number in later.after) for request in plan.requests
        )
        self._project = cast("Project", self._names.values[root])
        self._given = self._names.values.get(given_name(root))
        self._is_made = True

    def __del__(self) -> None:
        """Compiled functions and their names hold each other: nobody runs them any more, and the collector is slow."""
        self._names.values.clear()
        self._answers.clear()

    @property
    def text(self) -> str:
        """The program as people read it, with the types that have been met so far."""
        return "\n\n\n".join(self._texts) + "\n"

    def answer_shapes(self, request: Request) -> tuple[ObjectShape, ...]:
        """Return the shapes of what a request's steps bring, whichever steps of the plan these are."""
        return step_shapes(request, self.supergraph, self._answers)

    def flags(self, variables: Mapping[str, object]) -> list[bool]:
        """Which of the alternatives hold that the functions ask for by their number."""
        return [holds(alternatives, variables) for alternatives in self._alternatives.numbers]

    def variant(self, request: Request, step: Step, selections: SelectionSet) -> Asking | None:
        """A step of a request by itself, asking less; None where there are too many such forms already."""
        slot = (step.number, selections)
        known = self._variants.get(slot)
        if known is None and len(self._variants) < MAX_VARIANTS:
            known = self._variants[slot] = self._made(request, step, selections)
        return known

    def _made(self, request: Request, step: Step, selections: SelectionSet) -> Asking:
        """It is asked with what its own selections require: what the others do need not be there, nor be sent."""
        numbers = count(1 + max(self.readings))
        less = replace(step, number=next(numbers), selections=selections)
        parts: list[Step] = []
        for part in request.apart.steps if request.apart is not None else ():
            of_part = within(part.selections, selections) if part.part_of == step.number else ()
            if asks(of_part):
                parts.append(replace(part, number=next(numbers), part_of=less.number, selections=of_part))
        if parts:
            required = frozenset(item for part in parts for item in part.required)
            less = replace(less, required=tuple(item for item in less.required if item in required))
        apart = narrowed(request, *parts) if len(parts) > 1 else None
        return self._variant(replace(narrowed(request, less), apart=apart))

    def _variant(self, less: Request) -> Asking:
        """A request of one step that is asked of some of its objects, as a part of it is."""
        (step,) = less.steps
        for each in (less, *((less.apart,) if less.apart is not None else ())):
            for one in each.steps:
                self.readings[one.number] = reading(each, one, self.plan, self.supergraph)
        name = f"take_{less.number}_less_{step.number}"
        self._load([self._requests.take(less, name), self._requests.part(step, less.number), *self._apart(less, name)])
        known = self._names.values
        parts = {step.number: cast("Part", known[f"part_{less.number}_{step.number}"])}
        take = cast("Take", known[name])
        decoder = self._decoders.decoder(less)
        return Asking(less, _head(less), decoder, take, None, parts, self._asking_apart(less, name), _by_context(less))

    def project(self, outcome: Outcome, variables: Mapping[str, object]) -> dict[str, object] | None:
        """The response's `data`; errors of null propagation are added to the outcome."""
        assert outcome.data is not None
        answer = Answer(outcome, variables, self.flags(variables), self._projections.memos)
        data = self._project(outcome.data, None, answer)
        answer.close_gaps()
        self.account(outcome)
        if self._given is not None:
            outcome.disclosure = answer.disclosure
            if data is not None:
                outcome.disclosure.noted.append(Noted(None, "", data, cast("Given", self._given)))
            if answer.took_parent:
                outcome.disclosure.keep_reachable(data)
        return data

    def account(self, outcome: Outcome) -> None:
        """Say whose values could not be taken while the answer was made: what was null for it is unavailable."""
        if all(problem.extensions or problem.code != MASKED for problem in outcome.errors):
            return
        told: list[Problem] = []
        for problem in outcome.errors:
            names = [part for part in problem.path or () if isinstance(part, str)]
            if problem.code == MASKED and not problem.extensions and names:
                graphs = self._givers.get((".".join(names[:-1]), names[-1]), {}).values()
                agency = next(iter(sorted(set[str]().union(*graphs) - outcome.failed.keys())), "")
                outcome.unavailable[Unavailable(".".join(names), agency, "BAD_CONTENT")] = None
                if agency:
                    more = (("agency", agency), ("reason", "BAD_CONTENT"))
                    problem = replace(problem, extensions=more)
            told.append(problem)
        outcome.errors.put(told)

    @cached_property
    def _givers(self) -> Mapping[tuple[str, str], Mapping[str, set[str]]]:
        return givers(self.plan, self.supergraph)

    @property
    def disclosable(self) -> int:
        """How many fields the bits of a disclosure stand for."""
        writer = self._projections.disclosing
        return len(writer.fields) if writer is not None else 0

    @property
    def disclosed(self) -> Disclosed:
        """What the bits of a disclosure stand for, with those of types that have been met so far."""
        writer = self._projections.disclosing
        return (
            Disclosed(tuple(writer.fields), frozenset(writer.paths))
            if writer is not None
            else Disclosed((), frozenset())
        )

    def meet(self, number: int, table: dict[object, object], type_name: object, answer: Answer) -> bool:
        """Add the function for a type that no value of an abstract position has been of before; False: no such type."""
        try:
            name = self._projections.met(number, type_name)
        except LookupError:
            return False
        self._load(self._projections.finish())
        table[type_name] = None if name is None else self._names.values[name]
        more = islice(self._alternatives.numbers, len(answer.flags), None)
        answer.flags += [holds(alternatives, answer.variables) for alternatives in more]
        answer.memos += [{} for _ in range(self._projections.memos - len(answer.memos))]
        return True

    def _functions(self, request: Request) -> list[Function]:
        name = f"take_{request.number}"
        return [self._requests.ask(request), self._requests.take(request, name), *self._apart(request, name)]

    def _apart(self, request: Request, name: str) -> list[Function]:
        """The functions of the request that is asked for parts of steps; `name` is the one that takes the whole's."""
        if request.apart is None:
            return []
        parts = [self._requests.part(step, request.number) for step in request.apart.steps]
        return [*parts, self._requests.take(request.apart, f"{name}_apart")]

    def _asking(self, request: Request) -> Asking:
        known = self._names.values
        name = f"take_{request.number}"
        ask, take = cast("Ask", known[f"ask_{request.number}"]), cast("Take", known[name])
        seconds = lifetime(request, self.supergraph)
        others = self._requests.levels.others(request)
        apart = self._asking_apart(request, name)
        decoder = self._decoders.decoder(request)
        return Asking(request, _head(request), decoder, take, ask, {}, apart, _by_context(request), seconds, others)

    def _asking_apart(self, request: Request, name: str) -> Asking | None:
        apart = request.apart
        if apart is None:
            return None
        known = self._names.values
        parts = {step.number: cast("Part", known[f"part_{request.number}_{step.number}"]) for step in apart.steps}
        take = cast("Take", known[f"{name}_apart"])
        decoder = self._decoders.decoder(apart)
        return Asking(apart, _head(apart), decoder, take, None, parts, None, _by_context(apart))

    def _load(self, functions: list[Function]) -> None:
        """Each is compiled by itself: meanwhile nothing else of this process gets its turn."""
        for function in (*self._requests.representations.finish(), *functions):
            text = str(function)
            self._texts.append(text)
            self.size += len(text)
            if self.size > MAX_SIZE and not self._is_made:
                raise PlanningError(f"its plan has over {MAX_SIZE} characters of code: ask for less at once")
            exec(compile(text, "<plan>", "exec"), self._names.values)  # noqa: S102 - made of our own words: see code.py


class _Alternatives:
    """Conditions that functions ask for by their number."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[Conditions, ...], int] = {}

    def flag(self, alternatives: tuple[Conditions, ...]) -> str:
        return f"x.flags[{self.numbers.setdefault(alternatives, len(self.numbers))}]"


def _meeting(program: ReferenceType[Program]) -> Callable[[int, dict[object, object], object, Answer], bool]:
    """A program's `meet`, for functions that are not to keep it."""

    def meet(number: int, table: dict[object, object], type_name: object, answer: Answer) -> bool:
        known = program()
        return known is not None and known.meet(number, table, type_name, answer)

    return meet


def _by_context(request: Request) -> bool:
    return any(step.contexts for step in request.steps)


def _head(request: Request) -> bytes:
    return b'{"query":' + orjson.dumps(request.query) + b',"variables":'
