"""The declaration of a subgraph: which GraphQL type is which table, and which field is which column.

    @item(table=t.PPN, key=t.PPN.c.PPN_NO, newest=newest(t.PPN.c.RAISED, COMPACT_DATE))
    class PoliceNotice:
        id: strawberry.ID | None = identifier(policy="police.summary")
        grade: Grade | None = column(t.PPN.c.GRADE_CD, codes({"S": Grade.STANDARD}), policy="police.detail")
        narrative: str | None = gathered(t.LINES.c.LINE, TEXT, by=t.LINES.c.PPN_NO, into=lines, policy="police.detail")

    @record(table=t.PERS, key=t.PERS.c.PERS_NO, agency="13")
    class PoliceRecord:
        id: strawberry.ID = identifier()
        notices: list[PoliceNotice] | None = paged(PoliceNotice, by=t.PPN.c.PERS_NO, policy="police.summary")

Nothing here reads a database or knows strawberry's schema: `types` makes the GraphQL types, `statements` the SQL,
`loaders` the values. A declarator's result has the type of the field's value, so that mypy compares the codec with
the annotation.
"""

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, overload

import strawberry
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.sql.selectable import NamedFromClause
from strawberry.utils.str_converters import to_camel_case

from resolvers.access import policies
from resolvers.errors import DeclarationError
from resolvers.mapping import TEXT, Codec

T = TypeVar("T")
U = TypeVar("U")
Class = TypeVar("Class", bound=type)

Expression = ColumnElement[Any]
Columns = Expression | tuple[Expression, ...]

_ATTRIBUTE = "__mapping__"


class Child:
    """In an annotation: another child, known to this agency only by reference (`CODE:recordId`)."""


@dataclass(frozen=True, slots=True)
class Join:
    """A table that a column of another table leads to."""

    table: NamedFromClause
    on: ColumnElement[bool]
    outer: bool


def lookup(table: NamedFromClause, on: ColumnElement[bool]) -> Join:
    """A table that says more of a row (a worker, a code's meaning), at most one row of it; a row without one stays."""
    return Join(table, on, outer=True)


