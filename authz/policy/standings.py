"""Every standing that could lead to another decision.

Policies tell relationships apart by the kinds that they name; all others count alike, as having one at all. So
the subsets of the named kinds, each with and without one that is not named, stand for all that there are.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, combinations
from typing import Final

from authz.errors import PolicyError
from authz.standing import Kind, Standing

MAX_KINDS: Final = 6
"""Kinds that policies may tell apart: each doubles what is tried."""


def check_kinds(mentioned: frozenset[str]) -> None:
    """Raises `PolicyError` where policies tell too many kinds apart."""
    if len(mentioned) > MAX_KINDS:
        raise PolicyError(f"the policies tell {len(mentioned)} kinds of relationship apart: at most {MAX_KINDS}")


@lru_cache(maxsize=256)
def standings(mentioned: frozenset[str], *, break_glass: bool, shielded: bool = False) -> tuple[Standing, ...]:
    """Those that give most first, with and without `break_glass`; of children that are `shielded`, or of others."""
    others = sorted(kind.value for kind in Kind if kind.value not in mentioned)
    kinds = [*sorted(mentioned), *others[:1]]
    subsets = chain.from_iterable(combinations(kinds, size) for size in range(len(kinds), -1, -1))
    return tuple(
        Standing(frozenset(subset), team, shielded=shielded, break_glass=broken)
        for subset in subsets
        for team in (True, False)
        for broken in ((True, False) if break_glass else (False,))
    )
