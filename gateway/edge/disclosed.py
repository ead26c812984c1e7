"""What an answer gave, by whom it is about: children of whom the same was given, for the same reason, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.edge.prepared import Planned
    from gateway.edge.withheld import KeptBack, WithheldEntry
    from gateway.execution import Denied, Judge, Outcome


class Group(NamedTuple):
    """Children (regional ids) of whom the same was given; none where it is about nobody.

    `relationships` are those of the practitioner with each of them, `fields` (`Type.field`) what was given, by the code
    of the agency that gave it, and `withheld` what was not.
    """

    children: tuple[str, ...]
    relationships: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    withheld: tuple[KeptBack, ...]


class _Child:
    """What one child's objects in the answer gave: bits by the code of who holds their records, and where they are."""

    __slots__ = ("bits", "paths")

    def __init__(self) -> None:
        self.bits: dict[str, int] = {}
        self.paths: dict[str, None] = {}


class _Alike(NamedTuple):
    bits: frozenset[tuple[str, int]]
    ties: frozenset[str]
    withheld: frozenset[KeptBack]


def grouped(
    outcome: Outcome,
    planned: Planned,
    judge: Judge | None,
    told_of: Callable[[Denied], WithheldEntry],
    code_of: Callable[[str], str],
) -> list[Group]:
    """Return what was given and withheld of each of the answer's children, and of nobody.

    `told_of` says what was said of a field that was withheld, `code_of` the agency's code of a subgraph's name, ""
    where it is not one agency's.
    """
    children: dict[str | None, _Child] = {}
    for subjects, path, bits, by_code in outcome.disclosure.told():
        for subject in subjects or (None,):
            child = children.get(subject)
            if child is None:
                child = children[subject] = _Child()
            child.paths[path] = None
            child.bits[""] = child.bits.get("", 0) | bits
            for code, some in by_code.items():
                child.bits[code] = child.bits.get(code, 0) | some
    for subject in outcome.subjects:
        children.setdefault(subject, _Child())
    alike: dict[_Alike, list[str | None]] = {}
    for subject, child in children.items():
        ties: frozenset[str] = frozenset()
        withheld = frozenset(item for path in child.paths for item in planned.withheld_at(path))
        if judge is not None and subject is not None:
            ties = judge.relationships_with(subject)
            if subject in judge.denied:
                withheld |= {planned.kept_back(told_of(item)) for item in judge.denied[subject]}
        slot = _Alike(frozenset(child.bits.items()), ties, withheld)
        alike.setdefault(slot, []).append(subject)
    failed = frozenset(outcome.failed)
    found: list[Group] = []
    for slot, together in alike.items():
        fields = planned.disclosed(slot.bits, failed, code_of)
        named = tuple(subject for subject in together if subject is not None)
        if named or fields or slot.withheld:
            found.append(Group(named, tuple(sorted(slot.ties)), fields, tuple(sorted(slot.withheld))))
    return found
