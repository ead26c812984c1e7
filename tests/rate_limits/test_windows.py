"""Sliding windows: distinct things, all or nothing, bounded."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from gateway.rate_limits import SlidingWindows


def test_distinct_things_are_counted_and_none_is_taken_beyond_the_limit() -> None:
    windows = SlidingWindows()
    assert windows.take("a", ["x", "y", "y"], 3, 60, 0.0) == 0
    assert windows.take("a", ["x"], 3, 60, 1.0) == 0
    assert windows.take("a", ["z", "w"], 3, 60, 2.0) > 0
    assert windows.held == 2
    assert windows.take("a", ["z"], 3, 60, 2.0) == 0
    assert windows.take("b", ["z", "w"], 3, 60, 2.0) == 0
    assert windows.take("a", ["w"], 3, 60, 2.0) > 0


def test_room_comes_when_the_oldest_has_left_and_is_told() -> None:
    windows = SlidingWindows()
    windows.take("a", ["x"], 2, 60, 0.0)
    windows.take("a", ["y"], 2, 60, 10.5)
    windows.take("a", ["x"], 2, 60, 20.0)  # again: it counts from now on
    assert windows.take("a", ["z"], 2, 60, 30.0) == 41  # y leaves at 70.5
    assert windows.take("a", ["z"], 2, 60, 70.4) == 1
    assert windows.take("a", ["z"], 2, 60, 70.5) == 0
    assert windows.take("a", ["w"], 2, 60, 70.5) == 10  # x leaves at 80


def test_what_is_told_says_nothing_of_how_much_was_wanted() -> None:
    windows = SlidingWindows()
    for number in range(3):
        windows.take("a", [f"x{number}"], 3, 60, float(number))
    waits = {
        windows.take("a", ["y"], 3, 60, 10.0),
        windows.take("a", ["y", "z"], 3, 60, 10.0),
        windows.take("a", [], 3, 60, 10.0, spare=1),
        windows.take("a", [], 3, 60, 10.0, spare=9),
        windows.take("a", ["x0", "y"], 3, 60, 10.0, spare=1),
        windows.take("a", list("abcdefg"), 3, 60, 10.0),
    }
    assert waits == {50}


def test_more_at_once_than_ever_fit_wait_the_whole_window() -> None:
    windows = SlidingWindows()
    assert windows.take("a", ["x", "y", "z"], 2, 60, 0.0) == 60
    assert windows.held == 0
    assert windows.take("a", [], 0, 60, 0.0, spare=1) == 60


def test_spare_room_is_needed_and_not_taken() -> None:
    windows = SlidingWindows()
    assert windows.take("a", ["x"], 2, 60, 0.0, spare=1) == 0
    assert windows.take("a", [], 2, 60, 0.0, spare=1) == 0
    assert windows.take("a", ["y"], 2, 60, 0.0, spare=1) > 0
    assert windows.take("a", ["y"], 2, 60, 0.0) == 0
    assert windows.take("a", [], 2, 60, 1.0, spare=1) > 0
    assert windows.take("a", ["x", "y"], 2, 60, 1.0) == 0


def test_memory_is_bounded_and_what_has_left_makes_room() -> None:
    windows = SlidingWindows(most_held=10)
    for person in range(10):
        assert windows.take(f"p{person}", ["x"], 5, 60, 0.0) == 0
    assert windows.take("late", ["x"], 5, 60, 59.0) == 60
    assert windows.held == 10
    assert windows.take("late", ["x"], 5, 60, 60.0) == 0
    assert windows.held == 1


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.lists(st.sampled_from("abcdef"), max_size=4), st.integers(0, 15)), max_size=40
    )
)
def test_it_is_as_counting_from_scratch(takes: list[tuple[int, list[str], int]]) -> None:
    windows = SlidingWindows()
    taken: list[tuple[int, str, float]] = []
    now = 0.0
    for person, things, later in takes:
        now += later
        current = {thing for who, thing, at in taken if who == person and at > now - 20}
        wait = windows.take(str(person), things, 3, 20, now)
        assert (wait == 0) == (len(current | set(things)) <= 3)
        if wait == 0:
            taken += [(person, thing, now) for thing in things]
        else:
            latest: dict[str, float] = {}
            for who, thing, at in taken:
                if who == person and at > now - 20:
                    latest[thing] = max(at, latest.get(thing, at))
            assert wait == max(1, math.ceil(min(latest.values(), default=now) + 20 - now))
    held = {(who, thing) for who, thing, at in taken if at > now - 20}
    assert windows.held >= len(held)
