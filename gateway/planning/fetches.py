"""The tree of chosen paths -> steps: what each subgraph is sent and asked, position by position."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from gateway.errors import PlanningError
from gateway.planning.plan import ContextValue, Guard, Input, Rename, Segment
from gateway.querygraph.tree import Branch, Enter, Narrow, Select, Tree
from gateway.supergraph.selections import (
    HIDDEN,
    TYPENAME,
    Argument,
    Conditions,
    Field,
    Selection,
    SelectionSet,
    TypeCase,
)
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.operations.contexts import Sources
    from gateway.querygraph import Node, QueryGraph
    from gateway.supergraph.model import ContextArgument

_Position: TypeAlias = tuple[str, ...]
_Meaning: TypeAlias = tuple[str, tuple[Argument, ...]]
_CLOSED: _Meaning = ("", ())


@dataclass(slots=True, eq=False)
class Selections:
    """A selection set that grows; equal fields are one."""

    fields: dict[Field, Selections] = field(default_factory=dict)
    cases: dict[str, Selections] = field(default_factory=dict)

    def field(self, key: str, like: Field) -> Selections:
        return self.fields.setdefault(Field(key, like.name, like.arguments, like.conditions), Selections())

    def case(self, type_name: str) -> Selections:
        return self.cases.setdefault(type_name, Selections())

    def rename(self, field: Field, alias: str) -> None:
        """Ask for a field under an alias, in its place."""
        renamed = replace(field, alias=alias)
        self.fields = {renamed if known == field else known: below for known, below in self.fields.items()}

    def merge(self, other: Selections) -> None:
        for selection, below in other.fields.items():
            self.fields.setdefault(selection, Selections()).merge(below)
        for type_name, below in other.cases.items():
            self.case(type_name).merge(below)

    def reaches(self, keys: tuple[str, ...]) -> bool:
        """Whether these response keys, one below another, are selected."""
        if not keys:
            return True
        below = (inner for selection, inner in self.fields.items() if selection.key == keys[0])
        return any(inner.reaches(keys[1:]) for inner in below) or any(c.reaches(keys) for c in self.cases.values())

    def conditions(self) -> list[Conditions]:
        """The conditions of every field on this level."""
        found = [selection.conditions for selection in self.fields]
        return found + [c for below in self.cases.values() for c in below.conditions()]

    def __bool__(self) -> bool:
        return bool(self.fields) or any(self.cases.values())

    def freeze(self) -> SelectionSet:
        out: list[Selection] = []
        for selection, below in self.fields.items():
            if selection.conditions and replace(selection, conditions=()) in self.fields and not below:
                continue  # selected anyhow
            out.append(replace(selection, selections=below.freeze()))
        out.extend(TypeCase(type_name, below.freeze()) for type_name, below in self.cases.items() if below)
        return tuple(out)


@dataclass(slots=True, eq=False)
class Draft:
    """A step that grows. `after` are the steps whose data it is sent; `serial` is the place of its mutation.

    `given` are the conditions of the fields above it. `tells_type`: its objects say of which type each is, which by
    itself is no reason to ask. `parts` are the drafts that became this one, where they require
    different things. `guarded`: it is asked once the facts of its objects are known; `guard` and `held` say by whom.
    """

    number: int
    graph: str
    path: tuple[Segment, ...]
    entity: str | None
    selections: Selections = field(default_factory=Selections)
    keys: dict[Input, None] = field(default_factory=dict)
    required: dict[Input, None] = field(default_factory=dict)
    after: dict[int, None] = field(default_factory=dict)
    serial: int | None = None
    given: Conditions = ()
    typename: str | None = None
    tells_type: bool = False
    renames: list[Rename] = field(default_factory=list)
    parts: list[Draft] = field(default_factory=list)
    contexts: dict[ContextValue, None] = field(default_factory=dict)
    guarded: bool = False
    guard: Guard | None = None
    held: str | None = None

    @property
    def position(self) -> tuple[str, ...]:
        return tuple(segment.key for segment in self.path)

    def brings(self, position: tuple[str, ...]) -> bool:
        """Whether it selects what stands at a position of the response."""
        own = self.position
        return (
            len(position) > len(own) and position[: len(own)] == own and self.selections.reaches(position[len(own) :])
        )


class Keys:
    """Which response keys are taken at each position, and by which fields."""

    def __init__(self, selections: SelectionSet, withheld: SelectionSet) -> None:
        """`withheld` are the client's selections as they came: their keys are never used for what was taken out."""
        self._taken: dict[_Position, dict[str, set[_Meaning]]] = {}
        self._claim((), selections, False)
        self.chosen = {
            position: frozenset(key for key in taken if not key.startswith(HIDDEN))
            for position, taken in self._taken.items()
            if not any(part.startswith(HIDDEN) for part in position)
        }
        self._claim((), withheld, True)

    def _claim(self, position: _Position, selections: SelectionSet, closed: bool) -> None:
        for selection in selections:
            if isinstance(selection, TypeCase):
                self._claim(position, selection.selections, closed)
                continue
            taken = self._taken.setdefault(position, {})
            if not closed:
                taken.setdefault(selection.key, set()).add((selection.name, selection.arguments))
            elif selection.key not in taken:
                taken[selection.key] = {_CLOSED}
            self._claim((*position, selection.key), selection.selections, closed)

    def hidden(self, position: _Position, wanted: Field) -> str:
        """The response key under which a field that the client did not ask for is fetched."""
        meaning = (wanted.name, wanted.arguments)
        taken = self._taken.setdefault(position, {})
        key, number = wanted.name, 0
        while taken.setdefault(key, {meaning}) != {meaning}:
            number += 1
            key = f"_{number}_{wanted.name}"
        return key


