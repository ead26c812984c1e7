"""The planner: normalised operation -> plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from gateway.errors import PlanningError
from gateway.operations.contexts import with_contexts
from gateway.operations.subjects import with_subject_keys
from gateway.operations.typenames import with_typenames
from gateway.planning.alike import merge_alike
from gateway.planning.documents import document, mentioned
from gateway.planning.fetches import Draft, FetchBuilder
from gateway.planning.guards import crossings, set_guards
from gateway.planning.passes import PASSES
from gateway.planning.plan import Crossing, Plan, Request, Step
from gateway.querygraph import Node, QueryGraph, Search, Tree
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.subjects import regional_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.operations.operation import Operation
    from gateway.supergraph import Supergraph


class Planner:
    """Plans operations over one supergraph; holds its query graph."""

    def __init__(
        self,
        supergraph: Supergraph,
        labels: frozenset[str] = frozenset(),
        *,
        guarding: bool = False,
        records: Mapping[str, str] | None = None,
    ) -> None:
        """`labels` are those of progressive overrides that are in force.

        `guarding`: what a subject decides about is asked for once its facts are known. `records` are the types, with
        their ids' names, of records of several agencies that one subgraph has: of each it is asked whose it is.
        """
        self.records = records or {}
        self.supergraph = supergraph
        self.guarding = guarding and bool(supergraph.subjects.types)
        self.graph = QueryGraph(supergraph, labels, guarding=self.guarding)

    def plan(self, operation: Operation, asked: Operation | None = None, agency: str = "") -> Plan:
        """The plan of an operation; raises `PlanningError`.

        `asked` is the operation as the client asked it, where access has taken something out of it; `agency` the code
        of the reader's.
        """
        given, sources = with_contexts(operation.selections, operation.root_type, self.supergraph)
        selections = self._completed(given, operation.root_type, agency)
        builder = FetchBuilder(self.graph, selections, (asked or operation).selections, sources)
        for serial, tree in enumerate(self.trees(operation.kind, operation.root_type, selections)):
            builder.build(tree, serial if operation.kind == "mutation" else None)
        builder.wait_for_contexts()
        drafts = builder.drafts
        for rewrite in PASSES:
            drafts = rewrite(drafts, self.supergraph)
        crossed: tuple[Crossing, ...] = ()
        if self.guarding:
            crossed = crossings(operation.selections, operation.root_type, self.supergraph)
            set_guards(drafts, builder.subjects, crossed, self.supergraph)
        _serialise(drafts)
        try:
            requests, waves = self._requests(operation, drafts)
        except RecursionError as error:
            raise PlanningError("what decides about a part of the operation waits for that part") from error
        return Plan(operation, requests, waves, builder.keys.chosen, self.authoritative, crossed)

    def completed(self, operation: Operation) -> SelectionSet:
        """The operation's selections with what the gateway needs itself: contexts, subjects' ids, types of values."""
        given, _ = with_contexts(operation.selections, operation.root_type, self.supergraph)
        return self._completed(given, operation.root_type, "")

    def _completed(self, selections: SelectionSet, root_type: str, agency: str) -> SelectionSet:
        added = with_subject_keys(
            selections, root_type, self.supergraph, guarding=self.guarding, agency=agency, records=self.records
        )
        return with_typenames(added, root_type, self.supergraph)

    @cached_property
    def authoritative(self) -> dict[str, frozenset[str]]:
        """For each subject, the subgraphs that resolve its key by themselves: they know which subjects there are."""
        found: dict[str, frozenset[str]] = {}
        for type_ in self.supergraph.types.values():
            key = regional_key(type_)
            if key is not None:
                found[type_.name] = frozenset(owner.graph for owner in self.graph.owners(type_.name, key))
        return found

    def trees(self, kind: str, root_type: str, selections: SelectionSet) -> list[Tree]:
        """The chosen paths: one tree for a query, one for each root field of a mutation, in their order."""
        search = Search(self.graph)
        fields = tuple(s for s in selections if not (isinstance(s, Field) and s.name == TYPENAME))
        start = Node("", root_type)
        if kind == "mutation":
            by_key: dict[str, tuple[Field, ...]] = {}
            for field in fields:
                if isinstance(field, Field):
                    by_key[field.key] = (*by_key.get(field.key, ()), field)
            return [search.mutation(start, same) for same in by_key.values()]
        return [search.tree(start, fields)] if fields else []

    def _requests(
        self, operation: Operation, drafts: list[Draft]
    ) -> tuple[tuple[Request, ...], tuple[tuple[int, ...], ...]]:
        """Requests and waves: what goes to one subgraph in one wave about entities travels together."""
        level = _levels(drafts)
        groups: dict[tuple[int, str, object], list[Draft]] = {}
        for draft in drafts:
            together = "entities" if draft.entity else draft.number
            groups.setdefault((level[draft.number], draft.graph, together), []).append(draft)
        ordered = sorted(groups.items(), key=lambda group: group[0][0])
        request_of = {d.number: i for i, (_, members) in enumerate(ordered) for d in members}
        requests: list[Request] = []
        standing: dict[int, int] = {}
        numbers = count(1 + max((draft.number for draft in drafts), default=0))
        for index, ((_, graph, _), members) in enumerate(ordered):
            merged = merge_alike(members, standing)
            steps = tuple(step for step, _ in merged)
            after = tuple(sorted({request_of[n] for d in members for n in d.after}))
            kind = "query" if steps[0].entity or steps[0].paths[0] else operation.kind
            request = self._request(index, graph, kind, steps, after, operation)
            parts = tuple(
                replace(part, number=next(numbers), part_of=step.number) for step, own in merged for part in own
            )
            apart = self._request(index, graph, kind, parts, after, operation) if parts else None
            requests.append(replace(request, apart=apart))
        waves: dict[int, list[int]] = {}
        for index, ((wave, _, _), _) in enumerate(ordered):
            waves.setdefault(wave, []).append(index)
        return tuple(requests), tuple(tuple(wave) for wave in waves.values())

    def _request(
        self,
        number: int,
        graph: str,
        kind: str,
        steps: tuple[Step, ...],
        after: tuple[int, ...],
        operation: Operation,
    ) -> Request:
        types = {v.name: v for v in operation.variables}
        used = frozenset[str]().union(*(mentioned(step.selections) for step in steps))
        variables = tuple(name for name in types if name in used)
        declared = tuple(str(types[name]) for name in variables)
        query = document(kind, steps, declared)
        return Request(number, self.supergraph.graphs[graph], kind, steps, query, variables, declared, after)


def _serialise(drafts: list[Draft]) -> None:
    """Let each mutation's whole subtree finish before the next one starts (GraphQL specification, section 6.2.2)."""
    for draft in drafts:
        if draft.serial is not None and not draft.after:
            earlier = (d.number for d in drafts if d.serial is not None and d.serial < draft.serial)
            draft.after.update(dict.fromkeys(earlier))


def _levels(drafts: list[Draft]) -> dict[int, int]:
    after = {draft.number: draft.after for draft in drafts}
    level: dict[int, int] = {}

    def of(number: int) -> int:
        if number not in level:
            level[number] = 1 + max(map(of, after[number]), default=-1)
        return level[number]

    for draft in drafts:
        of(draft.number)
    return level
