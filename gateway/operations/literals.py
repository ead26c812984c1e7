"""A document's text apart from the values that are written in it.

A value can name a child. A document that is kept by its text would so tell, by the time that it takes, whether somebody
has asked for that child. So documents are kept by their text without values, and values are put in for each request.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast

from graphql import (
    FloatValueNode,
    GraphQLError,
    GraphQLID,
    GraphQLInputType,
    GraphQLString,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    Visitor,
    get_nullable_type,
    parse_type,
    parse_value,
    type_from_ast,
    visit,
)
from graphql.utilities import validate_input_literal

from gateway.errors import RequestError
from gateway.operations.limits import SHORT
from gateway.operations.normalise import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLSchema, Node, ValueNode

    from gateway.operations.document import Document
    from gateway.operations.normalise import Normalised

_TEXTS: Final = (
    r'"""(?:[^"\\]|\\"""|\\(?!""")|"(?!""))*+(?:"""|\Z(?P<open_block>))'
    r'|"(?:[^"\\\n\r]|\\.)*+(?:"|(?P<open>))'
    r"|#[^\n\r]*+"
)
_TEXT: Final = re.compile(_TEXTS)
_VALUE: Final = re.compile(
    _TEXTS + r"|(?<![0-9A-Za-z_.])-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![0-9A-Za-z_.])"
)
"""A block string, a string or a comment, and with them a number (GraphQL specification, section 2.1).

A string that does not end is taken as far as it goes: nothing is looked at twice, whatever the text.
"""

_DIGITS: Final = re.compile("[0-9]" * SHORT)
MOST: Final = 200
MOST_FOUND: Final = 2_000
"""Values of a text that are put into a document already read, and those that are looked for: on the event loop."""

_LEFT_OUT: Final = "\0"
"""What stands for a value: a document holds it nowhere else."""

Leaf: TypeAlias = IntValueNode | FloatValueNode | StringValueNode
_LEAVES: Final = (IntValueNode, FloatValueNode, StringValueNode)


class Written(NamedTuple):
    """A text, and the values left out of it, each once. `pattern` says which stands where, and of what kind it is.

    `names_nobody` is false where a name holds so many digits that it may be an identifier, or not all was looked at.
    `is_as_sent`: it could name nobody, and nothing was left out.
    """

    text: str
    pattern: str
    values: tuple[str, ...]
    names_nobody: bool
    is_as_sent: bool


def without_values(text: str) -> Written:
    """Return a text without its comments, its strings, and its numbers that have five digits in a row."""
    values = _Values()
    parts: list[str] = []
    at = found = 0
    quote, sharp = text.find('"'), text.find("#")
    while (quote >= 0 or sharp >= 0) and found < MOST_FOUND:
        start = quote if sharp < 0 or 0 <= quote < sharp else sharp
        match = _TEXT.match(text, start)
        assert match is not None, "it begins with what begins one"
        parts += (text[at:start], values.left_out(match))
        at = match.end()
        found += 1
        if 0 <= quote < at:
            quote = text.find('"', at)
        if 0 <= sharp < at:
            sharp = text.find("#", at)
    rest = "".join((*parts, text[at:])) if parts else text
    if found == MOST_FOUND:
        return values.written(rest, text, names_nobody=False)
    if not any(digit in rest for digit in "0123456789") or _DIGITS.search(rest) is None:
        return values.written(rest, text, names_nobody=True)
    values = _Values()  # it is a number that has so many digits, or a name
    rest, count = _VALUE.subn(values.left_out, text, MOST_FOUND)
    return values.written(rest, text, names_nobody=count < MOST_FOUND and _DIGITS.search(rest) is None)


class _Values:
    """Those left out of a text, each with its number."""

    __slots__ = ("_numbers", "_pattern")

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pattern: list[str] = []

    def left_out(self, match: re.Match[str]) -> str:
        """Return what stands in the place of a value."""
        value = match[0]
        if value[0] == "#":
            return "#"
        if match.lastgroup is not None:
            return '"'  # no document that was read has such a thing
        if value[0] != '"' and _DIGITS.search(value) is None:
            return value
        kind = "s" if value[0] == '"' else "i" if value.lstrip("-").isdigit() else "f"
        self._pattern.append(f"{kind}{self._numbers.setdefault(value, len(self._numbers))}")
        return _LEFT_OUT

    def written(self, rest: str, text: str, *, names_nobody: bool) -> Written:
        pattern = " ".join(self._pattern)
        return Written(rest, pattern, tuple(self._numbers), names_nobody, names_nobody and rest == text)


def place_of(variable: str, text: str, operation_name: str | None) -> tuple[int, int] | None:
    """Return where a variable is declared in a text: line and column, from 1; None where that is not found."""
    blank = _VALUE.sub(lambda match: re.sub(r"[^\n\r]", " ", match[0]), text)
    begin = 0
    if operation_name is not None:
        found = re.search(rf"\b(?:query|mutation)[\s,]+{re.escape(operation_name)}\b", blank)
        begin = found.end() if found else 0
    found = re.compile(rf"\$[\s,]*{re.escape(variable)}[\s,]*:").search(blank, begin)
    if found is None:
        return None
    before = re.sub(r"\r\n|\r", "\n", text[: found.start()])
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


_Part: TypeAlias = "int | ValueNode | list[_Part] | dict[str, _Part]"
"""A value without those that a text has to give: their numbers stand for them."""


class Template:
    """Where the values of a text belong in its operation: another text that differs only in them is not read again."""

    def __init__(self, document: Document, normalised: Normalised, written: Written, schema: GraphQLSchema) -> None:
        """Raise `ValueError` where a value is in no variable of the operation, or too many are."""
        if len(written.values) > MOST:
            raise ValueError(f"the text has more than {MOST} values")
        leaves = [
            leaf for leaf in _leaves_of(document) if isinstance(leaf, StringValueNode) or _DIGITS.search(leaf.value)
        ]
        numbers = [int(part[1:]) for part in written.pattern.split()]
        if [_leaf(written.values[number]) for number in numbers] != leaves:
            raise ValueError("the document has other values than were found in its text")
        by_leaf = {id(leaf): number for leaf, number in zip(leaves, numbers, strict=True)}
        types = {variable.name: variable.type for variable in normalised.operation.variables}
        placed: set[int] = set()
        self._parts: dict[str, tuple[_Part, GraphQLInputType]] = {}
        for name, node in normalised.written.items():
            held: set[int] = set()
            part = _part(node, by_leaf, held)
            if held:
                placed |= held
                self._parts[name] = part, cast("GraphQLInputType", type_from_ast(schema, parse_type(types[name])))
        if placed != set(numbers):
            raise ValueError("a value is in no variable")
        self.kept = {name: value for name, value in normalised.values.items() if name not in self._parts}
        self._order = dict.fromkeys(normalised.values)
        kinds = dict(zip(numbers, (part[0] for part in written.pattern.split()), strict=True))
        self._texts = {
            name: part
            for name, (part, type_) in self._parts.items()
            if isinstance(part, int) and kinds[part] == "s" and get_nullable_type(type_) in (GraphQLID, GraphQLString)
        }
        """By variable the numbers of strings that are any string's: each fits, and is what it says."""

    def filled(self, values: Sequence[str]) -> dict[str, object] | None:
        """Return the values of the operation's variables with these of a text.

        None where one does not fit its type: whoever reads the text says what is wrong.
        """
        found: dict[str, object] = {**self._order, **self.kept}
        try:
            for name, number in self._texts.items():
                found[name] = _text(values[number])
            if len(self._texts) == len(self._parts):
                return found
            leaves = [_leaf(value) for value in values]
            for name, (part, type_) in self._parts.items():
                if name in self._texts:
                    continue
                node = _with(part, leaves)
                validate_input_literal(node, type_, _refuse, hide_suggestions=True)
                found[name] = plain(node)
        except (GraphQLError, RequestError, ValueError):
            return None
        return found


def _part(node: ValueNode, by_leaf: Mapping[int, int], held: set[int]) -> _Part:
    """A value of which `held` notes the values that a text has to give."""
    if isinstance(node, ListValueNode):
        return [_part(item, by_leaf, held) for item in node.values]
    if isinstance(node, ObjectValueNode):
        return {item.name.value: _part(item.value, by_leaf, held) for item in node.fields}
    number = by_leaf.get(id(node))
    if number is None:
        return node
    held.add(number)
    return number


def _refuse(error: GraphQLError, _: object) -> None:
    raise error


def _with(part: _Part, leaves: Sequence[Leaf]) -> ValueNode:
    if isinstance(part, int):
        return leaves[part]
    if isinstance(part, list):
        return ListValueNode(values=tuple(_with(item, leaves) for item in part))
    if isinstance(part, dict):
        fields = [ObjectFieldNode(name=NameNode(value=name), value=_with(item, leaves)) for name, item in part.items()]
        return ObjectValueNode(fields=tuple(fields))
    return part


def _leaf(value: str) -> Leaf:
    """A string or a number as it is read; raises `GraphQLError` where it can't be."""
    if value[0] != '"':
        return IntValueNode(value=value) if value.lstrip("-").isdigit() else FloatValueNode(value=value)
    return StringValueNode(value=_text(value), block=value.startswith('"""'))


def _text(value: str) -> str:
    """A string as it is read; raises `GraphQLError` where it can't be."""
    if value.isprintable() and "\\" not in value and not value.startswith('"""'):
        return value[1:-1]
    return cast("StringValueNode", parse_value(value, no_location=True)).value


class _Leaves(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Leaf] = []

    def enter(self, node: Node, *_: object) -> None:
        if isinstance(node, _LEAVES):
            self.found.append(node)


def _leaves_of(document: Document) -> list[Leaf]:
    """All strings and numbers of a document, in the order of its text."""
    leaves = _Leaves()
    visit(document.whole, leaves)
    return leaves.found
