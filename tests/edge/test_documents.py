"""Documents are kept without their values: nobody's question makes another's quicker or answers it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.network import CHILD, NHS, Edge

OTHER = "9990000026"


def of(number: str) -> str:
    return f'{{ child(nhsNumber: "{number}") {{ id }} }}'


async def read(gateway: Edge, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], int]:
    """The answer, and how many documents were read for it."""
    documents = gateway.pipeline.preparer.documents
    count = 0
    made = documents._read

    def counted(*args: Any) -> Any:
        nonlocal count
        count += 1
        return made(*args)

    monkeypatch.setattr(documents, "_read", counted)
    answer = (await gateway.post(text, variables={})).json()
    monkeypatch.setattr(documents, "_read", made)
    return answer, count


async def test_another_value_is_as_quick_as_the_same(gateway: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await read(gateway, of(NHS), monkeypatch))[1] == 1
    assert (await read(gateway, of(NHS), monkeypatch))[1] == 0
    assert (await read(gateway, of(OTHER), monkeypatch))[1] == 0, "or it would tell that nobody has asked for them"
    assert [asked.variables for asked in gateway.stub.asked if "v1" in asked.variables][-1] == {"v1": OTHER}


async def test_nothing_that_is_kept_names_a_child(gateway: Edge) -> None:
    await gateway.post(of(NHS), variables={})
    await gateway.post(f"{{ agencies }} # {NHS}", variables={})
    await gateway.post(f"query Of{NHS} {{ agencies }}", variables={})
    await gateway.post(f'{{ agencies __type(name: "{NHS}") {{ name }} }}', variables={})
    preparer = gateway.pipeline.preparer
    kept = preparer.documents.kept.entries()
    assert len(kept) == 2, "the third and the fourth are read anew each time"
    for slot, prepared in kept:
        assert NHS not in str(slot) + prepared.text + str(prepared.normalised.values)
    plans = [plan.program.plan for _, plan in preparer.plans.kept.entries()]
    assert len(plans) == 2
    assert NHS not in str(plans)
    assert len(preparer.introspector._answers.kept) == 0


async def test_what_is_wrong_with_a_value_is_told_to_whoever_wrote_it(gateway: Edge) -> None:
    good = '{ born(weight: 12345.5, on: "2020-01-01") }'
    assert "data" in (await gateway.post(good, variables={})).json()
    (error,) = (await gateway.post(good.replace("12345.5", '"heavy"'), variables={})).json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    (error,) = (await gateway.post(good.replace("12345.5", "1e999"), variables={})).json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" in (await gateway.post(good, variables={})).json()


async def test_introspection_is_kept_by_no_value(gateway: Edge) -> None:
    kept = gateway.pipeline.preparer.introspector._answers.kept
    text = "query($n: String!, $all: Boolean) { __type(name: $n) { fields(includeDeprecated: $all) { name } } }"
    answer = (await gateway.post(text, variables={"n": "CareRecord", "all": True})).json()
    assert "leadWorker" in str(answer["data"])
    assert len(kept) == 0
    asked = "__schema { types { fields(includeDeprecated: $all) { name } } }"
    text = f"query($id: ID, $all: Boolean) {{ child(id: $id) {{ id }} {asked} }}"
    for child in (CHILD, "Ab3vX9pLm2Zt7RbYc5WdNg"):
        assert "data" in (await gateway.post(text, variables={"id": child, "all": True})).json()
    assert len(kept) == 1, "it does not depend on the child"


async def test_a_default_that_is_written_counts_for_its_own_text(gateway: Edge) -> None:
    text = 'query($n: String = "9990000018") { child(nhsNumber: $n) { id } }'
    for number in (NHS, OTHER):
        await gateway.post(text.replace(NHS, number), variables={})
        assert gateway.stub.asked[-1].variables["v1"] == number
    (error,) = (await gateway.post(text.replace(NHS, OTHER), variables={"n": {"x": 1}})).json()["errors"]
    assert error["message"] == "variable `$n` needs a value of type `String`"
    assert error["locations"] == [{"line": 1, "column": 7}]
