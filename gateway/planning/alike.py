"""The drafts of one request -> its steps: those that ask the same for several positions are one.

An entity that stands at several positions is then asked for once. Only where leaves are asked: an object that two
positions shared would take in what later steps bring for the one, and show it at the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.planning.plan import Step
from gateway.supergraph.selections import TYPENAME, Conditions, Field, SelectionSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.planning.fetches import Draft


def merge_alike(drafts: Iterable[Draft], standing: dict[int, int]) -> list[tuple[Step, list[Step]]]:
    """The steps, each with its parts, which wait for what it waits for.

    `standing` says in which step each draft now is, by number: it grows by these drafts, and must know those that they
    wait for.
    """
    found: dict[object, tuple[Step, list[Step]]] = {}
    for draft in drafts:
        after = tuple(sorted({standing[number] for number in draft.after}))
        step, parts = _freeze(draft, after), [_freeze(part, after) for part in draft.parts]
        alone = step.entity is None or step.contexts or not _is_leaves(step.selections)
        slot = draft.number if alone else (draft.guard is None, *map(_anywhere, (step, *parts)))
        if slot in found:
            known, known_parts = found[slot]
            found[slot] = _joined(known, step), list(map(_joined, known_parts, parts))
        else:
            found[slot] = step, parts
        standing[draft.number] = found[slot][0].number
    return list(found.values())


def _is_leaves(selections: SelectionSet) -> bool:
    return all(
        not selection.selections if isinstance(selection, Field) else _is_leaves(selection.selections)
        for selection in selections
    )


def _anywhere(step: Step) -> Step:
    return replace(step, number=0, paths=(), after=(), guards=())


def _joined(left: Step, right: Step) -> Step:
    return replace(
        left,
        paths=left.paths + right.paths,
        after=tuple(sorted({*left.after, *right.after})),
        guards=left.guards + right.guards,
    )


def _freeze(draft: Draft, after: tuple[int, ...]) -> Step:
    return Step(
        number=draft.number,
        graph=draft.graph,
        paths=(draft.path,),
        selections=_selected(draft),
        entity=draft.entity,
        keys=tuple(draft.keys),
        required=tuple(i for i in draft.required if i not in draft.keys),
        typename=draft.typename,
        renames=tuple(draft.renames),
        wanted=_wanted(draft.selections.conditions(), draft.given),
        after=after,
        contexts=tuple(draft.contexts),
        guards=(draft.guard,) if draft.guard else (),
        held=draft.held if draft.guard else None,
    )


def _selected(draft: Draft) -> SelectionSet:
    selections = draft.selections.freeze()
    if not draft.tells_type:
        return selections
    others = (s for s in selections if not (isinstance(s, Field) and s.key == TYPENAME))
    return (Field(TYPENAME, TYPENAME), *others)


def _wanted(conditions: list[Conditions], given: Conditions) -> tuple[Conditions, ...]:
    """The alternatives under which a step runs, under all that is given; one, where they leave no other case."""
    found = dict.fromkeys(conditions)
    either_way = any(len(c) == 1 and (c[0]._replace(value=not c[0].value),) in found for c in found)
    alternatives = [()] if () in found or either_way else list(found)
    return tuple(dict.fromkeys(tuple(sorted({*given, *each})) for each in alternatives))
