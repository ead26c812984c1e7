"""Households and their children: siblings, twins, the unborn, addresses over time, numbers, schools."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from subgraphs.population import rates
from subgraphs.population.identifiers import nhs_numbers, upn
from subgraphs.population.model import Address, Adult, Child, Household, Sex, Stay
from subgraphs.population.names import COMMUNITIES, Community
from subgraphs.population.partners import AUTHORITY, Partners
from subgraphs.population.places import address, mobile
from subgraphs.population.streams import Weighted, between, day_between, pick, stream

_COMMUNITY = Weighted(*((community, community.share) for community in COMMUNITIES))
_SIBLINGS: Weighted[int] = Weighted((1, 0.40), (2, 0.36), (3, 0.16), (4, 0.06), (5, 0.02))
_DISABILITIES: Weighted[str] = Weighted(
    ("AUT", 0.4), ("LD", 0.25), ("MOB", 0.1), ("HEAR", 0.05), ("VIS", 0.05), ("COMM", 0.15)
)
_ADULTHOOD = timedelta(days=round(18 * 365.25))


class Families(NamedTuple):
    """`households[n]` and `children[n]` have the number n."""

    households: tuple[Household, ...]
    children: tuple[Child, ...]


class UpnRegister:
    """Hands out the numbers of each school's entrants of a year, in turn."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, int], int] = {}

    def allot(self, establishment: int, year: int) -> str:
        serial = self._last.get((establishment, year), 0) + 1
        self._last[establishment, year] = serial
        return upn(AUTHORITY, establishment, year, serial)


def first_school_day(born: date) -> date:
    """The start of the school year in which a child is to be in reception: the September after turning four."""
    return date(born.year + (5 if (born.month, born.day) > (8, 31) else 4), 9, 2)


def make_families(
    seed: int, today: date, partners: Partners, count: int, fixed: Families, register: UpnRegister
) -> Families:
    """`count` children in all, the fixed ones first. Twins share a birthday; a household shares addresses and a GP."""
    random = stream(seed, "families")
    numbers = iter(nhs_numbers(random, count))
    households, children = list(fixed.households), list(fixed.children)
    while len(children) < count:
        community = _COMMUNITY.draw(random)
        household = len(households)
        surname = pick(random, community.surnames)
        primary, secondary = (
            between(random, 0, len(partners.primaries) - 1),
            between(random, 0, len(partners.secondaries) - 1),
        )
        births = list(_births(random, today))[: count - len(children)]
        used: list[str] = []
        for born in births:
            sex: Sex = "F" if random.random() < 0.49 else "M"
            forename = _forename(random, community, sex, used)
            unborn = born > today
            started = first_school_day(born)
            children.append(
                Child(
                    number=len(children),
                    household=household,
                    forename=None if unborn else forename,
                    surname=surname if random.random() < 0.93 else pick(random, community.surnames),
                    sex=sex,
                    born=None if unborn else born,
                    expected=born if unborn else None,
                    nhs=None if unborn else next(numbers),
                    upn=_upn(partners, register, primary, started, today),
                    ethnicity=community.ethnicity,
                    disability=_DISABILITIES.draw(random) if random.random() < rates.DISABLED and not unborn else None,
                    primary=primary,
                    secondary=secondary,
                    shielded=random.random() < rates.SHIELDED,
                    adopted=random.random() < rates.ADOPTED,
                )
            )
        stays = tuple(_stays(random, today))
        adults = _adults(random, today, community, surname, min(births))
        households.append(Household(household, adults, stays, between(random, 0, len(partners.practices) - 1)))
    return Families(tuple(households), tuple(children))


def _upn(partners: Partners, register: UpnRegister, primary: int, started: date, today: date) -> str | None:
    if started > today:
        return None
    return register.allot(partners.primaries[primary].establishment, started.year)


def _births(random: Random, today: date) -> Iterator[date]:
    """Birthdays of a family's children, oldest first; the last may be a due date after today."""
    count = _SIBLINGS.draw(random)
    born = youngest = today - timedelta(days=between(random, 1, _ADULTHOOD.days - 1))
    for _ in range(count):
        if born > today:
            break
        youngest = born
        yield born
        if random.random() < rates.TWINS:
            yield born
        born += timedelta(days=between(random, 330, 1500))
    if random.random() < rates.UNBORN_HOUSEHOLDS and youngest < today - timedelta(days=300):
        yield today + timedelta(days=between(random, 7, 180))


def _forename(random: Random, community: Community, sex: Sex, used: list[str]) -> str:
    names = community.girls if sex == "F" else community.boys
    name = pick(random, names)
    while name in used:
        name = pick(random, names)
    used.append(name)
    return name


def _stays(random: Random, today: date) -> Iterator[Stay]:
    start = today - timedelta(days=between(random, 1500, 6500))
    home: Address = address(random)
    while random.random() < rates.MOVED_HOUSE and start < today - timedelta(days=400):
        moved = day_between(random, start + timedelta(days=120), today - timedelta(days=10))
        yield Stay(home, start, moved)
        home, start = address(random), moved
    yield Stay(home, start, None)


def _adults(random: Random, today: date, community: Community, surname: str, eldest: date) -> tuple[Adult, ...]:
    """A mother, mostly; often a father or a partner."""
    adults: list[Adult] = []
    latest = min(eldest, today) - timedelta(days=18 * 366)
    if random.random() < 0.95:
        family = surname if random.random() < 0.7 else pick(random, community.surnames)
        born = latest - timedelta(days=between(random, 0, 18 * 365))
        adults.append(Adult(pick(random, community.girls), family, "F", born, "Mother", mobile(random)))
    if not adults or random.random() < 0.62:
        role = "Father" if random.random() < 0.8 else "Mother's partner"
        family = surname if role == "Father" else pick(random, community.surnames)
        born = latest - timedelta(days=between(random, 0, 22 * 365))
        adults.append(Adult(pick(random, community.boys), family, "M", born, role, mobile(random)))
    return tuple(adults)
