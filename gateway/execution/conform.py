"""An answer that its decoder refused, taken key by key: what was requested and is of its type, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.execution.answer_shape import CodedText, Items, Leaf, ObjectShape, TypeNames
from gateway.execution.locate import MISSING
from gateway.supergraph.selections import TYPENAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.execution.answer_shape import KeysByType, ValueShape
    from gateway.planning import Request

_CLASSES = {
    Leaf.IDENTIFIER: (str, int),
    Leaf.STRING: (str,),
    Leaf.NUMBER: (int, float),
    Leaf.BOOLEAN: (bool,),
    Leaf.CUSTOM: (str, int, float, bool, list, dict),
}


def conform_data(data: object, request: Request, shapes: Sequence[ObjectShape]) -> object:
    """Return an answer's `data` with what was requested, each value of its type; `shapes` are those of the steps.

    A value that is not of its type is `MISSING`, as is an object whose `__typename` it can't have. A key that is absent
    stays so. Other data than an object, and entities that are no list, are returned as they are: callers refuse them.
    """
    if not isinstance(data, dict):
        return data
    if request.steps[0].entity is None:
        root = _conform(data, shapes[0])
        return root if isinstance(root, dict) else {}
    found: dict[str, object] = {}
    for index, shape in enumerate(shapes):
        key = request.response_key(index)
        entities = data.get(key)
        if isinstance(entities, list):
            found[key] = [None if entity is None else _conform(entity, shape) for entity in entities]
        elif entities is not None:
            found[key] = entities
    return found


def _conform(value: object, shape: ValueShape) -> object:
    if value is None:
        return None
    if isinstance(shape, Leaf):
        return value if value.__class__ in _CLASSES[shape] else MISSING
    if isinstance(shape, Items):
        return [_conform(item, shape.of) for item in value] if isinstance(value, list) else MISSING
    if isinstance(shape, CodedText):
        coded = isinstance(value, str) and ":" in value and value.partition(":")[0] in shape.codes
        return value if coded else MISSING
    if isinstance(shape, TypeNames):
        return value if isinstance(value, str) and value in shape.names else MISSING
    if not isinstance(value, dict):
        return MISSING
    told = value.get(TYPENAME)
    names = shape.values.get(TYPENAME)
    if isinstance(names, TypeNames) and told is not None and _conform(told, names) is MISSING:
        return MISSING
    own = keys_of_type(value, shape.by_type) if shape.by_type is not None else shape.values.keys()
    return {key: _conform(value[key], of) for key, of in shape.values.items() if key in value and key in own}


def keys_of_type(object_: dict[str, object], by_type: KeysByType) -> frozenset[str]:
    """Return what was requested of an object's type; of one that names none, what was requested of every type."""
    told = object_.get(TYPENAME)
    known = by_type.get(told) if isinstance(told, str) else None
    return known if known is not None else frozenset.intersection(*by_type.values())


def keep_keys_of_types(value: object, path: Sequence[str], by_type: KeysByType) -> None:
    """Take from the objects at a path the keys that were requested of other types than theirs."""
    if isinstance(value, list):
        for item in value:
            keep_keys_of_types(item, path, by_type)
    elif isinstance(value, dict):
        if path:
            keep_keys_of_types(value.get(path[0]), path[1:], by_type)
            return
        for key in value.keys() - keys_of_type(value, by_type):
            del value[key]
