"""`python -m tests.load`: the gateway measured, on loopback, bounded in count and time."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from gateway.audit.database import Where
from gateway.cli.demo.people import QUERY as PICTURE
from tests.load import crashes, large, logs, stalls, timing, waves
from tests.load.bench import CLASS, MODES, NAMES, Row, partnership_subject, run, standard_subject
from tests.load.servers import database, machine
from tests.load.signing import serve
from tests.load.soak import soak as soaked

SUBJECTS: Final = {"standard": None, "partnership": PICTURE, "class": CLASS, "names": NAMES}
"""What is asked: of the standard benchmark's schema, or of the partnership's by these queries."""

_FILE = click.Path(dir_okay=False, path_type=Path)


def _numbers(_: click.Context, __: click.Parameter, value: str) -> list[int]:
    try:
        return [int(part) for part in value.split(",")]
    except ValueError as error:
        raise click.BadParameter("numbers, with commas between") from error


def _modes(_: click.Context, __: click.Parameter, value: str) -> list[str]:
    chosen = value.split(",")
    if not set(chosen) <= set(MODES):
        raise click.BadParameter(f"of {', '.join(MODES)}")
    return chosen


@click.group()
def main() -> None:
    """The gateway under load."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what it started ends with it


@main.command("run")
@click.option("--subject", type=click.Choice(list(SUBJECTS)), default="standard", show_default=True)
@click.option("--modes", default="open,both", show_default=True, callback=_modes, help="open, access, audit, both.")
@click.option("--workers", default="1", show_default=True, callback=_numbers)
@click.option("--connections", default="1,50", show_default=True, callback=_numbers)
@click.option("--seconds", default=5.0, show_default=True, type=click.FloatRange(0.5, 120))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 20))
@click.option("--delay-ms", default=0.0, show_default=True, help="How long the stub waits before each answer.")
@click.option("--pin/--no-pin", default=True, show_default=True, help="Gateway on core 0, the rest on core 1.")
def run_(
    subject: str,
    modes: list[str],
    workers: list[int],
    connections: list[int],
    seconds: float,
    rounds: int,
    delay_ms: float,
    pin: bool,
) -> None:
    """Throughput, CPU and latency of the gateway by mode, workers and connections."""
    console = Console(width=120)
    cores: tuple[str | None, str | None] = ("0", "1") if pin and max(workers) == 1 else (None, None)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        query = SUBJECTS[subject]
        if query is None:
            served = stack.enter_context(standard_subject(folder, delay_ms, cores[1]))
        else:
            served = stack.enter_context(partnership_subject(folder, query, cores=cores[1]))
        for row in run(served, folder, modes, workers, connections, seconds, rounds, cores):
            rows.append(row)
            console.print(f"{row.mode}, {row.workers} workers, {row.connections} connections: {row.rps:.0f} a second")
    console.print(_table(rows))
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()))


def _table(rows: list[Row]) -> Table:
    columns = "mode,workers,connections,a second,CPU us,others,of ceiling,p50 ms,p99 ms,MB,failed"
    table = Table(*columns.split(","))
    for row in rows:
        table.add_row(
            row.mode,
            *map(str, (row.workers, row.connections)),
            f"{row.rps:.0f}",
            f"{row.cpu_us:.0f}",
            f"{row.others_us:.0f}",
            f"{row.rps / row.ceiling:.0%}",
            *(f"{value:.1f}" for value in (row.p50, row.p99, row.rss_mb)),
            str(row.failed),
        )
    return table


@main.command("stalls")
@click.option("--many", default=[1_000, 10_000], show_default=True, multiple=True, type=click.IntRange(1, 10_000_000))
def stalls_(many: tuple[int, ...]) -> None:
    """For how long one agency's answer, or one person's document, keeps the event loop from everybody else."""
    table = Table("attack", "of", "longest stall, ms", "in all, ms", "peak, MB", "answer, bytes")
    for each in many:
        for attack, found in stalls.measured(each):
            row = (
                f"{found.stall * 1e3:.1f}",
                f"{found.seconds * 1e3:.1f}",
                f"{found.peak_mb:.0f}",
                f"{found.answered:,}",
            )
            table.add_row(attack.name, f"{each:,}", *row)
    for attack, found in stalls.measured_documents():
        row = (f"{found.stall * 1e3:.1f}", f"{found.seconds * 1e3:.1f}", f"{found.peak_mb:.0f}", f"{found.answered:,}")
        table.add_row(attack.name, "-", *row)
    Console(width=140).print(table)


@main.command("timing")
@click.option("--pairs", default=2_000, show_default=True, type=click.IntRange(10, 10_000))
@click.option("--seed", default=1, show_default=True)
def timing_(pairs: int, seed: int) -> None:
    """Whether an answer's time tells whom a colleague asked about; ends with status 1 where it may.

    The interval of each area under the curve has to lie within 0.45 and 0.55.
    """
    tells = False
    with tempfile.TemporaryDirectory() as name:
        for found in timing.measure(Path(name), pairs, seed):
            tells = tells or found.tells
            click.echo(
                f"{found.name}: {found.auc:.3f} ({found.low:.3f} to {found.high:.3f}),"
                f" medians {found.warm * 1e3:.2f} and {found.cold * 1e3:.2f} ms"
            )
    if tells:
        raise SystemExit(1)


