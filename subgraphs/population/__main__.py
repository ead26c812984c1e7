"""`python -m subgraphs.population`: fill the example databases with a synthetic population."""

from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from subgraphs.population import fixed
from subgraphs.population.databases import UnsupportedDatabaseError, check
from subgraphs.population.seeding import DATABASES, TODAY, Order, seed

_FEWEST, _MOST = 10, 200_000


def _urls(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, URL]:
    urls: dict[str, URL] = {}
    for value in values:
        name, _, text = value.partition("=")
        if name not in DATABASES:
            raise click.BadParameter(f"expected NAME=URL with NAME one of {', '.join(DATABASES)}")
        try:
            urls[name] = make_url(text)
            check(urls[name])
        except ArgumentError as error:
            raise click.BadParameter(f"`{name}`: not a database URL") from error
        except UnsupportedDatabaseError as error:
            raise click.BadParameter(f"`{name}`: {error}") from error
    return urls


def _today(_context: click.Context, _parameter: click.Parameter, value: datetime) -> date:
    if value.date() < fixed.EARLIEST_TODAY:
        raise click.BadParameter(f"the fixed children need a day from {fixed.EARLIEST_TODAY} on")
    return value.date()


@click.command(name="population")
@click.option("--children", type=click.IntRange(_FEWEST, _MOST), default=2_000, show_default=True, help="How many.")
@click.option("--seed", "chance", type=int, default=1, show_default=True, help="The same seed gives the same children.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(".cps"), show_default=True)
@click.option("--url", "urls", multiple=True, callback=_urls, metavar="NAME=URL", help="Another place for a database.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=TODAY.isoformat(),
    callback=_today,
    show_default=True,
    help="The day up to which things have happened.",
)
@click.option("--fresh", is_flag=True, help="Make everything again, even if it is there.")
def main(children: int, chance: int, out: Path, urls: dict[str, URL], today: date, fresh: bool) -> None:
    """Fill the agencies' databases and the index with one consistent, wholly invented population."""
    order = Order(children, chance, today, out, urls)
    if order.is_made() and not fresh:
        click.echo("population: already made", err=True)
        return
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TextColumn("{task.completed:>9,} rows"))
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def report(database: str, done: int, total: int) -> None:
            if database not in tasks:
                tasks[database] = progress.add_task(database, total=total)
            progress.update(tasks[database], completed=done)

        seed(order, report)
    click.echo(f"population: {children:,} children in {out}", err=True)


if __name__ == "__main__":
    main()
