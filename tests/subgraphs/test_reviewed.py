"""What each sector's subgraph reads of its database, as it was reviewed (`tests.reviewed`): files in `reviewed/`.

Of all children each field's values, and of a few the statements and the whole answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resolvers.entity import Representation
from tests.resolvers.served import child
from tests.reviewed import expect
from tests.subgraphs.conftest import SECTORS, Sector, Serve, pretty
from tests.subgraphs.test_sectors import HOLDERS

FOLDER = Path(__file__).parent / "reviewed"
MOST_LISTED = 40
"""Values of a field that are listed each; of more their number, the least and the greatest are."""

AT_ONCE = 50


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Give every scalar of an answer as JSON, with the fields that lead to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield f"{path}[]", f"{len(value)} items"
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, repr(value)


def profile(records: list[Any]) -> list[str]:
    """Return a line for each field: its values with their numbers."""
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for each in records:
        for path, value in leaves(each):
            values[path][value] += 1
    lines = []
    for path, counted in sorted(values.items()):
        told = [f"{value} {count}" for value, count in sorted(counted.items())]
        if len(told) > MOST_LISTED:
            told = [f"{len(told)} values of {counted.total()}", f"from {min(counted)}", f"to {max(counted)}"]
        lines.append(f"{path}: {', '.join(told)}")
    return lines


@pytest.mark.parametrize("sector", SECTORS, ids=lambda sector: sector.name)
async def test_what_is_read_of_a_database(
    sector: Sector, serve: Serve, representations: dict[str, list[Representation]]
) -> None:
    known = representations[sector.name]
    records: list[Any] = []
    async with serve(sector.name) as api:
        await api.entities(sector.everything(), *known[:3])
        statements = sorted(api.statements())
        for begin in range(0, len(known), AT_ONCE):
            for entity in await api.entities(sector.everything(), *known[begin : begin + AT_ONCE]):
                records += entity[sector.field]
        [fixed] = await api.entities(sector.everything(), child("a", HOLDERS[sector.name]))
    found = "\n".join([*statements, "", *profile(records), "", pretty(fixed)])
    expect(FOLDER / f"{sector.name}.txt", found)
