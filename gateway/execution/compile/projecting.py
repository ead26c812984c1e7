"""Shapes -> functions that make the client's answer of what was fetched (GraphQL specification, section 6.4).

One function for each object type at each position, one for each list. They take what was fetched, the path that led to
it (`p`) and the answer under way (`x`), and return None for null. What is as it should be costs one look at its class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.execution.compile.code import Comment, Do, For, Function, If, assign, literal, returns
from gateway.execution.compile.disclosing import DisclosureWriter
from gateway.operations.subjects import RECORD_KEY, SUBJECT_KEY, about_key
from gateway.supergraph.selections import TYPENAME
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateway.execution.compile.code import Names, Statement
    from gateway.execution.shape import FieldShape, Shapes, ValueShape
    from gateway.planning import Plan
    from gateway.supergraph import Supergraph
    from gateway.supergraph.selections import Conditions


def given_name(name: str) -> str:
    """Return the name of the function that tells what is given of the values of a projection, by its name."""
    return f"given_{name.removeprefix('project_')}"


_PARAMETERS: Final = ("s", "p", "x")
_CLASSES: Final = {"Float": ("float", "int"), "String": ("str",), "Boolean": ("bool",)}
_COERCED: Final = {
    "Int": ("{0}.__class__ is not int or not -2147483648 <= {0} <= 2147483647", "whole"),
    "ID": ("{0}.__class__ is not str", "identifier"),
}
"""Types of which there are values that become others: what is not as it should be, and what makes it so."""


class ProjectionWriter:
    """Writes the functions of one operation, and later those of types that its values turn out to be of.

    `shared` are the response paths of positions whose objects may stand in several places. `flag` gives the expression
    that tells whether one of some alternatives holds. `absents`: objects may turn out not to exist.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        shapes: Shapes,
        names: Names,
        shared: Collection[str],
        flag: Callable[[tuple[Conditions, ...]], str],
        *,
        absents: bool,
        plan: Plan | None = None,
        records: Mapping[str, str] | None = None,
    ) -> None:
        """Where a `plan` is given, it is noted what is disclosed of whom; `records` are the types of which one subgraph
        has the records of several agencies.
        """
        self.supergraph = supergraph
        self.shapes = shapes
        self.memos = 0
        self._names = names
        self._shared = shared
        self._flag = flag
        self._absents = absents
        self._of_shape: dict[int, str] = {}
        self._written = 0
        self._pending: list[tuple[ValueShape, str, str]] = []
        self._functions: list[Function] = []
        self._abstract: list[ValueShape] = []
        self.disclosing = None
        if plan is not None:
            self.disclosing = DisclosureWriter(plan, supergraph, shapes, self._given, records or {})

    def root(self) -> str:
        """The name of the function of the whole answer."""
        return self._object(self.shapes.root, self.shapes.root.type_name)

    def met(self, number: int, type_name: object) -> str | None:
        """The name of the function for values of an abstract position that say that they are of this type.

        None where such a value is null; raises `LookupError` where there is no such type.
        """
        shape = self._abstract[number]
        if not isinstance(type_name, str) or type_name not in self.supergraph.types:
            raise LookupError(type_name)
        if type_name != shape.type_name and type_name not in self.supergraph.object_types(shape.type_name):
            return None
        return None if self.supergraph.types[type_name].inaccessible else self._object(shape, type_name)

    def finish(self) -> list[Function]:
        """All functions that were named since the last time."""
        while self._pending:
            shape, object_type, name = self._pending.pop(0)
            self._functions.append(self._object_function(shape, object_type, name))
        done, self._functions = self._functions, []
        return done

    def _name(self, hint: str) -> str:
        self._written += 1
        return f"{hint}_{self._written}"

    def _value(self, shape: ValueShape) -> str:
        """The function for a value of this shape, written once."""
        name = self._of_shape.get(id(shape))
        if name is None:
            name = self._abstract_function(shape) if shape.abstract else self._object(shape, shape.type_name)
            self._of_shape[id(shape)] = name
        return name

    def _given(self, shape: ValueShape) -> str:
        """The function that tells what is given of the values of a shape of one type."""
        return given_name(self._value(shape))

    def _object(self, shape: ValueShape, object_type: str) -> str:
        name = self._name(f"project_{object_type}")
        self._pending.append((shape, object_type, name))
        return name

    def _abstract_function(self, shape: ValueShape) -> str:
        number = len(self._abstract)
        self._abstract.append(shape)
        name = self._name(f"project_any_{shape.type_name}")
        table = self._names.value("types", {})
        own = assign("told", literal(shape.type_name))
        unsaid: list[Statement] = [returns()]
        if not shape.by_type:
            unsaid = [own]
        elif shape.by_type != ((),):
            unsaid = [If(self._flag(shape.by_type), [returns()]), own]
        body: list[Statement] = [
            If("id(s) in x.absent", [returns()]),
            assign("told", f"s.get({literal(TYPENAME)})"),
            If("told is None", unsaid),
            If(
                f"told.__class__ is not str or told not in {table}",
                [If(f"not meet({number}, {table}, told, x)", [returns("x.unfit(p)")])],
            ),
            assign("project", f"{table}[told]"),
            returns("None if project is None else project(s, p, x)"),
        ]
        comment = (
            f"{shape.path or 'the answer'}: a {shape.type_name} by its own word; functions are added as types are met"
        )
        self._functions.append(Function(name, _PARAMETERS, comment, body))
        return name

    def _object_function(self, shape: ValueShape, object_type: str, name: str) -> Function:
        type_ = self.supergraph.types[object_type]
        body: list[Statement] = []
        shared = shape.path in self._shared
        if shared:
            body += [
                assign("known", f"x.memos[{self.memos}].get(id(s))"),
                If("known is not None", [returns("known")]),
                assign("marks", "x.marks"),
            ]
        if type_.inaccessible:
            return Function(name, _PARAMETERS, f"{shape.path}: {object_type} is not for clients", [returns()])
        if self._absents:
            body.append(If("x.absent and id(s) in x.absent", [returns()]))
        if type_.subject:
            body += [
                assign("subject", f"s.get({literal(SUBJECT_KEY)})"),
                If("subject.__class__ is not str", [Comment("it is not known to exist"), returns()]),
                Do("x.subjects[subject] = None"),
            ]
        fields = self.shapes.fields(shape, object_type)
        steady = all(field.wanted == ((),) for field in fields)
        pairs: list[str] = []
        if not steady:
            body.append(assign("out", "{}"))
        for field in fields:
            value, before = self._field(field, object_type)
            if steady:
                body += before
                pairs.append(f"{literal(field.key)}: {value}")
                continue
            whole = [*before, assign(f"out[{literal(field.key)}]", value)]
            body += whole if field.wanted == ((),) else [If(self._flag(field.wanted), whole)]
        if steady:
            body.append(assign("out", f"{{{', '.join(pairs)}}}"))
        if shared:
            body.append(If("x.marks == marks", [assign(f"x.memos[{self.memos}][id(s)]", "out")]))
            self.memos += 1
        if self.disclosing is not None:
            body += self._noting(self.disclosing, shape, object_type, name)
            given = self.disclosing.function(shape, object_type, fields, given_name(name))
            self._functions.append(given)
        body.append(returns("out"))
        return Function(name, _PARAMETERS, f"{shape.path or 'the answer'}: {object_type}", body)

    def _noting(self, disclosing: DisclosureWriter, shape: ValueShape, object_type: str, name: str) -> list[Statement]:
        """Note an object by which it is told of whom the answer is, and what can't be seen of it afterwards."""
        body: list[Statement] = []
        if self.supergraph.types[object_type].subject:
            disclosing.paths.add(shape.path)
            return [Do(f"x.disclosure.note(subject, {literal(shape.path)}, out, {given_name(name)})")]
        for about in map(about_key, self.supergraph.subjects.about(object_type)):
            disclosing.paths.add(shape.path)
            noted = f"x.note_about(s.get({literal(about)}), {literal(shape.path)}, out, {given_name(name)})"
            body.append(If(f"{literal(about)} in s", [Do(noted)]))
        if shape.abstract:
            body.append(assign("x.disclosure.kinds[id(out)]", f"(out, {given_name(name)})"))
        if object_type in disclosing.records:
            body.append(assign("x.disclosure.records[id(out)]", f"s.get({literal(RECORD_KEY)})"))
        return body

    def _field(self, field: FieldShape, object_type: str) -> tuple[str, list[Statement]]:
        """The expression for a field's value, and what comes before it."""
        if field.name == TYPENAME:
            return literal(object_type), []
        if field.withheld:
            gone: list[Statement] = [Comment(f"{field.key} is withheld")]
            taken: list[Statement] = [assign("x.took_parent", "True"), returns()]
            return "None", [*gone, *taken] if isinstance(field.type, NonNull) else gone
        local = f"{field.key}_"
        path = f"(p, {literal(field.key)})"
        return local, [
            assign(local, f"s.get({literal(field.key)})"),
            *self._complete(field.type, field, local, path),
        ]

    def _complete(self, type_: TypeRef, field: FieldShape, local: str, path: str) -> list[Statement]:
        """Statements that make what `local` holds what the client gets; they return where that takes the parent."""
        required = isinstance(type_, NonNull)
        inner = type_.of if isinstance(type_, NonNull) else type_
        if isinstance(inner, ListOf):
            done: list[Statement] = [assign(local, f"{self._list(inner, field)}({local}, {path}, x)")]
        elif field.value is not None:
            done = [
                If(
                    f"{local}.__class__ is dict",
                    [assign(local, f"{self._value(field.value)}({local}, {path}, x)")],
                    [assign(local, f"x.other({local}, {path})")],
                )
            ]
        else:
            return self._leaf(named_type(inner), required, local, path)
        gone: list[Statement] = [If(f"{local} is None", [returns(f"x.lost({path})")])] if required else []
        return [If(f"{local} is not None", done), *gone]

    def _leaf(self, type_name: str, required: bool, local: str, path: str) -> list[Statement]:
        gone: list[Statement] = [If(f"{local} is None", [returns(f"x.lost({path})")])] if required else []
        visible = self.supergraph.visible_values.get(type_name)
        if visible is not None:
            values = self._names.value(type_name, frozenset(visible))
            hidden = self._names.value(type_name, frozenset(self.supergraph.hidden_values.get(type_name, ())))
            test = f"{local}.__class__ is not str or {local} not in {values}"
            return [If(test, [assign(local, f"x.named({local}, {hidden}, {path})")]), *gone]
        if coerced := _COERCED.get(type_name):
            test, method = coerced[0].format(local), coerced[1]
            test = test if required else f"{local} is not None and ({test})"
            return [If(test, [assign(local, f"x.{method}({local}, {path})"), *gone])]
        if classes := _CLASSES.get(type_name):
            test = " and ".join(f"{local}.__class__ is not {name}" for name in classes)
            if required:
                return [If(test, [returns(f"x.lacks({local}, {path})")])]
            return [If(f"{local} is not None and {test}", [assign(local, f"x.other({local}, {path})")])]
        test = f"{local}.__class__ not in SCALAR"
        return [If(test, [assign(local, f"x.scalar({local}, {path})")]), *gone]

    def _list(self, type_: ListOf, field: FieldShape) -> str:
        name = self._name(f"list_{field.key}")
        subjects = field.value is not None and field.value.subject
        may_be = subjects or (self._absents and field.value is not None and field.value.abstract)
        body: list[Statement] = [If("s.__class__ is not list", [returns("x.other(s, p)")])]
        if subjects:
            body.append(If("x.hides(s)", [returns()]))
        each: list[Statement] = []
        if may_be:
            each.append(If("x.absent and id(item) in x.absent", [Do("x.drop(p, index)"), Do("continue")]))
        each += [*self._complete(type_.of, field, "item", "(p, index)"), Do("out.append(item)")]
        body += [assign("out", "[]"), For("index, item", "enumerate(s)", each), returns("out")]
        self._functions.append(Function(name, _PARAMETERS, f"each {field.name} as {type_}", body))
        return name
