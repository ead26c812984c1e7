"""What an answer gave, by agency: children of whom it gave the same, for the same reason, together.

It is made for every answer: what it finds by the fields that were given is kept, for each plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateway.edge.prepared import Planned
    from gateway.edge.withheld import KeptBack, WithheldEntry
    from gateway.execution import Denied, Judge, Outcome

MAX_SETS: Final = 1_000
"""Of one plan: sets of fields that were given together, with their names; then all are forgotten."""


class NotGiven(NamedTuple):
    """What was withheld of each of these children (numbers, as in `Given`); none: of nobody."""

    children: Sequence[int]
    withheld: tuple[KeptBack, ...]


class Disclosed(NamedTuple):
    """All that is to be written down of what an answer gave.

    `given` are as an `Entry` has them, `agencies` the codes of all that gave something, `relationships` those with any
    child, and `bits` what each subgraph gave of anybody.
    """

    given: list[Mapping[str, object]]
    withheld: list[NotGiven]
    agencies: set[str]
    relationships: tuple[str, ...]
    bits: Mapping[str, int]


NOTHING: Final = Disclosed([], [], set(), (), {})


class _Part(NamedTuple):
    """What one subgraph gave. `slot` are its name and the bits of fields; `code` is its agency's, "" of several."""

    slot: tuple[str, int]
    code: str


class Legend:
    """What the bits of one plan's disclosures stand for.

    `fields` are in the order of the bits, each with the subgraphs that may give it; `code_of` gives the code of the
    agency whose a subgraph (name) is, "" where it has the records of several. `failed` are the subgraphs that did not
    answer: of several that may have given a field it is the first of the others.
    """

    def __init__(
        self, fields: Sequence[tuple[tuple[str, ...], str]], code_of: Callable[[str], str], failed: frozenset[str]
    ) -> None:
        self._masks: dict[str, int] = {}
        for number, (graphs, _) in enumerate(fields):
            graph = next((each for each in graphs if each not in failed), graphs[0])
            self._masks[graph] = self._masks.get(graph, 0) | 1 << number
        self._code_of = code_of
        self._names = [coordinate for _, coordinate in fields]
        self._sets: dict[int, tuple[str, ...]] = {}
        self._parts: dict[int, tuple[_Part, ...]] = {}
        self._others: dict[tuple[tuple[str, ...], int], tuple[str, ...]] = {}

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the fields of bits, sorted."""
        known = self._sets.get(bits)
        if known is None:
            known = tuple(sorted({name for at, name in enumerate(self._names) if bits >> at & 1}))
            if len(self._sets) >= MAX_SETS:
                self._sets.clear()
            self._sets[bits] = known
        return known

    def without(self, fields: tuple[str, ...], bits: int) -> tuple[str, ...]:
        """Return the fields that are not among those of bits."""
        slot = (fields, bits)
        known = self._others.get(slot)
        if known is None:
            given = set(self.names(bits))
            known = tuple(field for field in fields if field not in given)
            if len(self._others) >= MAX_SETS:
                self._others.clear()
            self._others[slot] = known
        return known

    def parts(self, bits: int) -> tuple[_Part, ...]:
        """Return the bits by subgraph."""
        known = self._parts.get(bits)
        if known is None:
            masks = self._masks.items()
            known = tuple(_Part((graph, bits & mask), self._code_of(graph)) for graph, mask in masks if bits & mask)
            if len(self._parts) >= MAX_SETS:
                self._parts.clear()
            self._parts[bits] = known
        return known


_Together: TypeAlias = tuple[list[int], list[str]]
"""Children, and of each the agency's code."""


def disclosed(
    outcome: Outcome, planned: Planned, judge: Judge | None, told_of: Callable[[Denied], WithheldEntry], legend: Legend
) -> Disclosed:
    """Return what was given and withheld of each of the answer's children, and of nobody.

    `told_of` says what was said of a field that was withheld.
    """
    bits_of, of_records = outcome.disclosure.told()
    with_whom = judge.relationships_with if judge is not None else None
    alike: dict[tuple[str, ...], dict[tuple[str, int], _Together]] = {}
    for number, child in enumerate(outcome.subjects):
        ties = with_whom(child) if with_whom is not None else ()
        parts: Iterable[_Part] = legend.parts(bits_of.get(child, 0))
        if child in of_records:
            parts = _with_records(parts, of_records[child], legend)
        together = alike.get(ties)
        if together is None:
            together = alike[ties] = {}
        for slot, code in parts or _OF_NONE:
            known = together.get(slot)
            if known is None:
                together[slot] = ([number], [code])
            else:
                known[0].append(number)
                known[1].append(code)
    given: list[Mapping[str, object]] = []
    agencies: set[str] = set()
    of_all: dict[str, int] = {}
    of_nobody: dict[tuple[str, int], _Together] = {
        slot: ([], [code]) for slot, code in legend.parts(bits_of.get(None, 0))
    }
    for ties, found in (((), of_nobody), *alike.items()):
        for (graph, bits), (numbers, codes) in found.items():
            own = codes[:1] if len(codes) == 1 or len(set(codes)) == 1 else codes
            whose = [code or graph for code in own]
            given.append(
                {
                    "subgraph": graph,
                    "agencies": whose,
                    "children": numbers,
                    "relationships": ties,
                    "fields": legend.names(bits),
                }
            )
            if bits:
                agencies.update(whose)
                of_all[graph] = of_all.get(graph, 0) | bits
    relationships = tuple(sorted(set().union(*alike))) if len(alike) > 1 else next(iter(alike), ())
    return Disclosed(given, _not_given(outcome, planned, judge, told_of), agencies, relationships, of_all)


_OF_NONE: Final = (_Part(("", 0), ""),)


def _with_records(parts: Iterable[_Part], records: Mapping[str, int], legend: Legend) -> list[_Part]:
    """The parts with those of records, by who holds them."""
    found = list(parts)
    for holder, some in records.items():
        for (graph, bits), own in legend.parts(some):
            code = own or holder
            for at, ((known, more), whose) in enumerate(found):
                if known == graph and whose == code:
                    found[at] = _Part((graph, bits | more), code)
                    break
            else:
                found.append(_Part((graph, bits), code))
    return found


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
    numbers = {child: number for number, child in enumerate(outcome.subjects)}
    alike: dict[frozenset[KeptBack], list[int]] = {}
    for named, withheld in found.items():
        if named is None or named in numbers:
            alike.setdefault(frozenset(withheld), []).extend([] if named is None else [numbers[named]])
    return [NotGiven(children, tuple(sorted(withheld))) for withheld, children in alike.items()]
