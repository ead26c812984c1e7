"""Finding objects, speaking of them, and putting together what is said."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.locate import MISSING, locate, merge, representation
from gateway.planning import Input, Segment, Step


def step(keys: tuple[Input, ...] = (), required: tuple[Input, ...] = ()) -> Step:
    return Step(0, "G", (), (), "T", keys=keys, required=required)


ID = Input("id", "id")


def test_objects_are_found_through_lists_of_any_depth_with_their_paths() -> None:
    a, b, c = {"n": 1}, {"n": 2}, {"n": 3}
    data: dict[str, object] = {"x": [[{"y": a}, None], [], [{"y": [b, None, c]}, {"y": None}, {}]]}
    found = locate(data, (Segment("x"), Segment("y")))
    assert [(place.object, place.path) for place in found] == [
        (a, ("x", 0, 0, "y")),
        (b, ("x", 2, 0, "y", 0)),
        (c, ("x", 2, 0, "y", 2)),
    ]
    assert found[0].object is a


def test_nothing_is_found_where_nothing_is() -> None:
    assert [place.path for place in locate({"x": 1}, ())] == [()]
    assert locate({"x": None}, (Segment("x"),)) == []
    assert locate({}, (Segment("x"),)) == []
    assert locate({"x": 5}, (Segment("x"), Segment("y"))) == []


def test_only_objects_of_the_types_wanted_are_gone_on_with() -> None:
    data: dict[str, object] = {"x": [{"__typename": "A", "n": 1}, {"__typename": "B"}, {}]}
    assert [p.path for p in locate(data, (Segment("x", frozenset("A")),))] == [("x", 0)]
    assert locate(data, (Segment("x", frozenset()),)) == []


def test_a_representation_is_of_the_steps_type_and_its_inputs() -> None:
    found = representation(step((ID,), (Input("w", "_1_w"),)), {"id": "1", "_1_w": 3, "w": 4, "other": 5})
    assert found == {"__typename": "T", "id": "1", "w": 3}


def test_an_object_that_says_its_type_is_spoken_of_by_it() -> None:
    assert representation(step((ID,)), {"__typename": "Sub", "id": "1"}) == {"__typename": "Sub", "id": "1"}


@pytest.mark.parametrize("value", [None, {"id": None}, {"id": [1, None]}, [{"id": None}]])
def test_a_key_with_a_null_in_it_is_not_sent(value: object) -> None:
    assert representation(step((Input("o", "o", (ID,)),)), {"o": value}) is None


def test_a_null_that_is_required_is_sent() -> None:
    found = representation(step((ID,), (Input("w", "w"),)), {"id": "1", "w": None})
    assert found == {"__typename": "T", "id": "1", "w": None}


@pytest.mark.parametrize("source", [{}, {"id": "1"}, {"id": "1", "w": {}}, {"id": "1", "w": [{"x": 1}, {}]}])
def test_what_was_never_fetched_is_missing(source: dict[str, object]) -> None:
    assert representation(step((ID,), (Input("w", "w", (Input("x", "x"),)),)), source) is MISSING


def test_only_what_is_asked_of_an_object_is_sent() -> None:
    inputs = (Input("o", "o", (ID, Input("list", "l", (Input("a", "a"),)))),)
    source: dict[str, object] = {"o": {"id": "1", "secret": 2, "l": [{"a": 1, "secret": 3}, None]}}
    assert representation(step(required=inputs), source) == {
        "__typename": "T",
        "o": {"id": "1", "list": [{"a": 1}, None]},
    }


def test_a_key_and_a_requirement_that_name_parts_of_one_object_are_sent_as_one() -> None:
    keys, required = (Input("o", "o", (ID,)),), (Input("o", "o", (Input("n", "n"),)),)
    assert representation(step(keys, required), {"o": {"id": "1", "n": 2}}) == {
        "__typename": "T",
        "o": {"id": "1", "n": 2},
    }


def test_inputs_of_other_types_are_left_out() -> None:
    inputs = (ID, Input("a", "a", (), frozenset("A")), Input("b", "b", (), frozenset("B")))
    assert representation(step(required=inputs), {"__typename": "A", "id": "1", "a": 2}) == {
        "__typename": "A",
        "id": "1",
        "a": 2,
    }


def test_merging_adds_and_a_null_hides_nothing() -> None:
    into: dict[str, object] = {"a": 1, "b": None, "o": {"x": 1}, "l": [{"x": 1}, None, {"x": 3}]}
    merge(into, {"a": None, "b": 2, "o": {"y": 2}, "l": [{"y": 1}, {"y": 2}, None], "c": 3})
    assert into == {
        "a": 1, "b": 2, "o": {"x": 1, "y": 2}, "l": [{"x": 1, "y": 1}, None, {"x": 3}], "c": 3
    }  # fmt: skip


def test_merging_lists_of_other_lengths_changes_no_length() -> None:
    into: dict[str, object] = {"l": [{"x": 1}, {"x": 2}]}
    merge(into, {"l": [{"y": 1}, {"y": 2}, {"y": 3}]})
    assert into == {"l": [{"x": 1, "y": 1}, {"x": 2, "y": 2}]}


leaves = st.none() | st.integers() | st.text(max_size=3)
values: st.SearchStrategy[object] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@settings(deadline=None, derandomize=True)
@given(objects, objects)
def test_merging_keeps_what_is_known_and_is_done_at_once(one: dict[str, object], two: dict[str, object]) -> None:
    into = copy.deepcopy(one)
    merge(into, copy.deepcopy(two))
    assert set(into) == {*one, *two}
    for key, value in one.items():
        if value is not None and not isinstance(value, dict | list):
            assert into[key] == value
    again = copy.deepcopy(into)
    merge(again, copy.deepcopy(two))
    assert again == into


def test_a_nested_object_says_its_type_only_where_it_could_be_of_several() -> None:
    """Whether its type has come by then depends on which agency answers first."""
    source: dict[str, object] = {"id": "1", "o": {"__typename": "O", "a": 1}}
    plain, abstract = (Input("o", "o", (Input("a", "a"),), None, tells) for tells in (False, True))
    assert representation(step((ID, plain)), source) == {"__typename": "T", "id": "1", "o": {"a": 1}}
    assert representation(step((ID, abstract)), source) == {
        "__typename": "T",
        "id": "1",
        "o": {"__typename": "O", "a": 1},
    }
