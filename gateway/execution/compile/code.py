"""Python as data: the few statements that plans are compiled to, their printer, and names that stand for values.

Nothing that a client or an agency wrote becomes code: it enters as a literal (`literal`), as a value that a name
of ours stands for (`Names.value`), or as a comment, which is one line whatever is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Comment:
    text: str


@dataclass(frozen=True, slots=True)
class Do:
    """One simple statement."""

    text: str


@dataclass(frozen=True, slots=True)
class If:
    test: str
    then: Sequence[Statement]
    otherwise: Sequence[Statement] = ()


@dataclass(frozen=True, slots=True)
class For:
    target: str
    over: str
    body: Sequence[Statement]


Statement: TypeAlias = Comment | Do | If | For


@dataclass(frozen=True, slots=True)
class Function:
    """A function with a comment that names what it was made from."""

    name: str
    parameters: tuple[str, ...]
    comment: str
    body: Sequence[Statement]

    def __str__(self) -> str:
        head = [f"# {_one_line(self.comment)}", f"def {self.name}({', '.join(self.parameters)}):"]
        return "\n".join((*head, *_lines(self.body, 1)))


def assign(name: str, expression: str) -> Do:
    return Do(f"{name} = {expression}")


def returns(expression: str = "None") -> Do:
    return Do(f"return {expression}")


def literal(value: str | bool | None) -> str:
    return repr(value)


@dataclass(slots=True)
class Names:
    """The global names of compiled code, with what they stand for."""

    values: dict[str, object] = field(default_factory=dict)

    def value(self, hint: str, value: object) -> str:
        """A name that is not taken, in capitals, for this value."""
        name = f"{hint.upper()}_{len(self.values)}"
        self.values[name] = value
        return name


def _lines(body: Sequence[Statement], depth: int) -> Iterator[str]:
    indent = "    " * depth
    empty = True
    for statement in body:
        match statement:
            case Comment(text):
                yield f"{indent}# {_one_line(text)}"
                continue
            case Do(text):
                yield indent + text
            case If(test, then, otherwise):
                yield f"{indent}if {test}:"
                yield from _lines(then, depth + 1)
                if len(otherwise) == 1 and isinstance(otherwise[0], If):
                    first, *rest = _lines(otherwise, depth)
                    yield f"{indent}el{first.lstrip()}"
                    yield from rest
                elif otherwise:
                    yield f"{indent}else:"
                    yield from _lines(otherwise, depth + 1)
            case For(target, over, inner):
                yield f"{indent}for {target} in {over}:"
                yield from _lines(inner, depth + 1)
        empty = False
    if empty:
        yield f"{indent}pass"


def _one_line(text: str) -> str:
    return " ".join(text.split())
