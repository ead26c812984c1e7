"""`cps seed`: the synthetic population, written into the example agencies' databases."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import click


@click.command()
@click.option("--children", default=2_000, show_default=True, type=click.IntRange(10, 200_000))
@click.option("--seed", default=1, show_default=True, type=int, help="The same seed gives the same population.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path(".cps"), show_default=True)
@click.option("--fresh", is_flag=True, help="Write again what is there already.")
def seed(children: int, seed: int, data: Path, fresh: bool) -> None:
    """Write one consistent synthetic population into every example agency's database."""
    sys.exit(run_seed(children, seed, data, fresh))


def run_seed(children: int, seed: int, data: Path, fresh: bool = False, today: dt.date | None = None) -> int:
    """Run the population's own program; its exit status. `today` is the day up to which things have happened."""
    command = [sys.executable, "-m", "subgraphs.population", "--children", str(children), "--seed", str(seed)]
    command += ["--out", str(data), *(["--fresh"] if fresh else [])]
    command += ["--today", today.isoformat()] if today is not None else []
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own module, our own arguments
