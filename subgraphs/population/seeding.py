"""From a number of children and a seed to six full databases, once."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import URL

from subgraphs.population import databases
from subgraphs.population.views import acute, community, education, index, police, social_care
from subgraphs.population.views.sheet import Identity, Sheet
from subgraphs.population.world import World, make_world

# To be raised with any change in what is written, so that older databases are made anew.
VERSION = 5
DATABASES = ("social_care", "police", "acute", "community", "education", "index")
TODAY = date(2026, 3, 31)
MARKER = "population.json"
AGENCIES = "agencies.json"
AGENCY_NAMES = "agency-names.json"
"""The codes of the agencies whose records each database holds."""

_AGENCIES = (
    ("social_care", social_care.write, social_care.identities),
    ("police", police.write, police.identities),
    ("acute", acute.write, acute.identities),
    ("community", community.write, community.identities),
    ("education", education.write, education.identities),
)

Report = Callable[[str, int, int], None]
"""Is told of each step: the database, rows written, rows in all."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to make, and where: `urls` by database; a database that it leaves out is a SQLite file in `folder`."""

    children: int
    seed: int
    today: date
    folder: Path
    urls: dict[str, URL]

    def url(self, database: str) -> URL:
        return self.urls.get(database) or URL.create("sqlite", database=str(self.folder / f"{database}.sqlite"))

    def marker(self) -> str:
        """What a finished population says of itself; without passwords."""
        made = {
            "children": self.children,
            "seed": self.seed,
            "today": self.today.isoformat(),
            "version": VERSION,
            "databases": {name: url.render_as_string() for name, url in sorted(self.urls.items())},
        }
        return json.dumps(made, indent=2) + "\n"

    def is_made(self) -> bool:
        marker = self.folder / MARKER
        files = [Path(url.database or "") for url in map(self.url, DATABASES) if url.get_backend_name() == "sqlite"]
        return marker.is_file() and marker.read_text() == self.marker() and all(file.is_file() for file in files)


def sheets(world: World) -> Iterator[tuple[str, Sheet]]:
    """Each agency's database and, last, the index that is made from them; one at a time, for they are large."""
    identities: list[Identity] = []
    for name, write, identify in _AGENCIES:
        sheet = write(world)
        identities.extend(identify(sheet))
        yield name, sheet
    yield "index", index.write(world, identities)


def seed(order: Order, report: Report) -> None:
    """Make the population and write it.

    The marker goes first and comes back last: where it is, all six are whole and agree.
    """
    for name in DATABASES:
        databases.check(order.url(name))
    order.folder.mkdir(parents=True, exist_ok=True)
    marker = order.folder / MARKER
    # A crash from here on leaves no marker, so that the next run makes everything again.
    marker.unlink(missing_ok=True)
    world = make_world(order.children, order.seed, order.today)
    (order.folder / AGENCIES).write_text(json.dumps(index.codes(world), indent=1) + "\n")
    (order.folder / AGENCY_NAMES).write_text(json.dumps(index.names(world), indent=1) + "\n")
    for name, sheet in sheets(world):
        databases.write(order.url(name), sheet, _Progress(report, name, len(sheet)))
    unfinished = marker.with_suffix(".unfinished")
    unfinished.write_text(order.marker())
    unfinished.replace(marker)


class _Progress:
    """Adds up the rows of one database."""

    def __init__(self, report: Report, database: str, total: int) -> None:
        self._report, self._database, self._done, self._total = report, database, 0, total

    def __call__(self, rows: int) -> None:
        self._done += rows
        self._report(self._database, self._done, self._total)
