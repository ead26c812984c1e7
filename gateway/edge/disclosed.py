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
    """What a subgraph gave of children, who are numbers among the outcome's subjects; none: it is about nobody.

    `agencies` are the codes of who gave it: one, or as many as there are children, of each its own; a child of whom
    two gave the same is there twice. `fields` are as `Type.field`, `relationships` those of the practitioner with each
    of the children. A child of whom nothing was given has no subgraph and no agency.
    """

    subgraph: str
    agencies: Sequence[str]
    children: Sequence[int]
    relationships: tuple[str, ...]
    fields: tuple[str, ...]


class NotGiven(NamedTuple):
    """What was withheld of each of these children (numbers, as in `Given`); none: of nobody."""

    children: Sequence[int]
    withheld: tuple[KeptBack, ...]


class Disclosed(NamedTuple):
    """All that is to be written down of what an answer gave. `relationships` are those with any child."""

    given: list[Given]
    withheld: list[NotGiven]
    relationships: tuple[str, ...]

    def fields(self, subgraph: str) -> set[str]:
        """Return all that a subgraph gave of anybody."""
        return {field for each in self.given if each.subgraph == subgraph for field in each.fields}


NOTHING: Final = Disclosed([], [], ())


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

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the fields of bits, sorted."""
        known = self._sets.get(bits)
        if known is None:
            known = tuple(sorted({name for at, name in enumerate(self._names) if bits >> at & 1}))
            if len(self._sets) >= MAX_SETS:
                self._sets.clear()
            self._sets[bits] = known
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
    of_nobody = legend.parts(bits_of.get(None, 0))
    given = [Given(graph, [code or graph], (), (), legend.names(bits)) for (graph, bits), code in of_nobody]
    for ties, found in alike.items():
        for (graph, bits), (children, codes) in found.items():
            own = codes[:1] if len(set(codes)) == 1 else codes
            given.append(Given(graph, [code or graph for code in own], children, ties, legend.names(bits)))
    relationships = tuple(sorted(set().union(*alike))) if len(alike) > 1 else next(iter(alike), ())
    return Disclosed(given, _not_given(outcome, planned, judge, told_of), relationships)


_OF_NONE: Final = (_Part(("", 0), ""),)


def _with_records(parts: Iterable[_Part], records: Mapping[str, int], legend: Legend) -> list[_Part]:
    """The parts with those of records, by who holds them."""
    found = {(graph, code): bits for (graph, bits), code in parts}
    for holder, some in records.items():
        for (graph, bits), code in legend.parts(some):
            slot = (graph, code or holder)
            found[slot] = found.get(slot, 0) | bits
    return [_Part((graph, bits), code) for (graph, code), bits in found.items()]


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
