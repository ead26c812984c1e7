"""A new schema's pipeline begins with the plans that the old one was asked for."""

from __future__ import annotations

from gateway.edge import Pipeline, warm
from tests.edge.network import Edge


async def test_what_was_asked_most_is_planned_first_and_for_whom_it_was(gateway: Edge) -> None:
    await gateway.post("{ agencies }", variables={})
    for _ in range(3):
        await gateway.post("{ most: agencies }", variables={})
    await gateway.post("{ most: agencies }", variables={}, purpose="CIN")
    old = gateway.pipeline
    fresh = Pipeline(old.supergraph, gateway.stub, old.settings)
    asked = len(gateway.stub.asked)
    assert await warm(fresh, old) == 3
    kept = fresh.preparer.plans.kept.entries()
    texts = {prepared.plan_id: prepared.text for _, prepared in fresh.preparer.documents.kept.entries()}
    planned = [(texts[document], profile.purpose if profile else None) for (document, _, profile), _ in kept]
    assert planned == [("{ most: agencies }", "S47"), ("{ agencies }", "S47"), ("{ most: agencies }", "CIN")]
    assert len(gateway.stub.asked) == asked, "nothing is asked to plan"


async def test_what_the_new_schema_does_not_take_is_left(gateway: Edge) -> None:
    await gateway.post("{ agencies }", variables={})
    old = gateway.pipeline
    fresh = Pipeline(old.supergraph, gateway.stub, old.settings)
    for _, prepared in old.preparer.documents.kept.entries():
        prepared.text = "{ gone }"
    assert await warm(fresh, old) == 0
