"""The drafts of one request -> its steps: those that ask the same for several positions are one.

An entity that stands at several positions is then asked for once, and what is answered is shared by the objects of all
of them; so that a key below one must not mean something else below another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.planning.plan import Step
from gateway.supergraph.selections import TYPENAME, Conditions, Field, SelectionSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.planning.fetches import Draft, Keys


class _Alike:
    """A step, its parts, and what the keys below its positions mean."""

    def __init__(self, step: Step, parts: list[Step], meanings: dict[tuple[str, ...], object]) -> None:
        self.step = step
        self.parts = parts
        self._meanings = meanings

    def takes_in(self, step: Step, parts: list[Step], meanings: dict[tuple[str, ...], object]) -> bool:
        """Whether it could become the step for these positions too; it has then."""
        if any(self._meanings.get(path, meaning) != meaning for path, meaning in meanings.items()):
            return False
        self._meanings |= meanings
        self.step = _joined(self.step, step)
        self.parts = list(map(_joined, self.parts, parts))
        return True


def merge_alike(drafts: Iterable[Draft], keys: Keys) -> Iterator[tuple[Step, list[Step]]]:
    """The steps, each with its parts. Cost: the keys below the positions."""
    found: dict[object, list[_Alike]] = {}
    for draft in drafts:
        step, parts = _freeze(draft), [_freeze(part) for part in draft.parts]
        alone = step.entity is None or step.contexts
        group = found.setdefault(draft.number if alone else tuple(map(_anywhere, (step, *parts))), [])
        meanings: dict[tuple[str, ...], object] = {} if alone else {**keys.below(draft.position)}
        if not any(alike.takes_in(step, parts, meanings) for alike in group):
            group.append(_Alike(step, parts, meanings))
    return ((alike.step, alike.parts) for group in found.values() for alike in group)


def _anywhere(step: Step) -> Step:
    return replace(step, number=0, paths=(), after=())


def _joined(left: Step, right: Step) -> Step:
    return replace(left, paths=left.paths + right.paths, after=tuple(sorted({*left.after, *right.after})))


def _freeze(draft: Draft) -> Step:
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
        after=tuple(sorted(draft.after)),
        contexts=tuple(draft.contexts),
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
