"""Shapes -> functions that tell which fields of an answer's object are values, as bits of one integer.

One stands beside each projection. A field is a bit; of a list it is enough to look until all bits below it are set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.execution.compile.code import Do, For, Function, If, assign, literal, returns
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gateway.execution.compile.code import Statement
    from gateway.execution.shape import FieldShape, Shapes, ValueShape
    from gateway.planning import Plan
    from gateway.supergraph import Supergraph

_PARAMETERS = ("o", "m", "x")


class DisclosureWriter:
    """Writes the functions of one plan. `fields` are the bits: of each the subgraphs that it may be from, and its name.

    `of` gives the function of the values of a shape. `records` are the types of which one subgraph has the records of
    several agencies. `paths` are those (response keys) of the positions that are noted by themselves.
    """

    def __init__(
        self,
        plan: Plan,
        supergraph: Supergraph,
        shapes: Shapes,
        of: Callable[[ValueShape], str],
        records: Collection[str],
    ) -> None:
        self.fields: dict[tuple[tuple[str, ...], str], int] = {}
        self.paths: set[str] = set()
        self.records = records
        self._supergraph = supergraph
        self._shapes = shapes
        self._of = of
        self._givers = givers(plan, supergraph)
        self._whole: dict[int, int | None] = {}

    def function(self, shape: ValueShape, object_type: str, fields: Sequence[FieldShape], name: str) -> Function:
        """`given_n(o, m, x)`: the bits `m` with those of an object of this type."""
        plain: list[tuple[int, str]] = []
        body: list[Statement] = []
        for field in fields:
            bit = self._bit(shape, object_type, field)
            of_nobody = not shape.path and field.value is not None and field.value.subject
            if not bit or field.withheld or of_nobody:
                continue  # that there is a subject is told of the subject
            value = f"o[{literal(field.key)}]" if field.wanted == ((),) else f"o.get({literal(field.key)})"
            if field.value is None or field.value.subject:
                plain.append((bit, value))
                continue
            own = Do(f"m |= {bit}")
            if field.value.type_name in self.records and not field.value.abstract:
                own = Do(f"m |= 0 if v else {bit}")  # of each record it is told whose it is
            below = self._below(field.type, field.value, bit)
            body += [assign("v", value), If("v is not None", [own, *below])]
        body = [*_leaves(plain), *body]
        return Function(
            name, _PARAMETERS, f"{shape.path or 'the answer'}: what is given of {object_type}", [*body, returns("m")]
        )

    def _below(self, type_: TypeRef, value: ValueShape, bit: int, local: str = "v") -> list[Statement]:
        inner = type_.of if isinstance(type_, NonNull) else type_
        if isinstance(inner, ListOf):
            item = f"{local}_"
            each = [If(f"{item} is not None", self._below(inner.of, value, bit, item))]
            whole = self._all(value)
            if whole is not None and not isinstance(_bare(inner.of), ListOf):
                each.append(If(f"m & {whole} == {whole}", [Do("break")]))
            return [For(item, local, each)]
        if value.abstract:
            return [assign("m", f"x.of_kind({local}, m)")]
        name = self._of(value)
        if value.type_name in self.records:
            return [assign("m", f"x.of_record({local}, m, {name}, {bit})")]
        if self._names_subjects(value):
            return [assign("m", f"x.of_named({local}, m, {name})")]
        return [assign("m", f"{name}({local}, m, x)")]

    def _names_subjects(self, value: ValueShape) -> bool:
        return bool(self._supergraph.subjects.about(value.type_name))

    def _all(self, shape: ValueShape) -> int | None:
        """Return the bits of all that is below; None where it depends on more than which fields are values."""
        if id(shape) in self._whole:
            return self._whole[id(shape)]
        found: int | None = 0
        if shape.abstract or shape.type_name in self.records or self._names_subjects(shape):
            found = None
        else:
            for field in self._shapes.fields(shape, shape.type_name):
                below = 0 if field.value is None or field.value.subject else self._all(field.value)
                if found is None or below is None:
                    found = None
                    break
                found |= below | (0 if field.withheld else self._bit(shape, shape.type_name, field))
        self._whole[id(shape)] = found
        return found

    def _bit(self, shape: ValueShape, object_type: str, field: FieldShape) -> int:
        """Return a field's bit; 0 where no subgraph gives it."""
        if field.name == TYPENAME:
            return 0
        found = self._givers.get((shape.path, field.key), {})
        behind = self._supergraph.object_types
        names = {
            graph
            for type_name, graphs in found.items()
            if object_type in {type_name, *behind(type_name)}
            for graph in graphs
        }
        if not names:
            return 0
        slot = (tuple(sorted(names)), f"{object_type}.{field.name}")
        return 1 << self.fields.setdefault(slot, len(self.fields))


def _leaves(plain: Sequence[tuple[int, str]]) -> list[Statement]:
    """Set the bits of fields without fields of their own: all at once where none is null, as most often."""
    one_by_one: list[Statement] = [If(f"{value} is not None", [Do(f"m |= {bit}")]) for bit, value in plain]
    if len(plain) < 3:
        return one_by_one
    whole = 0
    for bit, _ in plain:
        whole |= bit
    return [If(" and ".join(f"{value} is not None" for _, value in plain), [Do(f"m |= {whole}")], one_by_one)]


def _bare(type_: TypeRef) -> TypeRef:
    return type_.of if isinstance(type_, NonNull) else type_


def givers(plan: Plan, supergraph: Supergraph) -> Mapping[tuple[str, str], Mapping[str, set[str]]]:
    """Return by position and key which subgraphs (names) are asked for it, of objects of which type."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}

    def walk(selections: SelectionSet, type_name: str, path: str, graph: tuple[str, str]) -> None:
        for selection in selections:
            if not isinstance(selection, Field):
                walk(selection.selections, selection.type_name, path, graph)
                continue
            found.setdefault((path, selection.key), {}).setdefault(type_name, set()).add(graph[1])
            if selection.selections:
                definition = supergraph.types[type_name].fields[selection.name]
                own = next((o.type for o in definition.owners if o.graph == graph[0] and o.type), definition.type)
                below = f"{path}.{selection.key}" if path else selection.key
                walk(selection.selections, named_type(own), below, graph)

    for request in plan.requests:
        for step in (*request.steps, *(request.apart.steps if request.apart else ())):
            for path in step.paths:
                root = step.entity or supergraph.roots["query" if path else plan.operation.kind]
                position = ".".join(segment.key for segment in path)
                walk(step.selections, root, position, (request.graph.id, request.graph.name))
    return found
