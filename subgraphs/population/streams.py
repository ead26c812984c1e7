"""Sources of chance, one a concern, so that a change in one part of the population leaves the others as they were."""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, concern: str) -> Random:
    """The source of one concern. Seeded by text, which `random` digests the same way in every process."""
    return Random(f"{seed}/{concern}")  # noqa: S311 (a synthetic population must be repeatable, not secret)


class Weighted(Generic[T]):
    """Outcomes with weights that need not add up to one."""

    __slots__ = ("_bounds", "_values")

    def __init__(self, *outcomes: tuple[T, float]) -> None:
        self._values = tuple(value for value, _ in outcomes)
        self._bounds = tuple(accumulate(weight for _, weight in outcomes))

    def draw(self, random: Random) -> T:
        return self._values[bisect(self._bounds, random.random() * self._bounds[-1])]


def pick(random: Random, values: Sequence[T]) -> T:
    """One of the values, all alike; several times faster than `random.choice`."""
    return values[int(random.random() * len(values))]


def between(random: Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(random.random() * (high - low + 1))


def day_between(random: Random, low: date, high: date) -> date:
    """A day from `low` to `high`, both included."""
    return low + timedelta(days=between(random, 0, (high - low).days))
