"""What an answer gave, by agency: children of whom it gave the same, for the same reason, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateway.edge.prepared import Planned
    from gateway.edge.withheld import KeptBack, WithheldEntry
    from gateway.execution import Denied, Judge, Outcome

MAX_SETS: Final = 1_000
"""Of one plan: sets of fields that were given together, with their names; then all are forgotten."""


class Given(NamedTuple):
    """What one agency (code) gave of children (regional ids; none where it is about nobody).

    `fields` are as `Type.field`, `relationships` those of the practitioner with each of them. A child of whom nothing
    was given has an agency of no code.
    """

    agency: str
    children: Sequence[str]
    relationships: tuple[str, ...]
    fields: tuple[str, ...]


class NotGiven(NamedTuple):
    """What was withheld of each of these children."""

    children: Sequence[str]
    withheld: tuple[KeptBack, ...]


class Disclosed(NamedTuple):
    """All that is to be written down of what an answer gave.

    `fields` are those of all children together, by agency, `relationships` those with any.
    """

    given: list[Given]
    withheld: list[NotGiven]
    fields: Mapping[str, tuple[str, ...]]
    relationships: tuple[str, ...]


NOTHING: Final = Disclosed([], [], {}, ())

_Part: TypeAlias = tuple[str, int]
"""An agency's code, with bits of fields that it gave."""


class Legend:
    """What the bits of one plan's disclosures stand for.

    `fields` are in the order of the bits, each with the subgraphs that may give it; `code_of` gives the code of the
    agency whose a subgraph (name) is, "" where it has the records of several. `failed` are the subgraphs that did not
    answer: of several that may have given a field it is the first of the others.
    """

    def __init__(
        self, fields: Sequence[tuple[tuple[str, ...], str]], code_of: Callable[[str], str], failed: frozenset[str]
    ) -> None:
        self._masks: dict[tuple[str, str], int] = {}
        for number, (graphs, _) in enumerate(fields):
            graph = next((each for each in graphs if each not in failed), graphs[0])
            slot = (code_of(graph), graph)
            self._masks[slot] = self._masks.get(slot, 0) | 1 << number
        self._names = [coordinate for _, coordinate in fields]
        self._sets: dict[int, tuple[str, ...]] = {}
        self._parts: dict[_Part, tuple[_Part, ...]] = {}

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the fields of bits, sorted."""
        known = self._sets.get(bits)
        if known is None:
            known = tuple(sorted({name for at, name in enumerate(self._names) if bits >> at & 1}))
            if len(self._sets) >= MAX_SETS:
                self._sets.clear()
            self._sets[bits] = known
        return known

    def parts(self, holder: str, bits: int) -> tuple[_Part, ...]:
        """Return the bits by agency. `holder` is the code of who holds the record that they are of, "" without one."""
        slot = (holder, bits)
        known = self._parts.get(slot)
        if known is None:
            found: dict[str, int] = {}
            for (code, graph), mask in self._masks.items():
                if bits & mask:
                    whose = code or holder or graph
                    found[whose] = found.get(whose, 0) | bits & mask
            known = tuple(found.items())
            if len(self._parts) >= MAX_SETS:
                self._parts.clear()
            self._parts[slot] = known
        return known


def disclosed(
    outcome: Outcome, planned: Planned, judge: Judge | None, told_of: Callable[[Denied], WithheldEntry], legend: Legend
) -> Disclosed:
    """Return what was given and withheld of each of the answer's children, and of nobody.

    `told_of` says what was said of a field that was withheld.
    """
    bits_of, of_records = outcome.disclosure.told()
    if len(bits_of) <= len(outcome.subjects):
        for subject in outcome.subjects:
            bits_of.setdefault(subject, 0)
    with_whom = judge.relationships_with if judge is not None else None
    alike: dict[tuple[str, ...], dict[_Part, list[str]]] = {}
    for subject, bits in bits_of.items():
        ties = with_whom(subject) if with_whom is not None and subject is not None else ()
        parts: Iterable[_Part] = legend.parts("", bits)
        if subject is not None and subject in of_records:
            parts = _with_records(parts, of_records[subject], legend)
        children = alike.get(ties)
        if children is None:
            children = alike[ties] = {}
        for part in parts or (() if subject is None else _OF_NONE):
            together = children.get(part)
            if together is None:
                children[part] = [subject] if subject is not None else []
            elif subject is not None:
                together.append(subject)
    given: list[Given] = []
    of_all: dict[str, int] = {}
    for ties, found in alike.items():
        for (agency, bits), named in found.items():
            given.append(Given(agency, named, ties, legend.names(bits)))
            if bits:
                of_all[agency] = of_all.get(agency, 0) | bits
    fields = {agency: legend.names(of_all[agency]) for agency in sorted(of_all)}
    relationships = tuple(sorted(set().union(*alike))) if len(alike) > 1 else next(iter(alike), ())
    return Disclosed(given, _not_given(outcome, planned, judge, told_of), fields, relationships)


_OF_NONE: Final[tuple[_Part, ...]] = (("", 0),)


def _with_records(parts: Iterable[_Part], records: Mapping[str, int], legend: Legend) -> Iterable[_Part]:
    """The parts with those of records, by who holds them."""
    found = dict(parts)
    for code, bits in records.items():
        for agency, some in legend.parts(code, bits):
            found[agency] = found.get(agency, 0) | some
    return found.items()


def _not_given(
    outcome: Outcome, planned: Planned, judge: Judge | None, told_of: Callable[[Denied], WithheldEntry]
) -> list[NotGiven]:
    """What was withheld of all children at a position, and of one."""
    found: dict[str | None, set[KeptBack]] = {}
    for subjects, path, _, _ in outcome.disclosure.noted if planned.withheld else ():
        of_all = planned.withheld_at(path)
        if of_all:
            for child in subjects or (None,):
                found.setdefault(child, set()).update(of_all)
    for child, denied in judge.denied.items() if judge is not None else ():
        found.setdefault(child, set()).update(planned.kept_back(told_of(item)) for item in denied)
    alike: dict[frozenset[KeptBack], list[str]] = {}
    for named, withheld in found.items():
        alike.setdefault(frozenset(withheld), []).append(named or "")
    return [NotGiven(tuple(filter(None, children)), tuple(sorted(withheld))) for withheld, children in alike.items()]
