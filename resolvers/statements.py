"""Declarations to SQL: only the columns that are asked for, for all the parents at once.

A statement is built once for a set of fields and kept; SQLAlchemy then keeps its text. Rows begin with the columns
that say whose they are, so that the caller needs no names: parents' key, own identity, fields, in that order.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    func,
    select,
    tuple_,
)
from sqlalchemy.sql.visitors import iterate

from resolvers.declare import (
    ChildrenField,
    ColumnField,
    Expression,
    GatheredField,
    Join,
    Mapping,
    RowsField,
    mapping_of,
)

KEYS: Final = "keys"
FIRST: Final = "first"
_KEPT: Final = 2_048


@lru_cache(maxsize=_KEPT)
def by_identity(mapping: Mapping, columns: tuple[ColumnField, ...]) -> Select[Any]:
    """Rows of a record's table by their identity: identity, columns."""
    expressions = [each.expression for each in columns]
    return (
        select(*_labelled(*mapping.identity, *expressions))
        .select_from(_source(mapping.table, mapping.joins, [*mapping.identity, *expressions, *mapping.where]))
        .where(_within(mapping.identity), *mapping.where)
    )


@lru_cache(maxsize=_KEPT)
def values_under(field: GatheredField | ChildrenField) -> Select[Any]:
    """One column of related rows: parent, value."""
    related = field.related
    used = [*related.by, field.expression, *related.where, *related.order]
    return (
        select(*_labelled(*related.by, field.expression))
        .select_from(_source(related.table, related.joins, used))
        .where(_within(related.by), *related.where)
        .order_by(*related.by, *related.order)
    )


@lru_cache(maxsize=_KEPT)
def rows_under(field: RowsField, columns: tuple[ColumnField, ...]) -> Select[Any]:
    """All related rows: parent, identity, columns."""
    mapping = mapping_of(field.item)
    order = mapping.key if mapping.order is None else _newest_first(mapping)
    return _related(field, columns, order).order_by(*field.by, *order)


@lru_cache(maxsize=_KEPT)
def page_under(field: RowsField, columns: tuple[ColumnField, ...], *, after: bool) -> Select[Any]:
    """A page of related rows for each parent: parent, identity, columns.

    Keyset paging: a page begins after a row's (order, identity), not after a count of rows, so that what is added
    meanwhile moves nothing, and a deep page costs what the first does. `row_number` bounds every parent's page in one
    statement.
    """
    mapping = mapping_of(field.item)
    order = _newest_first(mapping)
    place = func.row_number().over(partition_by=list(field.by), order_by=order)
    statement = _related(field, columns, order).add_columns(place.label("place"))
    if after:
        keyset = _keyset(mapping)
        statement = statement.where(tuple_(*keyset) < tuple_(*_cursor(keyset)))
    numbered = statement.subquery("numbered")
    given = [each for each in numbered.c if each.key != "place"]
    return (
        select(*given).where(numbered.c.place <= bindparam(FIRST)).order_by(*given[: len(field.by)], numbered.c.place)
    )


@lru_cache(maxsize=_KEPT)
def cursor_under(field: RowsField) -> Select[Any]:
    """The keyset of one item (parameters as `page_under` takes them), if it is under one of the parents."""
    mapping = mapping_of(field.item)
    keyset = _keyset(mapping)
    identity = keyset[1:]
    return (
        _related(field, (), keyset)
        .with_only_columns(*_labelled(*keyset))
        .where(*(column == bound for column, bound in zip(identity, _cursor(keyset)[1:], strict=True)))
    )


def cursor_parameters(values: Sequence[object], *, skip: int = 0) -> dict[str, object]:
    """The parameters that a keyset is bound to; `skip` leaves out the first ones."""
    return {f"after{place + skip}": value for place, value in enumerate(values)}


def _related(field: RowsField, columns: tuple[ColumnField, ...], order: Sequence[Expression]) -> Select[Any]:
    mapping = mapping_of(field.item)
    expressions = [each.expression for each in columns]
    where = [*mapping.where, *field.where]
    used = [*field.by, *mapping.identity, *expressions, *where, *order]
    return (
        select(*_labelled(*field.by, *mapping.identity, *expressions))
        .select_from(_source(mapping.table, mapping.joins, used))
        .where(_within(field.by), *where)
    )


def _keyset(mapping: Mapping) -> tuple[Expression, ...]:
    assert mapping.order is not None
    return (mapping.order.expression(), *mapping.identity)


def _newest_first(mapping: Mapping) -> tuple[Expression, ...]:
    return tuple(each.desc() for each in _keyset(mapping))


def _cursor(keyset: Sequence[Expression]) -> list[BindParameter[Any]]:
    return [bindparam(f"after{place}", type_=each.type) for place, each in enumerate(keyset)]


def _labelled(*expressions: Expression) -> list[Expression]:
    return [each.label(f"c{place}") for place, each in enumerate(expressions)]


def _within(columns: Sequence[Expression]) -> ColumnElement[bool]:
    keys: BindParameter[Any] = bindparam(KEYS, expanding=True)
    return columns[0].in_(keys) if len(columns) == 1 else tuple_(*columns).in_(keys)


def _source(table: FromClause, joins: Sequence[Join], used: Sequence[Expression]) -> FromClause:
    """The table, with the joins that decide which rows there are, or that an expression or a later join uses."""
    tables = {node.table for each in used for node in iterate(each) if hasattr(node, "table")}
    wanted: list[Join] = []
    for join in reversed(joins):
        if not join.outer or join.table in tables:
            wanted.append(join)
            tables |= {node.table for node in iterate(join.on) if hasattr(node, "table")}
    source = table
    for join in reversed(wanted):
        source = source.join(join.table, join.on, isouter=join.outer)
    return source
