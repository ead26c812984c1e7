"""Steps -> functions that gather what a request sends (`ask`) and that take what it is answered (`take`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.execution.answer_shape import conditional_keys, shapes_by_type
from gateway.execution.compile.code import Comment, Do, For, Function, If, assign, literal, returns
from gateway.execution.compile.decoding import step_shapes
from gateway.execution.compile.levels import LevelWriter
from gateway.execution.compile.representing import RepresentationWriter, is_regular
from gateway.supergraph.selections import TYPENAME, Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.execution.answer_shape import AnswerShapes, ObjectShape
    from gateway.execution.compile.code import Names, Statement
    from gateway.planning import Input, Plan, Request, Step
    from gateway.planning.plan import Path
    from gateway.supergraph import Supergraph
    from gateway.supergraph.selections import Conditions

MAX_PLAIN: Final = 4
"""How many inputs a representation may have to be told from others by their values as they are."""


class RequestWriter:
    """Writes the functions of a plan's requests."""

    def __init__(
        self,
        plan: Plan,
        names: Names,
        supergraph: Supergraph,
        flag: Callable[[tuple[Conditions, ...]], str],
        shapes: AnswerShapes,
    ) -> None:
        self.plan = plan
        self._supergraph = supergraph
        self._shapes = shapes
        self._names = names
        self._flag = flag
        self.levels = LevelWriter(plan, names, supergraph)
        self.representations = RepresentationWriter(names)

    def ask(self, request: Request) -> Function:
        """`ask_n(x, root)`: what each step has gathered."""
        body: list[Statement] = []
        levels: dict[Path, str] = {(): "[root]"}
        for index, step in enumerate(request.steps):
            found = self._gather(step, request, index, levels)
            body += [Comment(self._about(step)), assign(f"g{index}", f"Gathered({self._step(step)})")]
            body += [If(self._flag(step.wanted), found)] if step.wanted != ((),) else found
        body.append(returns(f"[{', '.join(f'g{index}' for index in range(len(request.steps)))}]"))
        return Function(f"ask_{request.number}", ("x", "root"), f"Fetch {request.number} of {request.graph.name}", body)

    def part(self, step: Step, number: int) -> Function:
        """`part_n_m(x, found)`: what a step gathers from some objects of its position."""
        body: list[Statement] = [assign("g0", f"Gathered({self._step(step)})")]
        body += [assign("index", "{}"), *self._slots(step, 0, "found"), returns("g0")]
        return Function(f"part_{number}_{step.number}", ("x", "found"), self._about(step), body)

    def take(self, request: Request, name: str) -> Function:
        """`take_n(x, gathered, data)`: merge an answer that was decoded by its shape.

        False, and nothing is merged, where a key is absent whose condition holds, there is not one entity for each
        representation, or an object is of a type that it can't be.
        """
        steps = list(enumerate(request.steps))
        shapes = step_shapes(request, self._supergraph, self._shapes)
        checks: list[Statement] = []
        keeps: list[Statement] = []
        merges: list[Statement] = []
        for index, step in steps:
            merges.append(Comment(self._about(step)))
            if step.entity is None:
                checks += self._unlike_root(step)
                keeps += self._keep_requested(shapes[index], "data")
                merges += self._take_root(step, index)
            else:
                checks += self._unlike_entities(request, step, index)
                keeps += self._keep_requested(shapes[index], f"e{index}")
                merges += self._take_entities(request, step, index)
        body = [*checks, *keeps, *merges, returns("True")]
        return Function(name, ("x", "gathered", "data"), f"the answer of {request.graph.name}", body)

    # asking

    def _gather(self, step: Step, request: Request, index: int, levels: dict[Path, str]) -> list[Statement]:
        """Walk to the step's positions, by levels that earlier steps have walked, and give objects their slots."""
        known = levels if step.wanted == ((),) else dict(levels)
        if step.entity is None:
            (path,) = step.paths
            body = self.levels.walk(path, request, str(index), known)
            found = known[path]
            new = [Do(f"g{index}.representations.append(None)"), Do(f"g{index}.objects.append({found})")]
            return [*body, If(found, new)]
        body = [assign("index", "{}")] if _plain(step) else []
        for number, path in enumerate(step.paths):
            guard = step.guards[number] if step.guards else None
            upto = path if guard is None else path[: guard.up]
            body += self.levels.walk(upto, request, f"{index}_{number}", known)
            found = known[upto]
            if guard is not None:
                verb = "admit" if guard.up == len(path) else "admit_below"
                may = f"may_{index}_{number}"
                by = self._names.value("request", request)
                body.append(assign(may, f"x.judge.{verb}(g{index}, {found}, {number}, {by})"))
                found = may
            body += self._slots(step, index, found)
        return body

    def _slots(self, step: Step, index: int, found: str) -> list[Statement]:
        """One representation for the objects that are the same entity."""
        gathered = f"g{index}"
        inputs = _plain(step)
        if not inputs:
            return [For("s", found, [Do(f"{gathered}.add(s, x)")])]
        own: list[Statement] = []
        slot: list[str] = []
        shapes: list[str] = []
        odd: list[str] = []
        for number, (item, nullable) in enumerate(inputs):
            local, value = f"v{number}", f"s.get({literal(item.key)}, MISSING)"
            if item.inputs:
                own.append(assign(local, f"{self.representations.shape(item)}({value})"))
                odd.append(f"{local} is MISSING")
                shapes.append(local)
            else:
                own.append(assign(local, value))
                odd.append(f"{local}.__class__ not in {'PLAIN_OR_NULL' if nullable else 'PLAIN'}")
                slot.append(local)
        told = literal(step.typename or step.entity)
        if step.typename is None:
            own.append(assign("told", f"s.get({literal(TYPENAME)}, {told})"))
            odd.append("told.__class__ is not str")
            slot.append("told")
            told = "told"
        pairs = [f"{literal(TYPENAME)}: {told}"]
        pairs += [f"{literal(item.name)}: v{number}" for number, (item, _) in enumerate(inputs)]
        by_interpreter = [Do(f"{gathered}.add(s, x)"), Do("continue")]
        new: list[Statement] = [
            assign("known", "[s]"),
            assign("index[slot]", f"(known, {', '.join(shapes)})" if shapes else "known"),
            Do(f"{gathered}.representations.append({{{', '.join(pairs)}}})"),
            Do(f"{gathered}.objects.append(known)"),
        ]
        again: list[Statement] = []
        if shapes:  # of one entity two places may know different things
            again += [
                If(f"not alike(known[1:], ({', '.join(shapes)},))", by_interpreter),
                assign("known", "known[0]"),
            ]
        each: list[Statement] = [
            *own,
            If(" or ".join(odd), by_interpreter),
            assign("slot", f"({', '.join(slot)})" if len(slot) > 1 else slot[0]),
            assign("known", "index.get(slot)"),
            If("known is None", new, [*again, If("known[-1] is not s", [Do("known.append(s)")])]),
        ]
        return [For("s", found, each)]

    # taking

    def _unlike_root(self, step: Step) -> list[Statement]:
        return self._unless_whole(step, "data")

    def _unlike_entities(self, request: Request, step: Step, index: int) -> list[Statement]:
        entities = f"e{index}"
        odd = self._unless_whole(step, "one")
        return [
            assign(entities, f"data[{literal(request.response_key(index))}]"),
            If(f"len({entities}) != len(gathered[{index}].objects)", [returns("False")]),
            *([For("one", entities, [If("one is not None", odd)])] if odd else []),
        ]

    def _unless_whole(self, step: Step, value: str) -> list[Statement]:
        """False where a key is absent whose condition holds; that the others are there its decoder has seen to."""
        return [
            If(f"{literal(field.asked_as)} not in {value} and {self._flag((field.conditions,))}", [returns("False")])
            for field in step.selections
            if isinstance(field, Field) and field.conditions
        ]

    def _keep_requested(self, shape: ObjectShape, value: str) -> list[Statement]:
        """Take from objects what was requested of other types than theirs, or under conditions that don't hold."""
        name = self._names.value
        return [
            *(
                If(
                    f"not keep_requested({value}, {name('path', path)}, {name('shape', own)}, x.variables)",
                    [returns("False")],
                )
                for path, own in shapes_by_type(shape)
            ),
            *(
                If(f"not {self._flag(alternatives)}", [Do(f"drop_key({value}, {name('path', path)}, {literal(key)})")])
                for path, key, alternatives in conditional_keys(shape)
            ),
        ]

    def _take_root(self, step: Step, index: int) -> list[Statement]:
        own = "own(data)" if self.plan.parts_places else "data"
        return [
            *self._renames(step, "data"),
            For("objects", f"gathered[{index}].objects", [For("one", "objects", [Do(f"merge(one, {own})")])]),
        ]

    def _take_entities(self, request: Request, step: Step, index: int) -> list[Statement]:
        assert step.entity is not None
        if self.plan.parts_places:
            into: list[Statement] = [
                For("number, one", "enumerate(objects)", [Do("merge(one, own(entity) if number else entity)")])
            ]
        else:
            plain = If("one.keys().isdisjoint(entity)", [Do("one.update(entity)")], [Do("merge(one, entity)")])
            into = [For("one", "objects", [plain])]
        each: list[Statement] = [If("entity is not None", into)]
        if request.graph.id in self.plan.authoritative.get(step.entity, frozenset()):
            each = [If("entity is not None", into, [Do("x.outcome.absent.update((id(one), one) for one in objects)")])]
        entities = f"e{index}"
        return [
            *self._renames(step, entities),
            For("entity, objects", f"zip({entities}, gathered[{index}].objects)", each),
        ]

    def _renames(self, step: Step, value: str) -> list[Statement]:
        return [
            Do(f"put_back({value}, {self._names.value('path', rename.path)}, {self._names.value('rename', rename)})")
            for rename in step.renames
        ]

    def _step(self, step: Step) -> str:
        return self._names.value("step", step)

    def _about(self, step: Step) -> str:
        where = ", ".join(".".join(map(str, path)) or "the root" for path in step.paths)
        sent = " ".join(map(str, step.keys + step.required))
        return f"step {step.number} at {where}" + (f": {step.entity} by {{ {sent} }}" if step.entity else "")


def _plain(step: Step) -> list[tuple[Input, bool]]:
    """A step's inputs with whether each may be null; none where they are more than a few of every object.

    By one of the keys at least, a scalar, representations are told apart; what is required may be objects.
    """
    inputs = [*((item, False) for item in step.keys), *((item, True) for item in step.required)]
    plain = all(not item.inputs and item.types is None for item in step.keys) and all(map(is_regular, step.required))
    distinct = len({item.name for item, _ in inputs}) == len({item.key for item, _ in inputs}) == len(inputs)
    return inputs if plain and distinct and step.keys and len(inputs) <= MAX_PLAIN else []
