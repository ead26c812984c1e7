"""Where somebody stands with a child."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from authz.errors import FactsError
from authz.policy.standings import MAX_KINDS, standings
from authz.principal import Principal, Role
from authz.standing import COORDINATION, MAX_RELATIONSHIPS, WHOLE_AGENCY, Kind, Moment, Standing, standing_of

LONDON = ZoneInfo("Europe/London")
NOW = Moment.of(dt.datetime(2026, 6, 15, 12, tzinfo=LONDON))
WORKER = Principal("sub-1", "https://idp.example", "c", (Role.SOCIAL_WORKER,), "380", "East", "SW1")


def fact(**more: object) -> dict[str, object]:
    return {
        "kind": "ALLOCATED",
        "assertedBy": "380",
        "agency": "380",
        "team": None,
        "practitioner": "SW1",
        "since": "2026-01-01",
        "until": None,
        **more,
    }


def standing(*facts: object, who: Principal = WORKER, now: Moment = NOW, **more: object) -> Standing:
    return standing_of(who, {"shielded": False, "relationships": list(facts), **more}, now)


@pytest.mark.parametrize(
    ("more", "kinds", "team"),
    [
        ({}, {"allocated"}, False),
        ({"practitioner": "sub-1"}, {"allocated"}, False),
        ({"practitioner": "SW1", "team": "East"}, {"allocated"}, True),
        ({"practitioner": "SW1", "team": "West"}, {"allocated"}, False),
        ({"practitioner": "SW2", "team": "East"}, set(), True),
        ({"practitioner": "SW2"}, set(), False),
        ({"practitioner": None, "team": "East"}, {"allocated"}, True),
        ({"practitioner": None, "team": "West"}, set(), False),
        ({"agency": "381", "assertedBy": "381"}, set(), False),
        ({"agency": "381", "assertedBy": "381", "team": "East"}, set(), False),
        ({"since": "2026-06-15"}, {"allocated"}, False),
        ({"since": "2026-06-16"}, set(), False),
        ({"until": "2026-06-15"}, {"allocated"}, False),
        ({"until": "2026-06-14"}, set(), False),
        ({"kind": "INVENTED"}, set(), False),
    ],
)
def test_whose_a_relationship_is_and_when(more: dict[str, object], kinds: set[str], team: bool) -> None:
    found = standing(fact(**more))
    assert (set(found.relationships), found.team) == (kinds, team)


@pytest.mark.parametrize("kind", Kind)
def test_a_whole_agency_has_only_what_is_its_work(kind: Kind) -> None:
    """Every health visitor of a provider would else be related to each child of it."""
    found = standing(fact(kind=kind.value.upper(), practitioner=None))
    assert found.relationships == (frozenset((kind.value,)) if kind in WHOLE_AGENCY else frozenset())
    assert not found.team


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("by", ["380", "381", COORDINATION, "INDEX", "", None])
def test_who_may_state_a_relationship(kind: Kind, by: str | None) -> None:
    """An agency what its own people have, and the coordination who takes part in the protocol."""
    of_protocol = {"core_group", "conference_invitee", "front_door_contact", "strategy_discussion", "enquiry"}
    found = standing(fact(kind=kind.value.upper(), assertedBy=by))
    assert found.related is (by == "380" or (by == COORDINATION and kind.value in of_protocol))


@pytest.mark.parametrize(
    ("since", "until", "at", "counts"),
    [
        ("2026-06-16", None, "2026-06-16T00:00:00+01:00", True),
        ("2026-06-16", None, "2026-06-15T23:59:59+01:00", False),
        ("2026-06-16", None, "2026-06-15T23:30:00+00:00", True),
        ("2026-01-01", "2026-06-15", "2026-06-15T23:59:59+01:00", True),
        ("2026-01-01", "2026-06-15", "2026-06-15T23:00:00+00:00", False),
        ("2026-01-01", "2026-12-15", "2026-12-15T23:59:59+00:00", True),
        ("2026-01-01", "2026-12-15", "2026-12-16T00:00:00+00:00", False),
        ("2026-06-15T10:00:00+01:00", None, "2026-06-15T09:00:00+00:00", True),
        ("2026-06-15T10:00:00+01:00", None, "2026-06-15T08:59:59+00:00", False),
        ("2026-06-15T10:00:00Z", "2026-06-15T11:00:00Z", "2026-06-15T10:59:59+00:00", True),
        ("2026-06-15T10:00:00Z", "2026-06-15T11:00:00Z", "2026-06-15T11:00:00+00:00", False),
        ("2026-06-01", "2026-06-15T11:00:00Z", "2026-06-15T12:30:00+01:00", False),
    ],
)
def test_days_are_england_s_and_whole_and_instants_exact(since: str, until: str | None, at: str, counts: bool) -> None:
    now = Moment.of(dt.datetime.fromisoformat(at))
    assert standing(fact(since=since, until=until), now=now).related is counts
    assert Moment.at(now.instant) == now


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
        {"relationships": [fact(since="2026-13-01")]},
        {"relationships": [fact(until="later")]},
        {"relationships": [fact(since="2026-06-15T10:00:00")]},
        {"relationships": [fact()] * (MAX_RELATIONSHIPS + 1)},
    ],
)
def test_facts_that_can_t_be_read_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(FactsError, match=r"can't be read|has no zone"):
        standing_of(WORKER, {"shielded": False, "relationships": [], **facts}, NOW)


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
    assert {s.claimed for s in standings(frozenset(), break_glass=False, claimed=True)} == {True, False}
    many = frozenset(kind.value for kind in Kind)
    assert len(many) > MAX_KINDS
    tried = {s.relationships for s in standings(many, break_glass=False)}
    assert {frozenset(), many} < tried
    assert all(frozenset((kind,)) in tried for kind in many)
    hidden = standings(frozenset(("on_roll",)), break_glass=False, shielded=True)
    assert {s.shielded for s in hidden} == {True}
