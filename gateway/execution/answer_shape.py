"""What a step's answer may hold: the response keys that were requested, at every level, and the types of their values.

A shape is made once for a plan, from the selections of a step and from the schema of the subgraph that is asked. All
else that an answer holds is never merged: `compile.decoding` makes decoders of shapes, and `conform` takes an answer by
its shape that a decoder refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from gateway.supergraph import Kind
from gateway.supergraph.selections import TYPENAME, Conditions, Field, SelectionSet
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

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
    `conditions` are those of the keys that were requested under one: of the alternatives one has to hold. `by_type`
    gives the keys by `__typename` where they depend on it, None where they don't; `names` are those it can be.
    """

    values: dict[str, ValueShape] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    by_type: KeysByType | None = None
    conditions: Mapping[str, tuple[Conditions, ...]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


ValueShape: TypeAlias = Leaf | CodedText | TypeNames | Items | ObjectShape

KeysByType: TypeAlias = Mapping[str, frozenset[str]]

Codes: TypeAlias = "Callable[[str, str, str], frozenset[str] | None]"
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


class AnswerShapes:
    """Makes shapes, one for all positions of a subgraph's type at which the same is selected."""

    def __init__(self, supergraph: Supergraph, codes: Codes) -> None:
        self._supergraph = supergraph
        self._codes = codes
        self._known: dict[tuple[str, str, SelectionSet], ObjectShape] = {}

    def shape(self, graph: str, type_name: str, selections: SelectionSet) -> ObjectShape:
        """Return the shape of objects of a type, as this subgraph (id) declares it."""
        slot = (graph, type_name, selections)
        known = self._known.get(slot)
        if known is None:
            known = self._known[slot] = self._shape(*slot)
        return known

    def _shape(self, graph: str, type_name: str, selections: SelectionSet) -> ObjectShape:
        names = self.type_names(graph, type_name)
        keys: dict[str, set[str]] = {name: set() for name in names}
        found: dict[str, list[tuple[str, Field]]] = {}
        always: set[str] = set()
        wanted: dict[str, dict[Conditions, None]] = {}

        def collect(within: frozenset[str], parent: str, chosen: SelectionSet) -> None:
            for selection in chosen:
                if not isinstance(selection, Field):
                    of_case = within & self.type_names(graph, selection.type_name)
                    collect(of_case, selection.type_name, selection.selections)
                    continue
                key = selection.asked_as
                found.setdefault(key, []).append((parent, selection))
                wanted.setdefault(key, {})[selection.conditions] = None
                if within == names and not selection.conditions:
                    always.add(key)
                for name in within:
                    keys[name].add(key)

        collect(names, type_name, selections)
        values = {key: self._value(graph, names, fields) for key, fields in found.items()}
        differs = TYPENAME in values and any(own != values.keys() for own in keys.values())
        by_type = {name: frozenset(own) for name, own in keys.items()} if differs else None
        conditions = {key: tuple(some) for key, some in wanted.items() if () not in some}
        return ObjectShape(values, frozenset(always), by_type, conditions, names)

    def type_names(self, graph: str, type_name: str) -> frozenset[str]:
        """Return what `__typename` may be for values of a type: the object types that the subgraph knows it to have."""
        type_ = self._supergraph.types[type_name]
        membership = type_.memberships.get(graph)
        if type_.kind is Kind.OBJECT or (membership is not None and membership.interface_object):
            return frozenset((type_name,))
        return self._supergraph.object_types_in(graph, type_name)

    def _value(self, graph: str, names: frozenset[str], fields: list[tuple[str, Field]]) -> ValueShape:
        """Return the shape of what stands under one key, whichever of these fields it is."""
        below: dict[tuple[str, TypeRef | None], SelectionSet] = {}
        shapes: list[ValueShape] = []
        for parent, one in fields:
            if one.name == TYPENAME:
                shapes.append(TypeNames(names))
                continue
            type_ = self._type(graph, parent, one.name)
            if one.selections and type_ is not None:
                slot = (named_type(type_), _nullable(type_))
                below[slot] = (*below.get(slot, ()), *one.selections)
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
    """Give every key that was requested under a condition: the path of its objects, the key and the alternatives."""
    if isinstance(shape, Items):
        yield from conditional_keys(shape.of, path)
    elif isinstance(shape, ObjectShape):
        for key, alternatives in shape.conditions.items():
            yield path, key, alternatives
        for key, value in shape.values.items():
            yield from conditional_keys(value, (*path, key))


def keys_by_type(shape: ValueShape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], KeysByType]]:
    """Give every path (response keys) at which the keys of objects depend on their type, with the keys by type."""
    if isinstance(shape, Items):
        yield from keys_by_type(shape.of, path)
    elif isinstance(shape, ObjectShape):
        if shape.by_type is not None:
            yield path, shape.by_type
        for key, value in shape.values.items():
            yield from keys_by_type(value, (*path, key))


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
    by_type: dict[str, frozenset[str]] = {}
    for each in objects:
        for name in each.names:
            own = frozenset(each.values) if each.by_type is None else each.by_type[name]
            by_type[name] = by_type.get(name, frozenset()) | own
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
    names = frozenset(by_type)
    differs = TYPENAME in merged and any(own != merged.keys() for own in by_type.values())
    return ObjectShape(merged, always, by_type if differs else None, conditions, names)
