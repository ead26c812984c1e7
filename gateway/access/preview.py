"""What a practitioner would see of a child for a purpose: by the same decisions as a query's, and no data."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from authz.bounded import Bounded
from authz.policy.explain import remedies, sentence
from authz.standing import Moment, standing_of
from gateway.planning.guards import demand
from gateway.supergraph import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from authz.policy import Policies, Reason
    from authz.principal import Principal, Purpose
    from authz.standing import Standing
    from gateway.planning import Demand
    from gateway.supergraph import Supergraph


def preview(
    supergraph: Supergraph,
    policies: Policies,
    principal: Principal,
    purpose: Purpose,
    facts: Mapping[str, object],
    *,
    break_glass: bool,
    claimed: bool,
) -> dict[str, object] | None:
    """`ChildAccess` without its child; None for a child whom the principal could not come to know of by any exception.

    Raises `FactsError` where the facts can't be read.
    """
    standing = standing_of(principal, facts, Moment.at(time.time()), break_glass=break_glass, claimed=claimed)
    if not policies.knows(principal, purpose, standing._replace(break_glass=True, claimed=True)):
        return None
    named = sorted({*standing.relationships, *(["team"] if standing.team else [])})
    return {
        "purpose": purpose.value,
        "relationships": named,
        "breakGlass": break_glass,
        "claimed": claimed,
        "fields": [
            _field(coordinate, asked, policies, principal, purpose, standing)
            for coordinate, demands in protected(supergraph)
            for asked in demands
        ],
    }


def _field(
    coordinate: str,
    asked: Demand,
    policies: Policies,
    principal: Principal,
    purpose: Purpose,
    standing: Standing,
) -> dict[str, object]:
    unmet = policies.unmet(principal, purpose, asked, None, standing)
    if unmet is None:
        outcome = "READ"
    else:
        own = principal.agency or None
        is_own = own is not None and policies.unmet(principal, purpose, asked, own, standing) is None
        outcome = "OWN_AGENCY_ONLY" if is_own else "WITHHELD"
    reason: Reason | None = unmet[1] if unmet else None
    return {
        "field": coordinate,
        "policy": asked[0][0],
        "outcome": outcome,
        "reason": reason.value if reason else None,
        "explanation": sentence(reason.value) if reason else None,
        "remedies": [] if unmet is None else list(remedies(policies, principal, purpose, unmet[0], standing, unmet[1])),
    }


_kept: Bounded[str, tuple[tuple[str, tuple[Demand, ...]], ...]] = Bounded(8)


def protected(supergraph: Supergraph) -> tuple[tuple[str, tuple[Demand, ...]], ...]:
    """What is decided by a child: each field with what it asks of the policies; kept for each schema."""
    found = _kept.get(supergraph.version)
    if found is None:
        found = tuple(_protected(supergraph))
        _kept.put(supergraph.version, found)
    return found


def _protected(supergraph: Supergraph) -> Iterator[tuple[str, tuple[Demand, ...]]]:
    for type_ in supergraph.types.values():
        if type_.kind is not Kind.OBJECT or type_.inaccessible or not supergraph.subjects.is_governed(type_.name):
            continue
        for field in type_.fields.values():
            asked = demand(type_.name, field.name, supergraph)
            if asked and not field.inaccessible:
                yield f"{type_.name}.{field.name}", asked
