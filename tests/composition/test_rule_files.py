"""A rule is found by its error code: by the name of its file, or in the first lines of the file of its subject."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gateway.composition import rules

FILES = sorted(p for p in Path(rules.__file__).parent.glob("*.py") if p.stem not in ("__init__", "defaults"))
_CODE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_file_is_named_by_its_code_or_names_its_codes(path: Path) -> None:
    tree = ast.parse(path.read_text())
    said = set(_CODE.findall(ast.get_docstring(tree) or ""))
    given = {
        argument.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "error"
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert given <= said, "gives codes that its first lines do not name"
    assert said, "says nothing of codes"
    if len(said) == 1:
        assert path.stem == said.pop().lower()
