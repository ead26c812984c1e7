"""Which policies could matter to a decision, so that Cedar weighs those few and not all of them.

A permit is left out only where its condition is read, can't err, and is false of what is asked, whichever the child: it
could neither permit nor make the decision fail. A forbid is never left out, nor a policy in which something is not
read, as it might err, and an error denies. So a decision is Cedar's, over each policy that could have a part in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.bounded import Bounded
from authz.policy.conditions import SHIELDED, read_condition, strings
from authz.standing import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.policy.conditions import Asking, Condition
    from authz.standing import Standing

MAX_POLICIES: Final = 500
"""Of the partnership, and of each agency."""
MAX_SLICES: Final = 20_000
MAX_KEPT: Final = 4_000_000
"""Characters of all the sets that are kept parsed: many slices are of the same policies."""
_KINDS: Final = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class WeighedPolicy:
    """A policy as Cedar's JSON, with what is known of it: its condition is None where something in it is not read."""

    text: str
    is_forbid: bool
    kinds: frozenset[str]
    speaks_of_shield: bool
    condition: Condition | None

    @classmethod
    def of(cls, name: str, parsed: Mapping[str, Any]) -> WeighedPolicy:
        """Raises `ValueError` where it nests deeper than Cedar reads JSON."""
        text = f"{json.dumps(name)}:{json.dumps(parsed)}"
        _parsed([text])
        said = strings(parsed["conditions"])
        return cls(text, parsed["effect"] == "forbid", _KINDS & said, SHIELDED in said, read_condition(parsed))

    def could(self, asking: Asking) -> bool:
        """Whether it could apply to some child."""
        return self.condition is None or self.condition.could_hold(asking)


@dataclass(frozen=True, slots=True)
class Slice:
    """What could matter to what is asked.

    `names` are the policies that Cedar weighs, `holder` is whose own are among them. The rest is of those that could
    apply to some child: their `conditions`, None where one is not read; `kinds`, the relationships by which they tell
    children apart; `has_permit`, whether one is a permit, and `speaks_of_shield`, whether one does.
    """

    asking: Asking
    holder: str
    names: tuple[str, ...]
    conditions: tuple[Condition | None, ...]
    kinds: frozenset[str]
    has_permit: bool
    speaks_of_shield: bool

    def matters(self, standing: Standing) -> bool:
        """Whether a policy could apply to a child in this standing: where none does, nothing permits."""
        return any(condition is None or condition.holds(self.asking, standing) for condition in self.conditions)


class Slices:
    """The slices of the partnership's policies, for what an agency holds with the agency's own among them."""

    def __init__(
        self, partnership: Mapping[str, WeighedPolicy], grants: Mapping[str, Mapping[str, WeighedPolicy]]
    ) -> None:
        self._partnership = partnership
        self._grants = grants
        self._slices: Bounded[tuple[Asking, str], Slice] = Bounded(MAX_SLICES)
        self._sets: Bounded[tuple[str, tuple[str, ...]], tuple[int, cedarpy.PolicySet]] = Bounded(
            MAX_SLICES, most=MAX_KEPT, weigh=lambda kept: kept[0]
        )

    def of(self, asking: Asking, holder: str) -> Slice:
        """`holder` is the code of an agency that has grants, or ""."""
        slot = (asking, holder)
        known = self._slices.get(slot)
        if known is None:
            known = self._slice(asking, holder)
            self._slices.put(slot, known)
        return known

    def adds(self, asking: Asking, holder: str) -> bool:
        """Whether an agency's own policies could make a difference to what it holds."""
        return any(policy.could(asking) for policy in self._grants[holder].values())

    def _slice(self, asking: Asking, holder: str) -> Slice:
        grants = self._grants.get(holder, {})
        every = {**self._partnership, **grants}
        could = {name: policy for name, policy in every.items() if policy.could(asking)}
        stays = tuple(name for name, policy in every.items() if policy.is_forbid or name in could)
        kinds = frozenset[str]().union(*(policy.kinds for policy in could.values()))
        return Slice(
            asking,
            "" if grants.keys().isdisjoint(stays) else holder,
            stays,
            tuple(policy.condition for policy in could.values()),
            kinds | (_KINDS & {asking.name.category}),  # a policy may hold the one against the other
            not all(policy.is_forbid for policy in could.values()),
            any(policy.speaks_of_shield for policy in could.values()),
        )

    def policies(self, known: Slice) -> cedarpy.PolicySet:
        """What Cedar weighs of a slice; parsed once for all slices of the same, while it is kept."""
        slot = (known.holder, known.names)
        kept = self._sets.get(slot)
        if kept is None:
            every = {**self._partnership, **self._grants.get(known.holder, {})}
            texts = [every[name].text for name in known.names]
            kept = sum(map(len, texts)), _parsed(texts)
            self._sets.put(slot, kept)
        return kept[1]


def _parsed(policies: list[str]) -> cedarpy.PolicySet:
    together = ",".join(policies)
    return cedarpy.PolicySet.from_json_str(f'{{"staticPolicies":{{{together}}},"templates":{{}},"templateLinks":[]}}')
