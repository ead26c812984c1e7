"""Exact look-up: an identifier, or a name with a date of birth, to the ids of children.

Every statement leaves out the shielded, as `types` does, for everyone but the shield's steward: a shielded child and
one that doesn't exist take the same path, the same statements and the same answer. What a search did not find is looked
for among the shielded when the answer has left, and where it is there the steward is told.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from resolvers.declare import mapping_of
from resolvers.loaders import load
from resolvers.mapping import TEXT
from resolvers.plans import plan
from resolvers.request import Request
from resolvers.selection import Selection
from subgraphs.index import shield
from subgraphs.index import tables as t
from subgraphs.index.types import SECTOR, Agency, Child, member

MAX_FOUND: Final = 50

_child = t.child.c
_known = select(_child.id)


async def children(request: Request, ids: Sequence[str], selection: Selection) -> dict[str, object]:
    """The children with these ids, with what is asked of them."""
    shield.admit(request)
    found = {
        str(key[0]): child
        for key, child in (await load(request, plan(mapping_of(Child), selection), [(each,) for each in ids])).items()
    }
    missing = [each for each in ids if each not in found]
    if missing:
        shield.probed(request, _known.where(_child.id.in_(missing)))
    return found


async def with_nhs_number(request: Request, number: str) -> list[str]:
    return await _ids(request, _known.where(_child.nhs == number.replace(" ", "")))


async def with_upn(request: Request, upn: str) -> list[str]:
    return await _ids(request, _known.where(_child.upn == upn.strip().upper()))


async def with_name(request: Request, surname: str, forename: str | None, born: dt.date) -> list[str]:
    """Whole names, without regard to case. At most MAX_FOUND: more than that is not an exact look-up."""
    statement = _known.where(_child.dob == born, _same(_child.surname, surname))
    if forename is not None:
        statement = statement.where(_same(_child.forename, forename))
    return await _ids(request, statement.order_by(_child.id).limit(MAX_FOUND))


async def referred_to(request: Request, refs: Sequence[str]) -> dict[str, str]:
    """The ids of children by references (`CODE:recordId`); one that leads nowhere is absent."""
    given = dict.fromkeys((agency, record) for agency, colon, record in (ref.partition(":") for ref in refs) if colon)
    if not given:
        return {}
    shield.admit(request)
    held = tuple_(t.holding.c.agency, t.holding.c.record_id)
    joined = t.holding.join(t.child, t.child.c.id == t.holding.c.child_id)
    statement = (
        select(t.holding.c.agency, t.holding.c.record_id, t.holding.c.child_id)
        .select_from(joined)
        .where(t.visible, held.in_(list(given)))
    )
    async with request.database.reader() as reader:
        rows = await reader.rows(statement, request.parameters)
    found = {f"{row[0]}:{row[1]}": TEXT.read(row[2]) for row in rows}
    missing = [pair for pair in given if ":".join(pair) not in found]
    if missing:
        shield.probed(request, _known.select_from(joined).where(held.in_(missing)))
    return found


async def agencies(request: Request) -> list[Agency]:
    """All members, by sector and name."""
    columns = t.agency.c
    async with request.database.reader() as reader:
        rows = await reader.rows(
            select(columns.code, columns.name, columns.sector).order_by(columns.sector, columns.name, columns.code), {}
        )
    members = [member(row[0], row[1], SECTOR.decode(row[2], "Agency.sector")) for row in rows]
    return [each for each in members if each is not None]


async def _ids(request: Request, statement: Select[Any]) -> list[str]:
    shield.admit(request)
    async with request.database.reader() as reader:
        rows = await reader.rows(statement.where(t.visible), request.parameters)
    shield.probed(request, statement)
    return [TEXT.read(child) for (child,) in rows]


def _same(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Without regard to case. SQLite's `lower` knows ASCII only, PostgreSQL's all letters: either form may match."""
    given = name.strip()
    ascii_only = "".join(letter.lower() if letter.isascii() else letter for letter in given)
    return func.lower(column).in_(list(dict.fromkeys([given.lower(), ascii_only])))
