"""The command that every subgraph shares: `python -m subgraphs.police --database URL --port 4002`."""

import logging
from pathlib import Path
from typing import Final

import click
import uvicorn

from authz.http_protocol import BoundedProtocol
from authz.loopback import is_loopback
from resolvers.errors import SourceUnavailable
from resolvers.guard import Guard
from resolvers.receipts import Receipts
from resolvers.serve import application
from resolvers.sources.sql import Database
from resolvers.subgraph import Subgraph

MAX_CONNECTIONS: Final = 512
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than the gateway keeps an idle connection, so that it is the gateway that closes it."""


_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class KitProtocol(BoundedProtocol):
    """A connection to a subgraph: one that waits for longest makes room long before there are too many."""

    most = MAX_CONNECTIONS


def main(subgraph: Subgraph) -> None:
    """Serve the subgraph, or print its SDL, as the command line says."""
    command_of(subgraph)()


def command_of(subgraph: Subgraph) -> click.Command:
    """Return the subgraph's command, whose exit status is 2 if the options or the database can't be used."""

    @click.command(help=f"Serve the `{subgraph.name}` subgraph.")
    @click.option(
        "--database",
        default=f"sqlite+aiosqlite:///.cps/{subgraph.name}.sqlite",
        show_default=True,
        envvar="CPS_DATABASE",
        show_envvar=True,
        help="SQLAlchemy URL: sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME.",
    )
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
    @click.option(
        "--sql-log",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Append the text of each SQL statement, without its parameters, to this file.",
    )
    @click.option(
        "--receipts",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Keep a receipt of each request that is answered in this file (SQLite), for `cps audit reconcile`.",
    )
    @click.option("--keys", type=_FILE, help="The gateway's public keys (a JWK set): only its requests are answered.")
    @click.option(
        "--agency",
        default=subgraph.name.upper(),
        show_default=True,
        help="The agency's code, which the gateway's assertions are made for.",
    )
    @click.option("--gateway", default="cps", show_default=True, help="What the gateway's assertions call it.")
    @click.option("--insecure-no-guard", is_flag=True, help="Answer whoever reaches the subgraph. Loopback only.")
    @click.option("--print-sdl", is_flag=True, help="Print the SDL that composition reads, and stop.")
    def command(
        database: str,
        host: str,
        port: int,
        sql_log: Path | None,
        receipts: Path | None,
        keys: Path | None,
        agency: str,
        gateway: str,
        *,
        insecure_no_guard: bool,
        print_sdl: bool,
    ) -> None:
        if print_sdl:
            click.echo(subgraph.schema.sdl, nl=False)
            return
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        if (keys is None) is not insecure_no_guard:
            raise click.UsageError("give --keys FILE: whose requests are answered? (--insecure-no-guard: anyone's)")
        if insecure_no_guard and not is_loopback(host):
            raise click.UsageError(f"--insecure-no-guard serves on loopback only, not on `{host}`")
        try:
            guard = Guard.of_file(keys, gateway, agency) if keys else None
            kept = Receipts(receipts) if receipts else None
            source = Database(database, sql_log)
        except SourceUnavailable as error:
            raise click.UsageError(str(error)) from error
        uvicorn.run(
            application(subgraph, source, guard, kept),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            http=KitProtocol,
            ws="none",
            limit_concurrency=2 * MAX_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )

    return command
