"""Where the objects of a position are: the statements that walk there, once for all requests where that is enough.

A position is settled for a request where all that brings objects there, or adds to them by where they stand, is done
before that request begins; one of objects of some types only, where all that tells their types is done too. Its level
is then found once and kept (`x.levels`), and objects of one entity that are alike become one object: what is known of
it is gathered, merged and projected once. Objects that differ, as where an agency answers by what led to them, stay
apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.execution.compile.code import Do, If, assign, literal
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import is_list, named_type

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from gateway.execution.compile.code import Names, Statement
    from gateway.planning import Plan, Request
    from gateway.planning.plan import Path
    from gateway.supergraph import Supergraph

Position = tuple[str, ...]
BUILT_IN = frozenset(("Int", "Float", "String", "Boolean", "ID"))
NUMBERS = frozenset(("Int", "Float", "Boolean"))
"""Types of which one value may be taken for another by Python, where only one of them is right: `true` for 1."""


class LevelWriter:
    """Writes walks. `numbers` are the places of kept levels, by path."""

    def __init__(self, plan: Plan, names: Names, supergraph: Supergraph) -> None:
        self.numbers: dict[Path, int] = {}
        self._names = names
        self._makers = _makers(plan)
        self._tellers = _tellers(plan)
        self._done = _done_before(plan)
        self._keys = {} if plan.parts_places else _keys(plan, _loose(plan, supergraph))
        self._exact: dict[Position, set[str]] = {}
        self._deep: set[Position] = set()
        if self._keys:
            self._find_numbers(plan, supergraph)

    @property
    def interned(self) -> frozenset[str]:
        """The response paths of positions at which one object may come to stand in several places."""
        return frozenset(".".join(position) for position in self._keys)

    def others(self, request: Request) -> frozenset[int]:
        """Earlier requests that it does not wait for, though they bring objects to its positions, add to them there, or
        tell of which types they are where that decides.

        Only earlier ones, so that no two can wait for each other.
        """
        positions = [_position(path) for step in request.steps for path in step.paths]
        above = (self._makers.get(p[:length], frozenset()) for p in positions for length in range(1, len(p) + 1))
        typed = [position for step in request.steps for path in step.paths for position in _typed(path)]
        typed += [_position(path) for step in request.steps if step.typename is None for path in step.paths]
        told = (self._tellers.get(position, frozenset()) for position in typed)
        found = frozenset[int]().union(*above, *told) - self._done[request.number]
        return frozenset(number for number in found if number < request.number)

    def walk(self, path: Path, request: Request, tag: str, levels: dict[Path, str]) -> list[Statement]:
        """Statements that find the level of a position; `levels` are the names of those found, and get this one's."""
        body: list[Statement] = []
        for length in range(1, len(path) + 1):
            prefix = path[:length]
            if prefix in levels:
                continue
            name = levels[prefix] = f"{prefix[-1].key}_{tag}_{length}"
            parent = levels[prefix[:-1]]
            if not self._is_settled(prefix, request):
                body.append(assign(name, self._met(prefix, parent)))
                continue
            kept = f"x.levels[{self.numbers.setdefault(prefix, len(self.numbers))}]"
            found = Do(f"{name} = {kept} = {self._interned(prefix, parent)}")
            body += [assign(name, kept), If(f"{name} is None", [found])]
        return body

    def _met(self, path: Path, parent: str) -> str:
        """The objects that the level above leads to, each once."""
        found = f"below({parent}, {literal(path[-1].key)})"
        if path[-1].types is None:
            return found
        return f"of_types({found}, {self._names.value('types', path[-1].types)})"

    def _interned(self, path: Path, parent: str) -> str:
        key = self._keys.get(_position(path))
        if key is None:
            return self._met(path, parent)
        types = "None" if path[-1].types is None else self._names.value("types", path[-1].types)
        position = _position(path)
        exact = "None" if position in self._deep else repr(tuple(sorted(self._exact.get(position, set()) - {key})))
        return f"interned({parent}, {literal(path[-1].key)}, {literal(key)}, {types}, {exact})"

    def _find_numbers(self, plan: Plan, supergraph: Supergraph) -> None:
        """For each position the keys of values that Python may take for another; and where such values are further
        down. What a step brings to its own position comes after objects that are alike have become one, if ever.
        """

        def walk(selections: SelectionSet, type_name: str, position: Position, start: int) -> None:
            type_ = supergraph.types.get(type_name)
            for selection in selections:
                if not isinstance(selection, Field):
                    walk(selection.selections, selection.type_name, position, start)
                    continue
                definition = type_.fields.get(selection.name) if type_ else None
                if definition is None:
                    continue
                inner = named_type(definition.type)
                if selection.selections:
                    walk(selection.selections, inner, (*position, selection.key), start)
                elif inner in NUMBERS and len(position) >= start:
                    self._exact.setdefault(position, set()).add(selection.key)
                    self._deep.update(position[:length] for length in range(start, len(position)))
                    if is_list(definition.type):
                        self._deep.add(position)

        for request in plan.requests:
            for step in request.steps:
                for path in step.paths:
                    root = step.entity or supergraph.roots["query" if path else plan.operation.kind]
                    start = len(path) + self._is_settled(path, request)
                    walk(step.selections, root, _position(path), start)

    def _is_settled(self, path: Path, request: Request) -> bool:
        position = _position(path)
        above = (self._makers.get(position[:length], frozenset()) for length in range(1, len(position) + 1))
        told = (self._tellers.get(typed, frozenset()) for typed in _typed(path))
        return frozenset[int]().union(*above, *told) <= self._done[request.number]


