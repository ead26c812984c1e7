"""The command and its commands: each is loaded when it is given, with what it needs and no more."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from gateway.cli import cps


def test_all_commands_are_listed() -> None:
    listed = CliRunner().invoke(cps, ["--help"]).output.split("Commands:\n")[1]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "] == (
        cps.list_commands(click.Context(cps))
    )


@pytest.mark.parametrize("name", cps.list_commands(click.Context(cps)))
def test_each_command_says_what_it_does(name: str) -> None:
    done = CliRunner().invoke(cps, [name, "--help"])
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: cps {name}")


def test_there_are_no_others() -> None:
    done = CliRunner().invoke(cps, ["nothing"])
    assert done.exit_code == 2
    assert "No such command 'nothing'" in done.output


_COMPOSING = ["gateway.composition.stages", "strawberry"]
_SERVING = ["gateway.cli.demo", "jinja2", "redis", "aiocache", "sqlalchemy"]


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("gateway.cli.serve", _COMPOSING + _SERVING),
        ("gateway.audit.writer", ["graphql", "gateway.app", *_COMPOSING, *_SERVING]),
    ],
)
def test_to_serve_loads_no_more_than_it_takes(module: str, unneeded: list[str]) -> None:
    """What the demonstration, the console and a cache in Redis need would make the gateway ready a fifth later."""
    said = f"import sys, {module}; print([m for m in sys.argv[1:] if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said, *unneeded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
