"""Who may have what of which child: decided at run time, before an agency is asked.

A `Desk` belongs to a plan, so to one access profile: it remembers what each standing permits. A `Judge` belongs to one
request: it reads each subject's facts once, and keeps from a step the objects of which it may not ask all.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from authz.bounded import Bounded
from authz.errors import FactsError
from authz.policy import Reason
from authz.standing import UNRELATED, Standing, relationships_of
from gateway.execution.gathered import Gathered, Partial, below, of_types
from gateway.execution.outcome import Denied
from gateway.operations.subjects import SUBJECT_KEY, fact_key
from gateway.planning.guards import demand, demands
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet, TypeCase
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from authz.policy import Policies
    from authz.principal import Principal, Purpose
    from gateway.execution.gathered import Object
    from gateway.execution.outcome import Outcome
    from gateway.planning import Crossing, Demand, Guard, Plan, Request, Step
    from gateway.supergraph import Supergraph

MAX_RULINGS: Final = 5_000
MAX_HOLDERS: Final = 5_000
"""Agencies of which a ruling remembers what is denied of what they hold."""

MAX_ABOUT: Final = 100
"""Subjects that one object may be about."""

_SHIELDED, _RELATIONSHIPS = fact_key("shielded"), fact_key("relationships")
_ALL: Final[frozenset[int]] = frozenset()

log = logging.getLogger("gateway.execution")


class Ruling:
    """What one standing permits. `known`: the subject may be known to exist.

    `denials` are a step's demands that are not met, by its number and by the holder's code; `entering` what keeps the
    subject itself from being told of. `open` says by the number of a step whether all of it may be asked of anyone.
    """

    __slots__ = ("denials", "entering", "known", "open", "standing")

    def __init__(self, standing: Standing, known: bool) -> None:
        self.standing = standing
        self.known = known
        self.denials: dict[int, dict[str | None, frozenset[int]]] = {}
        self.entering: dict[Demand, tuple[str, Reason] | None] = {}
        self.open: dict[int, bool] = {}


class _Asked(NamedTuple):
    """What a step asks of the policies, and the agency whose subgraph it asks, where it is one agency's.

    `anyone_s`: whose what it asks is can't be told from the subgraph, so that no agency may forbid it.
    """

    demands: tuple[Demand, ...]
    holder: str | None
    anyone_s: bool


class Desk:
    """Decisions for one access profile, remembered by standing."""

    def __init__(
        self,
        plan: Plan,
        supergraph: Supergraph,
        policies: Policies,
        principal: Principal,
        purpose: Purpose | None,
        agencies: Mapping[str, str],
    ) -> None:
        self.plan = plan
        self.supergraph = supergraph
        self._policies = policies
        self._principal = principal
        self._purpose = purpose
        self._rulings: Bounded[Standing, Ruling] = Bounded(MAX_RULINGS)
        index = _indexes(supergraph)
        self._asked = {
            step.number: _Asked(
                demands(step.selections, step.entity, supergraph),
                agencies.get(request.graph.name),
                request.graph.id not in index and request.graph.name not in agencies,
            )
            for request in plan.requests
            for step in request.steps
            if step.guards and step.entity is not None
        }
        self._explained: Bounded[tuple[int, int, Standing, str | None], tuple[Denied, ...]] = Bounded(MAX_RULINGS)

    def ruling(self, standing: Standing) -> Ruling:
        known = self._rulings.get(standing)
        if known is None:
            known = Ruling(standing, self._policies.knows(self._principal, standing))
            self._rulings.put(standing, known)
        return known

    def denied(self, step: Step, ruling: Ruling, holder: str | None) -> frozenset[int]:
        """The numbers of the step's demands that are not met, of what this agency holds."""
        by_holder = ruling.denials.setdefault(step.number, {})
        found = by_holder.get(holder)
        if found is None:
            asked = self._asked[step.number]
            unmet = [n for n, one in enumerate(asked.demands) if self._unmet(step, one, ruling.standing, holder)]
            found = frozenset(unmet) if unmet else _ALL
            if len(by_holder) < MAX_HOLDERS:
                by_holder[holder] = found
        return found

    def is_open(self, step: Step, ruling: Ruling) -> bool:
        """Whether all of a step's demands are met whichever agency holds what it asks."""
        found = ruling.open.get(step.number)
        if found is None:
            demands = self._asked[step.number].demands
            found = ruling.open[step.number] = all(
                self._policies.is_open(self._principal, self._purpose, one, ruling.standing) for one in demands
            )
        return found

    def enters(self, entering: Demand, ruling: Ruling) -> tuple[str, Reason] | None:
        """None where a subject may be told of; else the policy that does not permit it, and why."""
        if entering not in ruling.entering:
            ruling.entering[entering] = self.unmet(entering, ruling.standing, None)
        return ruling.entering[entering]

    def _unmet(self, step: Step, asked: Demand, standing: Standing, holder: str | None) -> tuple[str, Reason] | None:
        """What is not met of a demand, of what this agency holds, or of what nobody knows whose it is."""
        known = self._asked[step.number]
        found = self.unmet(asked, standing, holder if holder is not None else known.holder)
        if found is None and holder is None and known.anyone_s:
            forbidden = not self._policies.is_open(self._principal, self._purpose, asked, standing)
            return (asked[0][0], Reason.OWNER_FORBIDS) if forbidden else None
        return found

    def unknown(self, request: Request, step: Step, number: int) -> tuple[Denied, ...]:
        """What is said of fields of which it can't be told whom they are about."""
        assert step.entity is not None
        position = tuple(segment.key for segment in step.paths[number])
        chosen = self.plan.chosen.get(position, frozenset())
        found = []
        for selection in step.selections:
            if isinstance(selection, Field) and selection.key in chosen:
                asked = demand(step.entity, selection.name, self.supergraph)
                if asked:
                    path, coordinate = ".".join((*position, selection.key)), f"{step.entity}.{selection.name}"
                    reason = Reason.SUBJECT_NOT_KNOWN.value
                    found.append(Denied(path, coordinate, request.graph.name, asked[0][0][0], reason, UNRELATED))
        return tuple(found)

    def unmet(self, asked: Demand, standing: Standing, holder: str | None) -> tuple[str, Reason] | None:
        """The first policy that does not permit, where no row of a demand is met."""
        return self._policies.unmet(self._principal, self._purpose, asked, holder, standing)

    def left(self, step: Step, denied: frozenset[int]) -> SelectionSet:
        """What may be asked of a step's selections where some of its demands are not met."""
        assert step.entity is not None
        unmet = frozenset(self._asked[step.number].demands[number] for number in denied)
        return self._left(step.selections, step.entity, unmet)

    def _left(self, selections: SelectionSet, type_name: str, unmet: frozenset[Demand]) -> SelectionSet:
        out: list[Field | TypeCase] = []
        for selection in selections:
            if not isinstance(selection, Field):
                inner = self._left(selection.selections, selection.type_name, unmet)
                if inner:
                    out.append(TypeCase(selection.type_name, inner))
            elif not unmet.intersection(demand(type_name, selection.name, self.supergraph)):
                if selection.selections:
                    value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
                    inner = self._left(selection.selections, value, unmet) or (Field(TYPENAME, TYPENAME),)
                    selection = Field(selection.key, selection.name, selection.arguments, selection.conditions, inner)
                out.append(selection)
        return tuple(out)

    def explain(
        self, request: Request, step: Step, number: int, standing: Standing, held: str | None
    ) -> tuple[Denied, ...]:
        """The fields at the step's path of this number that the client chose and may not have, the topmost ones."""
        slot = (step.number, number, standing, held)
        found = self._explained.get(slot)
        if found is None:
            assert step.entity is not None
            position = tuple(segment.key for segment in step.paths[number])
            denied = self._denied(step.selections, step.entity, position, (step, standing, held))
            found = tuple(entry._replace(agency=request.graph.name) for entry in denied)
            self._explained.put(slot, found)
        return found

    def _denied(
        self, selections: SelectionSet, type_name: str, at: tuple[str, ...], case: tuple[Step, Standing, str | None]
    ) -> Iterator[Denied]:
        chosen = self.plan.chosen.get(at, frozenset())
        for selection in selections:
            if not isinstance(selection, Field):
                yield from self._denied(selection.selections, selection.type_name, at, case)
            elif selection.key in chosen and selection.name != TYPENAME:
                here = (*at, selection.key)
                step, standing, held = case
                asked = demand(type_name, selection.name, self.supergraph)
                found = (self._unmet(step, one, standing, held) for one in asked)
                unmet = next((one for one in found if one is not None), None)
                if unmet is not None:
                    coordinate = f"{type_name}.{selection.name}"
                    yield Denied(".".join(here), coordinate, "", unmet[0], unmet[1].value, standing)
                elif selection.selections:
                    value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
                    yield from self._denied(selection.selections, value, here, case)


