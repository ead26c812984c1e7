"""Whose own words reach the client: those of the subgraphs that configuration names, and of no other."""

from __future__ import annotations

import pytest

from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from tests.edge.network import MemoryLog, edge, json_answer


@pytest.mark.parametrize("passing", [set(), {"care"}, {"care", "police"}, {"index"}])
async def test_only_the_named_subgraphs_words_pass(passing: set[str]) -> None:
    log = MemoryLog()
    auditing = Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
    gateway = edge(auditing, log, pass_messages=frozenset(passing))
    for name in ("care", "police"):
        said = {"message": f"the words of {name}", "path": ["_entities", 0], "extensions": {"code": "BROKEN"}}
        gateway.stub.faults[name] = json_answer({"data": {"_entities": [None]}, "errors": [said]})
    async with gateway.client:
        answer = await gateway.post()
    for name in ("care", "police"):
        assert (f"the words of {name}" in answer.text) is (name in passing)
        assert (f"`{name}` answered with an error here" in answer.text) is (name not in passing)
