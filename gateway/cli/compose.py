"""`cps compose`: the supergraph of some subgraphs, or why there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.supergraphs import compose_file


@click.command()
@click.option(
    "--config",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON list of {name, url, sdl?}; a subgraph without `sdl` or `file` is asked for it at its url.",
)
def compose(config: Path) -> None:
    """Print the supergraph on standard output; errors and hints on standard error, exit status 1."""
    result = compose_file(config)
    for hint in result.hints:
        click.echo(f"{hint.level} {hint.code}: {hint.coordinate}: {hint.message}", err=True)
    for error in result.errors:
        click.echo(f"ERROR {error}", err=True)
    if result.supergraph is None:
        sys.exit(1)
    click.echo(result.supergraph, nl=False)
