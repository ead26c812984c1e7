"""What community health knows of nearly every child: visits, immunisations, development reviews, specialist care."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from subgraphs.population import rates
from subgraphs.population.families import Families
from subgraphs.population.model import Child, DevelopmentReview, Episode, Immunisation, SpecialistCare, Visit
from subgraphs.population.partners import Partners
from subgraphs.population.streams import Weighted, between, day_between, pick, stream

SCHOOL_AGE = 5
VACCINES = {
    "6IN1": ("Six-in-one", 56),
    "MENB": ("Meningitis B", 60),
    "MMR1": ("Measles, mumps and rubella, first", 370),
    "MMR2": ("Measles, mumps and rubella, second", 1220),
    "4IN1": ("Pre-school booster", 1225),
    "HPV": ("Human papillomavirus", 4500),
    "3IN1": ("Teenage booster", 5100),
}
STAGES = {
    "NBV": ("New birth visit", 12),
    "6WK": ("Six to eight weeks", 48),
    "1YR": ("One year", 370),
    "2YR": ("Two to two and a half years", 800),
}
SERVICES = {
    "CAMHS": "Child and adolescent mental health",
    "PMH": "Adult mental health, for a parent",
    "SUB": "Substance use",
}
_OUTCOMES: Weighted[str] = Weighted(("E", 0.83), ("B", 0.12), ("R", 0.05))
_SERVICE: Weighted[str] = Weighted(("CAMHS", 0.6), ("PMH", 0.28), ("SUB", 0.12))
_ENTRIES = {
    "CAMHS": "Accepted; low mood and anxiety; seen every two weeks.",
    "PMH": "A parent is seen by the community mental health team.",
    "SUB": "A parent is engaged with the recovery service.",
}


class CommunityHistory(NamedTuple):
    """`registered` are the children known at all."""

    registered: tuple[int, ...]
    visits: tuple[Visit, ...]
    immunisations: tuple[Immunisation, ...]
    reviews: tuple[DevelopmentReview, ...]
    specialist: tuple[SpecialistCare, ...]


def make_community(
    seed: int,
    today: date,
    families: Families,
    partners: Partners,
    episodes: tuple[Episode, ...],
    fixed: CommunityHistory,
) -> CommunityHistory:
    random = stream(seed, "community")
    referred = {episode.child for episode in episodes}
    registered, visits, immunisations = list(fixed.registered), list(fixed.visits), list(fixed.immunisations)
    reviews, specialist = list(fixed.reviews), list(fixed.specialist)
    for child in families.children:
        if child.born is None or child.steadfast or random.random() >= rates.KNOWN_TO_GP:
            continue
        registered.append(child.number)
        known = child.number in referred
        visits.extend(_visits(random, today, child, child.born, partners, known))
        immunisations.extend(_immunisations(random, today, child, child.born))
        reviews.extend(_reviews(random, today, child, child.born))
        if random.random() < (0.09 if known else 0.015):
            specialist.append(_specialist(random, today, child, child.born))
    return CommunityHistory(tuple(registered), tuple(visits), tuple(immunisations), tuple(reviews), tuple(specialist))


def _visits(random: Random, today: date, child: Child, born: date, partners: Partners, known: bool) -> Iterator[Visit]:
    """`practitioner` is a health visitor's number before school age and a school nurse's from then on."""
    missed = rates.WAS_NOT_BROUGHT_IF_REFERRED if known else rates.WAS_NOT_BROUGHT
    tier = "S" if known and random.random() < 0.2 else "P" if known else "U"
    first = max(born, today - timedelta(days=1500))
    days = sorted(day_between(random, first, today) for _ in range(between(random, 1, 5)))
    for on in days:
        nurses = partners.health_visitors if child.age_on(on) < SCHOOL_AGE else partners.school_nurses
        draw = random.random()
        status = "W" if draw < missed else "C" if draw < missed + 0.05 else "A"
        yield Visit(child.number, on, child.household % len(nurses), status, tier)


def _immunisations(random: Random, today: date, child: Child, born: date) -> Iterator[Immunisation]:
    for vaccine, (_, age) in VACCINES.items():
        on = born + timedelta(days=age + between(random, 0, 40))
        if on <= today and random.random() < 0.9:
            yield Immunisation(child.number, vaccine, on)


def _reviews(random: Random, today: date, child: Child, born: date) -> Iterator[DevelopmentReview]:
    for stage, (_, age) in STAGES.items():
        on = born + timedelta(days=age + between(random, 0, 20))
        if on <= today and random.random() < 0.88:
            yield DevelopmentReview(child.number, stage, on, _OUTCOMES.draw(random))


def _specialist(random: Random, today: date, child: Child, born: date) -> SpecialistCare:
    service = _SERVICE.draw(random) if child.age_on(today) >= 8 else pick(random, ("PMH", "SUB"))
    start = day_between(random, max(born, today - timedelta(days=900)), today)
    ended = start + timedelta(days=between(random, 60, 500))
    return SpecialistCare(child.number, service, start, ended if ended <= today else None, _ENTRIES[service])
