"""Households, siblings, twins and the unborn."""

from datetime import timedelta
from itertools import pairwise

from stdnum.gb import nhs as stdnum_nhs
from stdnum.gb import upn as stdnum_upn

from subgraphs.population.model import Child
from subgraphs.population.seeding import TODAY
from subgraphs.population.world import World


def _households(world: World) -> list[list[Child]]:
    homes: dict[int, list[Child]] = {}
    for child in world.families.children:
        homes.setdefault(child.household, []).append(child)
    return list(homes.values())


def test_as_many_children_as_asked_for(world: World) -> None:
    assert len(world.families.children) == 2_000
    assert [child.number for child in world.families.children] == list(range(2_000))
    assert all(0 <= child.age_on(TODAY) < 18 for child in world.families.children if child.born is not None)


def test_numbers_are_valid_and_nobody_elses(world: World) -> None:
    nhs = [child.nhs for child in world.families.children if child.nhs is not None]
    upns = [child.upn for child in world.families.children if child.upn is not None]
    assert all(stdnum_nhs.is_valid(number) for number in nhs)
    assert all(stdnum_upn.is_valid(number) for number in upns)
    assert len({*nhs}) == len(nhs)
    assert len({*upns}) == len(upns)


def test_there_are_siblings_and_twins(world: World) -> None:
    homes = _households(world)
    assert sum(len(home) > 1 for home in homes) > len(homes) / 3
    twins = [home for home in homes if len({child.born for child in home}) < len(home)]
    assert len(twins) >= 5
    for home in homes:
        forenames = [child.forename for child in home if child.forename is not None]
        assert len({*forenames}) == len(forenames)


def test_siblings_are_twins_or_months_apart(world: World) -> None:
    assert sum(1 for home in _households(world) if len(home) > 1) > 10
    for home in _households(world):
        births = sorted(day for child in home if (day := child.born or child.expected) is not None)
        for earlier, later in pairwise(births):
            assert earlier == later or later - earlier >= timedelta(days=250)


def test_the_unborn_have_a_date_and_nothing_else(world: World) -> None:
    unborn = [child for child in world.families.children if child.born is None]
    assert unborn
    for child in unborn:
        assert child.expected is not None
        assert child.expected > TODAY
        assert (child.forename, child.nhs, child.upn) == (None, None, None)
    assert any(episode.child in {child.number for child in unborn} for episode in world.episodes)


def test_nothing_happens_before_birth(world: World) -> None:
    children = world.families.children
    happened = [
        *((item.child, item.arrived.date()) for item in world.hospital.attendances),
        *((item.child, item.on) for item in world.hospital.examinations),
        *((item.child, item.on) for item in world.community.visits),
        *((item.child, item.on) for item in world.community.immunisations),
        *((item.child, item.start) for item in world.community.specialist),
        *((number, item.at.date()) for item in world.police.incidents for number in item.subjects + item.present),
    ]
    for number, day in happened:
        born = children[number].born
        assert born is not None
        assert born <= day <= TODAY
