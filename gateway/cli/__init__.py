"""The `cps` command: a module for each of its commands, which is loaded when it is given."""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

from authz.errors import AccessError
from gateway.cli.collecting import undisturbed
from gateway.errors import GatewayError

__all__ = ["cps", "main"]

_COMMANDS: Final = ("approve", "audit", "bench", "compose", "demo", "policy", "seed", "serve", "show")


class _Commands(click.Group):
    """What one command needs is not loaded for another: the gateway is ready sooner."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        with undisturbed():
            found: click.Command = getattr(importlib.import_module(f"gateway.cli.{cmd_name}"), cmd_name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="child-protection-gateway")
def cps() -> None:
    """One virtual child-protection agency over many real ones."""


def main() -> None:
    """Entry point: what is the operator's to put right is a line on standard error and exit status 2."""
    try:
        cps()
    except (GatewayError, AccessError) as error:
        click.echo(f"cps: {error}", err=True)
        sys.exit(2)