class FetchBuilder:
    """Builds the steps of one operation. A step is opened once for each way in, position and condition."""

    def __init__(self, graph: QueryGraph, selections: SelectionSet, withheld: SelectionSet, sources: Sources) -> None:
        self.graph = graph
        self.sources = sources
        self.supergraph = graph.supergraph
        self.keys = Keys(selections, withheld)
        self.drafts: list[Draft] = []
        self.subjects: dict[_Position, None] = {}
        self._open: dict[tuple[object, ...], Draft] = {}
        self._supplied: dict[tuple[object, ...], dict[int, None]] = {}
        self._kept: list[Selections] = []

    def build(self, tree: Tree, serial: int | None = None) -> None:
        """Add the steps of a tree that begins at a root type."""
        for branch in tree.branches.values():
            self._enter(branch, None, Selections(), (), (), serial)

    def _walk(self, tree: Tree, step: Draft, into: Selections, path: tuple[Segment, ...], given: Conditions) -> None:
        """`given` are the conditions under which this position is wanted."""
        self._note_subject(tree.node, path)
        for move, branch in tree.branches.items():
            if isinstance(move, Select):
                below = into.field(move.field.key, move.field)
                if branch.tree is not None:
                    self._tell_type(branch.tree.node, below)
                    inner = tuple(sorted({*given, *move.field.conditions}))
                    self._walk(branch.tree, step, below, (*path, Segment(move.field.key)), inner)
            elif isinstance(move, Narrow):
                assert branch.tree is not None
                self._walk(branch.tree, step, into.case(move.type), self._narrowed(path, move.type), given)
            else:
                self._enter(branch, step, into, path, given, step.serial)

    def _note_subject(self, node: Node, path: tuple[Segment, ...]) -> None:
        if node.type in self.supergraph.subjects.types:
            self.subjects[tuple(segment.key for segment in path)] = None

    def _tell_type(self, node: Node, below: Selections) -> None:
        """An object whose type is known only at run time says which it is."""
        if self.graph.tells_type(node):
            below.field(TYPENAME, Field(TYPENAME, TYPENAME))

    def _narrowed(self, path: tuple[Segment, ...], type_name: str) -> tuple[Segment, ...]:
        if not path:
            return path
        last = path[-1]
        types = self.supergraph.object_types(type_name)
        return (*path[:-1], Segment(last.key, types if last.types is None else last.types & types))

    def _enter(
        self,
        branch: Branch,
        parent: Draft | None,
        into: Selections,
        path: tuple[Segment, ...],
        given: Conditions,
        serial: int | None,
    ) -> None:
        """Open (or find) the step behind an `Enter`, and go on in it."""
        move = branch.move
        assert isinstance(move, Enter)
        assert branch.tree is not None
        after: dict[int, None] = {}
        keys: tuple[Input, ...] = ()
        required: tuple[Input, ...] = ()
        if parent is not None:
            after[parent.number] = None
        if branch.need is not None:
            assert parent is not None
            after |= self._supply(branch.need, parent, into, path, move.conditions, given)
            keys = self._inputs(move.key, path, move.node.type)
            required = self._inputs(move.requires, path, move.node.type)
        step = self._step(move, path, after, given, serial)
        step.keys.update(dict.fromkeys(keys))
        step.required.update(dict.fromkeys(required))
        step.contexts.update(dict.fromkeys(self._context(argument, step) for argument in move.contexts))
        self._walk(branch.tree, step, step.selections, path, given)

    def _context(self, argument: ContextArgument, step: Draft) -> ContextValue:
        source = self.sources.get((step.position, argument))
        if source is None:
            raise PlanningError(f"no object above sets the context that argument `{argument.name}` needs here")
        return ContextValue(self.supergraph.context_arguments[argument], argument.type, *source)

    def wait_for_contexts(self) -> None:
        """A step whose arguments take values from objects above waits for the steps that bring them."""
        for draft in self.drafts:
            for value in draft.contexts:
                wanted = (*draft.position[: value.up], *value.keys)
                bringing = [d.number for d in self.drafts if d is not draft and d.brings(wanted)]
                draft.after.update(dict.fromkeys(bringing))

    def _step(
        self, move: Enter, path: tuple[Segment, ...], after: dict[int, None], given: Conditions, serial: int | None
    ) -> Draft:
        """The step behind an `Enter`, opened where there is none yet."""
        slot = (move, path, tuple(after), given, serial)
        step = self._open.get(slot)
        if step is None:
            entity = move.node.type if move.key or move.requires else None
            number = len(self.drafts)
            step = Draft(number, move.node.graph, path, entity, after=after, serial=serial, given=given)
            step.guarded = move.guarded
            if self.graph.is_interface_object(move.node):
                step.typename = move.node.type
            elif entity is not None:
                step.tells_type = self.graph.tells_type(move.node)
            self.drafts.append(step)
            self._open[slot] = step
        return step

    def _supply(
        self,
        need: Tree,
        step: Draft,
        into: Selections,
        path: tuple[Segment, ...],
        conditions: Conditions,
        given: Conditions,
    ) -> dict[int, None]:
        """Select what a need asks for, hidden from the client; returns the steps that bring it.

        Needs stand inside each other, and several inside one share others: each is followed once from one place.
        """
        slot = (id(need), step.number, id(into), path, conditions, given)
        known = self._supplied.get(slot)
        if known is not None:
            return dict(known)
        sources: dict[int, None] = {}
        position = tuple(segment.key for segment in path)
        self._note_subject(need.node, path)
        for move, branch in need.branches.items():
            if isinstance(move, Select):
                key = self.keys.hidden(position, move.field)
                below = into.field(key, Field(key, move.field.name, move.field.arguments, conditions))
                sources[step.number] = None
                if branch.tree is not None:
                    self._tell_type(branch.tree.node, below)
                    sources |= self._supply(
                        branch.tree, step, below, (*path, Segment(key)), (), tuple(sorted({*given, *conditions}))
                    )
            elif isinstance(move, Narrow):
                assert branch.tree is not None
                narrowed = self._narrowed(path, move.type)
                sources |= self._supply(branch.tree, step, into.case(move.type), narrowed, conditions, given)
            else:
                sources |= self._supply_from(branch, step, into, path, conditions, given)
        self._supplied[slot] = dict(sources)
        self._kept.append(into)  # while it is kept, no other has its id
        return sources

    def _supply_from(
        self,
        branch: Branch,
        parent: Draft,
        into: Selections,
        path: tuple[Segment, ...],
        conditions: Conditions,
        given: Conditions,
    ) -> dict[int, None]:
        """A part of a need that another subgraph brings: a step of its own."""
        move = branch.move
        assert isinstance(move, Enter)
        assert branch.tree is not None
        after: dict[int, None] = {parent.number: None}
        if branch.need is not None:
            after |= self._supply(branch.need, parent, into, path, conditions, given)
        step = self._step(move._replace(conditions=conditions), path, after, given, parent.serial)
        step.keys.update(dict.fromkeys(self._inputs(move.key, path, move.node.type)))
        step.required.update(dict.fromkeys(self._inputs(move.requires, path, move.node.type)))
        return self._supply(branch.tree, step, step.selections, path, conditions, given)

    def _inputs(
        self, selections: SelectionSet, path: tuple[Segment, ...], type_name: str, types: frozenset[str] | None = None
    ) -> tuple[Input, ...]:
        """Where the fields of a need, which are a type's, stand in the response."""
        out: list[Input] = []
        position = tuple(segment.key for segment in path)
        for selection in selections:
            if isinstance(selection, TypeCase):
                narrowed = self.supergraph.object_types(selection.type_name)
                common = narrowed if types is None else types & narrowed
                out.extend(self._inputs(selection.selections, path, selection.type_name, common))
            else:
                key = self.keys.hidden(position, selection)
                if not selection.selections:
                    out.append(Input(selection.name, key, (), types))
                    continue
                value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
                below = self._inputs(selection.selections, (*path, Segment(key)), value)
                out.append(Input(selection.name, key, below, types, self.graph.is_abstract(value)))
        return tuple(out)
