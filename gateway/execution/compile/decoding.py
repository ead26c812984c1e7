"""Shapes -> decoders: of an agency's answer only what was requested is ever read into memory.

A decoder takes the JSON text and gives plain objects that have the keys of their shape and no others, with values of
the types that the shape has, at the speed of a decoder that knows nothing (msgspec, in C). An answer that is not of its
shape it refuses whole; `conform` then takes it key by key.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

import msgspec

from gateway.execution.answer_shape import CodedText, Items, Leaf, ObjectShape, TypeNames, ValueShape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.execution.answer_shape import AnswerShapes
    from gateway.planning import Request
    from gateway.supergraph import Supergraph

_INTEGER: Final = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""No larger than what can be written again."""

_LEAVES: Final[dict[Leaf, Any]] = {
    Leaf.IDENTIFIER: str | _INTEGER | None,
    Leaf.STRING: str | None,
    Leaf.NUMBER: _INTEGER | float | None,
    Leaf.BOOLEAN: bool | None,
    Leaf.CUSTOM: str | _INTEGER | float | bool | list[Any] | dict[str, Any] | None,
}


PIECE: Final = 64 * 1024
"""Bytes that are decoded at once of an answer that is decoded in pieces."""


class AnswerDecoder:
    """Decodes the answers of one request. `steps` are the shapes of its steps' objects, in their order.

    `data` is the shape of its data, whose values are not null where `are_entities`; `type_of` gives the type that
    values of a shape are decoded as.
    """

    __slots__ = ("_are_entities", "_data", "_decoder", "_type_of", "steps")

    def __init__(
        self,
        steps: tuple[ObjectShape, ...],
        decoder: msgspec.json.Decoder[Any],
        data: ObjectShape,
        type_of: Callable[[ValueShape], Any],
        *,
        are_entities: bool,
    ) -> None:
        self.steps = steps
        self._decoder = decoder
        self._data = data
        self._type_of = type_of
        self._are_entities = are_entities

    def decode(self, body: bytes) -> object:
        """Return an answer's `data`, which then is of its shape.

        None where the answer is anything else: with errors, not of its shape, or not JSON.
        """
        try:
            return self._decoder.decode(body).data
        except (msgspec.MsgspecError, RecursionError):
            return None

    async def decode_in_pieces(self, body: bytes) -> object:
        """Return the same of an answer that is large, and give way to others between its pieces."""
        try:
            data = await _Pieces(self._type_of).value(_OUTER.decode(body).data, self._data)
        except (msgspec.MsgspecError, RecursionError):
            return None
        if self._are_entities and isinstance(data, dict) and None in data.values():
            return None
        return data


class _Outer(msgspec.Struct):
    data: msgspec.Raw
    errors: None = None


_OUTER: Final = msgspec.json.Decoder(_Outer)
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw] | None)
_KEYS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)


class _Pieces:
    """Decodes one answer piece by piece, down to pieces of `PIECE` bytes where there are such."""

    def __init__(self, type_of: Callable[[ValueShape], Any]) -> None:
        self._type_of = type_of
        self._decoders: dict[int, msgspec.json.Decoder[Any]] = {}

    async def value(self, text: bytes | msgspec.Raw, shape: ValueShape) -> object:
        """Return a value of a shape; raises `MsgspecError` where it is none."""
        if len(memoryview(text)) > PIECE:
            if isinstance(shape, Items):
                return await self._items(_ITEMS.decode(text), shape)
            if isinstance(shape, ObjectShape):
                return await self._object(_KEYS.decode(text), shape)
        await asyncio.sleep(0)
        return self._decoded(text, shape)

    async def _object(self, keys: dict[str, msgspec.Raw] | None, shape: ObjectShape) -> dict[str, object] | None:
        if keys is None:
            return None
        if not shape.always <= keys.keys():
            raise msgspec.ValidationError("a key is missing")
        return {key: await self.value(keys[key], of) for key, of in shape.values.items() if key in keys}

    async def _items(self, items: list[msgspec.Raw] | None, shape: Items) -> list[object] | None:
        """Small ones together, and a large one by itself."""
        if items is None:
            return None
        found: list[object] = []
        some: list[bytes] = []
        size = 0
        for item in items:
            length = len(memoryview(item))
            if some and size + length > PIECE:
                found += await self._together(some, shape)
                some, size = [], 0
            if length > PIECE:
                found.append(await self.value(item, shape.of))
            else:
                some.append(bytes(item))
                size += length
        return found + await self._together(some, shape)

    async def _together(self, items: list[bytes], shape: Items) -> list[object]:
        await asyncio.sleep(0)
        found: list[object] = self._decoded(b"[%b]" % b",".join(items), shape)
        return found

    def _decoded(self, text: bytes | msgspec.Raw, shape: ValueShape) -> Any:
        decoder = self._decoders.get(id(shape))
        if decoder is None:
            decoder = self._decoders[id(shape)] = msgspec.json.Decoder(self._type_of(shape))
        return decoder.decode(text)


