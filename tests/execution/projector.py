"""The fetched data -> the client's answer: its keys, its order, its nulls (GraphQL specification, section 6.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.errors import Problem
from gateway.execution.context import holds
from gateway.execution.locate import MISSING
from gateway.nesting import nested_within
from gateway.operations.subjects import SUBJECT_KEY
from gateway.supergraph.selections import TYPENAME
from gateway.supergraph.typeref import ListOf, Named, NonNull, TypeRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.execution.locate import ResponsePath
    from gateway.execution.outcome import Outcome
    from gateway.execution.shape import FieldShape, Shapes, ValueShape
    from gateway.supergraph import Supergraph


class _Bubble:
    """A null where none may be: it takes its parent with it."""


_BUBBLE: Final = _Bubble()


class Projector:
    """Projects one operation's data."""

    def __init__(
        self, supergraph: Supergraph, shapes: Shapes, outcome: Outcome, variables: Mapping[str, object]
    ) -> None:
        self.supergraph = supergraph
        self.shapes = shapes
        self.outcome = outcome
        self.variables = variables
        self._reported = {problem.path for problem in outcome.errors}
        self._dropped: dict[ResponsePath, list[int]] = {}

    def project(self) -> dict[str, object] | None:
        """The response's `data`; errors of null propagation are added to the outcome."""
        assert self.outcome.data is not None
        result = self._object(self.shapes.root, self.outcome.data, ())
        self._close_gaps()
        return result if isinstance(result, dict) else None

    def _close_gaps(self) -> None:
        """Errors follow their items where a list has lost those that do not exist; what such items had, is not told."""
        if not self._dropped:
            return
        kept: list[Problem] = []
        for problem in self.outcome.errors:
            path: list[str | int] = []
            for index, part in enumerate(problem.path or ()):
                dropped = self._dropped.get((problem.path or ())[:index], ())
                if isinstance(part, int) and part in dropped:
                    break
                path.append(part - sum(gap < part for gap in dropped) if isinstance(part, int) else part)
            else:
                kept.append(replace(problem, path=tuple(path)) if problem.path is not None else problem)
        self.outcome.errors.put(kept)

    def _object(self, shape: ValueShape, source: dict[str, object], path: ResponsePath) -> object:
        if id(source) in self.outcome.absent:
            return None
        object_type: object = shape.type_name
        if shape.abstract:
            told = source.get(TYPENAME)
            object_type = shape.type_name if told is None and not self._by_type(shape) else told
            possible = self.supergraph.object_types(shape.type_name) | {shape.type_name}
            if object_type is not None and not self._is_type(object_type):
                return self._unfit(path)
            if not isinstance(object_type, str) or object_type not in possible:
                return None
        assert isinstance(object_type, str)
        if self.supergraph.types[object_type].inaccessible:
            return None
        if self.supergraph.types[object_type].subject:
            subject = source.get(SUBJECT_KEY)
            if not isinstance(subject, str):
                return None  # it is not known whether this subject exists, and an error says so
            self.outcome.subjects[subject] = None
        out: dict[str, object] = {}
        for field in self.shapes.fields(shape, object_type):
            if field.wanted != ((),) and not holds(field.wanted, self.variables):
                continue
            value = self._field(field, object_type, source, path)
            if value is _BUBBLE:
                return _BUBBLE
            out[field.key] = value
        return out

    def _field(self, field: FieldShape, object_type: str, source: dict[str, object], path: ResponsePath) -> object:
        if field.name == TYPENAME:
            return object_type
        if field.withheld:
            return _BUBBLE if isinstance(field.type, NonNull) else None
        return self._complete(field.type, field, source.get(field.key), (*path, field.key))

    def _complete(self, type_: TypeRef, field: FieldShape, value: object, path: ResponsePath) -> object:
        if isinstance(type_, NonNull):
            done = self._complete(type_.of, field, value, path)
            if done is None:
                self._null_error(path)
                return _BUBBLE
            return done
        if value is None or value is MISSING:
            return None
        if isinstance(type_, ListOf):
            return self._list(type_, field, value, path)
        if field.value is not None:
            if not isinstance(value, dict):
                return self._unfit(path)
            done = self._object(field.value, value, path)
            return None if done is _BUBBLE else done
        return self._leaf(type_, value, path)

    def _list(self, type_: ListOf, field: FieldShape, value: object, path: ResponsePath) -> object:
        if not isinstance(value, list):
            return self._unfit(path)
        subjects = field.value is not None and field.value.subject
        out: list[object] = []
        if subjects and any(self._is_unknown(item) for item in value):
            return None  # of a list of subjects that may not exist not even the length is told
        for index, item in enumerate(value):
            if subjects and id(item) in self.outcome.absent:
                self._dropped.setdefault(path, []).append(index)
                continue  # a subject that does not exist for this reader leaves no gap
            done = self._complete(type_.of, field, item, (*path, index))
            if done is _BUBBLE:
                return None
            out.append(done)
        return out

    def _is_unknown(self, item: object) -> bool:
        """Whether it could not be learnt if this subject exists."""
        return (
            isinstance(item, dict)
            and not isinstance(item.get(SUBJECT_KEY), str)
            and id(item) not in self.outcome.absent
        )

    def _leaf(self, type_: Named, value: object, path: ResponsePath) -> object:
        visible = self.supergraph.visible_values.get(type_.name)
        if visible is not None:
            if isinstance(value, str) and value in visible:
                return value
            hidden = self.supergraph.hidden_values.get(type_.name, frozenset())
            return None if isinstance(value, str) and value in hidden else self._unfit(path)
        if fits := _BUILT_IN.get(type_.name):
            if isinstance(value, bool) and bool not in fits:
                return self._unfit(path)
            if type_.name == "Int" and isinstance(value, float) and value.is_integer():
                value = int(value)
            if not isinstance(value, fits):
                return self._unfit(path)
            if type_.name == "Int" and isinstance(value, int) and not -(2**31) <= value < 2**31:
                return self._unfit(path)
            return str(value) if type_.name == "ID" else value
        return value if nested_within(value, MAX_NESTING) else self._unfit(path)

    def _by_type(self, shape: ValueShape) -> bool:
        return bool(shape.by_type) and holds(shape.by_type, self.variables)

    def _is_type(self, name: object) -> bool:
        return isinstance(name, str) and name in self.supergraph.types

    def _unfit(self, path: ResponsePath) -> object:
        """Null, and the error that says why (GraphQL specification, section 6.4.3, field errors)."""
        self._error(path, "the agency's value does not fit the type of this field", "SUBGRAPH_ERROR")
        return None

    def _null_error(self, path: ResponsePath) -> None:
        if not any(known is None or known[: len(path)] == path for known in self._reported):
            self._error(path, "a value that may not be null is missing", "SUBGRAPH_ERROR")

    def _error(self, path: ResponsePath, message: str, code: str) -> None:
        self._reported.add(path)
        self.outcome.errors.add(Problem(message, code, path))


MAX_NESTING: Final = 64
_BUILT_IN: Final[dict[str, tuple[type, ...]]] = {
    "Int": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "ID": (str, int),
}
