"""Random operations over any schema: aliases, arguments, conditions, fragments of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.federation.values import Json

CONDITIONS: Final = ("v0", "v1")
_DEPTH: Final = 4
_LONG: Final = 40
"""Selections after which an operation gets no longer than it must."""
_SCALAR_ARGUMENTS: Final = ("", "(x: 1)", "(x: $x)", "(s: $s, x: 2)", '(s: "l")', "(x: null)")
_LINK_ARGUMENTS: Final = ("", "(n: 1)", "(n: 2)", "(n: $n)")
_DECLARED: Final = {
    "$x": "$x: Int",
    "$n": "$n: Int",
    "$s": '$s: String = "d"',
    **{f"${name}": f"${name}: Boolean!" for name in CONDITIONS},
}

_Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
_Position: TypeAlias = tuple[str, ...]


class _Use(NamedTuple):
    """What a response key stands for: on which type, which field with which arguments, of which type."""

    parent: str
    meaning: str
    type: str
    on_object: bool

    def agrees(self, other: _Use) -> bool:
        """Whether one key can stand for both (GraphQL specification, "Field Selection Merging")."""
        apart = self.on_object and other.on_object and self.parent != other.parent
        return self.type == other.type and (self.meaning == other.meaning or apart)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A named fragment, with the keys that it uses by their positions in it."""

    name: str
    on: str
    text: str
    uses: tuple[tuple[_Position, _Use], ...]


@st.composite
def queries(draw: DrawFn, schema: GraphQLSchema) -> str:
    """A query, or a mutation where the schema has one."""
    mutation = schema.mutation_type is not None and draw(st.booleans())
    return _Writer(draw, schema).operation("mutation" if mutation else "query")


@st.composite
def variables(draw: DrawFn) -> dict[str, Json]:
    """Values of the variables; those that are nullable may be left out."""
    found: dict[str, Json] = {name: draw(st.booleans()) for name in CONDITIONS}
    for name in ("x", "n"):
        if draw(st.booleans()):
            found[name] = draw(st.sampled_from((1, None, 7)))
    return found


