"""A gateway over three small subgraphs that answer in this process, and the people who ask it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

import httpx
import orjson
from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from authz.policy import Policies
from authz.policy.files import PARTNERSHIP
from gateway.audit import Entry
from gateway.composition import SubgraphSource, compose
from gateway.edge import Auditing, GraphQLEndpoint, Pipeline, Settings
from gateway.errors import SubgraphError
from gateway.execution import Answer, Target
from gateway.execution.connection import Done, Exchange
from gateway.operations import Limits
from gateway.supergraph import read_supergraph
from tests.authz.stub import StubProvider, claims, ec, public, sign
from tests.transport.scripted import ScriptedTransport

Json: TypeAlias = dict[str, Any]

NHS: Final = "9990000018"
SURNAME: Final = "Featherstonehaugh"
CHILD: Final = "kQ3vX9pLm2Zt7RbYc5WdNg"
LINK: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [
  "@key", "@policy", "@authenticated", "@requiresScopes", "@composeDirective", "@external"])
"""
INDEX: Final = (
    LINK
    + """
extend schema @composeDirective(name: "@subject") @link(url: "https://cps.example/subject/v1.0", import: ["@subject"])
directive @subject on OBJECT
scalar Date
input Filter { nhsNumber: String surname: String }
type Query {
  child(id: ID, nhsNumber: String): Child
    @authenticated @requiresScopes(scopes: [["cps.read"]]) @policy(policies: [["locator.summary"]])
  findChildren(filter: Filter!): [Child!] @authenticated @policy(policies: [["locator.summary"]])
  agencies: [String!]
  born(on: Date, weight: Float, more: [Date]): String
}
type Mutation { note(text: String!): Boolean }
type Child @key(fields: "id") @subject {
  id: ID!
  surname: String @policy(policies: [["identity.detail"]])
  dateOfBirth: Date @policy(policies: [["identity.detail"]])
}
"""
)
CARE: Final = (
    LINK
    + """
type Query { careVersion: String }
type Child @key(fields: "id") { id: ID! @external socialCare: CareRecord @policy(policies: [["locator.summary"]]) }
type CareRecord @authenticated {
  leadWorker: String @policy(policies: [["locator.summary"]])
  chronology: String @policy(policies: [["case.detail"]])
  legalAdvice: String @policy(policies: [["case.owner"]])
}
"""
)
POLICE: Final = (
    LINK
    + """
type Query { policeVersion: String }
type Child @key(fields: "id") { id: ID! @external police: PoliceRecord @policy(policies: [["locator.summary"]]) }
type PoliceRecord @authenticated {
  officer: String @policy(policies: [["locator.summary"]])
  narrative: String @policy(policies: [["police.detail"]])
}
"""
)
_RECORD: Final[Json] = {
    "id": CHILD,
    "surname": SURNAME,
    "dateOfBirth": "2018-02-03",
    "socialCare": {"leadWorker": "Ruth Vane", "chronology": "seen at home", "legalAdvice": "privileged"},
    "police": {"officer": "PC Adeyemi", "narrative": "called at night"},
}
DATA: Final[Json] = {"agencies": ["380", "13"], "note": True, "born": "x", "findChildren": [_RECORD]}

QUERY: Final = """
query Whole($n: String) {
  child(nhsNumber: $n) {
    id surname
    socialCare { leadWorker chronology legalAdvice }
    police { officer narrative }
  }
}
"""


class Asked(NamedTuple):
    """One request that a subgraph got."""

    graph: str
    query: str
    variables: Json
    headers: bytes


