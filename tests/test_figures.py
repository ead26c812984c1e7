"""Every bound, period and word of the code, as it was reviewed: none changes but by a change of a file here too."""

from __future__ import annotations

import datetime as dt
import enum
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import ModuleType

import authz
import gateway
import resolvers
import subgraphs
from tests.reviewed import expect

FIGURES, WORDS = Path(__file__).parent / "figures.txt", Path(__file__).parent / "words.txt"
LEFT_OUT = ("subgraphs.population", "gateway.cli.demo", "gateway.audit.migrations.env")
LONGEST = 2_000
"""Characters of a constant that is written out; what is longer is the text of a schema or of a page."""

_CAPITALS = re.compile(r"_?[A-Z][A-Z0-9_]*")


def modules() -> list[ModuleType]:
    packages = (authz, gateway, resolvers, subgraphs)
    names = [each.name for p in packages for each in pkgutil.walk_packages(p.__path__, f"{p.__name__}.")]
    own = [name for name in names if not name.startswith(LEFT_OUT) and ".versions." not in name]
    return [importlib.import_module(name) for name in own if not name.endswith("__main__")]


def constants(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Give what a module itself names in capitals."""
    source = Path(module.__file__ or "").read_text().splitlines()
    for name, value in vars(module).items():
        begins = (f"{name} =", f"{name}:", f"{name},")
        if _CAPITALS.fullmatch(name) and any(line.startswith(begins) or f", {name} =" in line for line in source):
            yield f"{module.__name__}.{name}", value


def figures() -> list[str]:
    """Numbers and times that a module itself names in capitals."""
    kinds = (int, float, dt.timedelta, dt.time)
    named = [(name, value) for module in modules() for name, value in constants(module)]
    return sorted(
        f"{name} = {value!r}" for name, value in named if isinstance(value, kinds) and not isinstance(value, bool)
    )


def written(value: object) -> str | None:
    """Return a constant as text, the same each time; None for what is more than words and figures."""
    if isinstance(value, str | bytes | bool | int | float | None | dt.date | dt.timedelta):
        return repr(value)
    if isinstance(value, re.Pattern):
        return f"{value.pattern!r} {value.flags}"
    if isinstance(value, Mapping):
        items = [(written(key), written(inner)) for key, inner in value.items()]
        return None if any(None in item for item in items) else "{" + ", ".join(f"{k}: {v}" for k, v in items) + "}"
    if isinstance(value, frozenset | set | tuple | list):
        parts = [written(each) for each in value]
        kept = [part for part in parts if part is not None]
        if len(kept) < len(parts):
            return None
        return f"{{{', '.join(sorted(kept))}}}" if isinstance(value, frozenset | set) else f"[{', '.join(kept)}]"
    return f"{type(value).__name__}.{value.name}" if isinstance(value, enum.Enum) else None


def words() -> list[str]:
    """Words of enums, constants, and the defaults of data classes."""
    found = []
    for module in modules():
        told = {name: written(value) for name, value in constants(module)}
        for each in vars(module).values():
            if not isinstance(each, type) or each.__module__ != module.__name__:
                continue
            name = f"{module.__name__}.{each.__qualname__}"
            if issubclass(each, enum.Enum):
                told |= {f"{name}.{member}": repr(of.value) for member, of in each.__members__.items()}
            elif is_dataclass(each):
                told |= {f"{name}({f.name})": written(f.default) for f in fields(each) if f.default is not MISSING}
        found += [f"{name} = {value}" for name, value in told.items() if value is not None and len(value) < LONGEST]
    return sorted(found)


def test_figures_are_as_they_were_reviewed() -> None:
    found = figures()
    assert len(found) > 100
    expect(FIGURES, "\n".join(found) + "\n")


def test_words_are_as_they_were_reviewed() -> None:
    found = words()
    assert len(found) > 100
    expect(WORDS, "\n".join(found) + "\n")
