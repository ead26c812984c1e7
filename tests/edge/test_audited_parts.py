"""What a request brings in parts is in the log like what it brings whole."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

from gateway.audit import Sealer, Tokeniser
from gateway.composition import SubgraphSource, compose
from gateway.edge import Auditing, Pipeline, Settings
from gateway.edge.request import GraphQLRequest
from gateway.errors import SubgraphError
from gateway.execution import Answer, Target
from gateway.operations import Limits
from gateway.supergraph import read_supergraph
from tests.edge.network import MemoryLog, json_answer
from tests.transport.scripted import ScriptedTransport

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",
  import: ["@key", "@external", "@requires"])
"""
SDLS: Mapping[str, str] = {
    "users": LINK + 'type Query { user: User } type User @key(fields: "id") { id: ID! }',
    "ages": LINK + 'type User @key(fields: "id") { id: ID! age: Int }',
    "both": LINK
    + """type User @key(fields: "id") {
      id: ID! age: Int @external greeting: String birthday: String @requires(fields: "age") }""",
}


class Three(ScriptedTransport):
    """The ages do not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        sent = orjson.loads(body)
        if to.host == "ages":
            raise SubgraphError("UNREACHABLE", "nobody is there")
        if to.host == "users":
            return json_answer({"data": {"user": {"__typename": "User", "id": "1"}}})
        self.asked.append(sent["query"])
        greeting = "_0" if sent["variables"]["_r0"] else "_1"
        found = {"_0": [], "_1": [], greeting: [{"__typename": "User", "greeting": "hello"}]}
        return json_answer({"data": found})


@pytest.mark.parametrize("fields", ["greeting birthday", "birthday greeting"])
async def test_the_fields_of_a_step_that_is_asked_apart_are_in_the_log(fields: str) -> None:
    result = compose([SubgraphSource(name, f"http://{name}/", sdl) for name, sdl in SDLS.items()])
    assert result.supergraph is not None, result.errors
    log, transport = MemoryLog(), Three()
    auditing = Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
    pipeline = Pipeline(read_supergraph(result.supergraph), transport, Settings(None, auditing, {}, Limits()))
    answer = await pipeline.answer(GraphQLRequest(f"{{ user {{ {fields} }} }}", None, {}, None), None)
    told = orjson.loads(answer.body)
    assert told["data"] == {"user": {"greeting": "hello", "birthday": None}}
    (query,) = transport.asked
    assert "greeting" in query
    (entry,) = log.entries
    assert entry.outcome == "PARTIAL"
    given = [(each["subgraph"], each["fields"]) for each in entry.given]
    assert ("both", ("User.greeting",)) in given
    assert [each["path"] for each in entry.unavailable] == ["user", "user.birthday"]
