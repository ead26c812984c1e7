"""What a step's answer may hold: the response keys that were requested, at every level, and the types of their values.

A shape is made once for a plan, from the selections of a step and from the schema of the subgraph that is asked. All
else that an answer holds is never merged: `compile.decoding` makes decoders of shapes, and `conform` takes an answer by
its shape that a decoder refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.supergraph import Kind
from gateway.supergraph.selections import TYPENAME, Conditions, Field, SelectionSet
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gateway.supergraph import Supergraph


class Leaf(Enum):
    """What JSON a leaf may be, but for null (GraphQL specification, section 3.5)."""

    IDENTIFIER = "ID"
    STRING = "String"
    NUMBER = "number"
    BOOLEAN = "Boolean"
    CUSTOM = "custom"


_BUILT_IN = {
    "ID": Leaf.IDENTIFIER,
    "String": Leaf.STRING,
    "Int": Leaf.NUMBER,
    "Float": Leaf.NUMBER,
    "Boolean": Leaf.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class CodedText:
    """A text that begins with one of these agencies' codes and a colon: a record's id, or a reference to a subject."""

    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class TypeNames:
    """A `__typename` that is one of these."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Items:
    """A list, each of whose items is null or of a shape."""

    of: ValueShape


@dataclass(slots=True, eq=False)
class ObjectShape:
    """An object. `values` are the shapes by response key, as the subgraph answers under it.

    `always` are the keys that every such object has: those under a condition or a type's fragment may be absent.
    `conditions` are those of the keys that were requested under one: of the alternatives one has to hold. `names` are
    those that its `__typename` can be. Where what was requested depends on it, here or anywhere below, `of_type` gives
    the shape of an object by the name that it tells (None where it tells none); this one is then that of all together.
    """

    values: dict[str, ValueShape] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    conditions: Mapping[str, tuple[Conditions, ...]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    of_type: Callable[[str | None], ObjectShape] | None = None

    def own(self, told: object) -> ObjectShape:
        """Return the shape of an object that tells this as its `__typename`."""
        if self.of_type is None:
            return self
        return self.of_type(told if isinstance(told, str) and told in self.names else None)


ValueShape: TypeAlias = Leaf | CodedText | TypeNames | Items | ObjectShape

Codes: TypeAlias = Callable[[str, str, str], frozenset[str] | None]
"""By subgraph (id), type and field: the agencies' codes with which values begin; None where they are not by agency."""


def no_codes(_graph: str, _type_name: str, _field: str) -> None:
    """Say of every field that its values begin with no agency's code."""


NO_CODE: Final[frozenset[str]] = frozenset()


def agency_codes(supergraph: Supergraph, agencies: Mapping[str, Collection[str]], own: Collection[str]) -> Codes:
    """Return the codes with which the record ids and references of each subgraph begin.

    `agencies` are the codes by subgraph (name); one that has none there can give no such id. `own` are the subgraphs
    (ids) that are the partnership's: theirs, and those of the facts' authority, are taken as they are.
    """
    subjects = supergraph.subjects
    if not subjects.types:
        return no_codes
    own = frozenset(own) | subjects.authorities
    codes = {id_: frozenset(agencies.get(graph.name, ())) for id_, graph in supergraph.graphs.items()}

    def of(graph: str, type_name: str, field_name: str) -> frozenset[str] | None:
        if graph in own or field_name not in subjects.coded_keys(type_name):
            return None
        return codes.get(graph, NO_CODE)

    return of


_ALL: Final = ""
"""In place of a type's name: objects of any of their types, all together."""


class _Collected(NamedTuple):
    """A field that is selected of objects of these types. `parent` is the type that it was found on."""

    within: frozenset[str]
    parent: str
    field: Field


class AnswerShapes:
    """Makes shapes, one for all positions of a subgraph's type at which the same is selected."""

    def __init__(self, supergraph: Supergraph, codes: Codes) -> None:
        self._supergraph = supergraph
        self._codes = codes
        self._known: dict[tuple[str, str, SelectionSet, str | None], ObjectShape] = {}

    def shape(self, graph: str, type_name: str, selections: SelectionSet) -> ObjectShape:
        """Return the shape of objects of a type, as this subgraph (id) declares it."""
        slot = (graph, type_name, selections, _ALL)
        known = self._known.get(slot)
        if known is None:
            known = self._known[slot] = self._shape(graph, type_name, selections)
        return known

    def clear(self) -> None:
        """Let go of all shapes: those that depend on types hold their maker."""
        self._known.clear()

    def _of_type(self, graph: str, type_name: str, selections: SelectionSet, told: str | None) -> ObjectShape:
        """Return the shape of those that tell this type; of those that tell none, by what is asked of every type."""
        slot = (graph, type_name, selections, told)
        known = self._known.get(slot)
        if known is None:
            names = self.type_names(graph, type_name)
            if told is None:
                fields = _of_all(list(self._collected(graph, type_name, selections, names)), names)
            else:
                fields = _by_key(self._collected(graph, type_name, selections, frozenset((told,))))
            known = self._known[slot] = self._made(graph, names, fields)
        return known

    def _shape(self, graph: str, type_name: str, selections: SelectionSet) -> ObjectShape:
        names = self.type_names(graph, type_name)
        collected = list(self._collected(graph, type_name, selections, names))
        shape = self._made(graph, names, _by_key(collected))
        sure = (one.field.asked_as for one in collected if one.within == names and not one.field.conditions)
        shape.always = frozenset(sure)
        if TYPENAME in shape.values and self._differs(collected, names):
            shape.of_type = partial(self._of_type, graph, type_name, selections)
        return shape

    def _made(self, graph: str, names: frozenset[str], fields: Mapping[str, list[_Collected]]) -> ObjectShape:
        values = {key: self._value(graph, names, some) for key, some in fields.items()}
        conditions = {key: tuple(dict.fromkeys(one.field.conditions for one in some)) for key, some in fields.items()}
        depends = {key: alternatives for key, alternatives in conditions.items() if () not in alternatives}
        always = frozenset(key for key, alternatives in conditions.items() if () in alternatives)
        return ObjectShape(values, always, depends, names)

    def _collected(
        self, graph: str, parent: str, selections: SelectionSet, names: frozenset[str]
    ) -> Iterator[_Collected]:
        """Give the fields that are selected of objects that are of one of these types, with those that they are of."""
        for selection in selections:
            if isinstance(selection, Field):
                yield _Collected(names, parent, selection)
                continue
            within = names & self.type_names(graph, selection.type_name)
            if within:
                yield from self._collected(graph, selection.type_name, selection.selections, within)

    @staticmethod
    def _differs(collected: list[_Collected], names: frozenset[str]) -> bool:
        """Whether what was requested of objects, or of what is below them, depends on which type they are of."""
        if all(one.within == names for one in collected):
            return False
        first, *others = (
            {
                (one.field.asked_as, one.field.conditions, selected)
                for one in collected
                if name in one.within
                for selected in one.field.selections or (None,)
            }
            for name in sorted(names)
        )
        return any(other != first for other in others)

    def type_names(self, graph: str, type_name: str) -> frozenset[str]:
        """Return what `__typename` may be for values of a type: the object types that the subgraph knows it to have."""
        type_ = self._supergraph.types[type_name]
        membership = type_.memberships.get(graph)
        if type_.kind is Kind.OBJECT or (membership is not None and membership.interface_object):
            return frozenset((type_name,))
        return self._supergraph.object_types_in(graph, type_name)

    def _value(self, graph: str, names: frozenset[str], fields: list[_Collected]) -> ValueShape:
        """Return the shape of what stands under one key, whichever of these fields it is."""
        below: dict[tuple[str, TypeRef | None], SelectionSet] = {}
        shapes: list[ValueShape] = []
        is_under_one = len({one.field.conditions for one in fields}) == 1
        for _, parent, one in fields:
            if one.name == TYPENAME:
                shapes.append(TypeNames(names))
                continue
            type_ = self._type(graph, parent, one.name)
            if one.selections and type_ is not None:
                slot = (named_type(type_), _nullable(type_))
                chosen = one.selections if is_under_one else _under(one.conditions, one.selections)
                below[slot] = (*below.get(slot, ()), *chosen)
            else:
                shapes.append(self._leaf(graph, parent, one.name, type_))
        for (name, type_), chosen in below.items():
            assert type_ is not None
            shapes.append(_listed(type_, self.shape(graph, name, chosen)))
        first, *more = shapes
        return first if all(_is_same(first, other) for other in more) else _either([first, *more])

    def _type(self, graph: str, parent: str, name: str) -> TypeRef | None:
        """Return a field's type as this subgraph declares it; None where there is no such field."""
        definition = self._supergraph.types[parent].fields.get(name)
        if definition is None:
            return None
        return next((o.type for o in definition.owners if o.graph == graph and o.type), definition.type)

    def _leaf(self, graph: str, parent: str, name: str, type_: TypeRef | None) -> ValueShape:
        if type_ is None:
            return Leaf.CUSTOM
        codes = self._codes(graph, parent, name)
        if codes is not None:
            return _listed(type_, CodedText(codes))
        leaf = named_type(type_)
        known = Leaf.STRING if leaf in self._supergraph.visible_values else _BUILT_IN.get(leaf, Leaf.CUSTOM)
        return _listed(type_, known)


def _nullable(type_: TypeRef) -> TypeRef:
    """Return the type without its non-nulls: subgraphs may differ in these."""
    bare = type_.of if isinstance(type_, NonNull) else type_
    return ListOf(_nullable(bare.of)) if isinstance(bare, ListOf) else bare


def conditional_keys(
    shape: ValueShape, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, tuple[Conditions, ...]]]:
    """Give every key that was requested under a condition: the path of its objects, the key and the alternatives.

    Not those at or below a path of `shapes_by_type`.
    """
    if isinstance(shape, Items):
        yield from conditional_keys(shape.of, path)
    elif isinstance(shape, ObjectShape) and shape.of_type is None:
        for key, alternatives in shape.conditions.items():
            yield path, key, alternatives
        for key, value in shape.values.items():
            yield from conditional_keys(value, (*path, key))


