"""An answer that its decoder refused, taken key by key: what was requested and is of its type, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.execution.answer_shape import CodedText, Items, Leaf, ObjectShape, TypeNames
from gateway.execution.context import holds
from gateway.execution.locate import MISSING, objects_at
from gateway.supergraph.selections import TYPENAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.execution.answer_shape import ValueShape
    from gateway.execution.locate import ResponsePath
    from gateway.planning import Request

_CLASSES = {
    Leaf.IDENTIFIER: (str, int),
    Leaf.STRING: (str,),
    Leaf.NUMBER: (int, float),
    Leaf.BOOLEAN: (bool,),
    Leaf.CUSTOM: (str, int, float, bool, list, dict),
}


MAX_UNFIT: Final = 100
"""Values of one answer that are told of by their paths; of more, its whole steps are."""


class Unfit(NamedTuple):
    """A value that is not of its type. `entity` is None for a root, or for all of a step; `path` is below it."""

    step: int
    entity: int | None
    path: ResponsePath


class Conformed(NamedTuple):
    """An answer's `data` with what was requested; the values that are not of their types are missing from it."""

    data: object
    unfit: list[Unfit]


def conform_data(
    data: object, request: Request, shapes: Sequence[ObjectShape], variables: Mapping[str, object]
) -> Conformed:
    """Return an answer's `data` with what was requested, each value of its type.

    `shapes` are those of the request's steps; by `variables` it is told which conditions hold.

    A value that is not of its type is `MISSING`, as is an object whose `__typename` it can't have, and a key that did
    not come. Of a root or an entity itself such a key stays absent: `scatter` accounts for it. Other data than an
    object, and entities that are no list, are returned as they are: callers refuse them.
    """
    if not isinstance(data, dict):
        return Conformed(data, [])
    unfit: list[Unfit] = []
    if request.steps[0].entity is None:
        root = _Conforming(0, None, unfit, variables).value(data, shapes[0], ())
        return Conformed(root if isinstance(root, dict) else {}, unfit)
    found: dict[str, object] = {}
    for index, shape in enumerate(shapes):
        key = request.response_key(index)
        entities = data.get(key)
        if isinstance(entities, list):
            found[key] = [
                _Conforming(index, at, unfit, variables).value(one, shape, ()) for at, one in enumerate(entities)
            ]
        elif entities is not None:
            found[key] = entities
    return Conformed(found, unfit)


class _Conforming(NamedTuple):
    """Takes one root or entity by its shape; what does not fit is added to `unfit`."""

    step: int
    entity: int | None
    unfit: list[Unfit]
    variables: Mapping[str, object]

    def value(self, value: object, shape: ValueShape, path: ResponsePath) -> object:
        if value is None:
            return None
        if isinstance(shape, ObjectShape):
            if isinstance(value, dict) and self._is_of_type(value, shape):
                own = shape.own(value.get(TYPENAME))
                found: dict[str, object] = {}
                for key, of in own.values.items():
                    if not is_wanted(key, own, self.variables):
                        continue
                    if key in value:
                        found[key] = self.value(value[key], of, (*path, key))
                    elif path and key != TYPENAME and (key in own.always or key in own.conditions):
                        found[key] = self._unfit((*path, key))
                return found
        elif isinstance(shape, Items):
            if isinstance(value, list):
                return [self.value(item, shape.of, (*path, at)) for at, item in enumerate(value)]
        elif _is_leaf(value, shape):
            return value
        return self._unfit(path)

    def _unfit(self, path: ResponsePath) -> object:
        """A value that is not of its type, or was requested and did not come."""
        if len(self.unfit) < MAX_UNFIT:
            self.unfit.append(Unfit(self.step, self.entity, path))
        elif len(self.unfit) == MAX_UNFIT:
            self.unfit.append(Unfit(self.step, None, ()))
        return MISSING

    @staticmethod
    def _is_of_type(value: dict[str, object], shape: ObjectShape) -> bool:
        told, names = value.get(TYPENAME), shape.values.get(TYPENAME)
        return told is None or not isinstance(names, TypeNames) or _is_leaf(told, names)


def _is_leaf(value: object, shape: Leaf | CodedText | TypeNames) -> bool:
    if isinstance(shape, Leaf):
        return value.__class__ in _CLASSES[shape]
    if isinstance(shape, CodedText):
        return isinstance(value, str) and ":" in value and value.partition(":")[0] in shape.codes
    return isinstance(value, str) and value in shape.names


def is_wanted(key: str, shape: ObjectShape, variables: Mapping[str, object]) -> bool:
    """Return whether the conditions hold under which a key of a shape was requested."""
    return key not in shape.conditions or holds(shape.conditions[key], variables)


def drop_key(value: object, path: Sequence[str], key: str) -> None:
    """Take a key from the objects at a path: it was requested under a condition that does not hold."""
    for each in objects_at(value, path):
        each.pop(key, None)


def keep_requested(value: object, path: Sequence[str], shape: ObjectShape, variables: Mapping[str, object]) -> bool:
    """Take from the objects at a path, and from all below, the keys that were requested of other types than theirs.

    False where one is of a type that it can't be where it stands.
    """
    return all(_keep(one, shape, variables) for one in objects_at(value, path))


def _keep(object_: dict[str, object], shape: ObjectShape, variables: Mapping[str, object]) -> bool:
    told = object_.get(TYPENAME)
    names = shape.values.get(TYPENAME)
    if told is not None and isinstance(names, TypeNames) and told not in names.names:
        return False
    own = shape.own(told)
    for key in list(object_):
        of = own.values.get(key)
        if of is None or not is_wanted(key, own, variables):
            del object_[key]
            continue
        while isinstance(of, Items):
            of = of.of
        if isinstance(of, ObjectShape) and not keep_requested(object_[key], (), of, variables):
            return False
    return True
