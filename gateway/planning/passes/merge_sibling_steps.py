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
    """Merge until nothing changes; the earlier step takes in the later one. Cost: pairs of one position, few each."""
    kept = list(drafts)
    merged = True
    while merged:
        merged = False
        places: dict[tuple[object, ...], list[Draft]] = {}
        for draft in kept:
            place = (draft.graph, draft.path, draft.entity, draft.given, draft.serial, tuple(draft.contexts))
            places.setdefault(place, []).append(draft)
        waits = _ancestors(kept)
        for group in places.values():
            pair = next(
                (
                    (a, b)
                    for i, a in enumerate(group)
                    for b in group[i + 1 :]
                    if a.number not in waits[b.number] and b.number not in waits[a.number] and _agree(a, b)
                ),
                None,
            )
            if pair:
                _absorb(kept, *pair)
                merged = True
                break
    return kept


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
        part = found.setdefault(required, replace(draft, selections=Selections(), keys={}, parts=[]))
        part.selections.merge(draft.selections)
        part.keys.update(draft.keys)
    return list(found.values()) if len(found) > 1 else []


def _absorb(drafts: list[Draft], into: Draft, gone: Draft) -> None:
    into.parts = _parts(into, gone)
    into.selections.merge(gone.selections)
    into.keys.update(gone.keys)
    into.required.update(gone.required)
    into.after.update(gone.after)
    drafts.remove(gone)
    for draft in drafts:
        if gone.number in draft.after:
            draft.after = dict.fromkeys(into.number if n == gone.number else n for n in draft.after)
