"""Every standing that could lead to another decision.

Policies tell relationships apart by the kinds that they name; all others count alike, as having one at all. So
the subsets of the named kinds, each with and without one that is not named, stand for all that there are.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, combinations
from typing import Final

from authz.standing import Kind, Standing

MAX_KINDS: Final = 6
"""Kinds of which every subset is tried: each doubles what there is to try. Of more, what comes depends on the child."""


@lru_cache(maxsize=256)
def standings(
    mentioned: frozenset[str], *, break_glass: bool, claimed: bool = False, shielded: bool = False
) -> tuple[Standing, ...]:
    """Return those that could make a difference, those that give most first.

    With and without `break_glass` and a claim, where there may be one; of children that are `shielded`, or of others.
    Of more kinds than `MAX_KINDS` only the subsets of all, of two, of one and of none are among them.
    """
    others = sorted(kind.value for kind in Kind if kind.value not in mentioned)
    kinds = [*sorted(mentioned), *others[:1]]
    sizes = range(len(kinds), -1, -1) if len(mentioned) <= MAX_KINDS else (len(kinds), 2, 1, 0)
    subsets = chain.from_iterable(combinations(kinds, size) for size in sizes)
    return tuple(
        Standing(frozenset(subset), team, shielded=shielded, break_glass=broken, claimed=claim)
        for subset in subsets
        for team in (True, False)
        for broken in ((True, False) if break_glass else (False,))
        for claim in ((True, False) if claimed else (False,))
    )
