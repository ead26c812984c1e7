"""Where somebody stands with a child."""

from __future__ import annotations

from datetime import date

import pytest

from authz.errors import FactsError, PolicyError
from authz.policy.standings import check_kinds, standings
from authz.principal import Principal, Role
from authz.standing import MAX_RELATIONSHIPS, Kind, Standing, standing_of

TODAY = date(2026, 6, 15)
WORKER = Principal("sub-1", "https://idp.example", "c", (Role.SOCIAL_WORKER,), "380", "East", "SW1")


def fact(**more: object) -> dict[str, object]:
    return {
        "kind": "ALLOCATED",
        "agency": "380",
        "team": None,
        "practitioner": None,
        "since": "2026-01-01",
        "until": None,
        **more,
    }


def standing(*facts: object, who: Principal = WORKER, **more: object) -> Standing:
    return standing_of(who, {"shielded": False, "relationships": list(facts), **more}, TODAY)


@pytest.mark.parametrize(
    ("more", "kinds", "team"),
    [
        ({}, {"allocated"}, False),
        ({"practitioner": "sub-1"}, {"allocated"}, False),
        ({"practitioner": "SW1"}, {"allocated"}, False),
        ({"practitioner": "SW1", "team": "East"}, {"allocated"}, True),
        ({"practitioner": "SW1", "team": "West"}, {"allocated"}, False),
        ({"practitioner": "SW2", "team": "East"}, set(), True),
        ({"practitioner": "SW2"}, set(), False),
        ({"team": "East"}, set(), True),
        ({"team": "West"}, set(), False),
        ({"agency": "381"}, set(), False),
        ({"agency": "381", "practitioner": "SW1", "team": "East"}, set(), False),
        ({"since": "2026-06-15"}, {"allocated"}, False),
        ({"since": "2026-06-16"}, set(), False),
        ({"until": "2026-06-15"}, {"allocated"}, False),
        ({"until": "2026-06-14"}, set(), False),
        ({"since": "2026-06-15T09:30:00Z", "until": "2026-06-15T10:00:00Z"}, {"allocated"}, False),
    ],
)
def test_whose_a_relationship_is_and_when(more: dict[str, object], kinds: set[str], team: bool) -> None:
    found = standing(fact(**more))
    assert (set(found.relationships), found.team) == (kinds, team)


def test_nobody_s_agency_has_no_relationship() -> None:
    nobody = Principal("s", "i", "c", (Role.SOCIAL_WORKER,), "", "", "")
    assert standing(fact(agency=""), fact(agency="", practitioner=""), who=nobody) == Standing()


def test_an_empty_registration_is_nobody_s() -> None:
    unregistered = Principal("sub-2", "i", "c", (Role.SOCIAL_WORKER,), "380")
    assert standing(fact(practitioner="", team="x"), who=unregistered).relationships == frozenset()


@pytest.mark.parametrize(
    "facts",
    [
        {"shielded": "no"},
        {"shielded": None},
        {"relationships": None},
        {"relationships": {}},
        {"relationships": ["x"]},
        {"relationships": [fact(kind=None)]},
        {"relationships": [fact(since=None)]},
        {"relationships": [fact(until=5)]},
        {"relationships": [fact()] * (MAX_RELATIONSHIPS + 1)},
    ],
)
def test_facts_that_can_t_be_read_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(FactsError):
        standing_of(WORKER, {"shielded": False, "relationships": [], **facts}, TODAY)


def test_every_standing_that_policies_tell_apart_is_tried() -> None:
    found = standings(frozenset(("on_roll", "core_group")), break_glass=False)
    assert len(found) == len(set(found)) == 16
    subsets = {
        (s.relationships & {"on_roll", "core_group"}, bool(s.relationships - {"on_roll", "core_group"})) for s in found
    }
    assert len(subsets) == 8
    assert {s.team for s in found} == {True, False}
    assert not any(s.break_glass or s.shielded for s in found)
    assert {s.break_glass for s in standings(frozenset(), break_glass=True)} == {True, False}
    with pytest.raises(PolicyError):
        check_kinds(frozenset(kind.value for kind in Kind))
    hidden = standings(frozenset(("on_roll",)), break_glass=False, shielded=True)
    assert {s.shielded for s in hidden} == {True}
