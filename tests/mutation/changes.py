"""Every single change that is made to the code: found in its syntax tree, applied to its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_ARITHMETIC: Final[dict[type[ast.operator], ast.operator]] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Add(),
    ast.FloorDiv: ast.Mult(),
    ast.Div: ast.Mult(),
    ast.BitOr: ast.BitAnd(),
    ast.BitAnd: ast.BitOr(),
}
_ENCODINGS = ("ascii", "latin-1", "utf-8")
_WORD = 40
"""Characters up to which a text without spaces is taken for a word that programs rely on."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the file's path, its place (lines count from 1, columns from 0, in bytes), and the new text there."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    what: str

    def apply(self, source: bytes) -> bytes:
        """Return the source with the change in it."""
        lines = source.splitlines(keepends=True)
        before = b"".join(lines[: self.line - 1]) + lines[self.line - 1][: self.column]
        after = lines[self.end_line - 1][self.end_column :] + b"".join(lines[self.end_line :])
        return before + self.text.encode() + after

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def changes_of(root: Path, path: str) -> list[Change]:
    """Return every change of one file."""
    source = (root / path).read_text()
    return list(_Finder(path, source).found(ast.parse(source)))


class _Finder:
    def __init__(self, path: str, source: str) -> None:
        self._path = path
        self._source = source

    def found(self, tree: ast.Module) -> Iterator[Change]:
        documentation = {id(node) for each in ast.walk(tree) for node in _documentation(each)}
        annotations = {id(node) for each in ast.walk(tree) for node in _annotations(each)}
        for node in ast.walk(tree):
            if id(node) in documentation or id(node) in annotations:
                continue
            for text, what in _new_texts(node):
                yield self._change(node, text, what)

    def _change(self, node: ast.AST, text: str, what: str) -> Change:
        assert isinstance(node, ast.expr | ast.stmt)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        if isinstance(node, ast.expr):
            text = f"({text})"
        was = " ".join((ast.get_source_segment(self._source, node) or "").split())
        return Change(
            self._path, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, text, f"{what}: {was[:100]}"
        )


def _new_texts(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            other = _COMPARISONS[type(op)]
            yield f"{_text(left)} {other} {_text(right)}", f"`{other}`"
        case ast.BoolOp(op=op, values=values):
            other = "or" if isinstance(op, ast.And) else "and"
            yield f" {other} ".join(map(_text, values)), f"`{other}`"
            for number in range(len(values)):
                rest = [_text(value) for index, value in enumerate(values) if index != number]
                yield (" and " if other == "or" else " or ").join(rest), f"without part {number + 1}"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield ast.unparse(operand), "without `not`"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC and not _is_text(left, right):
            yield ast.unparse(ast.BinOp(left, _ARITHMETIC[type(op)], right)), "another operator"
        case ast.Constant(value=bool(value)):
            yield str(not value), str(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield str(value + 1), f"{value + 1}"
        case ast.Constant(value=str(value)) if _is_word(value):
            yield repr(f"{value}~"), "another word"
        case ast.IfExp(body=body, orelse=orelse):
            yield ast.unparse(body), "always the first"
            yield ast.unparse(orelse), "always the second"
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            yield "return None", "returns nothing"
        case ast.Raise():
            yield "pass", "raises nothing"
        case ast.Continue():
            yield "break", "`break`"
        case ast.Break():
            yield "continue", "`continue`"
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "pass", "is not called"
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in _ARITHMETIC:
            yield f"{ast.unparse(target)} = {ast.unparse(value)}", "is not added to"
        case ast.If(test=test) | ast.While(test=test) if not isinstance(test, ast.Constant):
            pass  # its test has changes of its own


def _is_word(text: str) -> bool:
    """Whether it may be a word that is compared or looked up; an encoding's name may end in any sign."""
    return 0 < len(text) <= _WORD and not any(map(str.isspace, text)) and text not in _ENCODINGS


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"


def _is_text(*nodes: ast.expr) -> bool:
    return any(
        isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str)) for n in nodes
    )


def _documentation(node: ast.AST) -> Iterator[ast.AST]:
    """Texts that stand by themselves, and all inside texts that are put together: their nodes have no places."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    """What is of types only: annotations, aliases, and what is imported for them."""
    found: list[ast.AST | None] = []
    match node:
        case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
            found.append(annotation)
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
            found.append(returns)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            found.append(node)
        case ast.Call(func=ast.Name(id="cast"), args=[first, *_]):
            found.append(first)
        case ast.Assert():
            found.append(node)  # it narrows types for the checker
        case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
            found.append(value)  # the linter knows of names that are not there
        case ast.keyword(arg="slots", value=value):
            found.append(value)  # nothing that is right does other things without
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name[:1].isupper():
            found.append(inner)
    if isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation):
        found.append(node.value)
    for each in found:
        if each is not None:
            yield from ast.walk(each)
