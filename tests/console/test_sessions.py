"""The bounded store: how many, how long, and what goes first."""

import pytest

from gateway.console.sessions import BoundedStore
from tests.console.browser import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> BoundedStore[str]:
    return BoundedStore(entries=3, idle_seconds=10, absolute_seconds=25, clock=clock)


def test_keys_are_random_and_long(store: BoundedStore[str]) -> None:
    keys = {store.open("x") for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) == 43 for key in keys)  # 256 bits in base64url


def test_the_least_recently_used_goes_first(store: BoundedStore[str]) -> None:
    first, second, third = store.open("1"), store.open("2"), store.open("3")
    store.get(first)
    fourth = store.open("4")
    assert len(store) == 3
    assert [store.get(key) for key in (first, second, third, fourth)] == ["1", None, "3", "4"]


def test_idle_time_starts_again_with_each_use(store: BoundedStore[str], clock: Clock) -> None:
    key = store.open("x")
    clock.now += 9
    assert store.get(key) == "x"
    clock.now += 9
    assert store.get(key) == "x"
    clock.now += 10
    assert store.get(key) is None
    assert len(store) == 0


def test_the_absolute_time_does_not(store: BoundedStore[str], clock: Clock) -> None:
    key = store.open("x")
    for _ in range(4):
        clock.now += 6
        assert store.get(key) == "x"
    clock.now += 1
    assert store.get(key) is None


def test_a_value_may_have_less_time_but_never_more(store: BoundedStore[str], clock: Clock) -> None:
    short, long, none = store.open("short", 5), store.open("long", 9999), store.open("none", 0)
    assert store.get(none) is None
    clock.now += 5
    assert store.get(short) is None
    for _ in range(3):
        assert store.get(long) == "long"
        clock.now += 7
    assert store.get(long) is None


def test_idle_values_are_forgotten_when_others_come(store: BoundedStore[str], clock: Clock) -> None:
    store.open("1")
    store.open("2")
    clock.now += 10
    store.open("3")
    assert len(store) == 1


def test_closing_ends_a_key_and_returns_what_was_alive(store: BoundedStore[str], clock: Clock) -> None:
    key = store.open("x")
    assert store.close(key) == "x"
    assert store.close(key) is None
    late = store.open("y")
    clock.now += 10
    assert store.close(late) is None
    assert len(store) == 0
