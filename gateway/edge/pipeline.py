"""From a request to an answer: prepare, authorise, plan, run, write down, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from gateway.edge.introspection import in_order, introspect
from gateway.edge.prepared import Preparer
from gateway.edge.recording import Recorder
from gateway.errors import Problem, RequestError
from gateway.execution import Context, Outcome, Program, Run, SubgraphTransport, Target, target
from gateway.operations import check_cost, check_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.principal import Principal, Purpose
    from gateway.edge.prepared import Planned, Prepared
    from gateway.edge.request import GraphQLRequest
    from gateway.edge.settings import Settings
    from gateway.supergraph import Supergraph


class Response(NamedTuple):
    """An answer ready to leave: nothing of it may be sent before its audit entry is durable, and it is."""

    status: int
    body: bytes


class Pipeline:
    """Answers requests over one supergraph."""

    def __init__(self, supergraph: Supergraph, transport: SubgraphTransport, settings: Settings) -> None:
        self.supergraph = supergraph
        self.settings = settings
        self.preparer = Preparer(supergraph, settings)
        version = settings.policies.version if settings.policies else ""
        self._recorder = Recorder(settings.auditing, supergraph.version, version)
        self._transport = transport
        self._targets: dict[str, Target] = {g.id: target(g.url) for g in supergraph.graphs.values() if g.url}

    async def answer(self, request: GraphQLRequest, principal: Principal | None) -> Response:
        """Carry out one request.

        Raises `RequestError` where it can't be carried out through its sender's fault, which is logged too, and
        `AuditUnavailable` where its entry could not be made durable.
        """
        record = self._recorder.begin(principal, request.purpose)
        try:
            text = request.query
            if text is None or request.hash is not None or self.settings.documents.only:
                text = self.settings.documents.resolve(text, request.hash)
            prepared = await self.preparer.prepare(text, request.operation_name)
            record.asked(prepared.operation)
            variables = self._variables(prepared, request)
            record.asked_with(variables)
            check_cost(prepared.price, variables, self.settings.limits.estimated_cost)
            planned = await self._plan(prepared, principal, request.purpose)
        except RequestError as error:
            await record.refused(error)
            raise
        outcome = Outcome()
        if prepared.operation.kind == "mutation":
            await record.intended()
        try:
            data = await self._carry_out(planned.program, self._context(variables, outcome, planned, record.id))
            if prepared.introspects and data is not None:
                introspected = introspect(self.supergraph.api_schema, prepared.document, request.variables)
                data = in_order(data | introspected, prepared.document)
            withheld = _withheld(planned, outcome)
            body = self._body(data, outcome, withheld, request.purpose, record.id)
        except Exception:
            await record.failed(outcome, planned)
            raise
        recorded = record.answered(outcome, planned, variables, withheld, body)
        del data, outcome  # what was fetched need not wait for the disk
        await recorded
        return Response(200, body)

    async def refuse(self, principal: Principal | None, error: RequestError) -> None:
        """Write down a request that is refused before it can be read."""
        await self._recorder.begin(principal, None).refused(error)

    async def _plan(self, prepared: Prepared, principal: Principal | None, purpose: Purpose | None) -> Planned:
        return await self.preparer.plan(prepared, principal, purpose)

    def _variables(self, prepared: Prepared, request: GraphQLRequest) -> Mapping[str, object]:
        if not prepared.takes_variables:
            return {}
        schema = self.supergraph.api_schema
        return check_variables(schema, prepared.document.operation, prepared.normalised, request.variables)

    def _context(self, variables: Mapping[str, object], outcome: Outcome, planned: Planned, audit_id: str) -> Context:
        program = planned.program
        return Context(
            self._transport,
            self._targets,
            variables,
            f"cps-request-id: {audit_id}\r\n".encode("ascii"),
            outcome,
            self.settings.pass_messages,
            program.plan,
            program.flags(variables),
            [None] * program.levels,
            self.settings.reference,
        )

    async def _carry_out(self, program: Program, context: Context) -> dict[str, object] | None:
        """The answer's data, from running a plan."""
        await Run(program, context).carry_out()
        return program.project(context.outcome, context.variables)

    def _body(
        self,
        data: dict[str, object] | None,
        outcome: Outcome,
        withheld: list[dict[str, str]],
        purpose: Purpose | None,
        audit_id: str,
    ) -> bytes:
        answer: dict[str, object] = {"data": data}
        if outcome.errors:
            answer["errors"] = [problem.as_json() for problem in outcome.errors]
        if self.settings.policies is not None:
            answer["extensions"] = {
                "cps": {
                    "auditId": audit_id,
                    "purpose": purpose,
                    "asked": sorted(outcome.asked),
                    "answered": sorted(outcome.answered),
                    "withheld": withheld,
                    "unavailable": [item._asdict() for item in outcome.unavailable],
                    "listed": [],
                }
            }
        return orjson.dumps(answer)


def _withheld(planned: Planned, outcome: Outcome) -> list[dict[str, str]]:
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
