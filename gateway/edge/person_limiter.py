"""Limits per person, as they are applied to a request: searches before it runs, children before its answer leaves.

A child without a relationship of whose existence an answer tells is counted; so is room for each search that found
nobody, or whoever has none left could tell one who exists from one who does not.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from gateway.errors import CounterUnavailable, NotAcceptable, Problem, TooManyRequests
from gateway.rate_limits import Take
from gateway.supergraph.selections import Field
from gateway.supergraph.subjects import regional_key
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from authz.principal import Principal
    from gateway.operations import Operation
    from gateway.rate_limits import Counter, PersonLimits
    from gateway.supergraph import Supergraph

MINUTE: Final = 60.0
HOUR: Final = 3_600.0


class Searches:
    """The searches of one request, by response key. `are_counted` says whether they have been."""

    def __init__(self, by_key: Mapping[str, str]) -> None:
        self.by_key = by_key
        self.are_counted = True

    def without_result(self, data: Mapping[str, object] | None) -> int:
        """Return how many found nobody, as far as the answer tells."""
        return sum(1 for key in self.by_key if not (data or {}).get(key))


NO_SEARCHES: Final = Searches({})


class PersonLimiter:
    """Counts what people ask, and refuses what passes their limits.

    `token` gives the pseudonym by which something is counted; `told` is told of each refusal, by its code.
    """

    def __init__(
        self,
        limits: PersonLimits,
        counter: Counter,
        token: Callable[[str], str] | None = None,
        told: Callable[[Principal, str], None] = lambda principal, code: None,
    ) -> None:
        self.limits = limits
        self.counter = counter
        self._token = token or _digest
        self._told = told

    async def count_searches(
        self, operation: Operation, supergraph: Supergraph, principal: Principal, variables: Mapping[str, object]
    ) -> Searches:
        """Return the searches of a request once they are counted, each distinct one once.

        Raises `TooManyRequests`. Where they can't be counted they may go on: `count_children` then refuses them.
        """
        found = Searches(
            {key: self._token(text) for key, text in searches_of(operation, supergraph, variables).items()}
        )
        if found.by_key:
            things = tuple(dict.fromkeys(found.by_key.values()))
            try:
                await self._take("searches", principal, things, self.limits.searches_a_minute, MINUTE)
            except CounterUnavailable:
                found.are_counted = False
        return found

    async def count_children(
        self, principal: Principal, children: Collection[str], searches: Searches, empty: int
    ) -> None:
        """Count children without a relationship (regional ids) of whom an answer tells; `empty` searches found nobody.

        Raises `TooManyRequests` where they are too many, and `NotAcceptable` where they can't be counted.
        """
        if not children and not empty:
            return
        try:
            if not searches.are_counted:
                raise CounterUnavailable("the searches could not be counted")
            things = tuple(map(self._token, children))
            await self._take("children", principal, things, self.limits.children(principal.roles), HOUR, empty)
        except CounterUnavailable as error:
            said = "who is not known to work with a child can't be told of one at the moment: try again soon"
            raise NotAcceptable.of("LIMITS_UNAVAILABLE", said, 503) from error

    async def _take(
        self, what: str, principal: Principal, things: tuple[str, ...], most: int, seconds: float, spare: int = 0
    ) -> None:
        person = self._token(f"{principal.issuer}\n{principal.subject}")
        wait = await self.counter.take(Take(f"{what}:{person}", things, most, seconds, spare))
        if wait:
            code = f"TOO_MANY_{what.upper()}"
            self._told(principal, code)
            raise TooManyRequests([Problem(_SAID[what].format(most=most), code)], wait)


_SAID: Final = {
    "searches": "at most {most} searches a minute can be made",
    "children": "within an hour at most {most} children can be read of with whom you have no relationship:"
    " claim the relationship with those with whom you work",
}


def searches_of(operation: Operation, supergraph: Supergraph, variables: Mapping[str, object]) -> dict[str, str]:
    """Return what stands for each search of a query, by its response key.

    A search is a root field that leads to subjects by anything but their regional id, which nobody can guess.
    """
    if operation.kind != "query" or not supergraph.subjects.types:
        return {}
    root = supergraph.types[operation.root_type]
    found: dict[str, str] = {}
    for selection in operation.selections:
        if not isinstance(selection, Field) or selection.name not in root.fields:
            continue
        value_type = named_type(root.fields[selection.name].type)
        leads_to = (
            supergraph.subjects.types & supergraph.object_types(value_type) if value_type in supergraph.types else ()
        )
        given = {
            argument.name: value
            for argument in selection.arguments
            if (value := [variables.get(name) for name in argument.variables]) and any(v is not None for v in value)
        }
        keys = {regional_key(supergraph.types[name]) for name in leads_to}
        if leads_to and not set(given) <= keys:
            stated = orjson.dumps([selection.name, given], option=orjson.OPT_SORT_KEYS, default=str)
            found[selection.key] = stated.decode()
    return found


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
