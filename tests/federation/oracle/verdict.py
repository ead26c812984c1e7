"""What is wrong with an answer, compared with the undivided schema's.

Where nothing failed both are the same. Where a subgraph failed a null may stand for a value if an error covers it: one
at its path or above, or one below from which the null came up (GraphQL specification, "Handling Execution Errors").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tests.federation.values import Json

ResponsePath: TypeAlias = tuple[str | int, ...]


def faults_of(
    expected: Json, got: Json, errors: Sequence[ResponsePath], spared: Callable[[ResponsePath], bool]
) -> list[str]:
    """Wrong values, nulls without an error, and nulls of fields that were `spared` by what failed."""
    found: list[str] = []

    def compare(wanted: Json, given: Json, path: ResponsePath) -> None:
        if given is None and wanted is not None:
            below = any(error[: len(path)] == path and len(error) > len(path) for error in errors)
            if not below and not any(path[: len(error)] == error for error in errors):
                found.append(f"{_shown(path)}: null without an error, expected {wanted!r}")
            elif not below and spared(path):
                found.append(f"{_shown(path)}: null, and nothing that it depends on failed: expected {wanted!r}")
        elif isinstance(wanted, dict) and isinstance(given, dict):
            if wanted.keys() != given.keys():
                found.append(f"{_shown(path)}: the keys {list(given)}, expected {list(wanted)}")
            for key in wanted.keys() & given.keys():
                compare(wanted[key], given[key], (*path, key))
        elif isinstance(wanted, list) and isinstance(given, list):
            if len(wanted) != len(given):
                found.append(f"{_shown(path)}: {len(given)} items, expected {len(wanted)}")
            for index, (a, b) in enumerate(zip(wanted, given, strict=False)):
                compare(a, b, (*path, index))
        elif wanted != given or type(wanted) is not type(given):
            found.append(f"{_shown(path)}: {given!r}, expected {wanted!r}")

    compare(expected, got, ())
    return found


def untold(expected: Sequence[ResponsePath], errors: Sequence[ResponsePath]) -> list[str]:
    """The errors of the undivided schema of which an answer says nothing, neither there nor above nor below."""
    return [
        f"{_shown(path)}: an error here is not told"
        for path in expected
        if not any(path[: len(error)] == error or error[: len(path)] == path for error in errors)
    ]


def _shown(path: ResponsePath) -> str:
    return ".".join(map(str, path)) or "data"