def _makers(plan: Plan) -> dict[Position, frozenset[int]]:
    """For each position, the requests that bring objects to it or add to them by where they stand."""
    found: dict[Position, set[int]] = {}
    for request in plan.requests:
        for step in (*request.steps, *(request.apart.steps if request.apart else ())):
            for path in step.paths:
                for position in _composites(step.selections, _position(path)):
                    found.setdefault(position, set()).add(request.number)
    return {position: frozenset(numbers) for position, numbers in found.items()}


def _tellers(plan: Plan) -> dict[Position, frozenset[int]]:
    """For each position, the requests that enter there and tell of which types its objects are."""
    found: dict[Position, set[int]] = {}
    for request in plan.requests:
        for step in (*request.steps, *(request.apart.steps if request.apart else ())):
            if step.entity is not None and any(isinstance(s, Field) and s.key == TYPENAME for s in step.selections):
                for path in step.paths:
                    found.setdefault(_position(path), set()).add(request.number)
    return {position: frozenset(numbers) for position, numbers in found.items()}


def _typed(path: Path) -> Iterator[Position]:
    """The positions at which a path goes on with objects of some types only."""
    return (_position(path[:length]) for length, segment in enumerate(path, 1) if segment.types is not None)


def _composites(selections: SelectionSet, position: Position) -> Iterator[Position]:
    for selection in selections:
        if not isinstance(selection, Field):
            yield from _composites(selection.selections, position)
        elif selection.selections:
            here = (*position, selection.key)
            yield here
            yield from _composites(selection.selections, here)


def _done_before(plan: Plan) -> list[frozenset[int]]:
    """For each request, those that are done when it begins."""
    done: list[frozenset[int]] = []
    for request in plan.requests:  # they are in an order that respects `after`
        done.append(frozenset(request.after).union(*(done[earlier] for earlier in request.after)))
    return done


def _loose(plan: Plan, supergraph: Supergraph) -> set[Position]:
    """The positions of custom scalars, and all above them: Python takes `true` for 1, and there both are values."""
    found: set[Position] = set()

    def walk(selections: SelectionSet, type_name: str, position: Position) -> None:
        type_ = supergraph.types.get(type_name)
        for selection in selections:
            if not isinstance(selection, Field):
                walk(selection.selections, selection.type_name, position)
            elif selection.name != TYPENAME:
                definition = type_.fields.get(selection.name) if type_ else None
                inner = named_type(definition.type) if definition else ""
                here = (*position, selection.key)
                if selection.selections:
                    walk(selection.selections, inner, here)
                elif inner not in BUILT_IN and inner not in supergraph.visible_values:
                    found.update(here[:length] for length in range(len(here) + 1))

    for request in plan.requests:
        for step in request.steps:
            for path in step.paths:
                root = step.entity or supergraph.roots["query" if path else plan.operation.kind]
                walk(step.selections, root, _position(path))
    return found


def _keys(plan: Plan, loose: Container[Position]) -> dict[Position, str]:
    """For each position at which entities are entered, a response key by whose values they are told apart."""
    found: dict[Position, str] = {}
    for request in plan.requests:
        for step in request.steps:
            plain = next((item.key for item in step.keys if not item.inputs and item.types is None), None)
            if step.entity is not None and plain is not None:
                for number, path in enumerate(step.paths):
                    if step.guards and step.guards[number].up < len(path):
                        continue  # it is decided by who stands above, and may be had by one and not by another
                    if path and _position(path) not in loose:
                        found.setdefault(_position(path), plain)
    return found


def _position(path: Path) -> Position:
    return tuple(segment.key for segment in path)
