"""What to load: the columns, the gathered values and the lists that one operation asks of a declared type."""

from dataclasses import dataclass
from typing import Final

from graphql import FieldNode

from resolvers.declare import (
    ChildrenField,
    ColumnField,
    DerivedField,
    Field,
    GatheredField,
    Mapping,
    RowsField,
    graphql_name,
    mapping_of,
)
from resolvers.errors import BadPage
from resolvers.selection import Selection

DEFAULT_FIRST: Final = 50
MAX_FIRST: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """`first` items, after the item whose id is `after`."""

    first: int
    after: str | None

    @classmethod
    def of(cls, first: object, after: object) -> "Page":
        """The page that a field's arguments ask for; BadPage if `first` is not 1 to 200."""
        size = DEFAULT_FIRST if first is None else int(str(first))
        if not 1 <= size <= MAX_FIRST:
            raise BadPage(f"`first` must be from 1 to {MAX_FIRST}")
        return cls(size, None if after is None else str(after))


@dataclass(frozen=True, slots=True)
class ListPlan:
    """One list to load under each parent; `page` is None for a list that is given whole."""

    name: str
    field: RowsField
    page: Page | None
    items: "Plan"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to load of one declared type. Names are the attributes that the values are kept under."""

    mapping: Mapping
    columns: tuple[tuple[str, ColumnField], ...]
    constants: tuple[tuple[str, Field], ...]
    gathered: tuple[tuple[str, GatheredField | ChildrenField], ...]
    lists: tuple[ListPlan, ...]


def plan(mapping: Mapping, selection: Selection) -> Plan:
    """Read the selection once; what it does not name is not loaded."""
    asked = selection.fields(mapping.name)
    fields: dict[str, Field] = {}
    lists: list[ListPlan] = []
    for name, declared in mapping.fields.items():
        nodes = asked.get(graphql_name(name), ()) if not declared.hidden else ()
        if not nodes:
            continue
        if isinstance(declared, RowsField):
            lists.extend(_lists(name, declared, selection, nodes))
        elif isinstance(declared, DerivedField):
            for need in declared.needs:
                needed = mapping.fields[need]
                if not isinstance(needed, RowsField):
                    fields[need] = needed
                elif all(each.name != need for each in lists):
                    lists.append(ListPlan(need, needed, None, _everything(mapping_of(needed.item))))
        else:
            fields[name] = declared
    return _planned(mapping, fields, lists)


def _everything(mapping: Mapping) -> "Plan":
    """All columns of an item that only derived fields read."""
    return _planned(mapping, mapping.fields, [])


def _planned(mapping: Mapping, fields: dict[str, Field], lists: list[ListPlan]) -> Plan:
    return Plan(
        mapping=mapping,
        columns=tuple((name, each) for name, each in fields.items() if isinstance(each, ColumnField)),
        constants=tuple(
            (name, each)
            for name, each in fields.items()
            if not isinstance(each, (ColumnField, GatheredField, ChildrenField))
        ),
        gathered=tuple(
            (name, each) for name, each in fields.items() if isinstance(each, (GatheredField, ChildrenField))
        ),
        lists=tuple(lists),
    )


def _lists(name: str, declared: RowsField, selection: Selection, nodes: tuple[FieldNode, ...]) -> list[ListPlan]:
    """One list for each page that is asked for: aliases of the same page are loaded once, with all of their fields."""
    pages: dict[Page | None, list[FieldNode]] = {}
    for node in nodes:
        try:
            page = _page(selection, node) if declared.paged else None
        except BadPage:
            continue  # the field's own resolver says so, at the field's path
        pages.setdefault(page, []).append(node)
    item = mapping_of(declared.item)
    return [ListPlan(name, declared, page, plan(item, selection.narrowed(of_page))) for page, of_page in pages.items()]


def _page(selection: Selection, node: FieldNode) -> Page:
    given = selection.arguments(node)
    return Page.of(given.get("first"), given.get("after"))
