"""The `cps` command, run in this process as its entry point runs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import pytest

from gateway.cli import main


class Result(NamedTuple):
    status: int
    out: str
    err: str


Cps: TypeAlias = Callable[..., Result]


def runner(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cps:
    """`cps(*arguments)`: exit status, standard output, standard error. An exception that escapes is a traceback."""

    def cps(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["cps", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "300")
        capfd.readouterr()
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Result(status, out, err)

    return cps