class _Writer:
    """Writes one operation. `met` says what each response key stands for where it was used, in the order of writing."""

    def __init__(self, draw: DrawFn, schema: GraphQLSchema) -> None:
        self.draw = draw
        self.schema = schema
        self.met: list[tuple[_Position, _Use]] = []
        self.fragments: list[_Fragment] = []

    def operation(self, kind: str) -> str:
        root = self.schema.mutation_type if kind == "mutation" else self.schema.query_type
        assert root is not None
        body = self.selections(root, (), 0)
        text = "\n".join((f"{{ {body} }}", *(f"fragment {f.name} on {f.on} {{ {f.text} }}" for f in self.fragments)))
        declared = ", ".join(words for name, words in _DECLARED.items() if name in text)
        return f"{kind}{f'({declared})' if declared else ''} {text}"

    def selections(self, parent: _Composite, position: _Position, fragments: int) -> str:
        """What is between one pair of braces."""
        fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields
        leaves = [name for name, field in fields.items() if not _is_composite(field)]
        links = [name for name, field in fields.items() if _is_composite(field)]
        if len(position) >= _DEPTH:
            links = []
        parts: list[str] = []
        for _ in range(self.draw(st.integers(1, 4 if len(self.met) < _LONG else 1))):
            kind = self.draw(st.integers(0, 9))
            if (kind >= 6 and links) or (not leaves and links):
                parts.append(self.field(parent, self.draw(st.sampled_from(links)), position))
            elif (kind in (4, 5) or not leaves or (kind == 3 and is_abstract_type(parent))) and fragments < 3:
                parts.append(self.fragment(parent, position, fragments + 1))
            elif leaves and kind:
                parts.append(self.field(parent, self.draw(st.sampled_from(leaves)), position))
            else:
                parts.append(self.field(parent, "__typename", position))
        return " ".join(parts)

    # fields

    def field(self, parent: _Composite, name: str, position: _Position) -> str:
        definition = None if isinstance(parent, GraphQLUnionType) else parent.fields.get(name)
        if definition is None:
            key = self.key(parent, name, "", "String!", position)
            return f"{_aliased(key, name)}{self.condition()}"
        composite = _is_composite(definition)
        options: tuple[str, ...] = ("",)
        if definition.args:
            options = _LINK_ARGUMENTS if "n" in definition.args else _SCALAR_ARGUMENTS
        arguments = self.draw(st.sampled_from(options))
        key = self.key(parent, name, arguments, str(definition.type), position)
        head = f"{_aliased(key, name)}{arguments}{self.condition()}"
        if not composite:
            return head
        below = get_named_type(definition.type)
        assert isinstance(below, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        return f"{head} {{ {self.selections(below, (*position, key), 0)} }}"

    def key(self, parent: _Composite, name: str, arguments: str, type_: str, position: _Position) -> str:
        """A response key: the name, the name of a hidden key, or one of its own where those are taken."""
        use = _Use(parent.name, name + arguments, type_, isinstance(parent, GraphQLObjectType))
        wanted = self.draw(st.sampled_from((name, name, name, "id", "k", "o", "a", "_1_id", "__own")))
        for key in (wanted, name):
            if key != "__own" and self.fits((*position, key), use):
                self.met.append(((*position, key), use))
                return key
        key = f"a{len(self.met)}"
        self.met.append(((*position, key), use))
        return key

    def fits(self, position: _Position, use: _Use) -> bool:
        return all(use.agrees(other) for where, other in self.met if where == position)

    # fragments

    def fragment(self, parent: _Composite, position: _Position, fragments: int) -> str:
        """An inline fragment, or the spread of a new or a known one."""
        options = self.overlapping(parent)
        kind = self.draw(st.integers(0, 5))
        if kind == 5:
            known = [f for f in self.fragments if f.on in options and self.repeatable(f, position)]
            if known:
                chosen = self.draw(st.sampled_from(known))
                self.met += [((*position, *where), use) for where, use in chosen.uses]
                return f"...{chosen.name}{self.condition()}"
        on = self.draw(st.sampled_from(options))
        condition = self.condition()
        type_ = self.schema.type_map[on]
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        before = len(self.met)
        body = self.selections(type_, position, fragments)
        if kind < 4:
            bare = on == parent.name and kind == 3
            return f"...{'' if bare else f' on {on}'}{condition} {{ {body} }}"
        uses = tuple((where[len(position) :], use) for where, use in self.met[before:])
        made = _Fragment(f"F{len(self.fragments)}", on, body, uses)
        self.fragments.append(made)
        return f"...{made.name}{condition}"

    def repeatable(self, fragment: _Fragment, position: _Position) -> bool:
        """Whether a fragment's keys stand for nothing else at this position."""
        deep = max(len(where) for where, _ in fragment.uses) + len(position)
        return deep <= _DEPTH + 2 and all(self.fits((*position, *where), use) for where, use in fragment.uses)

    def overlapping(self, parent: _Composite) -> list[str]:
        """The types that a value of this type may have."""
        mine = self.objects(parent)
        return [
            name
            for name, type_ in self.schema.type_map.items()
            if not name.startswith("__") and mine & self.objects(type_)
        ]

    def objects(self, type_: GraphQLNamedType) -> set[str]:
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            return {t.name for t in self.schema.get_possible_types(type_)}
        return {type_.name} if isinstance(type_, GraphQLObjectType) else set()

    def condition(self) -> str:
        if self.draw(st.integers(0, 9)) < 8:
            return ""
        written = self.draw(st.sampled_from((*(f"${name}" for name in CONDITIONS), "true", "false")))
        return f" @{self.draw(st.sampled_from(('skip', 'include')))}(if: {written})"


def _is_composite(field: GraphQLField) -> bool:
    return isinstance(get_named_type(field.type), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)


def _aliased(key: str, name: str) -> str:
    return name if key == name else f"{key}: {name}"
