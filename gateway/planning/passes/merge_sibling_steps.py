"""Two steps to one subgraph for one position become one, where neither waits for the other.

Where both require the same field with different arguments they stay apart: one representation holds a name once. Where
they require different things the step remembers its parts, for when an agency does not give what one of them requires.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.planning.fetches import Draft, Selections

if TYPE_CHECKING:
    from gateway.planning.plan import Input
    from gateway.supergraph import Supergraph


def merge_sibling_steps(drafts: list[Draft], _: Supergraph) -> list[Draft]:
    """The earlier step takes in the later one. Cost: pairs of one position, few each."""
    places: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        place = (draft.graph, draft.path, draft.entity, draft.given, draft.serial, tuple(draft.contexts), draft.guarded)
        places.setdefault(place, []).append(draft)
    waits = _ancestors(drafts)
    gone: dict[int, int] = {}
    for group in places.values():
        kept: list[Draft] = []
        for draft in group:
            into = next((other for other in kept if _independent(other, draft, waits) and _agree(other, draft)), None)
            if into is None:
                kept.append(draft)
            else:
                _absorb(into, draft)
                _join(into.number, draft.number, waits)
                gone[draft.number] = into.number
    remaining = [draft for draft in drafts if draft.number not in gone]
    for draft in remaining:
        draft.after = dict.fromkeys(gone.get(number, number) for number in draft.after)
    return remaining


def _independent(left: Draft, right: Draft, waits: dict[int, set[int]]) -> bool:
    return left.number not in waits[right.number] and right.number not in waits[left.number]


def _join(into: int, gone: int, waits: dict[int, set[int]]) -> None:
    """Both wait for what either waited for, and whoever waited for one waits for both and for that."""
    waits[into] |= waits[gone]
    waits[gone] = waits[into]
    for waiting in waits.values():
        if into in waiting or gone in waiting:
            waiting |= waits[into]
            waiting |= {into, gone}


def _ancestors(drafts: list[Draft]) -> dict[int, set[int]]:
    """Every step that a step waits for, directly or not."""
    after = {draft.number: draft.after for draft in drafts}
    found: dict[int, set[int]] = {}

    def walk(number: int) -> set[int]:
        if number not in found:
            found[number] = set(after[number])
            for source in after[number]:
                found[number] |= walk(source)
        return found[number]

    for draft in drafts:
        walk(draft.number)
    return found


def _agree(left: Draft, right: Draft) -> bool:
    """Whether one representation can carry what both send: each name found in one place only, and at the same times.

    What one requires under a condition is not there when the condition does not hold, and must not cost the other.
    """
    apart = set(left.selections.conditions()) != set(right.selections.conditions())
    if apart and left.required.keys() != right.required.keys():
        return False
    return not _conflict((*left.keys, *left.required), (*right.keys, *right.required))


def _conflict(left: tuple[Input, ...], right: tuple[Input, ...]) -> bool:
    return any(a.name == b.name and (a.key != b.key or _conflict(a.inputs, b.inputs)) for a in left for b in right)


def _parts(left: Draft, right: Draft) -> list[Draft]:
    """Both as they are now, each by itself unless they require the same."""
    found: dict[frozenset[Input], Draft] = {}
    for draft in (*(left.parts or (left,)), *(right.parts or (right,))):
        required = frozenset(draft.required)
        alone = replace(draft, selections=Selections(), keys={}, required=dict(draft.required), parts=[])
        part = found.setdefault(required, alone)
        part.selections.merge(draft.selections)
        part.keys.update(draft.keys)
    return list(found.values()) if len(found) > 1 else []


def _absorb(into: Draft, gone: Draft) -> None:
    into.parts = _parts(into, gone)
    into.selections.merge(gone.selections)
    into.tells_type = into.tells_type or gone.tells_type
    into.keys.update(gone.keys)
    into.required.update(gone.required)
    into.after.update(gone.after)