def shapes_by_type(shape: ValueShape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], ObjectShape]]:
    """Give every path (response keys) at which what was requested depends on the objects' type, with their shape.

    What is below such a path comes with its shape.
    """
    if isinstance(shape, Items):
        yield from shapes_by_type(shape.of, path)
    elif isinstance(shape, ObjectShape):
        if shape.of_type is not None:
            yield path, shape
            return
        for key, value in shape.values.items():
            yield from shapes_by_type(value, (*path, key))


def _by_key(collected: Iterable[_Collected]) -> dict[str, list[_Collected]]:
    fields: dict[str, list[_Collected]] = {}
    for one in collected:
        fields.setdefault(one.field.asked_as, []).append(one)
    return fields


def _of_all(collected: list[_Collected], names: frozenset[str]) -> dict[str, list[_Collected]]:
    """Return what is selected of objects whichever of these types they are of; of what is below, what is so at once."""
    fields = _by_key(one for one in collected if one.within == names)
    for key, some in _by_key(one for one in collected if not one.field.selections).items():
        if frozenset(chain(*(one.within for one in some))) == names:
            fields[key] = some
    return fields


def _under(conditions: Conditions, selections: SelectionSet) -> SelectionSet:
    """Return selections each of which has these conditions too: beside them the same key is selected under others."""
    if not conditions:
        return selections
    return tuple(
        replace(one, conditions=tuple(dict.fromkeys((*conditions, *one.conditions))))
        if isinstance(one, Field)
        else replace(one, selections=_under(conditions, one.selections))
        for one in selections
    )


