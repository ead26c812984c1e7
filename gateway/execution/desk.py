"""What policies permit of each standing: decided once for all requests of one access profile.

A `Desk` belongs to a plan, so to one access profile: it remembers what each standing permits. Of which standing a child
is, a `Judge` finds out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from authz.bounded import Bounded
from authz.policy import Reason
from authz.standing import UNRELATED, Standing
from gateway.execution.outcome import Denied
from gateway.planning.guards import demand, demands
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet, TypeCase
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from authz.policy import Policies
    from authz.principal import Principal, Purpose
    from gateway.planning import Demand, Plan, Request, Step
    from gateway.supergraph import Supergraph
    from gateway.supergraph.selections import Conditions

MAX_RULINGS: Final = 5_000
MAX_HOLDERS: Final = 5_000
"""Agencies of which a ruling remembers what is denied of what they hold."""

NOTHING: Final[frozenset[int]] = frozenset()
"""No demand that is not met."""


class Ruling:
    """What one standing permits. `known`: the subject may be known to exist.

    `denials` are a step's demands that are not met, by its number and by the holder's code; `entering` what keeps the
    subject itself from being told of. `open` says, by a step and the number of its position, whether all of it may be
    asked there whichever agency holds it.
    """

    __slots__ = ("denials", "entering", "known", "open", "standing")

    def __init__(self, standing: Standing, known: bool) -> None:
        self.standing = standing
        self.known = known
        self.denials: dict[int, dict[str | None, frozenset[int]]] = {}
        self.entering: dict[Demand, tuple[str, Reason] | None] = {}
        self.open: dict[tuple[int, int], bool] = {}


class Lost(NamedTuple):
    """Why something was kept back: the policy that is not met, why, and for which standing."""

    policy: str
    reason: str
    standing: Standing


Keys: TypeAlias = tuple[str, ...]
"""Response keys that lead from an object to a part of it, or from the root to a position."""

Told: TypeAlias = "tuple[Conditions, Denied]"
"""What is said of a field, where its conditions hold."""


class _Asked(NamedTuple):
    """What a step asks of the policies, and the agency whose subgraph it asks, where it is one agency's.

    `anyone_s`: whose what it asks is can't be told from the subgraph, so that no agency may forbid it.
    """

    demands: tuple[Demand, ...]
    holder: str | None
    anyone_s: bool


class Desk:
    """Decisions for one access profile, remembered by standing.

    `hides_unrelated`: of children with whom there is no relationship it is not told that they are there.
    """

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
        index = supergraph.subjects.authorities
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
        self.hides_unrelated = not policies.knows(principal, purpose, UNRELATED)
        self._explained: Bounded[tuple[int, int, Standing, str | None], tuple[Told, ...]] = Bounded(MAX_RULINGS)
        self._kept: Bounded[tuple[int, frozenset[int]], SelectionSet] = Bounded(MAX_RULINGS)
        self._lost: Bounded[tuple[int, Standing, str | None], Mapping[Keys, Lost]] = Bounded(MAX_RULINGS)

    def ruling(self, standing: Standing) -> Ruling:
        known = self._rulings.get(standing)
        if known is None:
            known = Ruling(standing, self._policies.knows(self._principal, self._purpose, standing))
            self._rulings.put(standing, known)
        return known

    def denied(self, step: Step, ruling: Ruling, holder: str | None) -> frozenset[int]:
        """The numbers of the step's demands that are not met, of what this agency holds."""
        by_holder = ruling.denials.setdefault(step.number, {})
        found = by_holder.get(holder)
        if found is None:
            asked = self._asked[step.number]
            unmet = [n for n, one in enumerate(asked.demands) if self._unmet(step, one, ruling.standing, holder)]
            found = frozenset(unmet) if unmet else NOTHING
            if len(by_holder) < MAX_HOLDERS:
                by_holder[holder] = found
        return found

    def is_open(self, step: Step, number: int, ruling: Ruling) -> bool:
        """Whether a step may ask all, whichever agency holds it, of whoever has this ruling at this position of it."""
        found = ruling.open.get((step.number, number))
        if found is None:
            guard = step.guards[number]
            found = ruling.open[step.number, number] = (
                ruling.known
                and (not guard.entering or self.enters(guard.entering, ruling) is None)
                and all(
                    self._policies.is_open(self._principal, self._purpose, one, ruling.standing)
                    for one in self._asked[step.number].demands
                )
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

    def unknown(self, request: Request, step: Step, number: int) -> tuple[Told, ...]:
        """What is said of fields of which it can't be told whom they are about."""
        position = tuple(segment.key for segment in step.paths[number])
        assert step.entity is not None
        found = []
        for path, type_name, field in self._chosen(step.selections, step.entity, position):
            asked = demand(type_name, field.name, self.supergraph)
            if asked:
                lost = Lost(asked[0][0][0], Reason.SUBJECT_NOT_KNOWN.value, UNRELATED)
                found.append(_told(request, path, type_name, field, lost))
        return tuple(found)

    def not_asked(self, request: Request, step: Step, position: Keys, lost: Lost) -> tuple[Told, ...]:
        """What is said of the fields of a step that can't be asked: what it is asked with was kept back."""
        assert step.entity is not None
        chosen = self._chosen(step.selections, step.entity, position)
        return tuple(_told(request, path, type_name, field, lost) for path, type_name, field in chosen)

    def _chosen(self, selections: SelectionSet, type_name: str, position: Keys) -> Iterator[tuple[str, str, Field]]:
        """The topmost fields of a position that the client chose: path, type, and the field."""
        chosen = self.plan.chosen.get(position, frozenset())
        for selection in selections:
            if not isinstance(selection, Field):
                yield from self._chosen(selection.selections, selection.type_name, position)
            elif selection.key in chosen and selection.name != TYPENAME:
                yield ".".join((*position, selection.key)), type_name, selection

    def lost(self, step: Step, standing: Standing, holder: str | None) -> Mapping[Keys, Lost]:
        """Why parts of what a step would bring are not had of what this agency holds, by the keys that lead there."""
        slot = (step.number, standing, holder)
        found = self._lost.get(slot)
        if found is None:
            assert step.entity is not None
            found = dict(self._unmet_below(step.selections, step.entity, (), (step, standing, holder)))
            self._lost.put(slot, found)
        return found

    def _unmet_below(
        self, selections: SelectionSet, type_name: str, at: Keys, case: tuple[Step, Standing, str | None]
    ) -> Iterator[tuple[Keys, Lost]]:
        """The topmost selections that are not met, with what is the first that is not."""
        step, standing, holder = case
        for selection in selections:
            if not isinstance(selection, Field):
                yield from self._unmet_below(selection.selections, selection.type_name, at, case)
            elif selection.name != TYPENAME:
                asked = demand(type_name, selection.name, self.supergraph)
                found = (self._unmet(step, one, standing, holder) for one in asked)
                unmet = next((one for one in found if one is not None), None)
                if unmet is not None:
                    yield (*at, selection.key), Lost(unmet[0], unmet[1].value, standing)
                elif selection.selections:
                    value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
                    yield from self._unmet_below(selection.selections, value, (*at, selection.key), case)

    def unmet(self, asked: Demand, standing: Standing, holder: str | None) -> tuple[str, Reason] | None:
        """The first policy that does not permit, where no row of a demand is met."""
        return self._policies.unmet(self._principal, self._purpose, asked, holder, standing)

    def left(self, step: Step, denied: frozenset[int]) -> SelectionSet:
        """What may be asked of a step's selections where some of its demands are not met."""
        slot = (step.number, denied)
        found = self._kept.get(slot)
        if found is None:
            assert step.entity is not None
            unmet = frozenset(self._asked[step.number].demands[number] for number in denied)
            found = self._left(step.selections, step.entity, unmet)
            self._kept.put(slot, found)
        return found

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
                    selection = replace(selection, selections=inner)
                out.append(selection)
        return tuple(out)

    def explain(
        self, request: Request, step: Step, number: int, standing: Standing, held: str | None
    ) -> tuple[Told, ...]:
        """The fields at the step's path of this number that the client chose and may not have, the topmost ones."""
        slot = (step.number, number, standing, held)
        found = self._explained.get(slot)
        if found is None:
            assert step.entity is not None
            position = tuple(segment.key for segment in step.paths[number])
            denied = self._denied(step.selections, step.entity, position, (request, step, standing, held))
            found = tuple(denied)
            self._explained.put(slot, found)
        return found

    def _denied(
        self, selections: SelectionSet, type_name: str, at: Keys, case: tuple[Request, Step, Standing, str | None]
    ) -> Iterator[Told]:
        chosen = self.plan.chosen.get(at, frozenset())
        for selection in selections:
            if not isinstance(selection, Field):
                yield from self._denied(selection.selections, selection.type_name, at, case)
            elif selection.key in chosen and selection.name != TYPENAME:
                here = (*at, selection.key)
                request, step, standing, held = case
                asked = demand(type_name, selection.name, self.supergraph)
                found = (self._unmet(step, one, standing, held) for one in asked)
                unmet = next((one for one in found if one is not None), None)
                if unmet is not None:
                    lost = Lost(unmet[0], unmet[1].value, standing)
                    yield _told(request, ".".join(here), type_name, selection, lost)
                elif selection.selections:
                    value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
                    for conditions, denied in self._denied(selection.selections, value, here, case):
                        yield (*selection.conditions, *conditions), denied


def _told(request: Request, path: str, type_name: str, field: Field, lost: Lost) -> Told:
    return field.conditions, Denied(path, f"{type_name}.{field.name}", request.graph.name, *lost)
