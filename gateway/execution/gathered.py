"""What a step is to send, and the objects that each representation speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson

from gateway.execution.context import Batch
from gateway.execution.locate import MISSING, Place, is_one, locate, representation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.execution.context import Context
    from gateway.planning import Step

Object: TypeAlias = dict[str, object]
_Holder: TypeAlias = Any
"""A list or an object: mypy has no type for what takes both kinds of index."""


class Partial(NamedTuple):
    """An object of which a step may not ask all: `denied` are the numbers of its demands that are not met.

    Where `whole` is given, the object stands for it: it is sent with some of the holders, and what they have is added.
    """

    object: Object
    denied: frozenset[int]
    whole: Object | None


class Gathered:
    """The objects of one step's position, without their paths: those are looked up where something is amiss.

    `objects[i]` are those that representation i speaks of. `missing` are objects of which an input was never fetched,
    `partial` those of which not all may be asked. `whole` are the objects that others stand for, by those others' ids.
    """

    __slots__ = ("_index", "missing", "objects", "partial", "representations", "step", "whole")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.representations: list[object] = []
        self.objects: list[list[Object]] = []
        self.missing: list[Object] = []
        self.partial: list[Partial] = []
        self.whole: dict[int, Object] = {}
        self._index: dict[bytes, list[Object]] = {}

    def add(self, source: Object, context: Context) -> None:
        """Take in an object whose inputs are more than a few strings and integers."""
        built = representation(self.step, source)
        if built is None:
            return
        if built is MISSING:
            self._lacks(source, context)
            return
        try:
            slot = orjson.dumps([[[built]]])  # as deep as it will be in what is sent
        except TypeError:  # nested deeper than any key is
            self._lacks(source, context)
            return
        known = self._index.get(slot)
        if known is None:
            known = self._index[slot] = []
            self.representations.append(built)
            self.objects.append(known)
        known.append(source)

    def _lacks(self, source: Object, context: Context) -> None:
        if id(source) not in context.outcome.absent:
            self.missing.append(source)

    def placed(self, context: Context) -> Batch:
        """The same with the path of each object."""
        standing: dict[int, list[tuple[int, Object]]] = {}
        for number, objects in enumerate(self.objects):
            for one in objects:
                standing.setdefault(id(self.whole.get(id(one), one)), []).append((number, one))
        places: list[list[Place]] = [[] for _ in self.objects]
        for place in _located(self.step, context):
            for number, one in standing.get(id(place.object), ()):
                places[number].append(place if one is place.object else Place(one, place.path))
        return Batch(self.step, self.representations, places, shared=bool(self.whole))


def places_of(step: Step, objects: Iterable[Object], context: Context) -> list[Place]:
    """Where these objects of a step's position are."""
    wanted = {id(one) for one in objects}
    return [place for place in _located(step, context) if id(place.object) in wanted]


def _located(step: Step, context: Context) -> list[Place]:
    data = context.outcome.data
    assert data is not None
    return [place for path in step.paths for place in locate(data, path)]


def alike(one: object, other: object) -> bool:
    """Whether two values are the same as JSON, where `true` is not 1."""
    try:
        return one == other and orjson.dumps(one) == orjson.dumps(other)
    except TypeError:  # something in it is missing, or can't be written
        return False


def below(level: Iterable[Object], key: str) -> list[Object]:
    """The objects to which a key of these leads, each once, through lists of any depth; nulls lead nowhere."""
    found: list[Object] = []
    for source in level:
        value = source.get(key)
        if value.__class__ is list:
            _spread(value, found)
        elif value.__class__ is dict:
            found.append(value)
    if len(found) < 2 or len(set(map(id, found))) == len(found):
        return found
    return list({id(one): one for one in found}.values())


def of_types(level: Iterable[Object], types: frozenset[str]) -> list[Object]:
    """Those that say that they are of one of these types."""
    return [source for source in level if is_one(source, types)]


def interned(
    level: Iterable[Object], key: str, name: str, types: frozenset[str] | None, exact: tuple[str, ...] | None
) -> list[Object]:
    """As `below`, of these types; and where objects with one value under `name` are alike, one stands for them all.

    `exact` are keys whose values may be equal in Python and not in JSON; None where such values are further down.
    """
    index: dict[object, Object] = {}
    found: list[Object] = []
    apart: dict[int, Object] = {}
    pending: list[tuple[_Holder, Iterable[tuple[str | int, Any]]]] = []
    for source in level:
        value = source.get(key)
        if value.__class__ is list:
            pending.append((value, enumerate(value)))
        elif value.__class__ is dict:
            pending.append((source, ((key, value),)))
    for holder, seats in pending:  # it grows by the lists in lists
        for at, one in seats:
            if one.__class__ is not dict:
                if one.__class__ is list:
                    pending.append((one, enumerate(one)))
                continue
            if types is not None and not is_one(one, types):
                continue
            value = one.get(name)
            if value.__class__ is not str and value.__class__ is not int:
                apart[id(one)] = one
                continue
            known = index.get(value)
            if known is None:
                index[value] = one
                found.append(one)
            elif known is not one and known == one and (exact == () or _is_same(known, one, exact)):
                holder[at] = known
            elif known is not one:
                apart[id(one)] = one
    return [*found, *apart.values()] if apart else found


def _is_same(one: Object, other: Object, exact: tuple[str, ...] | None) -> bool:
    """Whether what is equal in Python is so as JSON."""
    if exact is None:
        return alike(one, other)
    for key in exact:  # noqa: SIM110 - a generator takes as long again
        if one.get(key).__class__ is not other.get(key).__class__:
            return False
    return True


def _spread(items: list[Any], into: list[Object]) -> None:
    """The objects of a list in their order; lists may be nested deeper than calls can be."""
    for number, item in enumerate(items):
        if item.__class__ is dict:
            into.append(item)
        elif item.__class__ is list:
            pending = items[: number - 1 if number else None : -1]
            break
    else:
        return
    while pending:
        item = pending.pop()
        if item.__class__ is dict:
            into.append(item)
        elif item.__class__ is list:
            pending += item[::-1]