def _listed(type_: TypeRef, inner: ValueShape) -> ValueShape:
    """Return the shape as a list of it, as often as the type says."""
    bare = type_.of if isinstance(type_, NonNull) else type_
    return Items(_listed(bare.of, inner)) if isinstance(bare, ListOf) else inner


def _is_same(one: ValueShape, other: ValueShape) -> bool:
    if isinstance(one, Items) and isinstance(other, Items):
        return _is_same(one.of, other.of)
    return one is other or (not isinstance(one, ObjectShape) and one == other)


def _either(shapes: list[ValueShape]) -> ValueShape:
    """Return a shape for values that are of one of these: objects of several types under one key."""
    if all(isinstance(each, Items) for each in shapes):
        return Items(_either([each.of for each in shapes if isinstance(each, Items)]))
    objects = [each for each in shapes if isinstance(each, ObjectShape)]
    if len(objects) < len(shapes):
        told = [each.names for each in shapes if isinstance(each, TypeNames)]
        return TypeNames(frozenset(chain(*told))) if len(told) == len(shapes) else Leaf.CUSTOM
    values: dict[str, list[ValueShape]] = {}
    for each in objects:
        for key, value in each.values.items():
            values.setdefault(key, []).append(value)
    merged = {
        key: some[0] if all(_is_same(some[0], other) for other in some) else _either(some)
        for key, some in values.items()
    }
    always = objects[0].always
    for each in objects:
        always &= each.always
    conditions: dict[str, tuple[Conditions, ...]] = {}
    for key in merged:
        some = [each.conditions.get(key, ((),)) for each in objects if key in each.values]
        if not any(() in alternatives for alternatives in some):
            conditions[key] = tuple(dict.fromkeys(chain(*some)))
    names = frozenset[str]().union(*(each.names for each in objects))

    def of_type(told: str | None) -> ObjectShape:
        if told is None:
            return ObjectShape({key: merged[key] for key in always}, always, names=names)
        own = [each.own(told) for each in objects if told in each.names]
        one = own[0] if len(own) == 1 else _either(list(own))
        assert isinstance(one, ObjectShape)
        return one

    return ObjectShape(merged, always, conditions, names, of_type if TYPENAME in merged else None)
