"""A plugin of pytest's that writes down which test calls which functions of the project."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest

from tests.mutation.cover import PACKAGES, ROOT


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cover-into")


class Recorder:
    """Sees calls, and no lines within them: so it costs little."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._called: set[CodeType] = set()
        self._tests: dict[CodeType, list[int]] = {}
        self._names: list[str] = []
        self._seconds: dict[str, float] = {}

    def _see(self, frame: FrameType, _event: str, _argument: object) -> None:
        self._called.add(frame.f_code)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._called = set()
        begun = time.perf_counter()
        threading.settrace(self._see)
        sys.settrace(self._see)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self._seconds[item.nodeid] = round(time.perf_counter() - begun, 4)
            called, self._called = self._called, set()  # threads that go on add to the new one
            for code in called.copy():
                self._tests.setdefault(code, []).append(len(self._names))
            self._names.append(item.nodeid)

    def pytest_sessionfinish(self) -> None:
        begins = {f"{ROOT / each}/": each for each in PACKAGES}
        functions: dict[str, dict[int, list[int]]] = {}
        for code, tests in self._tests.items():
            if any(code.co_filename.startswith(begin) for begin in begins):
                path = Path(code.co_filename).relative_to(ROOT).as_posix()
                functions.setdefault(path, {}).setdefault(code.co_firstlineno, []).extend(tests)
        found = {"names": self._names, "functions": functions, "seconds": self._seconds}
        self._into.write_text(json.dumps(found))


def pytest_configure(config: pytest.Config) -> None:
    into = config.getoption("--cover-into")
    if into:
        config.pluginmanager.register(Recorder(Path(into)))
