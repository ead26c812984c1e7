"""What depends only on the operation and on the access profile of whoever asks: made once, and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from authz.bounded import Bounded
from authz.standing import UNRELATED
from gateway.edge.disclosed import Legend
from gateway.edge.documents import Documents
from gateway.edge.introspection import Introspector
from gateway.edge.overrides import Overrides
from gateway.edge.single_flight import SingleFlight
from gateway.edge.withheld import KeptBack, WithheldEntry, told_of
from gateway.edge.workshop import Workshop
from gateway.errors import PlanningError, RequestError
from gateway.execution import Desk, Outcome, Program, Shapes, agency_codes
from gateway.operations import Reader, authorise
from gateway.planning import Planner, field_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from authz.principal import Principal, Purpose
    from gateway.edge.documents import Prepared
    from gateway.edge.settings import Settings
    from gateway.execution import Denied
    from gateway.operations import Operation, Withheld
    from gateway.supergraph import Supergraph

MAX_PLANS = 2_000
MAX_CODE = 32 * 2**20
"""Characters of the code of all plans that are kept; a plan takes up to about 6 bytes for each."""

MAX_FIELDS = 64
MAX_LEGENDS = 4
MAX_TOLD = 1_000
"""Of one plan: what was denied, of which standing, with what is said of it."""


class Planned:
    """An operation planned for one access profile, and compiled. `uses` counts the requests that it has served.

    `withheld` says what was taken out for all children, `desk` decides about each; None where nothing is by the child.
    `deciding` are the subgraphs of the plan that say the facts of subjects.
    """

    def __init__(
        self, program: Program, withheld: tuple[WithheldEntry, ...], paths: Mapping[str, str], desk: Desk | None
    ) -> None:
        self.program = program
        self.withheld = withheld
        self.paths = paths
        self.desk = desk
        deciding = desk.supergraph.subjects.authorities if desk is not None else frozenset[str]()
        self.deciding = {r.graph.name: None for r in program.plan.requests if r.graph.id in deciding}
        self.uses = 0
        self.weight = program.size
        self._fields: Bounded[tuple[int, ...], Mapping[str, tuple[str, ...]]] = Bounded(MAX_FIELDS)
        self._told: Bounded[Denied, WithheldEntry] = Bounded(MAX_TOLD)
        self._legends: Bounded[tuple[int, frozenset[str]], Legend] = Bounded(MAX_LEGENDS)
        self._withheld_at: dict[str, tuple[KeptBack, ...]] | None = None

    def told_of(self, item: Denied, reader: Reader) -> WithheldEntry:
        """Return what is said of a field that was withheld of a child: the same to all who have this plan."""
        known = self._told.get(item)
        if known is None:
            known = told_of(item, item.standing, reader)
            self._told.put(item, known)
        return known

    def kept_back(self, item: WithheldEntry) -> KeptBack:
        """Return what was withheld as the log has it: at a position by the names of fields."""
        return KeptBack(self.paths.get(item.path, ""), item.agency, item.policy, item.reason)

    def withheld_at(self, path: str) -> tuple[KeptBack, ...]:
        """Return what was taken out for all children of what is about those at a position (response keys)."""
        if self._withheld_at is None:
            self._withheld_at = {}
            noted = self.program.disclosed.paths
            for item in self.withheld:
                above = [each for each in noted if item.path == each or item.path.startswith(f"{each}.")]
                nearest = max(above, key=len, default="")
                self._withheld_at[nearest] = (*self._withheld_at.get(nearest, ()), self.kept_back(item))
        return self._withheld_at.get(path, ())

    def legend(self, code_of: Callable[[str], str], failed: Iterable[str]) -> Legend:
        """Return what the bits of a disclosure stand for, with those of types that have been met so far."""
        slot = (self.program.disclosable, frozenset(failed))
        known = self._legends.get(slot)
        if known is None:
            known = Legend(self.program.disclosed.fields, code_of, slot[1])
            self._legends.put(slot, known)
        return known

    def fields(self, outcome: Outcome) -> Mapping[str, tuple[str, ...]]:
        """What was read, by agency: the steps that were answered, and no others."""
        steps = tuple(sorted(outcome.steps))
        known = self._fields.get(steps)
        if known is None:
            found: dict[str, set[str]] = {}
            for number in steps:
                reading = self.program.readings[number]
                found.setdefault(reading.agency, set()).update(reading.coordinates)
            known = {agency: tuple(sorted(found[agency])) for agency in sorted(found)}
            self._fields.put(steps, known)
        return known


class Profile(NamedTuple):
    """What of a principal and a purpose decides what is permitted."""

    roles: tuple[str, ...]
    agency: str
    scopes: frozenset[str]
    purpose: Purpose | None
    policies: str
    break_glass: bool
    claimed: bool


_PlanSlot: TypeAlias = tuple[bytes, frozenset[str], Profile | None]
"""The operation without its literals, by its digest: a plan does not keep what it was made of."""


class Preparer:
    """Prepares and plans operations over one supergraph."""

    def __init__(self, supergraph: Supergraph, settings: Settings) -> None:
        self.supergraph = supergraph
        self.settings = settings
        workshop = Workshop("workshop")
        self._overrides = Overrides(supergraph, settings.labels)
        self._planners: dict[frozenset[str], Planner] = {}
        own = [graph.id for graph in supergraph.graphs.values() if graph.url in settings.inside]
        single = {name: (code,) for name, code in settings.agencies.items()}
        several = {graph.id for graph in supergraph.graphs.values() if len(settings.hosted.get(graph.name, ())) > 1}
        self._records = supergraph.subjects.records_of(several) if settings.auditing is not None else {}
        self._codes = agency_codes(supergraph, {**single, **settings.hosted}, own)
        self.introspector = Introspector(supergraph.api_schema)
        self.documents = Documents(supergraph, settings.limits, self.introspector, workshop)
        self.plans: SingleFlight[_PlanSlot, Planned] = SingleFlight(
            Bounded(MAX_PLANS, most=MAX_CODE, weigh=lambda planned: planned.weight), workshop
        )

    async def plan(
        self,
        prepared: Prepared,
        principal: Principal | None,
        purpose: Purpose | None,
        *,
        break_glass: bool = False,
        claimed: bool = False,
    ) -> Planned:
        """The plan for what this principal may have; one for all with the same access profile and overrides.

        `break_glass`: the principal has broken the glass for a child; `claimed`: has claimed a relationship with one.
        """
        policies = self.settings.policies
        profile = None
        if policies is not None and principal is not None:
            scopes = principal.scopes
            extra = (break_glass, claimed)
            profile = Profile(principal.roles, principal.agency, scopes, purpose, policies.version, *extra)
        labels = self._overrides.draw()
        slot = (prepared.plan_id, labels, profile)
        known = self.plans.kept.get(slot)
        if known is None:
            reader = None
            if policies is not None:
                reader = Reader(principal, purpose, policies, self.settings.agencies, break_glass, claimed)
            asker = principal.subject if principal is not None else ""
            known = await self.plans.make(slot, lambda: self._planned(prepared.operation, labels, reader), asker)
        elif known.weight != known.program.size:  # it has met other types since
            self.plans.kept.drop(slot)
            known.weight = known.program.size
            self.plans.kept.put(slot, known)
        known.uses += 1
        return known

    def _planned(self, operation: Operation, labels: frozenset[str], reader: Reader | None) -> Planned:
        selections = operation.selections
        withheld: tuple[Withheld, ...] = ()
        told: tuple[WithheldEntry, ...] = ()
        if reader is not None:
            allowed = authorise(selections, operation.root_type, self.supergraph, reader)
            selections, withheld = allowed.selections, allowed.withheld
            told = tuple(told_of(item, UNRELATED, reader) for item in withheld)
        try:
            agency = reader.principal.agency if reader is not None and reader.principal is not None else ""
            plan = self._planner(labels).plan(replace(operation, selections=selections), operation, agency)
            program = Program(
                plan,
                Shapes(self.supergraph, operation, withheld),
                self.supergraph,
                self._codes,
                discloses=self.settings.auditing is not None,
                records=self._records,
            )
        except PlanningError as error:
            raise RequestError.of("OPERATION_NOT_PLANNED", str(error)) from error
        desk = None
        if reader is not None and reader.principal is not None and plan.by_subject:
            agencies = self.settings.agencies
            desk = Desk(plan, self.supergraph, reader.policies, reader.principal, reader.purpose, agencies)
        return Planned(program, told, field_paths(operation.selections), desk)

    def _planner(self, labels: frozenset[str]) -> Planner:
        """The planner for these labels of overrides: there are no more than `Overrides` draws sets of."""
        if labels not in self._planners:
            guarding = self.settings.policies is not None
            self._planners[labels] = Planner(self.supergraph, labels, guarding=guarding, records=self._records)
        return self._planners[labels]
