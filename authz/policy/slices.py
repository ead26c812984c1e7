"""Which policies could matter to a decision, so that Cedar weighs those few and not all of them.

A permit is left out only where its condition is read, can't err, and is false of what is asked, whichever the child: it
could neither permit nor make the decision fail. A forbid is never left out. So a decision is Cedar's and whole, over
each policy that could have a part in it, and a permit that were left out wrongly would deny.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.bounded import Bounded
from authz.policy.conditions import literals, read_condition
from authz.standing import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.policy.conditions import Asking, Condition
    from authz.standing import Standing

MAX_SLICES: Final = 5_000
MAX_SETS: Final = 1_000
"""Sets of policies that were parsed: many slices are of the same policies."""
_KINDS: Final = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Slice:
    """The policies that could matter to what is asked.

    `permits`: a permit is among them. `kinds` are the relationships by which they tell children apart. `conditions` are
    theirs that could hold; None is one that is not read.
    """

    asking: Asking
    policies: cedarpy.PolicySet
    permits: bool
    kinds: frozenset[str]
    conditions: tuple[Condition | None, ...]

    def matters(self, standing: Standing) -> bool:
        """Whether a policy could apply to a child in this standing: where none does, nothing permits."""
        return any(condition is None or condition.holds(self.asking, standing) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class _Policy:
    parsed: Mapping[str, Any]
    is_forbid: bool
    kinds: frozenset[str]
    condition: Condition | None

    def could(self, asking: Asking) -> bool:
        return self.condition is None or self.condition.could_hold(asking)


class Slices:
    """The slices of a set of policies, made as they are asked for."""

    def __init__(self, whole: cedarpy.PolicySet, parsed: Mapping[str, Any]) -> None:
        """`parsed` is Cedar's JSON of the whole; its names of the policies stay."""
        self._whole = whole
        self._policies = {
            name: _Policy(each, each["effect"] == "forbid", _KINDS & literals(each["conditions"]), read_condition(each))
            for name, each in parsed["staticPolicies"].items()
        }
        self.kinds = frozenset[str]().union(*(policy.kinds for policy in self._policies.values()))
        self._slices: Bounded[Asking, Slice] = Bounded(MAX_SLICES)
        self._sets: Bounded[tuple[str, ...], cedarpy.PolicySet] = Bounded(MAX_SETS)

    def of(self, asking: Asking) -> Slice:
        known = self._slices.get(asking)
        if known is None:
            known = self._slice(asking)
            self._slices.put(asking, known)
        return known

    def _slice(self, asking: Asking) -> Slice:
        could = {name: policy for name, policy in self._policies.items() if policy.could(asking)}
        stays = tuple(name for name, policy in self._policies.items() if policy.is_forbid or name in could)
        kinds = frozenset[str]().union(*(policy.kinds for policy in could.values()))
        permits = not all(policy.is_forbid for policy in could.values())
        return Slice(asking, self._set(stays), permits, kinds, tuple(policy.condition for policy in could.values()))

    def _set(self, names: tuple[str, ...]) -> cedarpy.PolicySet:
        known = self._sets.get(names)
        if known is None:
            chosen = {name: self._policies[name].parsed for name in names}
            try:
                known = cedarpy.PolicySet.from_json_str(
                    json.dumps({"staticPolicies": chosen, "templates": {}, "templateLinks": []})
                )
            except ValueError:  # Cedar reads deeper text than JSON: then all are weighed
                known = self._whole
            self._sets.put(names, known)
        return known
