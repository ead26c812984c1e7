"""The engine over subgraphs in this process: compose, read, plan and run, with every request on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from graphql import execute_sync, parse

from authz.policy import Policies
from authz.principal import Principal, Purpose
from gateway.composition import SubgraphSource, compose
from gateway.edge import Pipeline, Settings
from gateway.edge.request import GraphQLRequest
from gateway.errors import SubgraphError
from gateway.execution import Answer, Target
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Plan, Planner
from gateway.supergraph import Supergraph, read_supergraph
from tests.execution.interpreter import FollowedPipeline, InterpretingPipeline
from tests.federation.subgraph import Subgraph
from tests.federation.values import Data, Json
from tests.transport.scripted import ScriptedTransport

UNPRICED = Limits(estimated_cost=None)
"""What an operation is estimated to cost has tests of its own; random ones may cost anything."""


class Asked(NamedTuple):
    """One request that a subgraph got."""

    graph: str
    query: str
    variables: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Fault:
    """How a subgraph misbehaves: it raises `reason`, or answers with this status and body."""

    reason: str | None = None
    status: int = 200
    body: bytes = b""

    @classmethod
    def read(cls, stated: Mapping[str, Json]) -> Fault:
        if "raise" in stated:
            return cls(reason=stated["raise"])
        body = stated.get("text", "").encode() if "text" in stated else orjson.dumps(stated.get("body"))
        return cls(status=stated.get("status", 200), body=body)


class Recorded(ScriptedTransport):
    """Answers from subgraphs in this process, and records every request in its order."""

    def __init__(self, subgraphs: Sequence[Subgraph], faults: Mapping[str, Fault] | None = None) -> None:
        super().__init__()
        self.subgraphs = {_host(subgraph.name): subgraph for subgraph in subgraphs}
        self.faults = faults or {}
        self.asked: list[Asked] = []

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        subgraph = self.subgraphs[to.host]
        request = orjson.loads(body)
        self.asked.append(Asked(subgraph.name, request["query"], request["variables"]))
        fault = self.faults.get(subgraph.name)
        if fault is not None:
            if fault.reason is not None:
                raise SubgraphError(fault.reason, "as the case says")
            return Answer(fault.status, "application/json", fault.body)
        return Answer(200, "application/json", orjson.dumps(subgraph.answer(request["query"], request["variables"])))


@dataclass(slots=True)
class Network:
    """Composed subgraphs with a gateway over them."""

    subgraphs: list[Subgraph]
    supergraph: Supergraph
    faults: Mapping[str, Fault] = field(default_factory=dict)
    policies: Policies | None = None
    agencies: Mapping[str, str] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()

    @classmethod
    def of(cls, sources: Mapping[str, tuple[str, Mapping[str, Json]]]) -> Network:
        """Compose SDLs with their data; fails where they do not compose."""
        result = compose([SubgraphSource(name, f"http://{_host(name)}/", sdl) for name, (sdl, _) in sources.items()])
        assert result.supergraph is not None, "\n".join(map(str, result.errors))
        subgraphs = [Subgraph(name, sdl, data) for name, (sdl, data) in sources.items()]
        return cls(subgraphs, read_supergraph(result.supergraph))

    def plan(self, query: str) -> Plan:
        document = read_document(query, None, self.supergraph.api_schema, UNPRICED)
        return Planner(self.supergraph, self.labels).plan(normalise(document, self.supergraph).operation)

    def gateway(self) -> Gateway:
        """A gateway over the subgraphs, its caches empty."""
        transport = Recorded(self.subgraphs, self.faults)
        settings = Settings(
            policies=self.policies,
            auditing=None,
            agencies=self.agencies,
            limits=UNPRICED,
            pass_messages=frozenset(subgraph.name for subgraph in self.subgraphs),
            labels=self.labels,
        )
        pipeline = FollowedPipeline(self.supergraph, transport, settings)
        interpreter = InterpretingPipeline(self.supergraph, transport, settings)
        interpreter.followed = pipeline
        return Gateway(self, transport, pipeline, interpreter)

    async def run(
        self,
        query: str,
        variables: Mapping[str, Json] | None = None,
        principal: Principal | None = None,
        purpose: Purpose | None = None,
    ) -> Run:
        """Answer one query by a gateway of its own."""
        return await self.gateway().run(query, variables, principal, purpose)

    def undivided(self, query: str, variables: Mapping[str, Json] | None, data: Mapping[str, Json]) -> Json:
        """The `data` that graphql-core gives over the API schema as one schema, from `data`."""
        whole = Data(data)
        result = execute_sync(
            self.supergraph.api_schema,
            parse(query),
            variable_values=dict(variables or {}),
            field_resolver=whole.resolve_field,
            type_resolver=whole.resolve_type,
        )
        return result.data


@dataclass(frozen=True, slots=True)
class Gateway:
    """A pipeline and the transport that it asks by."""

    network: Network
    transport: Recorded
    pipeline: Pipeline
    interpreter: InterpretingPipeline

    async def run(
        self,
        query: str,
        variables: Mapping[str, Json] | None = None,
        principal: Principal | None = None,
        purpose: Purpose | None = None,
    ) -> Run:
        """Answer one query; what was asked for it is in the run.

        The interpreter answers it too, asks the same and says the same; but what a mutation does is done once.
        """
        request = GraphQLRequest(query, None, variables or {}, purpose)
        before = len(self.transport.asked)
        response = await self.pipeline.answer(request, principal)
        asked = self.transport.asked[before:]
        if not any(one.query.startswith("mutation") for one in asked):
            interpreted = await self.interpreter.answer(request, principal)
            _alike(response.body, asked, interpreted.body, self.transport.asked[before + len(asked) :])
            del self.transport.asked[before + len(asked) :]
        invalid = [f"{s.name}: {message}" for s in self.network.subgraphs for message in s.invalid]
        return Run(orjson.loads(response.body), asked, invalid)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one query. `invalid` is empty where every subgraph got requests that it can answer."""

    answer: dict[str, Json]
    asked: list[Asked]
    invalid: list[str]

    @property
    def data(self) -> Json:
        return self.answer["data"]

    @property
    def errors(self) -> list[dict[str, Json]]:
        found = self.answer.get("errors", [])
        assert isinstance(found, list)
        return found

    @property
    def graphs(self) -> list[str]:
        return [request.graph for request in self.asked]

    @property
    def unavailable(self) -> list[dict[str, Json]]:
        return self._said("unavailable")

    @property
    def withheld(self) -> list[dict[str, Json]]:
        return self._said("withheld")

    def _said(self, name: str) -> list[dict[str, Json]]:
        found = self.answer.get("extensions", {}).get("cps", {}).get(name, [])
        assert isinstance(found, list)
        return found


