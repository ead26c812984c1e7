"""`cps demo`: the whole network on one machine, over synthetic children."""

from __future__ import annotations

import datetime as dt
import json
import signal
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.demo.compare import ask_all, problems, side_by_side
from gateway.cli.demo.network import Network, sign_in, sign_in_link, start
from gateway.cli.demo.people import PRACTITIONERS, QUERY, VARIABLES
from gateway.cli.demo.processes import Processes
from gateway.cli.seed import run_seed
from gateway.errors import ConfigError


@click.command()
@click.option("--check", is_flag=True, help="Run the queries, print the table, stop. Exit status 1 if one went wrong.")
@click.option("--children", default=2_000, show_default=True, type=click.IntRange(10, 200_000))
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path(".cps"), show_default=True)
def demo(check: bool, children: int, data: Path) -> None:
    """Seed if need be, start issuer, agencies and gateway, ask one query as five practitioners. Ctrl-C stops it all."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    for number in _STOPPING:
        signal.signal(number, _stop)
    wrong: list[str] = []
    try:
        if run_seed(children, 1, data, today=dt.datetime.now(dt.UTC).date()) != 0:
            raise ConfigError("the population could not be written")
        with Processes(data / "run", _STOPPING) as processes:
            network = start(processes, data)
            wrong = _show(console, network, data)
            if not check:
                _tokens(console, network)
                console.print("Running. Ctrl-C stops everything.", style="bold")
                _watch(processes, data)
    except _Stopped:
        pass
    if wrong:
        sys.exit(1)


class _Stopped(Exception):
    """The demonstration has been told to end; leaving its context ends its processes."""


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _stop(*_: object) -> None:
    raise _Stopped


def _show(console: Console, network: Network, data: Path) -> list[str]:
    """Print where things are, who there is, the query and its answers; what did not come out as promised."""
    console.print(_addresses(network, data))
    console.print(_people())
    console.print("The query to paste:", style="bold")
    console.print(QUERY, highlight=False, markup=False)
    console.print(f"Variables: {json.dumps(VARIABLES)}\n", highlight=False, markup=False)
    received = ask_all(network)
    console.print(side_by_side(received))
    wrong = problems(received)
    for problem in wrong:
        console.print(problem, style="bold red", markup=False)
    return wrong


def _watch(processes: Processes, data: Path) -> None:
    """Wait until told to stop; raises `ConfigError` where a process ends by itself."""
    while True:
        time.sleep(1.0)
        name = processes.failed()
        if name is not None:
            raise ConfigError(f"`{name}` has stopped: see {data / 'run' / f'{name}.log'}")


def _addresses(network: Network, data: Path) -> Table:
    table = Table(title="Where things are")
    table.add_column("what", style="bold", no_wrap=True)
    table.add_column("where", overflow="fold")
    table.add_row("GraphQL", f"{network.gateway}/graphql")
    table.add_row("console", f"{network.gateway}/console")
    table.add_row("sign in", sign_in_link(network))
    table.add_row("issuer", network.issuer)
    for name, url in network.subgraphs.items():
        table.add_row(f"subgraph {name}", f"{url}/graphql")
    table.add_row("audit log", str(data / "audit.sqlite"))
    table.add_row("process logs", str(data / "run"))
    return table


def _people() -> Table:
    table = Table(title="Who can sign in (development only: no password)")
    for column in ("subject", "name", "role", "agency", "purpose"):
        table.add_column(column)
    for person in PRACTITIONERS:
        table.add_row(person.subject, person.name, person.role, person.agency, person.purpose)
    return table


def _tokens(console: Console, network: Network) -> None:
    """A token for each, to paste; they are good for an hour, at this issuer, which dies with the demonstration."""
    console.print("\nReady tokens:", style="bold")
    for person in PRACTITIONERS:
        console.print(f"{person.subject} {person.purpose}: {sign_in(network, person)}", soft_wrap=True, highlight=False)