def through(table: NamedFromClause, on: ColumnElement[bool]) -> Join:
    """A table between a row and its parent (a step's episode); a row without one goes."""
    return Join(table, on, outer=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is ordered by, newest first: an expression, and the codec that knows how it sorts."""

    by: Expression
    codec: Codec[Any]

    def expression(self) -> Expression:
        return self.codec.sortable(self.by)


def newest(by: Expression, codec: Codec[Any]) -> Order:
    return Order(by, codec)


@dataclass(frozen=True, slots=True, eq=False)
class Related:
    """Rows that belong to a parent: `by` holds the parent's key, in this table or in one of its joins."""

    table: FromClause
    by: tuple[Expression, ...]
    joins: tuple[Join, ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()
    order: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Field:
    """What every declared field has: the policy that it is under, and its description in the schema."""

    policy: str | None = None
    description: str | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        policies(self.policy)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IdentifierField(Field):
    """`CODE:key`, where CODE is the agency that keeps the row."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AgencyField(Field):
    """The code of the agency that keeps the row."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ColumnField(Field):
    """One SQL expression of the row."""

    expression: Expression
    codec: Codec[Any]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GatheredField(Field):
    """One column of related rows, made into one value."""

    expression: Expression
    codec: Codec[Any]
    related: Related
    into: Callable[[list[Any]], object]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ChildrenField(Field):
    """Local record ids of other children, in related rows."""

    expression: Expression
    related: Related


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RowsField(Field):
    """Related rows as a list of a declared type. `paged`: with `first` and `after`, newest first."""

    item: type
    by: tuple[Expression, ...]
    where: tuple[ColumnElement[bool], ...]
    paged: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DerivedField(Field):
    """A value that a function makes of other fields, named in `needs`. `inaccessible`: for the gateway only."""

    needs: tuple[str, ...]
    resolver: Callable[..., object]
    inaccessible: bool


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """A GraphQL type and the table that its objects are rows of."""

    origin: type[object]
    name: str
    table: FromClause
    key: tuple[Expression, ...]
    tenant: Expression | None
    agency: str | None
    joins: tuple[Join, ...]
    where: tuple[ColumnElement[bool], ...]
    order: Order | None
    entity: bool
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[Expression, ...]:
        """What tells a row from every other: the tenant's code, if the table has tenants, then the key."""
        return self.key if self.tenant is None else (self.tenant, *self.key)


def graphql_name(name: str) -> str:
    """What the schema calls a declared attribute: `lead_worker` -> `leadWorker`, `from_` -> `from`."""
    return to_camel_case(name.rstrip("_"))


def _columns(given: Columns) -> tuple[Expression, ...]:
    return given if isinstance(given, tuple) else (given,)


def _conditions(given: ColumnElement[bool] | None) -> tuple[ColumnElement[bool], ...]:
    return () if given is None else (given,)


def _table_of(expression: Expression) -> FromClause:
    table: FromClause | None = getattr(expression, "table", None)
    if table is None:
        raise DeclarationError("an expression that is not a column needs `table`: say which table the rows are of")
    return table


def mapping_of(declared: type) -> Mapping:
    """The mapping of a class declared with `@record` or `@item`; DeclarationError if it is neither."""
    found = declared.__dict__.get(_ATTRIBUTE)
    if not isinstance(found, Mapping):
        raise DeclarationError(f"`{declared.__name__}` is not declared: it needs `@record` or `@item`")
    return found


def identifier(*, policy: str | None = None, description: str | None = None) -> strawberry.ID:
    return cast("strawberry.ID", IdentifierField(policy=policy, description=description))


def agency_code(*, policy: str) -> str | None:
    return cast("str | None", AgencyField(policy=policy, description="The code of the agency that holds the record."))


@overload
def column(expression: Expression, *, policy: str, description: str | None = None) -> str | None: ...
@overload
def column(expression: Expression, codec: Codec[T], *, policy: str, description: str | None = None) -> T | None: ...
def column(expression: Expression, codec: Codec[Any] = TEXT, *, policy: str, description: str | None = None) -> object:
    """A column, or any SQL expression of the row and its joins; selected only when the field is."""
    return ColumnField(expression=expression, codec=codec, policy=policy, description=description)


@overload
def hidden(expression: Expression) -> str | None: ...
@overload
def hidden(expression: Expression, codec: Codec[T]) -> T | None: ...
def hidden(expression: Expression, codec: Codec[Any] = TEXT) -> object:
    """A column that only derived fields read; not in the schema."""
    return ColumnField(expression=expression, codec=codec, hidden=True)


def gathered(
    expression: Expression,
    codec: Codec[T],
    *,
    into: Callable[[list[T]], U],
    by: Columns,
    policy: str,
    table: FromClause | None = None,
    joins: Sequence[Join] = (),
    where: ColumnElement[bool] | None = None,
    order: Columns = (),
    description: str | None = None,
) -> U:
    """A value made of one column of related rows: lines into a text, codes into a list. Nulls are left out."""
    related = Related(
        table if table is not None else _table_of(expression),
        _columns(by),
        tuple(joins),
        _conditions(where),
        _columns(order),
    )
    made = GatheredField(
        expression=expression,
        codec=codec,
        related=related,
        into=into,
        policy=policy,
        description=description,
    )
    return cast("U", made)


def children(
    expression: Expression,
    *,
    by: Columns,
    policy: str,
    joins: Sequence[Join] = (),
    where: ColumnElement[bool] | None = None,
    description: str | None = None,
) -> list[Child] | None:
    """Other children, of whom this agency gives its own record's id and nothing else: the index knows who they are."""
    related = Related(_table_of(expression), _columns(by), tuple(joins), _conditions(where), (expression,))
    made = ChildrenField(expression=expression, related=related, policy=policy, description=description)
    return cast("list[Child] | None", made)


def listed(
    item: type[T],
    *,
    by: Columns,
    policy: str,
    where: ColumnElement[bool] | None = None,
    description: str | None = None,
) -> list[T] | None:
    """All related rows, newest first if the item has an order. For what one child has few of."""
    made = RowsField(
        item=item, by=_columns(by), where=_conditions(where), paged=False, policy=policy, description=description
    )
    return cast("list[T] | None", made)


def hidden_list(item: type[T], *, by: Columns) -> list[T]:
    """All related rows with all of their columns, which only derived fields read; neither is in the schema."""
    made = RowsField(item=item, by=_columns(by), where=(), paged=False, hidden=True)
    return cast("list[T]", made)


def paged(
    item: type[T],
    *,
    by: Columns,
    policy: str,
    where: ColumnElement[bool] | None = None,
    description: str | None = None,
) -> list[T] | None:
    """Related rows, newest first, a page at a time: `first` items after the one whose id is `after`."""
    mapping = mapping_of(item)
    if mapping.order is None or not any(isinstance(each, IdentifierField) for each in mapping.fields.values()):
        raise DeclarationError(f"`{mapping.name}` can't be paged: it needs `newest` and an `identifier` field")
    made = RowsField(
        item=item, by=_columns(by), where=_conditions(where), paged=True, policy=policy, description=description
    )
    return cast("list[T] | None", made)


def derived(
    *, needs: Sequence[str], policy: str | None = None, inaccessible: bool = False, description: str | None = None
) -> Callable[[Callable[..., T]], T]:
    """A method that makes the field's value of the fields in `needs`, which are loaded for it."""

    def declare(resolver: Callable[..., T]) -> T:
        made = DerivedField(
            needs=tuple(needs), resolver=resolver, inaccessible=inaccessible, policy=policy, description=description
        )
        return cast("T", made)

    return declare


def record(
    *,
    table: FromClause,
    key: Columns,
    agency: str | None = None,
    tenant: Expression | None = None,
    joins: Sequence[Join] = (),
    where: ColumnElement[bool] | None = None,
    name: str | None = None,
) -> Callable[[Class], Class]:
    """An entity: what one agency holds of one child. `agency` keeps all rows, or the code in `tenant` keeps each."""
    if agency is not None and tenant is not None:
        raise DeclarationError("a record has an `agency` or a `tenant` column, not both")
    return _declare(table, key, agency, tenant, joins, where, None, name, entity=True)


def item(
    *,
    table: FromClause,
    key: Columns,
    tenant: Expression | None = None,
    joins: Sequence[Join] = (),
    where: ColumnElement[bool] | None = None,
    newest: Order | None = None,
    name: str | None = None,
) -> Callable[[Class], Class]:
    """A type whose objects are found under a record: an episode, a notice, an address. Its agency is the record's."""
    return _declare(table, key, None, tenant, joins, where, newest, name, entity=False)


def _declare(
    table: FromClause,
    key: Columns,
    agency: str | None,
    tenant: Expression | None,
    joins: Sequence[Join],
    where: ColumnElement[bool] | None,
    order: Order | None,
    name: str | None,
    *,
    entity: bool,
) -> Callable[[Class], Class]:
    def declare(origin: Class) -> Class:
        fields = {each: value for each, value in vars(origin).items() if isinstance(value, Field)}
        for each in fields:
            if not isinstance(fields[each], DerivedField) and each not in typing.get_type_hints(origin):
                raise DeclarationError(f"`{origin.__name__}.{each}` needs an annotation")
        for each, value in fields.items():
            for need in value.needs if isinstance(value, DerivedField) else ():
                if not isinstance(fields.get(need), (ColumnField, GatheredField, RowsField)):
                    raise DeclarationError(
                        f"`{origin.__name__}.{each}` needs `{need}`, which is not a declared column or list"
                    )
        mapping = Mapping(
            origin=origin,
            name=name or origin.__name__,
            table=table,
            key=_columns(key),
            tenant=tenant,
            agency=agency,
            joins=tuple(joins),
            where=_conditions(where),
            order=order,
            entity=entity,
            fields=fields,
        )
        setattr(origin, _ATTRIBUTE, mapping)
        return origin

    return declare
