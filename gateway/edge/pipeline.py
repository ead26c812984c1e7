"""From a request to an answer: prepare, authorise, plan, run, write down, answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import orjson

from authz.principal import may_ask_for
from gateway.access import FactsReader
from gateway.edge.disclosed import NotGiven, given_of, not_given_of
from gateway.edge.person_limiter import NO_SEARCHES
from gateway.edge.prepared import Preparer
from gateway.edge.recording import Recorder
from gateway.edge.withheld import WithheldEntry, told_by_agency
from gateway.errors import Problem, RequestError, TooManyRequests
from gateway.execution import (
    Context,
    Denied,
    Judge,
    Outcome,
    Program,
    Received,
    Refusals,
    Run,
    SubgraphTransport,
    Target,
    target,
)
from gateway.inside import SCHEME, Asking, closed
from gateway.nesting import holds_within
from gateway.operations import Reader, check_cost, check_variables

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from authz.principal import Principal, Purpose
    from gateway.edge.documents import Prepared
    from gateway.edge.person_limiter import Searches
    from gateway.edge.prepared import Planned
    from gateway.edge.recording import Record
    from gateway.edge.request import GraphQLRequest
    from gateway.edge.settings import Settings
    from gateway.supergraph import Graph, Supergraph


class Exceptions(NamedTuple):
    """What is open to somebody beside their relationships, by the regional ids of children.

    `granted` is the child for whom they have broken the glass, `claimed` are those whom they have claimed.
    """

    granted: str | None = None
    claimed: frozenset[str] = frozenset()


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
        self._recorder = Recorder(settings.auditing, supergraph.version, version, self._code_of)
        self._transport = transport
        graphs = supergraph.graphs.values()
        own = [g for g in graphs if g.url.startswith(SCHEME)]
        self._inside = {g.id: settings.inside[g.url] for g in own if g.url in settings.inside}
        self._closed = {g.id: closed for g in own}
        self._refusals = {g.id: self._refusals_of(g) for g in graphs}
        self._audiences = {g.name: settings.audiences.get(g.name, g.name.upper()) for g in graphs}
        self._limits = {g.id: settings.answers[g.name] for g in graphs if g.name in settings.answers}
        self._facts = FactsReader(supergraph, transport)
        self._targets: dict[str, Target] = {
            g.id: target(g.url, self._limits[g.id].bytes if g.id in self._limits else None)
            for g in graphs
            if g.url and g.id not in self._closed
        }

    def _refusals_of(self, graph: Graph) -> Refusals:
        """What of a subgraph's words reaches clients: of one of the gateway's own all that it declares."""
        inside = self._inside.get(graph.id)
        if inside is not None:
            return Refusals(inside.refusals, passes_messages=True, at_fault=inside.refusals)
        if graph.id in self._closed:
            return Refusals(passes_messages=True)
        codes = self.settings.codes.get(graph.name, frozenset())
        return Refusals(codes, graph.name in self.settings.pass_messages)

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
            asker = principal.subject if principal else ""
            prepared = await self.preparer.documents.prepare(text, request.operation_name, asker)
            record.asked(prepared.operation)
            self._check_purpose(principal, request.purpose)
            variables = self._variables(prepared, request)
            record.asked_with(variables)
            if self.settings.limiter is not None and principal is not None:
                self.settings.limiter.take_values(principal, record.count)
            check_cost(prepared.price, variables, self.settings.limits.estimated_cost)
            searches = NO_SEARCHES
            if prepared.searches and self.settings.limiter is not None and principal is not None:
                named = record.pseudonyms or variables
                searches = await self.settings.limiter.count_searches(prepared.searches, principal, named)
            exceptions = await self._exceptions(request, principal)
            planned = await self._plan(prepared, principal, request.purpose, exceptions)
        except TooManyRequests:
            raise  # these are added up, and written down once a minute
        except RequestError as error:
            await record.refused(error)
            raise
        outcome = Outcome()
        if prepared.operation.kind == "mutation":
            await record.intended()
        context = self._context(variables, outcome, planned, record.id)
        if principal is not None:
            self._admit(context, planned, principal, request, exceptions, record)
        try:
            data = await self._carry_out(planned.program, context)
            if principal is not None:
                data = await self._count_children(data, context, principal, searches, record)
            asked = prepared.introspection
            if asked is not None and data is not None:
                told = await self.preparer.introspector.answer(asked, prepared.slot, request.variables, asker)
                data = asked.in_order(data | told)
            withheld = self._withheld(planned, outcome, principal, request.purpose)
            body = self._body(data, outcome, planned, withheld, request.purpose, record.id)
        except RequestError as error:  # agencies were asked: that is written down, though nothing is told
            await record.refused(error, outcome, planned)
            raise
        except Exception:
            await record.failed(outcome, planned)
            raise
        recorded: Awaitable[None] | None = None
        if self.settings.auditing is not None:
            legend = planned.legend(self._code_of, outcome.failed)
            given = given_of(outcome, context.judge, legend)
            withheld_of = self._not_given(planned, outcome, context.judge, principal, request.purpose)
            recorded = record.answered(outcome, planned, variables, withheld, given, withheld_of, legend, body)
        del data, outcome, context  # what was fetched need not wait for the disk
        if recorded is not None:
            await recorded
        return Response(200, body)

    async def refuse(self, principal: Principal | None, error: RequestError) -> None:
        """Write down a request that is refused before it can be read."""
        await self._recorder.begin(principal, None).refused(error)

    async def _plan(
        self, prepared: Prepared, principal: Principal | None, purpose: Purpose | None, exceptions: Exceptions
    ) -> Planned:
        return await self.preparer.plan(
            prepared,
            principal,
            purpose,
            break_glass=exceptions.granted is not None,
            claimed=bool(exceptions.claimed),
        )

    async def _count_children(
        self,
        data: dict[str, object] | None,
        context: Context,
        principal: Principal,
        searches: Searches,
        record: Record,
    ) -> dict[str, object] | None:
        """The answer's data, once the children without a relationship of whom it tells are counted.

        What a mutation did is done: where its answer may not leave, that is said in its place.
        """
        limiter, judge, outcome = self.settings.limiter, context.judge, context.outcome
        if limiter is None:
            return data
        told = [child for child in outcome.subjects if child in judge.unrelated] if judge and judge.unrelated else []
        empty = {} if searches is NO_SEARCHES else searches.without_result(data, outcome.data, frozenset(told))
        children = record.tokens(told)
        if limiter.has_just_counted(principal, children, searches, empty):
            return data
        try:
            await limiter.count_children(principal, children, searches, empty)
        except RequestError as error:
            if not record.is_mutation:
                raise
            said = "it is done, and what came of it can't be shown"
            outcome.errors.add(Problem(f"{said}: {error}", error.problems[0].code))
            outcome.disclosure.noted.clear()
            return None
        return data

    def _check_purpose(self, principal: Principal | None, purpose: Purpose | None) -> None:
        """A purpose that nobody of this role has is a mistake, or worse: the request is refused, and that is logged."""
        if self.settings.policies is None or principal is None or purpose is None:
            return
        if not may_ask_for(principal.roles, purpose):
            raise RequestError.of("PURPOSE_NOT_YOURS", f"your role can't ask for the purpose {purpose.value}", 403)

    async def _exceptions(self, request: GraphQLRequest, principal: Principal | None) -> Exceptions:
        """What is open to the principal beside their relationships, at this moment."""
        granted = None if request.break_glass is None else await self._granted(request.break_glass, principal, request)
        claims = self.settings.claims
        if claims is None or principal is None or not self.supergraph.subjects.types:
            return Exceptions(granted)
        return Exceptions(granted, await claims.of(principal, request.purpose))

    async def _granted(self, grant: str, principal: Principal | None, request: GraphQLRequest) -> str:
        """The child for whom the glass is broken under the grant that a request names."""
        grants = self.settings.grants
        child = None
        if grants is not None and principal is not None:
            child = await grants.child_of(grant, principal, request.purpose)
        if child is None:
            raise RequestError.of("NO_SUCH_GRANT", "the break-glass grant is not yours, or is not in force", 403)
        return child

    def _admit(
        self,
        context: Context,
        planned: Planned,
        principal: Principal,
        request: GraphQLRequest,
        exceptions: Exceptions,
        record: Record,
    ) -> None:
        """Who asks: by whom it is decided what is asked, and what agencies are told of them."""
        if planned.desk is not None:
            context.judge = Judge(
                planned.desk,
                principal,
                context.outcome,
                exceptions.granted,
                variables=context.variables,
                claimed=exceptions.claimed,
            )
        signer = self.settings.signer
        if signer is not None:
            speaker = signer.speaker(principal, request.purpose, request.break_glass or "")
            audiences = self._audiences
            context.assertion = lambda subgraph: speaker.to(audiences[subgraph]).header
        asks_inside = not self._inside.keys().isdisjoint(context.plan.graphs)
        if asks_inside and self.settings.policies is not None:
            asking = Asking(
                principal,
                request.purpose,
                record.id,
                exceptions.granted,
                self.supergraph,
                self.settings.policies,
                self._facts,
                # it does not hold the context: in a ring they would outlive the request together
                partial(_headers, context.headers, context.assertion, context.outcome.asked),
                record.noted,
                exceptions.claimed,
            )
            context.inside = {
                graph: partial(self._inside[graph].answer, asking) if graph in self._inside else closed
                for graph in self._closed
            }

    def _variables(self, prepared: Prepared, request: GraphQLRequest) -> Mapping[str, object]:
        if not prepared.takes_variables:
            return {}
        most = self.settings.limits.variable_values
        if request.variables and not holds_within(dict(request.variables), most):
            raise RequestError.of("OPERATION_TOO_LARGE", f"the variables hold more than {most} values")
        schema = self.supergraph.api_schema
        return check_variables(schema, prepared.declared, prepared.normalised, request.variables, prepared.place_of)

    def _context(self, variables: Mapping[str, object], outcome: Outcome, planned: Planned, audit_id: str) -> Context:
        program = planned.program
        return Context(
            self._transport,
            self._targets,
            variables,
            f"cps-request-id: {audit_id}\r\n".encode("ascii"),
            outcome,
            self._refusals,
            program.plan,
            program.flags(variables),
            [None] * program.levels,
            Received(self._limits),
            self.settings.reference,
            inside=self._closed,
        )

    async def _carry_out(self, program: Program, context: Context) -> dict[str, object] | None:
        """The answer's data, from running a plan."""
        await Run(program, context).carry_out()
        if context.judge is not None:
            context.judge.settle()
        return program.project(context.outcome, context.variables)

    def _withheld(
        self, planned: Planned, outcome: Outcome, principal: Principal | None, purpose: Purpose | None
    ) -> list[WithheldEntry]:
        """What the policies took out, for all children or of one, and what agencies withheld by their own last word."""
        found = dict.fromkeys(planned.withheld)
        if outcome.denied and self.settings.policies is not None:
            reader = Reader(principal, purpose, self.settings.policies, self.settings.agencies)
            found.update(dict.fromkeys(planned.told_of(item, reader) for item in outcome.denied))
        found.update(dict.fromkeys(map(told_by_agency, outcome.withheld)))
        return list(found)

    def _not_given(
        self,
        planned: Planned,
        outcome: Outcome,
        judge: Judge | None,
        principal: Principal | None,
        purpose: Purpose | None,
    ) -> list[NotGiven]:
        """Return what was withheld of each child, for the log."""
        policies = self.settings.policies

        def told_of(item: Denied) -> WithheldEntry:
            assert policies is not None, "who decided had them"
            return planned.told_of(item, Reader(principal, purpose, policies, self.settings.agencies))

        return not_given_of(outcome, planned, judge, told_of)

    def _code_of(self, subgraph: str) -> str:
        """Return the code of the agency whose a subgraph (name) is: "" where it has the records of several."""
        code = self.settings.agencies.get(subgraph)
        codes = self.settings.hosted.get(subgraph, (code,) if code else (subgraph,))
        return next(iter(codes)) if len(codes) == 1 else ""

    def _body(
        self,
        data: dict[str, object] | None,
        outcome: Outcome,
        planned: Planned,
        withheld: list[WithheldEntry],
        purpose: Purpose | None,
        audit_id: str,
    ) -> bytes:
        """The answer's JSON. Who decides about subjects counts as asked where it would be, were there any."""
        answer: dict[str, object] = {"data": data}
        if outcome.errors:
            answer["errors"] = [problem.as_json() for problem in outcome.errors]
        if self.settings.policies is not None:
            answer["extensions"] = {
                "cps": {
                    "auditId": audit_id,
                    "purpose": purpose,
                    "asked": sorted(outcome.asked | planned.deciding),
                    "answered": sorted({*outcome.answered, *(planned.deciding.keys() - outcome.failed.keys())}),
                    "withheld": [item._asdict() for item in withheld],
                    "unavailable": [item._asdict() for item in outcome.unavailable],
                    "listed": [],
                }
            }
        return orjson.dumps(answer)


def _headers(always: bytes, assertion: Callable[[str], bytes] | None, asked: dict[str, None], subgraph: str) -> bytes:
    """Whole header lines for a request to a subgraph, which counts as asked."""
    asked[subgraph] = None
    return always + assertion(subgraph) if assertion else always


def refusal(error: RequestError) -> bytes:
    """The body for a request that was not carried out."""
    return orjson.dumps({"errors": [problem.as_json() for problem in error.problems]})


def fault(code: str, message: str) -> bytes:
    """The body for a fault of ours."""
    return orjson.dumps({"errors": [Problem(message, code).as_json()]})
