"""Objects of a level, in their order, however lists are nested."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.execution.gathered import below, of_types


def named(*names: str) -> list[dict[str, Any]]:
    return [{"n": name} for name in names]


A, B, C, D, E, F = named(*"abcdef")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([A, B], [A, B]),
        ([A, [B, C], D], [A, B, C, D]),
        ([[A, [B]], C, [[D]], E], [A, B, C, D, E]),
        ([A, B, [C]], [A, B, C]),
        ([None, A, [None, B], 5], [A, B]),
        ([[], A], [A]),
        ([], []),
        (A, [A]),
        (None, []),
        (5, []),
    ],
)
def test_what_is_below_comes_in_the_answer_s_order(value: Any, expected: list[Any]) -> None:
    assert below([{"key": value}], "key") == expected
    assert below([{"other": value}, {"key": value}, {"key": F}], "key") == [*expected, F]


def test_of_types_keeps_those_that_say_so() -> None:
    one, other, none = {"__typename": "A"}, {"__typename": "B"}, {"x": 1}
    found = of_types([one, other, none], frozenset(("A",)))  # type: ignore[list-item] # as decoded
    assert one in found
    assert other not in found


def test_lists_nested_deeper_than_calls_can_be_are_walked() -> None:
    value: Any = [A]
    for _ in range(5_000):
        value = [value]
    assert below([{"key": [B, value, C]}], "key") == [B, A, C]
