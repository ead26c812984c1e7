"""Batches: all the children of a request in one statement a table, then all of their lists, level by level.

A load follows a plan: first the rows that the keys name, then for each gathered value and each list one statement
with the keys of all the parents. The number of statements depends on the selection only, never on how many children
there are. Each object is built once; its fields are then plain attribute reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, Select, SmallInteger

from resolvers.declare import AgencyField, ChildrenField, Expression, GatheredField, IdentifierField
from resolvers.declare import Mapping as Declared
from resolvers.errors import BadPage, ClientError
from resolvers.mapping import TEXT
from resolvers.plans import ListPlan, Page, Plan
from resolvers.request import Request
from resolvers.sources.sql import Reader
from resolvers.statements import (
    FIRST,
    KEYS,
    by_identity,
    cursor_parameters,
    cursor_under,
    page_under,
    rows_under,
    values_under,
)

Key = tuple[Any, ...]

MAX_KEYS: Final = 8_192
"""Keys in one statement: both engines take at most 32,767 parameters, and a key may have three columns."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A row's identity, the agency that keeps it, and the object that was made of it."""

    key: Key
    agency: str | None
    made: object


async def load(request: Request, plan: Plan, keys: Iterable[Key]) -> dict[Key, object]:
    """The objects that the keys name, with all that the plan asks for. A key that names no row is absent."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    width = len(plan.mapping.identity)
    columns = tuple(each for _, each in plan.columns)
    found: dict[Key, Loaded] = {}
    async with request.database.reader() as reader:
        for row in await _rows(reader, by_identity(plan.mapping, columns), wanted, request.parameters):
            key = plain(row[:width])
            agency = str(key[0]) if plan.mapping.tenant is not None else plan.mapping.agency
            found[key] = _build(plan, key, agency, row[width:])
        await _fill(request, reader, plan, list(found.values()))
    return {key: each.made for key, each in found.items()}


def identifier(mapping: Declared, agency: str | None, key: Key) -> str:
    """What the schema calls a row: `CODE:key`, or the key alone where no agency keeps it."""
    local = "-".join(str(part) for part in (key if mapping.tenant is None else key[1:]))
    return local if agency is None else f"{agency}:{local}"


def key_of(mapping: Declared, agency: str, local: str) -> Key | None:
    """The key of a row that the schema calls `agency:local`; None if no row of this mapping can be called that."""
    texts = local.split("-") if len(mapping.key) > 1 else [local]
    if len(texts) != len(mapping.key):
        return None
    if mapping.agency is not None and mapping.agency != agency:
        return None
    values: list[object] = [] if mapping.tenant is None else [agency]
    for column, text in zip(mapping.key, texts, strict=True):
        value = _key_value(column, text)
        if value is None:
            return None
        values.append(value)
    return tuple(values)


def _key_value(column: Expression, text: str) -> object | None:
    """A key as its column holds it; None if the column can't hold it, which an engine would answer with an error."""
    if not isinstance(column.type, Integer):
        return None if not text or "\0" in text else text
    bits = 16 if isinstance(column.type, SmallInteger) else 64 if isinstance(column.type, BigInteger) else 32
    if not text.isascii() or not text.isdigit() or len(text) > 19 or str(int(text)) != text:
        return None
    return int(text) if int(text) < 1 << (bits - 1) else None


def plain(values: Sequence[object]) -> Key:
    """A key as this kit compares it: CHAR(n) without the engine's padding."""
    return tuple(TEXT.read(value) if isinstance(value, str) else value for value in values)


def _build(plan: Plan, key: Key, agency: str | None, values: Sequence[object]) -> Loaded:
    mapping = plan.mapping
    made: object = object.__new__(mapping.origin)
    attributes = vars(made)
    for (name, field), value in zip(plan.columns, values, strict=True):
        attributes[name] = field.codec.decode(value, f"{mapping.name}.{name}")
    for name, constant in plan.constants:
        if isinstance(constant, IdentifierField):
            attributes[name] = identifier(mapping, agency, key)
        elif isinstance(constant, AgencyField):
            attributes[name] = agency
    return Loaded(key, agency, made)


