"""How many `@requires` at least stand one behind another before a field can be had: a lower bound for the search.

Without it a chain of requirements is tried at every depth from every subgraph, to no end. The bound is by the names of
fields, over all types, so it may be too low and never too high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.querygraph.cost import MAX_NEED_DEPTH
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.supergraph import Supergraph
    from gateway.supergraph.selections import SelectionSet


def least_depths(supergraph: Supergraph) -> dict[str, int]:
    """For each name of a field whose every resolver requires something, how deep that goes; others are 0.

    What some `@provides` names can be had without its resolver, and counts as 0.
    """
    owners = [
        (field.name, owner)
        for type_ in supergraph.types.values()
        for field in type_.fields.values()
        for owner in field.owners
        if not owner.external
    ]
    free = {name for name, owner in owners if not owner.requires}
    free.update(name for _, owner in owners for name in _names(owner.provides))
    requiring: dict[str, list[SelectionSet]] = {}
    for name, owner in owners:
        if name not in free:
            requiring.setdefault(name, []).append(owner.requires)
    depths: dict[str, int] = {}
    for _ in range(MAX_NEED_DEPTH + 1):  # each round settles one more link of the longest chain
        before = dict(depths)
        for name, alternatives in requiring.items():
            depths[name] = 1 + min(depth_of(requires, before) for requires in alternatives)
        if depths == before:
            break
    return depths


def depth_of(selections: SelectionSet, depths: Mapping[str, int]) -> int:
    """The deepest of these fields and of those below them."""
    found = [depth_of(selection.selections, depths) for selection in selections]
    found += [depths.get(selection.name, 0) for selection in selections if isinstance(selection, Field)]
    return max(found, default=0)


def _names(selections: SelectionSet) -> set[str]:
    own = {selection.name for selection in selections if isinstance(selection, Field)}
    return own.union(*(_names(selection.selections) for selection in selections))
