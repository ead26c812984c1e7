"""Each command's options, their defaults and bounds, as they were reviewed in `options.txt`: scripts rely on them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli import cps
from resolvers.run import command_of
from tests.reviewed import expect

FILE = Path(__file__).parent / "options.txt"
SUBGRAPHS = ("acute", "community", "education", "index", "police", "social_care")


def commands(name: str, of: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Give a command and all below it, with their names."""
    yield name, of
    if isinstance(of, click.Group):
        context = click.Context(of)
        for each in of.list_commands(context):
            found = of.get_command(context, each)
            assert found is not None
            yield from commands(f"{name} {each}", found)


def shown(parameter: click.Parameter) -> str:
    """Return a line: how it is given, what it takes, and what it is without."""
    told = parameter.to_info_dict()
    takes = {
        key: value
        for key, value in told["type"].items()
        if key not in ("param_type", "name") and value not in (None, False)
    }
    marks = [key for key in ("required", "is_flag", "multiple", "hidden") if told.get(key)]
    default = getattr(told["default"], "__name__", repr(told["default"]))
    given = "/".join([*told["opts"], *told["secondary_opts"]])
    said = " ".join(str(each) for each in (given, told["type"]["param_type"], takes or "", default, *marks) if each)
    return f"  {said}: {told.get('help')}"


def test_options_are_as_they_were_reviewed() -> None:
    lines = []
    own = [
        (f"python -m subgraphs.{name}", command_of(importlib.import_module(f"subgraphs.{name}.schema").subgraph))
        for name in SUBGRAPHS
    ]
    for name, each in (*commands("cps", cps), *own):
        lines += [name, f"  {each.help}", *map(shown, each.params), ""]
    expect(FILE, "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n")
