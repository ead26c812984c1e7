"""Every bound and period of the code, as it was reviewed: none changes but by a change of `figures.txt` too."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import authz
import gateway
import resolvers
import subgraphs
from tests.reviewed import expect

FILE = Path(__file__).parent / "figures.txt"
LEFT_OUT = ("subgraphs.population", "gateway.cli.demo", "gateway.audit.migrations.env")


def modules() -> list[ModuleType]:
    packages = (authz, gateway, resolvers, subgraphs)
    names = [each.name for p in packages for each in pkgutil.walk_packages(p.__path__, f"{p.__name__}.")]
    own = [name for name in names if not name.startswith(LEFT_OUT) and ".versions." not in name]
    return [importlib.import_module(name) for name in own if not name.endswith("__main__")]


def figures() -> list[str]:
    """Numbers and times that a module itself names in capitals."""
    found = []
    for module in modules():
        source = Path(module.__file__ or "").read_text()
        for name, value in vars(module).items():
            figure = isinstance(value, int | float | dt.timedelta | dt.time) and not isinstance(value, bool)
            if (
                figure
                and name.isupper()
                and any(
                    line.startswith((f"{name} =", f"{name}:", f"{name},")) or f", {name} =" in line
                    for line in source.splitlines()
                )
            ):
                found.append(f"{module.__name__}.{name} = {value!r}")
    return sorted(found)


def test_figures_are_as_they_were_reviewed() -> None:
    found = figures()
    assert len(found) > 100
    expect(FILE, "\n".join(found) + "\n")
