"""Draw changes at random, try each, and say which no test noticed."""

from __future__ import annotations

import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import click

from tests.mutation.changes import Change, changes_of
from tests.mutation.cover import PACKAGES, ROOT, Cover, cover
from tests.mutation.trying import Tried, copied, try_change

AREAS = {
    "authz": ("authz/",),
    "authorisation": (
        "gateway/access/", "gateway/rate_limits/", "gateway/execution/judge.py", "gateway/execution/desk.py",
        "gateway/execution/permitted.py", "gateway/execution/refusals.py", "gateway/operations/authorise.py",
        "gateway/planning/guards.py", "gateway/supergraph/subjects.py", "gateway/edge/person_limiter.py",
        "gateway/edge/withheld.py", "gateway/inside.py",
    ),
    "audit": ("gateway/audit/", "gateway/edge/recording.py", "gateway/edge/acts.py"),
    "kit and edge": ("resolvers/", "gateway/edge/", "gateway/app.py", "gateway/cli/", "gateway/config.py",
                     "gateway/console/", "gateway/registry/", "subgraphs/"),
    "engine": ("gateway/",),
}  # fmt: skip
"""Where a file belongs: to the first area that has a beginning of its path."""

ASKED = {"authz": 90, "authorisation": 90, "audit": 90, "kit and edge": 85, "engine": 85}
"""Per cent of an area's changes that are to be noticed."""

LEFT_OUT = ("subgraphs/population/", "gateway/cli/demo/")
"""Made for demonstrations: nobody's data passes by it."""


def area_of(path: str) -> str:
    return next(area for area, begins in AREAS.items() if path.startswith(begins))


def sources() -> list[str]:
    found = [p.relative_to(ROOT).as_posix() for each in PACKAGES for p in sorted((ROOT / each).rglob("*.py"))]
    return [path for path in found if not path.startswith(LEFT_OUT)]


def drawn(sample: int, seed: int, area: str | None, only: str) -> list[Change]:
    """Return changes of all areas alike, or of one."""
    by_area: dict[str, list[Change]] = {}
    for path in sources():
        if path.startswith(only):
            by_area.setdefault(area_of(path), []).extend(changes_of(ROOT, path))
    chosen = [area] if area else [each for each in AREAS if each in by_area]
    generator = random.Random(seed)  # noqa: S311 - the same changes for the same seed
    out: list[Change] = []
    for number, name in enumerate(chosen):
        share = sample // len(chosen) + (number < sample % len(chosen))
        out += generator.sample(by_area[name], min(share, len(by_area[name])))
    return out


def try_all(changes: list[Change], known: Cover, at_once: int) -> list[Tried]:
    with ExitStack() as stack:
        trees: SimpleQueue[Path] = SimpleQueue()
        for _ in range(at_once):
            trees.put(stack.enter_context(copied()))

        def one(change: Change) -> Tried:
            tree = trees.get()
            try:
                return try_change(tree, change, known)
            finally:
                trees.put(tree)

        found = []
        with ThreadPoolExecutor(at_once) as threads:
            for tried in threads.map(one, changes):
                found.append(tried)
                word = "noticed " if tried.noticed else "SURVIVED"
                click.echo(f"{len(found):4} {word} {area_of(tried.change.path)}: {tried.change} ({tried.tests} tests)")
        return found


@click.command()
@click.option("--sample", default=200, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True)
@click.option("--area", type=click.Choice(list(AREAS)), help="Only this one.")
@click.option("--only", default="", help="Only of files whose path begins with this.")
@click.option("--at-once", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--afresh/--as-known", default=True, help="Whether coverage is of this very state of the tree.")
def main(sample: int, seed: int, area: str | None, only: str, at_once: int, afresh: bool) -> None:
    """Exit status 1 where an area's share is below what is asked of it."""
    known = cover(afresh=afresh)
    found = try_all(drawn(sample, seed, area, only), known, at_once)
    total, noticed = Counter[str](), Counter[str]()
    for tried in found:
        name = area_of(tried.change.path)
        total[name] += 1
        noticed[name] += tried.noticed
    click.echo("\nnoticed by no test:")
    for tried in found:
        if not tried.noticed:
            click.echo(f"  {tried.change} ({tried.how}; {tried.tests} tests)")
    click.echo("")
    short = False
    for name in total:
        share = 100 * noticed[name] / total[name]
        short |= share < ASKED[name]
        click.echo(f"{name}: {noticed[name]} of {total[name]} noticed, {share:.0f} % (asked: {ASKED[name]} %)")
    sys.exit(short)


if __name__ == "__main__":
    main()
