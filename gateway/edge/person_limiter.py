"""Limits per person, as they are applied to a request: searches before it runs, children before its answer leaves.

A child without a relationship of whose existence an answer tells is counted. There has to be room for one more for each
search that may have found such a child and tells of none: or whoever has no room left could tell one who exists from
one who does not.
"""

from __future__ import annotations

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

    def __init__(self, by_key: Mapping[str, str]) -> None:
        self._by_key = by_key
        self.are_counted = True

    def without_result(
        self, data: Mapping[str, object] | None, fetched: Mapping[str, object] | None, told: Container[object]
    ) -> frozenset[str]:
        """Return those (what stands for each) that may have found somebody who is not told of, as the answer shows.

        Each that found nobody, and each list in which nobody without a relationship is: `told` are those. `data` is the
        answer's, `fetched` what it was made of.
        """
        found: set[str] = set()
        for key, thing in self._by_key.items():
            value = (data or {}).get(key)
            subjects = [one.get(SUBJECT_KEY) for one in below([dict(fetched or {})], key)]
            if value is None or (isinstance(value, list) and not any(each in told for each in subjects)):
                found.add(thing)
        return frozenset(found)


NO_SEARCHES: Final = Searches({})


class PersonLimiter:
    """Counts what people ask, and refuses what passes their limits.

    What is counted comes as pseudonyms, where there is a log that has them. `told` is told of each refusal, by its
    code.
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
        self._taken: Bounded[tuple[str, str, str], dict[str, float]] = Bounded(MAX_PEOPLE)

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
                things[search.key] = _digest(f"{search.name} {given}")
        if not things:
            return NO_SEARCHES
        found = Searches(things)
        try:
            await self._take("searches", principal, tuple(things.values()), self.limits.searches_a_minute, MINUTE)
        except CounterUnavailable:
            found.are_counted = False
        return found

    async def count_children(
        self, principal: Principal, children: Collection[str], searches: Searches, empty: Collection[str]
    ) -> None:
        """Count children without a relationship, of whom an answer tells; `empty` searches found nobody.

        A search for which there was room a moment ago tells nothing new where it is made again. Raises
        `TooManyRequests` where they are too many, and `NotAcceptable` where they can't be counted.
        """
        if not children and not empty:
            return
        roomy, now = ("room", principal.issuer, principal.subject), time.monotonic()
        recent = now - MINUTE / RECENT_PART
        had_room = {thing: at for thing, at in (self._taken.get(roomy) or {}).items() if at > recent}
        new = [thing for thing in empty if thing not in had_room]
        try:
            if not searches.are_counted:
                raise CounterUnavailable("the searches could not be counted")
            if children or new:
                most = self.limits.children(principal.roles)
                await self._take("children", principal, tuple(children), most, HOUR, len(new))
        except CounterUnavailable as error:
            said = "who is not known to work with a child can't be told of one at the moment: try again soon"
            raise NotAcceptable.of("LIMITS_UNAVAILABLE", said, 503) from error
        if new:
            self._taken.put(roomy, had_room | dict.fromkeys(new, now))

    async def _take(
        self, what: str, principal: Principal, things: tuple[str, ...], most: int, seconds: float, spare: int = 0
    ) -> None:
        """Take things that this process has not taken a moment ago."""
        window = (what, principal.issuer, principal.subject)
        taken = self._taken.get(window)
        now = time.monotonic()
        if taken is not None and not spare:
            recent = now - seconds / RECENT_PART
            for each in things:
                if taken.get(each, recent) <= recent:
                    break
            else:
                return  # they were taken a moment ago: they are in the window
        some = things[: most + 1]  # of more than there ever is room for none is taken
        person = _digest(f"{principal.issuer}\n{principal.subject}")
        wait = await self.counter.take(Take(f"{what}:{person}", some, most, seconds, spare))
        if wait:
            code = f"TOO_MANY_{what.upper()}"
            self._told(principal, code)
            raise TooManyRequests([Problem(_SAID[what].format(most=most), code)], wait)
        kept = {thing: at for thing, at in (taken or {}).items() if at > now - seconds}
        self._taken.put(window, kept | dict.fromkeys(things, now))


_SAID: Final = {
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


def _digest(text: str) -> str:
    return blake3(text.encode()).hexdigest(16)
