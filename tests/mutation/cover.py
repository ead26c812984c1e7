"""Which tests call which functions: written once for a state of the tree, by the tests themselves."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
KEPT: Final = ROOT / ".mutation"
"""Where coverage is kept; no part of the tree."""

PACKAGES: Final = ("authz", "gateway", "resolvers", "subgraphs")
LEFT_OUT: Final = ("tests/e2e", "tests/load", "tests/attack/test_hostile_federation.py", "tests/population")
"""Tests that run processes, or take long: they do not guide."""


FEW: Final = 20
"""Tests that call a function: where no more do, it may be called as modules are imported, or once for all tests."""

FIGURES: Final = tuple(f"tests/test_figures.py::test_{what}_are_as_they_were_reviewed" for what in ("figures", "words"))
"""Tests of what no function has."""


@dataclass(frozen=True, slots=True)
class Cover:
    """By file, and by the first line of each function, the tests that call it; of each test its seconds."""

    functions: Mapping[str, Mapping[int, tuple[str, ...]]]
    seconds: Mapping[str, float]

    def of(self, path: str, line: int) -> list[str]:
        """Return tests that call the function in which a line is, the quickest first.

        Where the line is in no function, or in one that no test calls, tests that call any function around it, or of
        the file; where few do, all tests of its package too.
        """
        functions = self.functions.get(path, {})
        found: set[str] = set()
        for first, last in spans(path, line):
            found = {test for at, tests in functions.items() if first <= at <= last for test in tests}
            if found:
                break
        if not is_in_function(path, line) or len(found) < FEW:  # what it makes may be used anywhere
            found |= {test for test in self.seconds if test.startswith(mirror(path))}
        out = sorted(found, key=lambda each: (self.seconds.get(each, 0.1), each))
        return out if is_in_function(path, line) else [*FIGURES, *out]

    def split(self, tests: Sequence[str], seconds: float) -> tuple[list[str], list[str]]:
        """Return those of the first so many seconds, and the others."""
        spent = 0.0
        for number, test in enumerate(tests):
            spent += self.seconds.get(test, 0.1)
            if spent > seconds and number:
                return list(tests[:number]), list(tests[number:])
        return list(tests), []


def mirror(path: str) -> tuple[str, ...]:
    """Return the folders of the tests of a file's package, and of those that are made of it."""
    package, rest = path.split("/", 1)
    if package == "gateway" and "/" in rest:
        return (f"tests/{rest.split('/', 1)[0]}/",)
    return ("tests/resolvers/", "tests/subgraphs/") if package == "resolvers" else (f"tests/{package}/",)


def is_in_function(path: str, line: int) -> bool:
    """Return whether a line is in a function, and not in a module's or a class's own body."""
    tree = ast.parse((ROOT / path).read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(node.lineno <= line <= (node.end_lineno or node.lineno) for node in functions)


def spans(path: str, line: int) -> list[tuple[int, int]]:
    """Return the first and last lines of what is around a line, functions and classes, the innermost first."""
    tree = ast.parse((ROOT / path).read_text())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first <= line <= (node.end_lineno or first):
                found.append((first, node.end_lineno or first))
    return [*sorted(found, key=lambda span: span[1] - span[0]), (1, 1_000_000)]


def digest() -> str:
    """Return what stands for the state of the code and its tests."""
    found = hashlib.sha256()
    for folder in (*PACKAGES, "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "mutation" not in path.parts:
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


def collected() -> frozenset[str]:
    """Return the tests that there are: one that is named and is not there would end pytest as if it had failed."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--no-header", "tests"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(line for line in found.stdout.splitlines() if "::" in line)


def recorded(into: Path, *what: str) -> None:
    """Run tests and write down what they call."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutation.recording", f"--cover-into={into}", *what]
    subprocess.run(command, cwd=ROOT, check=False)  # tests of time may fail, traced


def merged(one: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return two records as one."""
    first = len(one["names"])
    functions = {path: {line: list(tests) for line, tests in lines.items()} for path, lines in one["functions"].items()}
    for path, lines in more["functions"].items():
        for line, tests in lines.items():
            functions.setdefault(path, {}).setdefault(line, []).extend(first + number for number in tests)
    names, seconds = one["names"] + more["names"], one["seconds"] | more["seconds"]
    return {"names": names, "functions": functions, "seconds": seconds}


def cover(*, afresh: bool) -> Cover:
    """Return which tests call which functions; they are run where that is not known of this state of the tree.

    Without `afresh` what is known of another state is taken, where there is any, and only tests that are new are run.
    """
    KEPT.mkdir(exist_ok=True)
    kept = KEPT / f"cover-{digest()}.json"
    others = sorted(KEPT.glob("cover-*.json"), key=lambda p: p.stat().st_mtime)
    there = collected()
    begun = time.monotonic()
    if not kept.exists() and not afresh and others:
        known = json.loads(others[-1].read_text())
        new = sorted(test for test in there - known["seconds"].keys() if not test.startswith(LEFT_OUT))
        if new:
            recorded(kept, *new)
            known = merged(known, json.loads(kept.read_text()))
        kept.write_text(json.dumps(known))
    if not kept.exists():
        recorded(kept, "tests", *(f"--ignore={each}" for each in LEFT_OUT))
    sys.stdout.write(f"covered in {time.monotonic() - begun:.0f} s\n")
    read = json.loads(kept.read_text())
    names = read["names"]
    functions = {
        path: {
            int(line): tuple(n for number in numbers if (n := names[number]) in there)
            for line, numbers in lines.items()
        }
        for path, lines in read["functions"].items()
    }
    return Cover(functions, read["seconds"])
