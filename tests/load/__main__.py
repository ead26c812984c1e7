"""Commands of the load bench."""

from __future__ import annotations

from pathlib import Path

import click

from tests.load.signing import serve

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """The gateway under load, on loopback."""


@main.command()
@click.option("--port", default=4399, show_default=True)
@click.option("--tokens", type=_FILE, required=True, help="File that the tokens are written to, one a line.")
@click.option("--count", default=1_000, show_default=True)
def issuer(port: int, tokens: Path, count: int) -> None:
    """Sign tokens and serve the key that they verify by."""
    serve(port, tokens, count)


main()
