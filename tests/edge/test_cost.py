"""What is estimated to cost too much is refused before anything is planned or asked, and written down."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from gateway.operations import Limits
from tests.edge.network import Edge, MemoryLog, edge

FIND = "query ($n: String) { findChildren(filter: {nhsNumber: $n}) { id } findMore: agencies }"
COST = 11  # ten children and an input object


@pytest.fixture
async def bounded(request: pytest.FixtureRequest) -> AsyncIterator[Edge]:
    """A gateway with the bound that the test gives."""
    log = MemoryLog()
    auditing = Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
    made = edge(auditing, log, limits=Limits(estimated_cost=request.param))
    async with made.client:
        yield made


@pytest.mark.parametrize("bounded", [COST - 1], indirect=True)
async def test_past_the_bound_it_is_refused_and_logged(bounded: Edge) -> None:
    for accept, status in (("application/json", 200), ("application/graphql-response+json", 400)):
        answer = await bounded.post(FIND, accept=accept)
        assert answer.status_code == status
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "OPERATION_TOO_EXPENSIVE"
        assert f"cost {COST}; at most {COST - 1} is taken" in error["message"]
    assert bounded.stub.asked == []
    for entry in bounded.log.entries:
        assert (entry.outcome, entry.errors) == ("REFUSED", ("OPERATION_TOO_EXPENSIVE",))
        assert "findChildren" in entry.operation
    assert len(bounded.log.entries) == 2
    assert (await bounded.post("{ agencies }")).json()["data"] == {"agencies": ["380", "13"]}


@pytest.mark.parametrize("bounded", [COST, None], indirect=True)
async def test_at_the_bound_or_without_one_it_is_answered(bounded: Edge) -> None:
    assert "errors" not in (await bounded.post(FIND)).json()


async def test_the_default_takes_what_people_ask(gateway: Edge) -> None:
    assert "errors" not in (await gateway.post(FIND)).json()
