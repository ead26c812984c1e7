"""What an answer gave, by agency: children of whom it gave the same, for the same reason, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from authz.bounded import Bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.edge.prepared import Planned
    from gateway.edge.withheld import KeptBack, WithheldEntry
    from gateway.execution import Denied, Judge, Outcome

MAX_SETS: Final = 1_000
"""Of one plan: sets of fields that were given together, with their names."""

Children: TypeAlias = tuple[str, ...]
"""Regional ids; none where it is about nobody."""


class Given(NamedTuple):
    """What one agency (code) gave of children: `fields` are as `Type.field`.

    `relationships` are those of the practitioner with each of them. A child of whom nothing was given has an agency of
    no code.
    """

    agency: str
    children: Children
    relationships: tuple[str, ...]
    fields: tuple[str, ...]


class NotGiven(NamedTuple):
    """What was withheld of each of these children."""

    children: Children
    withheld: tuple[KeptBack, ...]


class Disclosed(NamedTuple):
    """All that is to be written down of what an answer gave."""

    given: list[Given]
    withheld: list[NotGiven]


class Legend:
    """What the bits of one plan's disclosures stand for.

    `fields` are in the order of the bits, each with the subgraphs that may give it; `code_of` gives the code of the
    agency whose a subgraph (name) is, "" where it has the records of several.
    """

    def __init__(self, fields: Sequence[tuple[tuple[str, ...], str]], code_of: Callable[[str], str]) -> None:
        masks: dict[tuple[str, ...], int] = {}
        for number, (graphs, _) in enumerate(fields):
            masks[graphs] = masks.get(graphs, 0) | 1 << number
        self.size = len(fields)
        self.masks = [(tuple((code_of(graph), graph) for graph in graphs), mask) for graphs, mask in masks.items()]
        self._names = [coordinate for _, coordinate in fields]
        self._sets: Bounded[int, tuple[str, ...]] = Bounded(MAX_SETS)

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the fields of bits, sorted."""
        known = self._sets.get(bits)
        if known is None:
            known = tuple(sorted({name for at, name in enumerate(self._names) if bits >> at & 1}))
            self._sets.put(bits, known)
        return known

    def agencies(self, failed: Iterable[str]) -> list[tuple[str, str, int]]:
        """Return whose the bits are: code ("" where a record says it), name of the subgraph, and the bits.

        Of several subgraphs that may have given a field it is the first that has not failed.
        """
        out = []
        for graphs, mask in self.masks:
            code, graph = next((each for each in graphs if each[1] not in failed), graphs[0])
            out.append((code, graph, mask))
        return out


def disclosed(
    outcome: Outcome, planned: Planned, judge: Judge | None, told_of: Callable[[Denied], WithheldEntry], legend: Legend
) -> Disclosed:
    """Return what was given and withheld of each of the answer's children, and of nobody.

    `told_of` says what was said of a field that was withheld.
    """
    by_agency = legend.agencies(outcome.failed)
    bits_of: dict[str | None, int] = {}
    of_records: dict[str | None, dict[str, int]] = {}
    paths: dict[str, dict[str | None, None]] = {}
    for subjects, path, bits, by_code in outcome.disclosure.told():
        at = paths.setdefault(path, {})
        for subject in subjects or (None,):
            at[subject] = None
            bits_of[subject] = bits_of.get(subject, 0) | bits
            if by_code:
                held = of_records.setdefault(subject, {})
                for code, some in by_code.items():
                    held[code] = held.get(code, 0) | some
    for subject in outcome.subjects:
        bits_of.setdefault(subject, 0)
    alike: dict[tuple[str, int, tuple[str, ...]], list[str]] = {}
    for subject, bits in bits_of.items():
        ties = judge.relationships_with(subject) if judge is not None and subject is not None else ()
        own = {code or graph: bits & mask for code, graph, mask in by_agency if bits & mask}
        for code, some in of_records.get(subject, {}).items():
            for of_graph, _, mask in by_agency:
                if some & mask:
                    whose = of_graph or code
                    own[whose] = own.get(whose, 0) | some & mask
        for agency, some in own.items() if own or subject is None else (("", 0),):
            alike.setdefault((agency, some, ties), []).append(subject or "")
    given = [
        Given(agency, tuple(filter(None, children)), ties, legend.names(bits))
        for (agency, bits, ties), children in alike.items()
    ]
    return Disclosed(given, _not_given(planned, judge, told_of, paths))


def _not_given(
    planned: Planned,
    judge: Judge | None,
    told_of: Callable[[Denied], WithheldEntry],
    paths: dict[str, dict[str | None, None]],
) -> list[NotGiven]:
    """What was withheld of all children at a position, and of one."""
    found: dict[str | None, set[KeptBack]] = {}
    for path, children in paths.items():
        of_all = planned.withheld_at(path)
        if of_all:
            for child in children:
                found.setdefault(child, set()).update(of_all)
    for child, denied in judge.denied.items() if judge is not None else ():
        found.setdefault(child, set()).update(planned.kept_back(told_of(item)) for item in denied)
    alike: dict[frozenset[KeptBack], list[str]] = {}
    for named, withheld in found.items():
        alike.setdefault(frozenset(withheld), []).append(named or "")
    return [NotGiven(tuple(filter(None, children)), tuple(sorted(withheld))) for withheld, children in alike.items()]
