"""Shapes -> decoders: of an agency's answer only what was requested is ever read into memory.

A decoder takes the JSON text and gives plain objects that have the keys of their shape and no others, with values of
the types that the shape has, at the speed of a decoder that knows nothing (msgspec, in C). An answer that is not of its
shape it refuses whole; `conform` then takes it key by key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

import msgspec

from gateway.execution.answer_shape import CodedText, Items, Leaf, ObjectShape, TypeNames, ValueShape

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class AnswerDecoder:
    """Decodes the answers of one request. `steps` are the shapes of its steps' objects, in their order."""

    __slots__ = ("_decoder", "steps")

    def __init__(self, steps: tuple[ObjectShape, ...], decoder: msgspec.json.Decoder[Any]) -> None:
        self.steps = steps
        self._decoder = decoder

    def decode(self, body: bytes) -> object:
        """Return an answer's `data`, which then is of its shape.

        None where the answer is anything else: with errors, not of its shape, or not JSON.
        """
        try:
            return self._decoder.decode(body).data
        except (msgspec.MsgspecError, RecursionError):
            return None


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
        if request.steps[0].entity is None:
            data = self._object(steps[0])
        else:
            of_step = (list.__class_getitem__(self._object(shape) | None) for shape in steps)
            data = _typed({request.response_key(at): entities for at, entities in enumerate(of_step)})
        payload = msgspec.defstruct("Payload", [("data", data), ("errors", None, None)])
        return AnswerDecoder(steps, msgspec.json.Decoder(payload))

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
