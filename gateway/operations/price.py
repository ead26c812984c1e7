"""Prices: numbers, and what becomes a number once the variables of a request are known.

What does not depend on variables is reckoned once, when a price is made. No price passes `MOST`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from gateway.supergraph.selections import Conditions

MOST: Final = 10**15
"""Where reckoning ends: what would cost more costs this."""


@dataclass(frozen=True, slots=True)
class Given:
    """The values of a request's variables; `known` holds what has been reckoned from them, so that it is done once."""

    variables: Mapping[str, object]
    known: dict[object, int] = field(default_factory=dict)


Price: TypeAlias = int | Callable[[Given], int]


def bounded(number: int) -> int:
    """The number, not below zero and not above `MOST`."""
    return 0 if number < 0 else min(number, MOST)


def reckon(price: Price, given: Given) -> int:
    return price if isinstance(price, int) else price(given)


def total(prices: Sequence[Price]) -> Price:
    """The sum."""
    constant = sum(price for price in prices if isinstance(price, int))
    moving = [price for price in prices if not isinstance(price, int)]
    if not moving:
        return bounded(constant)

    def reckoned(given: Given) -> int:
        found = constant
        for price in moving:
            found += price(given)
        return bounded(found)

    return reckoned


def dearest(prices: Sequence[Price]) -> Price:
    """The greatest; 0 where there is none."""
    constant = max((price for price in prices if isinstance(price, int)), default=0)
    moving = [price for price in prices if not isinstance(price, int)]
    if not moving:
        return bounded(constant)

    def reckoned(given: Given) -> int:
        found = constant
        for price in moving:
            found = max(found, price(given))
        return bounded(found)

    return reckoned


def times(size: Price, price: Price) -> Price:
    """The product. The size is always reckoned, as that is where a list without its slicing argument is refused."""
    if isinstance(size, int) and (isinstance(price, int) or size == 1):
        return price if not isinstance(price, int) else bounded(size * price)
    return lambda given: bounded(reckon(size, given) * reckon(price, given))


def once(price: Price) -> Price:
    """The same price, reckoned only once for a request though several others are made of it."""
    if isinstance(price, int):
        return price

    def reckoned(given: Given) -> int:
        if price not in given.known:
            given.known[price] = price(given)
        return given.known[price]

    return reckoned


def where(conditions: Conditions, price: Price) -> Price:
    """The price where these conditions hold, else nothing."""
    if not conditions or price == 0:
        return price

    def reckoned(given: Given) -> int:
        for condition in conditions:
            if bool(given.variables.get(condition.variable)) is not condition.value:
                return 0
        return reckon(price, given)

    return reckoned
