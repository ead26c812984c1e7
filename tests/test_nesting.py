"""How deep a JSON value goes and how much is in it: told at the very bound."""

from __future__ import annotations

import pytest

from gateway.nesting import holds_within, nested_within


def nested(depth: int) -> object:
    """Return a value in so many objects and lists by turns."""
    value: object = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value, "b": 2}
    return value


@pytest.mark.parametrize("depth", [0, 1, 2, 5, 5_000])
def test_what_is_nested_to_the_bound_is_within_it(depth: int) -> None:
    assert nested_within(nested(depth), depth)
    assert not nested_within(nested(depth + 1), depth)


@pytest.mark.parametrize(
    ("value", "count"), [(1, 1), ({}, 1), ([1, 2], 3), ({"a": [1, {"b": None}]}, 5), ([[], [[]]], 4)]
)
def test_as_many_values_as_the_bound_are_within_it(value: object, count: int) -> None:
    assert holds_within(value, count)
    assert not holds_within(value, count - 1)
