"""The `cps` command: a module for each of its commands."""

from __future__ import annotations

import sys

import click

from authz.errors import AccessError
from gateway.cli.audit import audit
from gateway.cli.bench import bench
from gateway.cli.compose import compose
from gateway.cli.demo import demo
from gateway.cli.policy import policy
from gateway.cli.seed import seed
from gateway.cli.serve import serve
from gateway.cli.show import show
from gateway.errors import GatewayError

__all__ = ["cps", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="child-protection-gateway")
def cps() -> None:
    """One virtual child-protection agency over many real ones."""


for command in (serve, compose, show, seed, demo, policy, audit, bench):
    cps.add_command(command)


def main() -> None:
    """Entry point: what is the operator's to put right is a line on standard error and exit status 2."""
    try:
        cps()
    except (GatewayError, AccessError) as error:
        click.echo(f"cps: {error}", err=True)
        sys.exit(2)
