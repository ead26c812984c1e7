"""What the client asked for, as a shape: for each object type the response keys in order, and each one's type.

Fields that were asked for several times, by several fragments or under several conditions, are one key here
(GraphQL specification, section 6.3.2, CollectFields).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.supergraph import Kind
from gateway.supergraph.selections import HIDDEN, TYPENAME, Conditions, Field, Selection, SelectionSet, TypeCase
from gateway.supergraph.typeref import Named, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.operations.authorise import Withheld
    from gateway.operations.operation import Operation
    from gateway.supergraph import Supergraph

_TYPENAME_TYPE = Named("String")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One key of a response object.

    `wanted`: one of these alternatives has to hold. `withheld`: null, whatever is there.
    """

    key: str
    name: str
    type: TypeRef
    wanted: tuple[Conditions, ...]
    value: ValueShape | None
    withheld: bool = False


@dataclass(slots=True, eq=False)
class ValueShape:
    """A composite value. `objects` grows as types are met; it is bounded by the schema.

    `selections` come each with the conditions under which it counts, beyond those of the value itself. `by_type` are
    the alternatives under which what the client receives depends on the type of each value, so that a value without
    one can't be given.
    """

    type_name: str
    abstract: bool
    by_type: tuple[Conditions, ...]
    subject: bool
    path: str
    selections: tuple[tuple[Conditions, SelectionSet], ...]
    objects: dict[str, tuple[FieldShape, ...]] = field(default_factory=dict)


class Shapes:
    """Makes the shapes of one operation."""

    def __init__(self, supergraph: Supergraph, operation: Operation, withheld: Sequence[Withheld] = ()) -> None:
        self.supergraph = supergraph
        self._withheld = {(item.path, item.coordinate) for item in withheld}
        self._values: dict[tuple[str, tuple[tuple[Conditions, SelectionSet], ...], str], ValueShape] = {}
        self.root = self.value(operation.root_type, (((), operation.selections),), "")

    def value(self, type_name: str, selections: tuple[tuple[Conditions, SelectionSet], ...], path: str) -> ValueShape:
        """One for all parents below which the same is asked: types times positions, and not types to the depth."""
        slot = (type_name, selections, path)
        known = self._values.get(slot)
        if known is None:
            known = self._values[slot] = self._value(*slot)
        return known

    def _value(self, type_name: str, selections: tuple[tuple[Conditions, SelectionSet], ...], path: str) -> ValueShape:
        type_ = self.supergraph.types[type_name]
        by_type = dict.fromkeys(
            tuple(sorted({*conditions, *(selection.conditions if isinstance(selection, Field) else ())}))
            for conditions, chosen in selections
            for selection in chosen
            if isinstance(selection, TypeCase) or selection.name == TYPENAME
        )
        return ValueShape(type_name, type_.kind is not Kind.OBJECT, tuple(by_type), type_.subject, path, selections)

    def fields(self, shape: ValueShape, object_type: str) -> tuple[FieldShape, ...]:
        """The keys of an object of this type, in the order in which the client asked."""
        known = shape.objects.get(object_type)
        if known is None:
            known = shape.objects[object_type] = self._fields(shape, object_type)
        return known

    def _fields(self, shape: ValueShape, object_type: str) -> tuple[FieldShape, ...]:
        found: dict[str, list[tuple[Conditions, Field]]] = {}

        def collect(outer: Conditions, selections: tuple[Selection, ...]) -> None:
            for selection in selections:
                if not isinstance(selection, Field):
                    if object_type in self.supergraph.object_types(selection.type_name):
                        collect(outer, selection.selections)
                elif not selection.key.startswith(HIDDEN):
                    conditions = tuple(sorted({*outer, *selection.conditions}))
                    found.setdefault(selection.key, []).append((conditions, selection))

        for outer, selections in shape.selections:
            collect(outer, selections)
        return tuple(self._field(object_type, key, nodes, shape.path) for key, nodes in found.items())

    def _field(self, object_type: str, key: str, nodes: list[tuple[Conditions, Field]], parent: str) -> FieldShape:
        name = nodes[0][1].name
        wanted = tuple(dict.fromkeys(conditions for conditions, _ in nodes))
        if name == TYPENAME:
            return FieldShape(key, name, _TYPENAME_TYPE, wanted, None)
        type_ = self.supergraph.types[object_type].fields[name].type
        apart = len(wanted) > 1  # what one of them selects does not count where only another does
        below = tuple((conditions if apart else (), node.selections) for conditions, node in nodes if node.selections)
        path = f"{parent}.{key}" if parent else key
        value = self.value(named_type(type_), below, path) if below else None
        return FieldShape(key, name, type_, wanted, value, self._is_withheld(path, object_type, name))

    def _is_withheld(self, path: str, object_type: str, name: str) -> bool:
        types = self.supergraph.types
        over = {object_type, *(t for t in types if object_type in self.supergraph.object_types(t))}
        return bool(self._withheld) and any((path, f"{t}.{name}") in self._withheld for t in over)
