"""Which steps are decided by a subject, and where subjects are crossed into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.operations.subjects import about_key, fact_key
from gateway.planning.plan import Crossing, Demand, Guard, Segment
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.subjects import DECIDING, SENSITIVE_HOLDERS
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.planning.fetches import Draft
    from gateway.planning.plan import Path
    from gateway.supergraph import Supergraph

HOLDERS = frozenset(("holders", SENSITIVE_HOLDERS))
"""The fields of a subject that say which agencies hold a record: what a sector's subgraph requires."""


def demand(type_name: str, name: str, supergraph: Supergraph) -> tuple[Demand, ...]:
    """What a field asks of the policies: its own demand, and that of each object type behind an interface."""
    if name == TYPENAME:
        return ()
    behind = [t for t in sorted(supergraph.object_types(type_name)) if t != type_name]
    types = [type_name, *(t for t in behind if name in supergraph.types[t].fields)]
    found = (supergraph.access(each, name).policies for each in types)
    return tuple(dict.fromkeys(rows for rows in found if rows))


def demands(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> tuple[Demand, ...]:
    """All that a selection set asks of the policies, each demand once."""
    return tuple(dict.fromkeys(_demands(selections, type_name, supergraph)))


def _demands(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> Iterator[Demand]:
    for selection in selections:
        if not isinstance(selection, Field):
            yield from _demands(selection.selections, selection.type_name, supergraph)
        elif selection.name != TYPENAME:
            yield from demand(type_name, selection.name, supergraph)
            if selection.selections:
                value = named_type(supergraph.types[type_name].fields[selection.name].type)
                yield from _demands(selection.selections, value, supergraph)


def set_guards(
    drafts: list[Draft],
    subjects: Mapping[tuple[str, ...], None],
    crossed: tuple[Crossing, ...],
    supergraph: Supergraph,
) -> None:
    """Give each draft the guard of its position, and let it wait for the facts by which it is decided."""
    for draft in drafts:
        if draft.entity is None:
            continue
        up = _nearest(draft.path, subjects, supergraph)
        below = up is not None and up < len(draft.path)
        asks = draft.guarded or below or bool(demands(draft.selections.freeze(), draft.entity, supergraph))
        if not asks:
            continue
        about = () if draft.entity in supergraph.subjects.types else supergraph.subjects.about(draft.entity)
        keys = tuple(map(about_key, about))
        if keys and draft.guarded:
            draft.guard = Guard(len(draft.path), keys)
        elif up is not None:
            draft.guard = Guard(up, (), _entering(draft.path[:up], crossed))
            held = (item.key for item in draft.required if item.name in HOLDERS)
            draft.held = next(held, None) if up == len(draft.path) else None
    for draft in drafts:
        if draft.guard is not None:
            wanted = _facts(draft, draft.guard)
            bringing = [d.number for d in drafts if d is not draft and any(map(d.brings, wanted))]
            draft.after.update(dict.fromkeys(bringing))


def _entering(path: Path, crossed: tuple[Crossing, ...]) -> Demand:
    """What entering at a position asks: all that is asked where its objects could have come by."""
    return _joined(tuple(each.demand for each in crossed if each.demand and _could_be_one(each.path, path)))


def _could_be_one(left: Path, right: Path) -> bool:
    return len(left) == len(right) and all(
        a.key == b.key and (a.types is None or b.types is None or bool(a.types & b.types))
        for a, b in zip(left, right, strict=True)
    )


def _facts(draft: Draft, guard: Guard) -> list[tuple[str, ...]]:
    """Where the facts stand that a draft waits for."""
    facts = [fact_key(name) for name in DECIDING]
    if guard.about:
        return [(*draft.position, key, fact) for key in guard.about for fact in facts]
    return [(*draft.position[: guard.up], fact) for fact in facts]


def _nearest(path: Path, subjects: Mapping[tuple[str, ...], None], supergraph: Supergraph) -> int | None:
    """How many segments lead to the nearest subject at or above a path's end."""
    for length in range(len(path), 0, -1):
        types = path[length - 1].types
        could_be = types is None or bool(types & supergraph.subjects.types)
        if could_be and tuple(segment.key for segment in path[:length]) in subjects:
            return length
    return None


def crossings(selections: SelectionSet, root_type: str, supergraph: Supergraph) -> tuple[Crossing, ...]:
    """Every position of subjects that an operation reaches, each once."""
    return tuple(dict.fromkeys(_crossings(selections, root_type, (), supergraph, above=False)))


def _crossings(
    selections: SelectionSet, type_name: str, path: Path, supergraph: Supergraph, *, above: bool
) -> Iterator[Crossing]:
    subjects = supergraph.subjects.types
    for selection in selections:
        if not isinstance(selection, Field):
            narrowed = _narrowed(path, supergraph.object_types(selection.type_name))
            yield from _crossings(selection.selections, selection.type_name, narrowed, supergraph, above=above)
        elif selection.selections:
            value = named_type(supergraph.types[type_name].fields[selection.name].type)
            possible = supergraph.object_types(value)
            among = possible & subjects
            here = (*path, Segment(selection.key, None if possible <= subjects else frozenset(among)))
            if among:
                rows = () if above else _joined(demand(type_name, selection.name, supergraph))
                yield Crossing(here, rows)
            below = (*path, Segment(selection.key))
            yield from _crossings(selection.selections, value, below, supergraph, above=above or bool(among))


def _narrowed(path: Path, types: frozenset[str]) -> Path:
    if not path:
        return path
    last = path[-1]
    return (*path[:-1], Segment(last.key, types if last.types is None else last.types & types))


def _joined(found: tuple[Demand, ...]) -> Demand:
    """All of several demands at once, as one: rows that have a row of each."""
    rows: Demand = ()
    for each in found:
        rows = tuple(dict.fromkeys(tuple(sorted({*a, *b})) for a in rows for b in each)) if rows else each
    return rows
