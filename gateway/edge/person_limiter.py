"""Limits per person, as they are applied to a request: searches before it runs, children before its answer leaves.

A child without a relationship of whose existence an answer tells is counted. There has to be room for one more for each
search that may have found such a child and tells of none: or whoever has no room left could tell one who exists from
one who does not.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from blake3 import blake3

from authz.bounded import Bounded
from gateway.errors import CounterUnavailable, NotAcceptable, Problem, TooManyRequests
from gateway.execution import below, holds
from gateway.operations.subjects import SUBJECT_KEY
from gateway.rate_limits import Take
from gateway.supergraph.selections import Field
from gateway.supergraph.subjects import regional_key
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Mapping, Sequence

    from authz.principal import Principal
    from gateway.operations import Operation
    from gateway.rate_limits import Counter, PersonLimits
    from gateway.supergraph import Supergraph
    from gateway.supergraph.selections import Conditions

MINUTE: Final = 60.0
HOUR: Final = 3_600.0
RECENT_PART: Final = 10
"""What was taken within this part of its window is not taken again: it may leave the window so much earlier."""

VALUES_A_MINUTE: Final = 10_000
FEW_VALUES: Final = 10
"""What one person's requests may leave in the log: each value that may be an identifier is sealed there, in some 200
bytes. A request of few is not counted."""

MAX_PEOPLE: Final = 10_000
"""Of whom it is known what they took a moment ago."""


class Search(NamedTuple):
    """A root field that leads to subjects by anything but their regional id, which nobody can guess.

    `by` are the arguments that make it a search where any of them has a value, each with its variables.
    """

    key: str
    name: str
    by: tuple[tuple[str, tuple[str, ...]], ...]
    conditions: Conditions


class Searches:
    """The searches of one request: what stands for each, by response key. `are_counted` says whether they have been."""

    __slots__ = ("_by_key", "are_counted")

    def __init__(self, by_key: Mapping[str, str]) -> None:
        self._by_key = by_key
        self.are_counted = True

    def without_result(
        self, data: Mapping[str, object] | None, fetched: Mapping[str, object] | None, told: Container[object]
    ) -> dict[str, None]:
        """Return those (what stands for each) that may have found somebody who is not told of, as the answer shows.

        Each that found nobody, and each list in which nobody without a relationship is: `told` are those. `data` is the
        answer's, `fetched` what it was made of.
        """
        found: dict[str, None] = {}
        for key, thing in self._by_key.items():
            value = (data or {}).get(key)
            if isinstance(value, list):
                subjects = below([{key: (fetched or {}).get(key)}], key)
                if any(one.get(SUBJECT_KEY) in told for one in subjects):
                    continue
            elif value is not None:
                continue
            found[thing] = None
        return found


NO_SEARCHES: Final = Searches({})


class _Window(NamedTuple):
    """What is counted of whom: the things of one kind that a practitioner takes."""

    what: str
    issuer: str
    subject: str


def _children_of(principal: Principal) -> _Window:
    return _Window("children", principal.issuer, principal.subject)


def _room_of(principal: Principal) -> _Window:
    """The searches for which there was room for one more child, had they found any."""
    return _Window("room", principal.issuer, principal.subject)


class PersonLimiter:
    """Counts what people ask, and refuses what passes their limits.

    What is counted comes as pseudonyms, where there is a log that has them. `told` is told of each refusal, by its
    code. What was taken a moment ago is remembered by the hashes of its names, which are this process's own.
    """

    def __init__(
        self,
        limits: PersonLimits,
        counter: Counter,
        told: Callable[[Principal, str], None] = lambda principal, code: None,
    ) -> None:
        self.limits = limits
        self.counter = counter
        self._told = told
        self._taken: Bounded[_Window, dict[int, float]] = Bounded(MAX_PEOPLE)
        self._values: Bounded[tuple[str, str], tuple[float, int]] = Bounded(MAX_PEOPLE)

    async def count_searches(
        self, searches: Sequence[Search], principal: Principal, values: Mapping[str, object]
    ) -> Searches:
        """Return the searches of a request once they are counted, each distinct one once; `values` are its variables'.

        Raises `TooManyRequests`. Where they can't be counted they may go on: `count_children` then refuses them.
        """
        things: dict[str, str] = {}
        for search in searches:
            if search.conditions and not holds((search.conditions,), values):
                continue
            given = [
                (name, value) for name, uses in search.by for each in uses if (value := values.get(each)) is not None
            ]
            if given:
                things[search.key] = _named(search.name, given)
        if not things:
            return NO_SEARCHES
        found = Searches(things)
        window = _Window("searches", principal.issuer, principal.subject)
        if not self._without_recent(window, things.values(), MINUTE):
            return found
        try:
            digests = tuple(map(_digest, things.values()))
            await self._take(window, principal, digests, self.limits.searches_a_minute, MINUTE)
        except CounterUnavailable:
            found.are_counted = False
        else:
            self._remember(window, things.values(), MINUTE)
        return found

    def take_values(self, principal: Principal, count: int) -> None:
        """Count the values that the log is to keep of a request, where there are many; raises `TooManyRequests`.

        They are counted by each worker for itself: it is the disk that is kept from being filled, whoever fills it.
        """
        if count <= FEW_VALUES:
            return
        person, now = (principal.issuer, principal.subject), time.monotonic()
        begun, taken = self._values.get(person) or (now, 0)
        if now >= begun + MINUTE:
            begun, taken = now, 0
        if taken + count > VALUES_A_MINUTE:
            self._told(principal, "TOO_MANY_VALUES")
            said = _SAID["values"].format(most=VALUES_A_MINUTE)
            raise TooManyRequests([Problem(said, "TOO_MANY_VALUES")], math.ceil(begun + MINUTE - now))
        self._values.put(person, (begun, taken + count))

    def has_just_counted(
        self, principal: Principal, children: Collection[str], searches: Searches, empty: Collection[str]
    ) -> bool:
        """Return whether `count_children` has nothing new to count: it counted the same a moment ago, or there is none.

        A search for which there was room a moment ago tells nothing new where it is made again.
        """
        if not children and not empty:
            return True
        if not searches.are_counted or (empty and self._without_recent(_room_of(principal), empty, MINUTE)):
            return False
        return not self._without_recent(_children_of(principal), children, HOUR)

    async def count_children(
        self, principal: Principal, children: Collection[str], searches: Searches, empty: Collection[str]
    ) -> None:
        """Count children without a relationship, of whom an answer tells; `empty` searches found nobody.

        Raises `TooManyRequests` where they are too many, and `NotAcceptable` where they can't be counted.
        """
        window, roomy = _children_of(principal), _room_of(principal)
        new = self._without_recent(roomy, empty, MINUTE)
        try:
            if not searches.are_counted:
                raise CounterUnavailable("the searches could not be counted")
            most = self.limits.children(principal.roles)
            await self._take(window, principal, tuple(children), most, HOUR, len(new))
        except CounterUnavailable as error:
            said = "who is not known to work with a child can't be told of one at the moment: try again soon"
            raise NotAcceptable.of("LIMITS_UNAVAILABLE", said, 503) from error
        self._remember(window, children, HOUR)
        if new:
            self._remember(roomy, new, MINUTE)

    def _without_recent(self, window: _Window, things: Collection[str], seconds: float) -> list[str]:
        """Return those that this process has not taken a moment ago."""
        taken = self._taken.get(window)
        if taken is None:
            return list(things)
        recent = time.monotonic() - seconds / RECENT_PART
        return [each for each in things if taken.get(hash(each), recent) <= recent]

    def _remember(self, window: _Window, things: Collection[str], seconds: float) -> None:
        now = time.monotonic()
        kept = {each: at for each, at in (self._taken.get(window) or {}).items() if at > now - seconds}
        self._taken.put(window, kept | dict.fromkeys(map(hash, things), now))

    async def _take(
        self, window: _Window, principal: Principal, things: tuple[str, ...], most: int, seconds: float, spare: int = 0
    ) -> None:
        some = things[: most + 1]  # of more than there ever is room for none is taken
        person = _digest(f"{principal.issuer}\n{principal.subject}")
        wait = await self.counter.take(Take(f"{window.what}:{person}", some, most, seconds, spare))
        if wait:
            code = f"TOO_MANY_{window.what.upper()}"
            self._told(principal, code)
            raise TooManyRequests([Problem(_SAID[window.what].format(most=most), code)], wait)


_SAID: Final = {
    "values": "at most {most} values a minute can be asked about, in requests of many",
    "searches": "at most {most} searches a minute can be made",
    "children": "within an hour at most {most} children can be read of with whom you have no relationship:"
    " claim the relationship with those with whom you work",
}


def searches_of(operation: Operation, supergraph: Supergraph) -> tuple[Search, ...]:
    """Return the searches that an operation may make."""
    if operation.kind != "query" or not supergraph.subjects.types:
        return ()
    root = supergraph.types[operation.root_type]
    found = []
    for selection in operation.selections:
        if not isinstance(selection, Field) or selection.name not in root.fields:
            continue
        value = named_type(root.fields[selection.name].type)
        leads_to = supergraph.subjects.types & supergraph.object_types(value) if value in supergraph.types else ()
        keys = {regional_key(supergraph.types[name]) for name in leads_to}
        by = tuple((each.name, each.variables) for each in selection.arguments if each.name not in keys)
        if leads_to and by:
            found.append(Search(selection.key, selection.name, by, selection.conditions))
    return tuple(found)


def _named(search: str, given: Sequence[tuple[str, object]]) -> str:
    """Return what stands for a search with these values: no two have the same."""
    if len(given) == 1 and given[0][1].__class__ is str:  # as nearly all have
        return f"{search} {given[0][0]}={given[0][1]}"
    return f"{search} {given}"


def _digest(text: str) -> str:
    return blake3(text.encode()).hexdigest(16)