async def _fill(request: Request, reader: Reader, plan: Plan, parents: list[Loaded]) -> None:
    """Load what is under the parents, and under that in turn."""
    if not parents:
        return
    for name, field in plan.gathered:
        await _gather(request, reader, plan, name, field, parents)
    for wanted in plan.lists:
        items = await _list(reader, wanted, parents)
        await _fill(request, reader, wanted.items, items)


async def _gather(
    request: Request, reader: Reader, plan: Plan, name: str, field: GatheredField | ChildrenField, parents: list[Loaded]
) -> None:
    width = len(field.related.by)
    values: dict[Key, list[object]] = {}
    for row in await _rows(reader, values_under(field), [parent.key for parent in parents]):
        values.setdefault(plain(row[:width]), []).append(row[width])
    for parent in parents:
        raw = values.get(parent.key, [])
        if isinstance(field, ChildrenField):
            vars(parent.made)[name] = [request.stub(f"{parent.agency}:{each}") for each in dict.fromkeys(plain(raw))]
        else:
            read = [field.codec.decode(each, f"{plan.mapping.name}.{name}") for each in raw]
            vars(parent.made)[name] = field.into([each for each in read if each is not None])


async def _list(reader: Reader, wanted: ListPlan, parents: list[Loaded]) -> list[Loaded]:
    """Load one list of every parent; give the items of all of them."""
    columns = tuple(each for _, each in wanted.items.columns)
    by_key = {parent.key: parent for parent in parents}
    parameters: dict[str, object] = {}
    if wanted.page is None:
        statement = rows_under(wanted.field, columns)
    else:
        parameters[FIRST] = wanted.page.first
        if wanted.page.after is not None:
            cursor = await _cursor(reader, wanted, wanted.page.after, parents)
            if cursor is None:
                _keep(wanted, parents, BadPage("`after` is not the id of an item in this list"))
                return []
            parameters.update(cursor)
        statement = page_under(wanted.field, columns, after=wanted.page.after is not None)
    width, own = len(wanted.field.by), len(wanted.items.mapping.identity)
    lists: dict[Key, list[object]] = {}
    items: list[Loaded] = []
    for row in await _rows(reader, statement, list(by_key), parameters):
        parent = by_key[plain(row[:width])]
        item = _build(wanted.items, plain(row[width : width + own]), parent.agency, row[width + own :])
        lists.setdefault(parent.key, []).append(item.made)
        items.append(item)
    for parent in parents:
        _keep(wanted, [parent], lists.get(parent.key, []))
    return items


def _keep(wanted: ListPlan, parents: list[Loaded], value: list[object] | ClientError) -> None:
    for parent in parents:
        if wanted.page is None:
            vars(parent.made)[wanted.name] = value
        else:
            pages: dict[Page, list[object] | ClientError] = vars(parent.made).setdefault(wanted.name, {})
            pages[wanted.page] = value


async def _cursor(reader: Reader, wanted: ListPlan, after: str, parents: list[Loaded]) -> dict[str, object] | None:
    """The parameters of the place after an item; None if no parent has it (whose else it may be is not told)."""
    agency, _, local = after.partition(":")
    key = key_of(wanted.items.mapping, agency, local)
    if key is None or agency not in {parent.agency for parent in parents}:
        return None
    parameters = cursor_parameters(key, skip=1)
    keys = [parent.key for parent in parents]
    found = await _rows(reader, cursor_under(wanted.field), keys, parameters)
    return cursor_parameters(found[0]) if found else None


async def _rows(
    reader: Reader, statement: Select[Any], keys: Sequence[Key], parameters: Mapping[str, object] | None = None
) -> list[Sequence[Any]]:
    """A statement for all keys. Only what exceeds the engines' limit of parameters takes a second one."""
    rows: list[Sequence[Any]] = []
    for start in range(0, len(keys), MAX_KEYS):
        batch = list(keys[start : start + MAX_KEYS])
        # the number of keys is rounded up to a power of two, so that the engine meets few texts and can keep their
        # plans
        batch += batch[-1:] * ((1 << (len(batch) - 1).bit_length()) - len(batch))
        values: list[object] = [key[0] for key in batch] if len(batch[0]) == 1 else list(batch)
        rows.extend(await reader.rows(statement, {**(parameters or {}), KEYS: values}))
    return rows