@main.command("waves")
@click.option("--modes", default="open,both", show_default=True, callback=_modes, help="open, access, audit, both.")
@click.option("--seconds", default=3.0, show_default=True, type=click.FloatRange(0.5, 120))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 20))
@click.option("--pin/--no-pin", default=True, show_default=True, help="Gateway on core 0, the rest on core 1.")
def waves_(modes: list[str], seconds: float, rounds: int, pin: bool) -> None:
    """What a request at one connection takes, and what of it the waves of its plan take at the stub."""
    with tempfile.TemporaryDirectory() as name:
        cores: tuple[str | None, str | None] = ("0", "1") if pin else (None, None)
        for found in waves.compare(Path(name), modes, seconds, rounds, cores):
            click.echo(
                f"{found.mode}: {found.gateway:.2f} ms, of which its {found.requests} requests in {found.waves} waves"
                f" {found.stub:.2f} ms: {found.more:.2f} ms more"
            )
    click.echo(", ".join(f"{name} {value}" for name, value in machine().items()))


@main.command()
@click.option("--requests", default=1_000_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--step", default=100_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--mode", type=click.Choice(MODES), default="both", show_default=True)
@click.option("--connections", default=50, show_default=True, type=click.IntRange(1, 500))
def soak(requests: int, step: int, mode: str, connections: int) -> None:
    """Memory over many requests; ends with status 1 where the last step's is over 5 % above the first's."""
    samples = []
    with tempfile.TemporaryDirectory() as name:
        for sample in soaked(Path(name), requests, step, mode, connections, ("0", "1")):
            samples.append(sample)
            click.echo(f"{sample.requests:>9} requests: {sample.rss_mb:.1f} MB, {sample.failed} failed")
    if samples[-1].failed or samples[-1].rss_mb > samples[0].rss_mb * 1.05:
        raise SystemExit(1)


@main.command("list")
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(1, 100))
@click.option("--gateway", "others", multiple=True, help="NAME=COMMAND of another over {supergraph} at {port}/graphql.")
@click.option("--pin/--no-pin", default=True, show_default=True, help="Gateways on core 0, the rest on core 1.")
def list_(rounds: int, others: tuple[str, ...], pin: bool) -> None:
    """A list of 50,000 entities from two subgraphs: how long it takes, and the most memory."""
    named = dict(each.split("=", 1) for each in others)
    with tempfile.TemporaryDirectory() as name:
        cores: tuple[str | None, str | None] = ("0", "1") if pin else (None, None)
        for taken in large.compare(Path(name), named, rounds, cores):
            click.echo(f"{taken.name}: {taken.ms:.0f} ms, at most {taken.peak_mb:.0f} MB, {taken.size:,} bytes")
    click.echo(", ".join(f"{name} {value}" for name, value in machine().items()))


@main.command("log")
@click.option("--entries", default=1_000_000, show_default=True, type=click.IntRange(1_000, 10_000_000))
@click.option("--seconds", default=8.0, show_default=True, type=click.FloatRange(0.5, 120))
@click.option("--postgresql", "server", help="A server, postgresql://USER@HOST: the same in a database made for it.")
def log_(entries: int, seconds: float, server: str | None) -> None:
    """The audit log alone: entries a second, time and memory to verify it, the first page of auditors' questions."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        signing = folder / "audit.signing"

        def fresh(what: str) -> Where:
            return stack.enter_context(database(server)) if server else folder / f"{what}.sqlite"

        for workers, hosts in ((1, 1), (2, 1), *(((2, 2),) if server else ())):
            rate = logs.appended(fresh(f"rate-{workers}"), signing, workers, hosts, seconds)
            click.echo(f"{workers} workers, {hosts} writers: {rate.each_second:,.0f} durable entries a second")
        where = fresh("audit")
        for count in logs.fill(where, signing, entries):
            if count % 200_000 == 0:
                click.echo(f"{count:,} entries")
        leaves, took, most = logs.verified(where, signing)
        click.echo(f"verified {leaves:,} leaves in {took:.1f} s, at most {most:.0f} MB")
        for question in logs.asked(where):
            click.echo(f"{question.ms:8.1f} ms  {question.name}: {'; '.join(question.plan)}")
    click.echo(", ".join(f"{name} {value}" for name, value in machine().items()))


@main.command("crash")
@click.option("--kills", default=200, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=1, show_default=True)
@click.option("--postgresql", "server", help="A server, postgresql://USER@HOST: the same in a database made for it.")
def crash_(kills: int, seed: int, server: str | None) -> None:
    """Kill the log's writer under load; ends with status 1 where an answer has no entry, or the tree is broken."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        where = stack.enter_context(database(server)) if server else Path(name) / "audit.sqlite"
        for found in crashes.crash(where, Path(name) / "audit.signing", kills, seed):
            click.echo(
                f"{found.kills:>4} kills: {found.acknowledged:,} answers, {found.missing} without an entry,"
                f" {found.twice} twice; {found.found.size:,} leaves, {found.found.heads} heads verify"
            )
            if found.missing or found.twice:
                raise SystemExit(1)


@main.command()
@click.option("--port", default=4399, show_default=True)
@click.option("--tokens", type=_FILE, required=True, help="File that the tokens are written to, one a line.")
@click.option("--count", default=1_000, show_default=True)
def issuer(port: int, tokens: Path, count: int) -> None:
    """Sign tokens and serve the key that they verify by."""
    serve(port, tokens, count)


main()
