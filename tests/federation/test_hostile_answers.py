"""Whatever one agency answers, what the others know still comes, and what does not is said."""

from __future__ import annotations

import pytest

from tests.federation.harness import Fault, Network

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])\n'
_BAD = """
type Query { bad: Thing }
interface Thing { id: ID! }
type A implements Thing @key(fields: "id") { id: ID!  grade: Grade }
type B implements Thing @key(fields: "id") { id: ID! }
enum Grade { HIGH LOW @inaccessible }
"""
_GOOD = 'type Query { good: Int }\ntype A @key(fields: "id") { id: ID!  more: Int }\n'
_QUERY = "{ good bad { id ... on A { grade more } } }"


def _nested(depth: int) -> str:
    return "[" * depth + "1" + "]" * depth


def _with_id(value: str) -> str:
    return f'{{"__typename": "A", "id": {value}, "grade": "HIGH"}}'


@pytest.mark.parametrize(
    "bad",
    [
        '{"__typename": "A", "id": "1", "grade": ["HIGH"]}',
        '{"__typename": "A", "id": "1", "grade": "NO_SUCH"}',
        '{"__typename": ["A"], "id": "1", "grade": "HIGH"}',
        '{"__typename": {"A": 1}, "id": "1", "grade": "HIGH"}',
        '{"__typename": "Unheard", "id": "1"}',
        _with_id(_nested(300)),
        _with_id(_nested(900)),
        _nested(300),
        _nested(1000),
    ],
    ids=[
        "enum-list", "enum-unknown", "type-list", "type-object", "type-unknown",
        "key-300", "key-900", "value-300", "value-1000",
    ],
)  # fmt: skip
async def test_an_answer_of_the_wrong_shape_costs_its_own_fields_and_is_told(bad: str) -> None:
    network = Network.of({"bad": (_LINK + _BAD, {}), "good": (_LINK + _GOOD, {"Query": {"good": 7}})})
    network.faults = {"bad": Fault.read({"text": f'{{"data": {{"bad": {bad}}}}}'})}
    run = await network.run(_QUERY)
    assert run.data is not None
    assert run.data["good"] == 7
    assert run.errors