def needless(plan: Plan) -> list[str]:
    """Steps that enter the only subgraph they wait for, with nothing required: their parent could have asked it."""
    steps = {step.number: step for request in plan.requests for step in request.steps}
    return [
        f"step {step.number} at {'.'.join(map(str, step.paths[0]))} enters `{step.graph}` from itself"
        for step in steps.values()
        if step.after and not step.required and not step.contexts
        if step.entity and {steps[number].graph for number in step.after} == {step.graph}
    ]


def _host(name: str) -> str:
    return name.replace("_", "-")


def _alike(compiled: bytes, asked: list[Asked], interpreted: bytes, also_asked: list[Asked]) -> None:
    """The same answer, but for what is drawn for each request; the same errors and requests, in any order.

    So are the representations of one request: which of several objects that are not alike comes first is nobody's to
    know, and each has its answer at its own place.
    """
    mine, other = orjson.loads(compiled), orjson.loads(interpreted)
    assert orjson.dumps(mine["data"]) == orjson.dumps(other["data"])
    assert _sorted(mine.get("errors", [])) == _sorted(other.get("errors", []))
    told, also_told = (answer.get("extensions", {}).get("cps", {}) for answer in (mine, other))
    for name in {*told, *also_told} - {"auditId"}:
        assert _sorted(told[name]) == _sorted(also_told[name])
    assert _sorted([*map(_request, asked)]) == _sorted([*map(_request, also_asked)])


def _request(asked: Asked) -> dict[str, object]:
    variables = {name: _sorted(sent) if name.startswith("_r") else sent for name, sent in asked.variables.items()}
    return {"graph": asked.graph, "query": asked.query, "variables": {k: str(v) for k, v in variables.items()}}


def _sorted(items: object) -> list[bytes]:
    whole = items if isinstance(items, list) else [items]
    return sorted(orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in whole)
