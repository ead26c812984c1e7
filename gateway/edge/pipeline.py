"""From a request to an answer: prepare, authorise, plan, run, write down, answer.

What depends only on the operation and the reader's access profile is computed once and kept in bounded caches.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import orjson

from authz.bounded import Bounded
from gateway.audit import Entry
from gateway.edge.introspection import in_order, introspect
from gateway.edge.overrides import Overrides
from gateway.errors import PlanningError, Problem, RequestError
from gateway.execution import Context, Outcome, Program, Run, Shapes, SubgraphTransport, Target, target
from gateway.operations import (
    CostEstimator,
    Limits,
    Normalised,
    Operation,
    Reader,
    Withheld,
    authorise,
    check_cost,
    check_variables,
    normalise,
    read_document,
)
from gateway.operations.subjects import SUBJECT_KEY
from gateway.planning import Planner, Reading, field_paths, readings
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.policy import Policies
    from authz.principal import Principal, Purpose
    from gateway.audit import AuditLog, Tokeniser
    from gateway.edge.request import GraphQLRequest
    from gateway.operations import Document
    from gateway.operations.price import Price
    from gateway.supergraph import Supergraph

MAX_DOCUMENTS = 2_000
MAX_PLANS = 2_000


@dataclass(frozen=True, slots=True)
class Auditing:
    """Where entries go, and how identifiers in them become tokens."""

    log: AuditLog
    tokeniser: Tokeniser


@dataclass(frozen=True, slots=True)
class Settings:
    """What the pipeline is to do. `policies` is None with `--insecure-no-auth`, `auditing` with `--no-audit`.

    `pass_messages` names the subgraphs whose own words reach the client where they err; `labels` are those of
    progressive overrides that are in force whatever is drawn.
    """

    policies: Policies | None
    auditing: Auditing | None
    agencies: Mapping[str, str]
    limits: Limits
    pass_messages: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


class Response(NamedTuple):
    """An answer ready to leave: nothing of it may be sent before its audit entry is durable, and it is."""

    status: int
    body: bytes


class _Prepared(NamedTuple):
    """A document that has been read."""

    document: Document
    normalised: Normalised
    price: Price

    @property
    def operation(self) -> Operation:
        return self.normalised.operation


class _Planned(NamedTuple):
    """An operation planned for one access profile."""

    program: Program
    withheld: tuple[Withheld, ...]
    readings: Mapping[int, Reading]
    paths: Mapping[str, str]

    def fields(self, outcome: Outcome) -> dict[str, tuple[str, ...]]:
        """What was read, by agency: the steps that were answered, and no others."""
        found: dict[str, set[str]] = {}
        for number in outcome.steps:
            reading = self.readings[number]
            found.setdefault(reading.agency, set()).update(reading.coordinates)
        return {agency: tuple(sorted(found[agency])) for agency in sorted(found)}


class Pipeline:
    """Answers requests over one supergraph."""

    def __init__(self, supergraph: Supergraph, transport: SubgraphTransport, settings: Settings) -> None:
        self.supergraph = supergraph
        self.settings = settings
        self._transport = transport
        self._overrides = Overrides(supergraph, settings.labels)
        self._planners: dict[frozenset[str], Planner] = {}
        self._estimator = CostEstimator(supergraph, settings.limits.list_size)
        self._targets: dict[str, Target] = {g.id: target(g.url) for g in supergraph.graphs.values() if g.url}
        self._documents: Bounded[tuple[str, str | None], _Prepared] = Bounded(MAX_DOCUMENTS)
        self._plans: Bounded[tuple[Operation, frozenset[str], object], _Planned] = Bounded(MAX_PLANS)

    async def answer(self, request: GraphQLRequest, principal: Principal | None) -> Response:
        """Carry out one request.

        Raises `RequestError` where it can't be carried out through its sender's fault, which is logged too, and
        `AuditUnavailable` where its entry could not be made durable.
        """
        audit_id = secrets.token_urlsafe(16)
        clock = time.perf_counter()
        entry = self._entry(audit_id, request.purpose, principal)
        try:
            prepared = self._prepare(request)
            entry = self._with_operation(entry, prepared.operation)
            variables = self._variables(prepared, request)
            entry = self._with_variables(entry, variables)
            check_cost(prepared.price, variables, self.settings.limits.estimated_cost)
            planned = self._plan(prepared.operation, principal, request.purpose)
        except RequestError as error:
            await self._record(replace(entry, outcome="REFUSED", errors=_codes(error)), clock)
            raise
        outcome = Outcome()
        if prepared.operation.kind == "mutation":  # what may be carried out is written down before it is
            await self._record(replace(entry, audit_id=f"{audit_id}.intent", outcome="INTENT"), clock)
        try:
            body = await self._run(request, prepared, planned, variables, outcome, audit_id)
        except Exception:
            failed = replace(
                entry, outcome="FAILED", asked=tuple(sorted(outcome.asked)), fields=planned.fields(outcome)
            )
            await self._record(failed, clock)
            raise
        entry = self._with_outcome(entry, prepared.operation, variables, outcome, planned, body)
        await self._record(entry, clock)
        return Response(200, body)

    async def refuse(self, principal: Principal | None, error: RequestError) -> None:
        """Write down a request that is refused before it can be read."""
        entry = self._entry(secrets.token_urlsafe(16), None, principal)
        await self._record(replace(entry, outcome="REFUSED", errors=_codes(error)), time.perf_counter())

    async def _run(
        self,
        request: GraphQLRequest,
        prepared: _Prepared,
        planned: _Planned,
        variables: Mapping[str, object],
        outcome: Outcome,
        audit_id: str,
    ) -> bytes:
        headers = f"cps-request-id: {audit_id}\r\n".encode("ascii")
        context = Context(
            self._transport,
            self._targets,
            variables,
            headers,
            outcome,
            self.settings.pass_messages,
            planned.program.plan,
            planned.program.flags(variables),
        )
        data = await self._carry_out(planned.program, context)
        introspected = introspect(self.supergraph.api_schema, prepared.document, request.variables)
        if data is not None and introspected:
            data = in_order(data | introspected, prepared.document)
        return self._body(data, outcome, planned, request, audit_id)

    async def _carry_out(self, program: Program, context: Context) -> dict[str, object] | None:
        """The answer's data, from running a plan."""
        await Run(program, context).carry_out()
        return program.project(context.outcome, context.variables)

    def _prepare(self, request: GraphQLRequest) -> _Prepared:
        slot = (request.query, request.operation_name)
        prepared = self._documents.get(slot)
        if prepared is None:
            document = read_document(*slot, self.supergraph.api_schema, self.settings.limits)
            normalised = normalise(document, self.supergraph)
            prepared = _Prepared(document, normalised, self._estimator.price(normalised.operation))
            self._documents.put(slot, prepared)
        return prepared

    def _variables(self, prepared: _Prepared, request: GraphQLRequest) -> dict[str, object]:
        schema = self.supergraph.api_schema
        return check_variables(schema, prepared.document.operation, prepared.normalised, request.variables)

    def _plan(self, operation: Operation, principal: Principal | None, purpose: Purpose | None) -> _Planned:
        """The plan for what this principal may have; made once for all with the same access profile and overrides."""
        policies = self.settings.policies
        profile = None
        if policies is not None and principal is not None:
            profile = (principal.roles, principal.agency, principal.scopes, purpose, policies.version)
        labels = self._overrides.draw()
        slot = (operation, labels, profile)
        planned = self._plans.get(slot)
        if planned is None:
            selections = operation.selections
            withheld: tuple[Withheld, ...] = ()
            if policies is not None:
                reader = Reader(principal, purpose, policies, self.settings.agencies)
                allowed = authorise(selections, operation.root_type, self.supergraph, reader)
                selections, withheld = allowed.selections, allowed.withheld
            try:
                plan = self._planner(labels).plan(replace(operation, selections=selections), operation)
            except PlanningError as error:
                raise RequestError.of("OPERATION_NOT_PLANNED", str(error)) from error
            shapes = Shapes(self.supergraph, operation, withheld)
            paths = field_paths(operation.selections)
            program = Program(plan, shapes, self.supergraph)
            planned = _Planned(program, withheld, readings(plan, self.supergraph), paths)
            self._plans.put(slot, planned)
        return planned

    def _planner(self, labels: frozenset[str]) -> Planner:
        """The planner for these labels of overrides: there are no more than `Overrides` draws sets of."""
        if labels not in self._planners:
            self._planners[labels] = Planner(self.supergraph, labels)
        return self._planners[labels]

    def _body(
        self,
        data: dict[str, object] | None,
        outcome: Outcome,
        planned: _Planned,
        request: GraphQLRequest,
        audit_id: str,
    ) -> bytes:
        answer: dict[str, object] = {"data": data}
        if outcome.errors:
            answer["errors"] = [problem.as_json() for problem in outcome.errors]
        if self.settings.policies is not None:
            answer["extensions"] = {
                "cps": {
                    "auditId": audit_id,
                    "purpose": request.purpose,
                    "asked": sorted(outcome.asked),
                    "answered": sorted(outcome.answered),
                    "withheld": _withheld(planned, outcome),
                    "unavailable": [item._asdict() for item in outcome.unavailable],
                    "listed": [],
                }
            }
        return orjson.dumps(answer)

    # the audit

    def _entry(self, audit_id: str, purpose: Purpose | None, principal: Principal | None) -> Entry:
        policies = self.settings.policies
        return Entry(
            audit_id=audit_id,
            time=time.time(),
            subject=principal.subject if principal else "",
            issuer=principal.issuer if principal else "",
            client=principal.client if principal else "",
            agency=principal.agency if principal else "",
            roles=tuple(role.value for role in principal.roles) if principal else (),
            purpose=purpose.value if purpose else None,
            outcome="ANSWERED",
            policy_version=policies.version if policies else "",
            schema_version=self.supergraph.version,
        )

    def _with_operation(self, entry: Entry, operation: Operation) -> Entry:
        if self.settings.auditing is None:
            return entry
        return replace(entry, operation_hash=operation.hash, operation=operation.logged)

    def _with_variables(self, entry: Entry, values: Mapping[str, object]) -> Entry:
        """What the operation was asked with, once it is known to fit the schema: nothing else is kept."""
        auditing = self.settings.auditing
        if auditing is None:
            return entry
        kept, identifiers = auditing.tokeniser.variables(values)
        return replace(entry, variables=kept, identifiers=identifiers)

    def _with_outcome(
        self,
        entry: Entry,
        operation: Operation,
        variables: Mapping[str, object],
        outcome: Outcome,
        planned: _Planned,
        body: bytes,
    ) -> Entry:
        auditing = self.settings.auditing
        if auditing is None:
            return entry
        return replace(
            entry,
            outcome="PARTIAL" if outcome.unavailable else "ANSWERED",
            children=tuple(auditing.tokeniser.token(subject) for subject in outcome.subjects),
            links=_links(operation, variables, outcome, auditing.tokeniser),
            fields=planned.fields(outcome),
            withheld=tuple(_logged(item, planned) for item in _withheld(planned, outcome)),
            asked=tuple(sorted(outcome.asked)),
            answered=tuple(sorted(outcome.answered)),
            unavailable=tuple(_logged(item._asdict(), planned) for item in outcome.unavailable),
            errors=tuple(sorted({problem.code for problem in outcome.errors})),
            response_digest=sha256(body).hexdigest(),
        )

    async def _record(self, entry: Entry, clock: float) -> None:
        """Make the entry durable; whoever calls sends nothing before this returns."""
        if self.settings.auditing is not None:
            duration = round((time.perf_counter() - clock) * 1_000, 3)
            await self.settings.auditing.log.append(replace(entry, duration_ms=duration))