class DecoderWriter:
    """Makes the decoders of a plan's requests."""

    def __init__(self, supergraph: Supergraph, shapes: AnswerShapes) -> None:
        self._supergraph = supergraph
        self._shapes = shapes
        self._types: dict[int, Any] = {}
        self._keep: list[ObjectShape] = []

    def decoder(self, request: Request) -> AnswerDecoder:
        """Return the decoder of a request's answers."""
        steps = step_shapes(request, self._supergraph, self._shapes)
        are_entities = request.steps[0].entity is not None
        if are_entities:
            lists: dict[str, ValueShape] = {request.response_key(at): Items(shape) for at, shape in enumerate(steps)}
            shape = ObjectShape(lists, frozenset(lists))
            of_step = (list.__class_getitem__(self._object(each) | None) for each in steps)
            data = _typed(dict(zip(lists, of_step, strict=True)))
        else:
            shape = steps[0]
            data = self._object(shape)
        payload = msgspec.defstruct("Payload", [("data", data), ("errors", None, None)])
        return AnswerDecoder(steps, msgspec.json.Decoder(payload), shape, self._value, are_entities=are_entities)

    def _object(self, shape: ObjectShape) -> Any:
        known = self._types.get(id(shape))
        if known is None:
            fields = {
                key: self._value(value) if key in shape.always else NotRequired[self._value(value)]
                for key, value in shape.values.items()
            }
            known = self._types[id(shape)] = _typed(fields)
            self._keep.append(shape)  # while it is kept, no other shape has its id
        return known

    def _value(self, shape: ValueShape) -> Any:
        if isinstance(shape, Leaf):
            return _LEAVES[shape]
        if isinstance(shape, Items):
            return list.__class_getitem__(self._value(shape.of)) | None
        if isinstance(shape, ObjectShape):
            return self._object(shape) | None
        if isinstance(shape, TypeNames):
            return Literal[tuple(sorted(shape.names))] if shape.names else None
        return Annotated[str, msgspec.Meta(pattern=pattern_of(shape))] | None


def _typed(fields: dict[str, Any]) -> Any:
    """Return a type of objects with these keys, as `TypedDict` makes it: type checkers take none made at run time."""
    make: Any = TypedDict
    return make("Object", fields)


def pattern_of(text: CodedText) -> str:
    """Return the regular expression of texts that begin with one of some codes and a colon."""
    codes = "|".join(map(re.escape, sorted(text.codes)))
    return f"^(?:{codes}):" if codes else "(?!)"


def step_shapes(request: Request, supergraph: Supergraph, shapes: AnswerShapes) -> tuple[ObjectShape, ...]:
    """Return the shapes of the objects that a request's steps bring, in the order of the steps."""
    found: Sequence[tuple[str, Any]] = [
        (step.entity or supergraph.roots[request.kind], step.selections) for step in request.steps
    ]
    return tuple(shapes.shape(request.graph.id, type_name, selections) for type_name, selections in found)