class Stub(ScriptedTransport):
    """Answers from `DATA`, or for a subgraph in `faults` as that says: an answer, a reason, or a fault of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.faults: dict[str, Answer | str | Exception] = {}

    @property
    def graphs(self) -> set[str]:
        return {asked.graph for asked in self.asked}

    def send(self, to: Target, body: bytes, headers: bytes, done: Done, *, again: bool) -> Exchange:
        fault = self.faults.get(to.host)
        if isinstance(fault, Exception):
            raise fault
        return super().send(to, body, headers, done, again=again)

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        request = orjson.loads(body)
        self.asked.append(Asked(to.host, request["query"], request["variables"], headers))
        await asyncio.sleep(0)
        fault = self.faults.get(to.host)
        if isinstance(fault, str):
            raise SubgraphError(fault, "as the test says")
        assert not isinstance(fault, Exception)
        return fault or json_answer({"data": _answer(request["query"], request["variables"])})


def json_answer(payload: object, status: int = 200) -> Answer:
    return Answer(status, "application/json", orjson.dumps(payload))


def _answer(text: str, variables: Json) -> Json:
    definitions = parse(text).definitions
    operation = next(d for d in definitions if isinstance(d, OperationDefinitionNode))

    def root(node: FieldNode) -> object:
        values = [variables.get(getattr(a.value, "name", a.name).value) for a in node.arguments or ()]
        if node.name.value == "child":
            return _RECORD if NHS in values or CHILD in values else None
        if node.name.value == "_entities":
            sent = values[0]
            assert isinstance(sent, list)
            return [_RECORD if one["id"] == CHILD else None for one in sent]
        return DATA[node.name.value]

    def shape(value: object, selections: SelectionSetNode | None) -> object:
        if isinstance(value, list):
            return [shape(item, selections) for item in value]
        if not isinstance(value, dict) or selections is None:
            return value
        out: Json = {}
        for node in selections.selections:
            if isinstance(node, FieldNode):
                found = "Child" if node.name.value == "__typename" else value[node.name.value]
                out[(node.alias or node.name).value] = shape(found, node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                inner = shape(value, node.selection_set)
                assert isinstance(inner, dict)
                out |= inner
            else:
                assert isinstance(node, FragmentSpreadNode)
                raise AssertionError("plans spread no fragments")
        return out

    out: Json = {}
    for node in operation.selection_set.selections:
        assert isinstance(node, FieldNode)
        out[(node.alias or node.name).value] = shape(root(node), node.selection_set)
    return out


class MemoryLog:
    """An audit log that keeps its entries here, or fails as `failure` says."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.failure: Exception | None = None

    async def append(self, entry: Entry) -> None:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.entries.append(entry)


@dataclass
class Edge:
    """A gateway's endpoint with all that stands around it."""

    client: httpx.AsyncClient
    stub: Stub
    log: MemoryLog
    provider: StubProvider
    pipeline: Pipeline
    key: Any = field(repr=False)

    def token(self, **changed: object) -> str:
        return sign(self.key, claims(**changed))

    async def post(
        self,
        query: str | None = QUERY,
        variables: Json | None = None,
        *,
        token: str | None = None,
        purpose: str | None = "S47",
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> httpx.Response:
        """One request as a client makes it; a `token` of "" sends none."""
        headers = {"accept": accept, "content-type": "application/json", **(headers or {})}
        if token != "":
            headers["authorization"] = f"Bearer {token or self.token()}"
        if purpose is not None:
            headers["cps-purpose"] = purpose
        body = {"query": query, "variables": {"n": NHS} if variables is None else variables, **more}
        return await self.client.post("/graphql", headers=headers, content=orjson.dumps(body))

    async def raw(self, content: bytes, method: str = "POST", **headers: str) -> httpx.Response:
        """A request with these bytes as its body."""
        sent = {"content-type": "application/json", "authorization": f"Bearer {self.token()}", "cps-purpose": "S47"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, "/graphql", headers=sent, content=content)


_KEY: Final = ec()
_COMPOSED: Final = compose(
    [
        SubgraphSource("index", "http://index/graphql", INDEX),
        SubgraphSource("care", "http://care/graphql", CARE),
        SubgraphSource("police", "http://police/graphql", POLICE),
    ]
)
assert _COMPOSED.supergraph is not None, _COMPOSED.errors
_SUPERGRAPH: Final = read_supergraph(_COMPOSED.supergraph)
_POLICIES: Final = Policies(re.sub(r"\(context\.related \|\| context\.claimed\)|context\.related", "true", PARTNERSHIP))
"""The partnership's, as of children whom everybody works with: the subgraphs here state no facts."""

_AGENCIES: Final = {"care": "380", "police": "13"}


def edge(
    auditing: Auditing,
    log: MemoryLog,
    *,
    session_token: Callable[[Any], Awaitable[str | None]] | None = None,
    limits: Limits | None = None,
    pass_messages: frozenset[str] = frozenset(),
) -> Edge:
    """An endpoint over the three subgraphs, with the partnership's policies and a stub provider."""
    limits = limits or Limits()
    stub, provider = Stub(), StubProvider([public(_KEY)])
    settings = Settings(_POLICIES, auditing, _AGENCIES, limits, pass_messages)
    pipeline = Pipeline(_SUPERGRAPH, stub, settings)
    endpoint = GraphQLEndpoint(lambda: pipeline, provider.verifier(), session_token, limits.body_bytes)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=endpoint), base_url="http://gateway")
    return Edge(client, stub, log, provider, pipeline, _KEY)