class Judge:
    """Decides about the objects of one request."""

    def __init__(
        self,
        desk: Desk,
        principal: Principal,
        outcome: Outcome,
        granted: str | None = None,
        today: dt.date | None = None,
    ) -> None:
        """`granted` is the id of the child for whom the principal has broken the glass."""
        self.desk = desk
        self._principal = principal
        self._outcome = outcome
        self._granted = granted
        self._today = (today or dt.datetime.now(dt.UTC).date()).isoformat()
        self._known: dict[int, Ruling] = {}
        self._keep: list[Object] = []
        self._by_standing: dict[tuple[object, ...], Ruling] = {}
        self._levels: dict[int, tuple[list[Object], set[Ruling] | None]] = {}

    def admit(self, gathered: Gathered, level: list[Object], number: int, request: Request) -> list[Object]:
        """Those of a position's objects, themselves subjects or with subjects of their own, of which all may be asked.

        What may be asked of others goes to `gathered.partial`; those of whom too little is known are missing.
        """
        step = gathered.step
        guard = step.guards[number]
        if guard.about:
            return self._admit_about(gathered, level, number, request)
        seen = self._seen(level)
        if seen is not None and all(self._all_of(step, guard, ruling) for ruling in seen):
            return level
        admitted: list[Object] = []
        for one in level:
            ruling = self.ruling(one)
            if ruling is None:
                self._lacks(gathered, one)
            elif ruling.known and not self._is_kept_out(ruling, guard):
                self._sort(gathered, one, [ruling], number, request, admitted)
        return admitted

    def _seen(self, level: list[Object]) -> set[Ruling] | None:
        """The rulings of a level's objects, looked at once for all steps; None where one is not known."""
        known = self._levels.get(id(level))
        if known is None:
            found = {self._known.get(id(one)) or self.ruling(one) for one in level}
            whole = None if None in found else {ruling for ruling in found if ruling is not None}
            known = self._levels[id(level)] = level, whole
        return known[1]

    def _all_of(self, step: Step, guard: Guard, ruling: Ruling) -> bool:
        """Whether a step may ask all of whoever has this ruling, whichever agency holds it."""
        return ruling.known and not self._is_kept_out(ruling, guard) and self.desk.is_open(step, ruling)

    def _admit_about(self, gathered: Gathered, level: list[Object], number: int, request: Request) -> list[Object]:
        admitted: list[Object] = []
        absent = self._outcome.absent
        for one in level:
            subjects = [subject for key in gathered.step.guards[number].about for subject in below([one], key)]
            rulings = [(subject, self.ruling(subject)) for subject in subjects[:MAX_ABOUT]]
            known = [ruling for _, ruling in rulings if ruling is not None and ruling.known]
            if any(ruling is None and id(subject) not in absent for subject, ruling in rulings):
                self._lacks(gathered, one)
            elif known and len(known) == len(subjects):
                self._sort(gathered, one, known, number, request, admitted)
            else:  # one whom the reader may not know of is like one who does not exist
                for entry in self.desk.unknown(request, gathered.step, number):
                    self._outcome.denied[entry] = None
        return admitted

    def admit_below(self, gathered: Gathered, subjects: list[Object], number: int, request: Request) -> list[Object]:
        """The same of objects that are further down from their subjects."""
        step = gathered.step
        guard = step.guards[number]
        admitted: list[Object] = []
        for subject in subjects:
            ruling = self.ruling(subject)
            level = [subject]
            for segment in step.paths[number][guard.up :]:
                level = below(level, segment.key)
                if segment.types is not None:
                    level = of_types(level, segment.types)
            for one in level:
                if ruling is None:
                    self._lacks(gathered, one)
                elif ruling.known and not self._is_kept_out(ruling, guard):
                    self._sort(gathered, one, [ruling], number, request, admitted)
        return admitted

    @property
    def relationships(self) -> tuple[str, ...]:
        """Those that the principal has with the subjects that may be known of; `none` where with one there is none."""
        found: set[str] = set()
        for ruling in self._by_standing.values():
            if ruling.known:
                team = {"team"} if ruling.standing.team else set()
                found |= ruling.standing.relationships | team or {"none"}
        return tuple(sorted(found))

    def settle(self) -> None:
        """Before the answer is made: who may not be told of is not there, and of whom too little is known neither."""
        data = self._outcome.data
        assert data is not None
        for crossing in self.desk.plan.crossings:
            path = tuple(segment.key for segment in crossing.path)
            level = [data]
            for segment in crossing.path:
                level = below(level, segment.key)
                if segment.types is not None:
                    level = of_types(level, segment.types)
            seen = self._seen(level)
            if seen is not None and all(self._enters(crossing, ruling) for ruling in seen):
                continue
            for one in level:
                ruling = self._known.get(id(one)) or self.ruling(one)
                if ruling is None:
                    one.pop(SUBJECT_KEY, None)
                    continue
                if not ruling.known:
                    self._outcome.absent[id(one)] = one
                    continue
                denied = self.desk.enters(crossing.demand, ruling) if crossing.demand else None
                if denied is not None:
                    self._outcome.absent[id(one)] = one
                    name, reason = denied
                    entry = Denied(".".join(path), "", "", name, reason.value, ruling.standing)
                    self._outcome.denied[entry] = None

    def _enters(self, crossing: Crossing, ruling: Ruling) -> bool:
        return ruling.known and (not crossing.demand or self.desk.enters(crossing.demand, ruling) is None)

    def ruling(self, subject: Object) -> Ruling | None:
        """What is decided of a subject; None where too little is known of it."""
        slot = id(subject)
        found = self._known.get(slot)
        if found is None:
            found = self._found(subject)  # what is not known yet may be when it is asked again
            if found is not None:
                self._known[slot] = found
                self._keep.append(subject)  # while it is kept, no other object has its id
        return found

    def _found(self, subject: Object) -> Ruling | None:
        child = subject.get(SUBJECT_KEY)
        if child.__class__ is not str or _SHIELDED not in subject:
            return None
        shielded, broken = subject[_SHIELDED], self._granted is not None and child == self._granted
        try:
            kinds, team = relationships_of(self._principal, subject.get(_RELATIONSHIPS, ()), self._today)
        except FactsError as error:
            log.warning("a subject's facts can't be read: %s", error)
            return None
        if shielded.__class__ is not bool:
            log.warning("a subject does not say whether it is shielded")
            return None
        slot = (kinds, team, shielded, broken)
        ruling = self._by_standing.get(slot)
        if ruling is None:
            ruling = self._by_standing[slot] = self.desk.ruling(Standing(kinds, team, bool(shielded), broken))
        return ruling

    def _is_kept_out(self, ruling: Ruling, guard: Guard) -> bool:
        return bool(guard.entering) and self.desk.enters(guard.entering, ruling) is not None

    def _sort(
        self,
        gathered: Gathered,
        one: Object,
        rulings: list[Ruling],
        number: int,
        request: Request,
        admitted: list[Object],
    ) -> None:
        step = gathered.step
        holders = _holders(one, step)
        by_denied: dict[frozenset[int], list[object]] = {}
        for holder in holders or (None,):
            code = _code(holder)
            each = [self.desk.denied(step, ruling, code) for ruling in rulings]
            denied = each[0] if len(each) == 1 else frozenset[int]().union(*each)
            if denied:
                self._tell(request, step, number, rulings, code)
            by_denied.setdefault(denied, []).append(holder)
        if len(by_denied) == 1 and _ALL in by_denied:
            admitted.append(one)
        elif len(by_denied) == 1 or step.held is None:
            gathered.partial.extend(Partial(one, denied, None) for denied in by_denied)
        else:  # what several holders have comes in answers of their own, and is put together
            for denied, some in by_denied.items():
                gathered.partial.append(Partial({**one, step.held: some}, denied, one))

    def _tell(self, request: Request, step: Step, number: int, rulings: list[Ruling], holder: str | None) -> None:
        for ruling in rulings:
            entries = self.desk.explain(request, step, number, ruling.standing, holder)
            self._outcome.denied.update(dict.fromkeys(entries))

    def _lacks(self, gathered: Gathered, one: Object) -> None:
        if id(one) not in self._outcome.absent:
            gathered.missing.append(one)


def _indexes(supergraph: Supergraph) -> frozenset[str]:
    """The subgraphs (ids) that give the facts of subjects: what they hold is the partnership's own."""
    return frozenset(
        owner.graph
        for name in supergraph.subjects.types
        for fact in supergraph.subjects.facts(name)
        if isinstance(fact, Field)
        for owner in supergraph.types[name].fields[fact.name].owners
        if not owner.external
    )


def _holders(one: Object, step: Step) -> list[object]:
    """The agencies that hold what a step asks about an object: as the index says, or by the record's own id."""
    if step.held is not None:
        found = one.get(step.held)
        return found if isinstance(found, list) else []
    if len(step.keys) == 1 and not step.keys[0].inputs and not step.guards[0].about:
        code, colon, _ = str(one.get(step.keys[0].key)).partition(":")
        if colon and step.guards[0].up < len(step.paths[0]):
            return [{"agency": code}]
    return []


def _code(holder: object) -> str | None:
    """The code of the agency that is the holder; "" for one that can't be read, which is nobody's own."""
    if holder is None:
        return None
    code = holder.get("agency") if isinstance(holder, dict) else None
    return code if isinstance(code, str) else ""
