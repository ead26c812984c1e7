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


_ITEMS = """
type Query { items: [Item] }
type Item @key(fields: "id") { id: ID!  n: Int  in: In }
type In { m: Boolean  l: [Float] }
"""
_MORE = 'type Item @key(fields: "id") { id: ID!  more: Int }\n'


@pytest.mark.parametrize(
    ("field", "values", "given"),
    [
        ("n", ("1", "true"), [1, None]),
        ("n", ("true", "1"), [None, 1]),
        ("in { m }", ('{"m": 1}', '{"m": true}'), [{"m": None}, {"m": True}]),
        ("in { l }", ('{"l": [true]}', '{"l": [1]}'), [{"l": [None]}, {"l": [1]}]),
    ],
)
async def test_what_is_equal_only_in_python_is_not_taken_for_another(
    field: str, values: tuple[str, str], given: list[object]
) -> None:
    """`true` is 1 there, and one object stands for those of one key that are alike."""
    network = Network.of({"items": (_LINK + _ITEMS, {}), "more": (_LINK + _MORE, {"Item": {"1": {"more": 7}}})})
    key = field.split(" ", maxsplit=1)[0]
    items = ", ".join(f'{{"__typename": "Item", "id": "1", "{key}": {value}}}' for value in values)
    network.faults = {"items": Fault.read({"text": f'{{"data": {{"items": [{items}]}}}}'})}
    for more in ("", "more"):
        run = await network.run(f"{{ items {{ {field} {more} }} }}")
        assert run.data is not None
        assert [item[key] for item in run.data["items"]] == given
        assert len(run.errors) >= 1


_BLOB = 'type Query { item: Item }\nscalar Blob\ntype Item @key(fields: "id") { id: ID!  blob: Blob }\n'
_OF_BLOB = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])
scalar Blob
type Item @key(fields: "id") { id: ID!  blob: Blob @external  more: Int @requires(fields: "blob") }
"""


@pytest.mark.parametrize("depth", range(246, 258))
async def test_what_is_as_deep_as_can_be_sent_is_sent_or_told(depth: int) -> None:
    network = Network.of({"item": (_LINK + _BLOB, {}), "more": (_OF_BLOB, {"Item": {"1": {"more": 7}}})})
    item = f'{{"__typename": "Item", "id": "1", "blob": {_nested(depth)}}}'
    network.faults = {"item": Fault.read({"text": f'{{"data": {{"item": {item}}}}}'})}
    run = await network.run("{ item { id more } }")
    assert run.data is not None
    assert (run.data["item"] == {"id": "1", "more": None} and run.errors) or run.data["item"] == {"id": "1", "more": 7}
