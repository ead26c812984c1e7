"""What an answer gave, by agency: children of whom it gave the same, for the same reason, together.

It is made for every answer: what is found by the fields that were given is kept, for each plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from gateway.edge.withheld import told_by_agency
from gateway.execution import WITHHELD
from gateway.operations.subjects import SUBJECT_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gateway.edge.prepared import Planned
    from gateway.edge.withheld import KeptBack, WithheldEntry
    from gateway.execution import Denied, Judge, Outcome
    from gateway.execution.outcome import WithheldBy

MAX_SETS: Final = 1_000
"""Of one plan: sets of fields that were given together, with their names; then all are forgotten."""


MAX_FEW: Final = 4
"""Children of one answer of whom the same is often given again."""


class Given(NamedTuple):
    """What was given, as an `Entry` has it.

    `agencies` are the codes of all that gave something, `relationships` those with any child, and `bits` what each
    subgraph gave of anybody.
    """

    given: tuple[Mapping[str, object], ...]
    agencies: tuple[str, ...]
    relationships: tuple[str, ...]
    bits: Mapping[str, int]


class NotGiven(NamedTuple):
    """What was withheld of each of these children (their numbers among the outcome's subjects); none: of nobody."""

    children: Sequence[int]
    withheld: tuple[KeptBack, ...]


NOTHING: Final = Given((), (), (), {})


class OfChild(NamedTuple):
    """What was given of one child: bits, and those of records with the code of who holds them; the relationships."""

    bits: int
    records: tuple[tuple[str, int], ...]
    relationships: tuple[str, ...]


class _Part(NamedTuple):
    """What one subgraph gave. `slot` are its name and the bits of fields; `code` is its agency's, "" of several."""

    slot: tuple[str, int]
    code: str


_Groups: TypeAlias = "dict[tuple[str, int], tuple[list[int], list[str]]]"
"""By slot the children (numbers), and of each the agency's code."""


class _PartOfChild(NamedTuple):
    """What one subgraph gave of a child; the code is that of who holds the child's record of this number, or `code`."""

    slot: tuple[str, int]
    code: str
    record: int | None


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
        self._children: dict[tuple[int, tuple[int, ...]], tuple[_PartOfChild, ...]] = {}
        self._of_few: dict[tuple[object, ...], Given] = {}

    def given(self, of_nobody: int, children: Sequence[OfChild]) -> Given:
        """Return what was given of nobody (bits), and of children in their order; of a few it is kept."""
        if len(children) > MAX_FEW:
            return self._given(of_nobody, children)
        slot = (of_nobody, *children)
        known = self._of_few.get(slot)
        if known is None:
            _make_room(self._of_few)
            known = self._of_few[slot] = self._given(of_nobody, children)
        return known

    def without(self, fields: tuple[str, ...], bits: int) -> tuple[str, ...]:
        """Return the fields that are not among those of bits."""
        slot = (fields, bits)
        known = self._others.get(slot)
        if known is None:
            _make_room(self._others)
            given = set(self._named(bits))
            known = self._others[slot] = tuple(field for field in fields if field not in given)
        return known

    def _given(self, of_nobody: int, children: Sequence[OfChild]) -> Given:
        by_ties: dict[tuple[str, ...], _Groups] = {}
        for number, (bits, records, ties) in enumerate(children):
            groups = by_ties.get(ties)
            if groups is None:
                groups = by_ties[ties] = {}
            of_records = tuple([some for _, some in records]) if records else ()
            for slot, code, record in self._of_child(bits, of_records):
                group = groups.get(slot)
                if group is None:
                    group = groups[slot] = ([], [])
                group[0].append(number)
                group[1].append(code if record is None else records[record][0])
        nobody: _Groups = {slot: ([], [code]) for slot, code in self._by_subgraph(of_nobody)}
        given: list[Mapping[str, object]] = []
        agencies: set[str] = set()
        of_all: dict[str, int] = {}
        for ties, groups in (((), nobody), *by_ties.items()):
            for (graph, bits), (numbers, codes) in groups.items():
                own = codes if len(set(codes)) > 1 else codes[:1]
                whose = [code or graph for code in own]
                told = {"subgraph": graph, "agencies": whose, "children": numbers, "relationships": ties}
                told["fields"] = self._named(bits)
                given.append(told)
                if bits:
                    agencies.update(whose)
                    of_all[graph] = of_all.get(graph, 0) | bits
        every = tuple(sorted(set[str]().union(*by_ties))) if len(by_ties) > 1 else next(iter(by_ties), ())
        return Given(tuple(given), tuple(sorted(agencies)), every, of_all)

    def _of_child(self, bits: int, of_records: tuple[int, ...]) -> tuple[_PartOfChild, ...]:
        """Return what each subgraph gave of a child, of whom these bits were given, and these of each record."""
        slot = (bits, of_records)
        known = self._children.get(slot)
        if known is None:
            _make_room(self._children)
            parts = [_PartOfChild(*part, None) for part in self._by_subgraph(bits)]
            for record, more in enumerate(of_records):
                for (graph, some), code in self._by_subgraph(more):
                    same = [at for at, part in enumerate(parts) if part.slot[0] == graph] if code else []
                    if same:  # it is one agency's, whoever holds the record
                        parts[same[0]] = _PartOfChild((graph, parts[same[0]].slot[1] | some), code, None)
                    else:
                        parts.append(_PartOfChild((graph, some), code, None if code else record))
            known = self._children[slot] = tuple(parts) or (_PartOfChild(("", 0), "", None),)
        return known

    def _named(self, bits: int) -> tuple[str, ...]:
        """Return the fields of bits, sorted."""
        known = self._sets.get(bits)
        if known is None:
            _make_room(self._sets)
            names = {name for at, name in enumerate(self._names) if bits >> at & 1}
            known = self._sets[bits] = tuple(sorted(names))
        return known

    def _by_subgraph(self, bits: int) -> tuple[_Part, ...]:
        """Return the bits of each subgraph that gave any."""
        known = self._parts.get(bits)
        if known is None:
            _make_room(self._parts)
            masks = self._masks.items()
            known = tuple(_Part((graph, bits & mask), self._code_of(graph)) for graph, mask in masks if bits & mask)
            self._parts[bits] = known
        return known


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= MAX_SETS:
        kept.clear()


def given_of(outcome: Outcome, judge: Judge | None, legend: Legend) -> Given:
    """Return what an answer gave of each of its children, and of nobody."""
    bits_of, of_records = outcome.disclosure.told()
    with_whom = judge.relationships_with if judge is not None else None
    children = []
    for child in outcome.subjects:
        records = tuple(of_records[child].items()) if child in of_records else ()
        children.append(OfChild(bits_of.get(child, 0), records, with_whom(child) if with_whom is not None else ()))
    return legend.given(bits_of.get(None, 0), children)


def not_given_of(
    outcome: Outcome, planned: Planned, judge: Judge | None, told_of: Callable[[Denied], WithheldEntry]
) -> list[NotGiven]:
    """Return what was withheld of all children at a position, and of one; `told_of` says what was said of that.

    What an agency withheld by its own word is of the children at whom its errors point.
    """
    denied = judge.denied if judge is not None else {}
    if not planned.withheld and not denied and not outcome.withheld:
        return []
    found: dict[str | None, set[KeptBack]] = {}
    for item, whose in _by_agencies(outcome).items():
        for child in whose:
            found.setdefault(child, set()).add(planned.kept_back(told_by_agency(item)))
    for subjects, path, _, _ in outcome.disclosure.noted if planned.withheld else ():
        of_all = planned.withheld_at(path)
        if of_all:
            for child in subjects or (None,):
                found.setdefault(child, set()).update(of_all)
    for named, items in denied.items():
        found.setdefault(named, set()).update(planned.kept_back(told_of(item)) for item in items)
    numbers = {child: number for number, child in enumerate(outcome.subjects)}
    alike: dict[frozenset[KeptBack], list[int]] = {}
    for whom, withheld in found.items():
        if whom is None or whom in numbers:
            alike.setdefault(frozenset(withheld), []).extend([] if whom is None else [numbers[whom]])
    return [NotGiven(children, tuple(sorted(withheld))) for withheld, children in alike.items()]


def _by_agencies(outcome: Outcome) -> Mapping[WithheldBy, Collection[str | None]]:
    """Return of whom (ids, None: of nobody) an agency withheld something by its own word.

    What no error points at, as of very many, is of all subjects of the answer.
    """
    found: dict[WithheldBy, dict[str | None, None]] = {item: {} for item in outcome.withheld}
    pointed: dict[tuple[str, str, str], dict[str | None, None]] = {}
    for problem in outcome.errors if found else ():
        if problem.code == WITHHELD and problem.path:
            more = dict(problem.extensions)
            position = ".".join([part for part in problem.path if isinstance(part, str)])
            slot = (more.get("agency", ""), more.get("reason", ""), position)
            pointed.setdefault(slot, {}).update(dict.fromkeys(_subjects_at(outcome.data, problem.path)))
    for (agency, reason, position), whose in pointed.items():
        for item, known in found.items():
            is_there = item.path == position or item.path.startswith(f"{position}.")
            if is_there and (item.agency, item.reason) == (agency, reason):
                known.update(whose)
    return {item: known or outcome.subjects for item, known in found.items()}


def _subjects_at(data: object, path: Sequence[str | int]) -> list[str | None]:
    """Return the nearest subject (id) above where a response path leads, or those below where it leads to several."""
    nearest: str | None = None
    for part in path:
        if isinstance(data, dict) and isinstance(part, str):
            nearest = data.get(SUBJECT_KEY, nearest)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return [nearest]
    below: dict[str | None, None] = {}
    pending = [data]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending += one
        elif isinstance(one, dict) and SUBJECT_KEY in one:
            below[one[SUBJECT_KEY]] = None
    return list(below) or [nearest]
