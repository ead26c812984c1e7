"""What is read of a child before something is opened, and how the gateway's own subgraph shows times."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Literal, TypeAlias

from authz.standing import Moment, standing_of
from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.inside import Asking


KnownBy: TypeAlias = Literal["break_glass", "claimed"]
"""The exception by which somebody may know of a child."""


async def known_facts(asking: Asking, child: str, by: KnownBy, *, surnames: bool) -> Mapping[str, object]:
    """Return the facts of a child whom who asks may know of by this exception, `surnames` as `FactsReader.of` has them.

    Raises `RequestError` for one whom they may not know of, as for one who does not exist, and `SubgraphError` or
    `FactsError` where that can't be learnt.
    """
    facts = await asking.facts.of(child, asking.headers, surnames=surnames)
    if facts is not None:
        now = Moment.at(time.time())
        standing = standing_of(asking.principal, facts, now, break_glass=by == "break_glass", claimed=by == "claimed")
        if asking.policies.knows(asking.principal, asking.purpose, standing):
            return facts
    raise RequestError.of("NO_SUCH_CHILD", "no child is known by this id")


def holders(facts: Mapping[str, object], fact: str = "holders") -> list[str]:
    """Return the codes of the agencies that hold a record of the child, as this fact says."""
    stated = facts.get(fact)
    items = stated if isinstance(stated, list) else []
    return sorted({str(each["agency"]) for each in items if isinstance(each, dict) and "agency" in each})


def time_of(seconds: float) -> str:
    """Return a Unix time as it is shown."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")