def _logged(item: Mapping[str, str], planned: _Planned) -> dict[str, str]:
    """The same with its position by the names of fields: aliases are the client's own words."""
    return {**item, "path": planned.paths.get(item["path"], "")}


def _links(
    operation: Operation, variables: Mapping[str, object], outcome: Outcome, tokeniser: Tokeniser
) -> tuple[tuple[str, str], ...]:
    """Which identifier led to which child: a root field with one value that found one subject."""
    found: dict[tuple[str, str], None] = {}
    for selection in operation.selections:
        if not isinstance(selection, Field):
            continue
        value = (outcome.data or {}).get(selection.key)
        subject = value.get(SUBJECT_KEY) if isinstance(value, dict) else None
        given = [variables.get(name) for argument in selection.arguments for name in argument.variables]
        asked = [item for item in given if isinstance(item, str | int) and not isinstance(item, bool)]
        if isinstance(subject, str) and len(asked) == 1:
            found[tokeniser.token(str(asked[0])), tokeniser.token(subject)] = None
    return tuple(found)


def _codes(error: RequestError) -> tuple[str, ...]:
    return tuple(sorted({problem.code for problem in error.problems}))


def _withheld(planned: _Planned, outcome: Outcome) -> list[dict[str, str]]:
    """What the policies took out, and what agencies withheld by their own last word."""
    by_policy = [
        {"path": item.path, "agency": item.agency, "policy": item.policy, "reason": item.reason}
        for item in planned.withheld
    ]
    by_agency = [
        {"path": item.path, "agency": item.agency, "policy": "", "reason": item.reason} for item in outcome.withheld
    ]
    return by_policy + by_agency


def refusal(error: RequestError) -> bytes:
    """The body for a request that was not carried out."""
    return orjson.dumps({"errors": [problem.as_json() for problem in error.problems]})


def fault(code: str, message: str) -> bytes:
    """The body for a fault of ours."""
    return orjson.dumps({"errors": [Problem(message, code).as_json()]})
