"""Finding the objects of a position, and building what is sent about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.supergraph.selections import TYPENAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.planning import Input, Segment, Step

ResponsePath: TypeAlias = tuple[str | int, ...]


class Place(NamedTuple):
    """One object of a position and the response path that leads to it."""

    object: dict[str, object]
    path: ResponsePath


class _Missing:
    """No value at all, as opposed to null: the agency that has it did not answer, or not by a value of its type."""

    def __repr__(self) -> str:
        return "MISSING"

    def __deepcopy__(self, _: object) -> _Missing:
        return self


MISSING: Final = _Missing()


def locate(data: dict[str, object], segments: tuple[Segment, ...]) -> list[Place]:
    """Every object that a path leads to, through lists of any depth; nulls lead nowhere."""
    places = [Place(data, ())]
    for segment in segments:
        found: list[Place] = []
        for place in places:
            value = place.object.get(segment.key)
            if value is not None:
                _spread(value, (*place.path, segment.key), found)
        if segment.types is not None:
            found = [place for place in found if is_one(place.object, segment.types)]
        places = found
    return places


def objects_at(value: object, path: Sequence[str]) -> Iterator[dict[str, object]]:
    """Give the objects to which response keys lead from a value, through lists of any depth."""
    if isinstance(value, list):
        for item in value:
            yield from objects_at(item, path)
    elif isinstance(value, dict):
        if path:
            yield from objects_at(value.get(path[0]), path[1:])
        else:
            yield value


def is_one(object_: dict[str, object], types: frozenset[str]) -> bool:
    """Whether an object says that it is of one of these types."""
    name = object_.get(TYPENAME)
    return isinstance(name, str) and name in types


def _spread(value: object, path: ResponsePath, into: list[Place]) -> None:
    """The objects of a value in their order; lists may be nested deeper than calls can be."""
    pending = [(value, path)]
    while pending:
        item, at = pending.pop()
        if isinstance(item, dict):
            into.append(Place(item, at))
        elif isinstance(item, list):
            pending += [(inner, (*at, index)) for index, inner in enumerate(item)][::-1]


def representation(step: Step, source: dict[str, object]) -> dict[str, object] | _Missing | None:
    """What the step sends about an object: None where a key is null, MISSING where an input was never fetched."""
    out: dict[str, object] = {TYPENAME: step.typename or source.get(TYPENAME, step.entity)}
    for keys, inputs in ((True, step.keys), (False, step.required)):
        for item in inputs:
            if item.types is not None and not is_one(source, item.types):
                continue
            value = _input(item, source)
            if value is MISSING:
                return MISSING
            if keys and _has_null(value):
                return None
            out[item.name] = _merged(out[item.name], value) if item.name in out else value
    return out


def _input(item: Input, source: dict[str, object]) -> object:
    value = source.get(item.key, MISSING)
    return _shaped(item, value) if item.inputs and value is not MISSING else value


def _shaped(of: Input, value: object) -> object:
    if isinstance(value, list):
        items = [_shaped(of, item) for item in value]
        return MISSING if MISSING in items else items
    if not isinstance(value, dict):
        return value
    out: dict[str, object] = {}
    if of.tells_type and TYPENAME in value:
        out[TYPENAME] = value[TYPENAME]
    for item in of.inputs:
        if item.types is not None and not is_one(value, item.types):
            continue
        found = _input(item, value)
        if found is MISSING:
            return MISSING
        out[item.name] = _merged(out[item.name], found) if item.name in out else found
    return out


def _has_null(value: object) -> bool:
    """Whether a key's value is null or has a null in it: nothing can be found by it."""
    if isinstance(value, dict):
        return any(_has_null(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_null(item) for item in value)
    return value is None


def _merged(left: object, right: object) -> object:
    """Two parts of one input, as when a key and a requirement each name fields of the same object."""
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **{k: _merged(left[k], v) if k in left else v for k, v in right.items()}}
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [_merged(a, b) for a, b in zip(left, right, strict=True)]
    return right


def merge(into: dict[str, object], data: dict[str, object]) -> None:
    """Merge what a subgraph answered about an object into it; a null never hides a value that is there."""
    for key, value in data.items():
        known = into.get(key)
        if known is None:
            into[key] = value
        elif isinstance(known, dict) and isinstance(value, dict):
            if known is not value:
                merge(known, value)
        elif isinstance(known, list) and isinstance(value, list) and known is not value:
            _merge_items(known, value)


def _merge_items(into: list[object], items: list[object]) -> None:
    for known, value in zip(into, items, strict=False):
        if isinstance(known, dict) and isinstance(value, dict):
            merge(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            _merge_items(known, value)
