"""What schools know: who is on roll and was, attendance, exclusions, the safeguarding log, word from the police."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple

from subgraphs.population import rates
from subgraphs.population.families import Families, first_school_day
from subgraphs.population.incidents import PoliceHistory
from subgraphs.population.model import Child, Encompass, Enrolment, Episode, Exclusion, Schooling, Worry
from subgraphs.population.partners import Partners
from subgraphs.population.streams import Weighted, between, day_between, pick, stream
from subgraphs.population.working_days import is_working_day, working_day_on_or_after

EXCLUSION_REASONS = {
    "PP": "Physical assault against a pupil",
    "PA": "Physical assault against an adult",
    "VP": "Verbal abuse of a pupil",
    "DB": "Persistent disruptive behaviour",
    "DM": "Damage",
}
# A school forgets a leaver's record after so long: it has gone to the next school.
KEEPS_LEAVERS = timedelta(days=3 * 365)
_SEN: Weighted[str] = Weighted(("N", 0.81), ("K", 0.14), ("E", 0.05))
_CONCERNS = (
    "Arrived without breakfast again; spoken to at registration.",
    "Tired and withdrawn this week; class teacher to keep a note.",
    "Said that things are loud at home; safeguarding lead told.",
    "Collected late by an adult whom staff did not know.",
)
_DISCLOSURES = ("Told a teaching assistant about an argument at home that frightened them.",)


class SchoolHistory(NamedTuple):
    enrolments: tuple[Enrolment, ...]
    schooling: tuple[Schooling, ...]
    exclusions: tuple[Exclusion, ...]
    worries: tuple[Worry, ...]
    encompass: tuple[Encompass, ...]


def school_year(day: date) -> int:
    """The calendar year in which the school year of a day began."""
    return day.year if day.month >= 9 else day.year - 1


def curriculum_year(born: date, today: date) -> int:
    """0 reception, 1 to 13; below zero before school."""
    return school_year(today) - first_school_day(born).year


def is_school_day(day: date) -> bool:
    """Not a weekend, a bank holiday, or one of the council's usual weeks off (for Easter, 1 to 14 April)."""
    month_day = (day.month, day.day)
    off = (
        (7, 22) <= month_day <= (9, 1)
        or (10, 25) <= month_day <= (10, 31)
        or month_day >= (12, 20)
        or month_day <= (1, 3)
        or (2, 14) <= month_day <= (2, 20)
        or (4, 1) <= month_day <= (4, 14)
        or (5, 25) <= month_day <= (5, 31)
    )
    return not off and is_working_day(day)


@lru_cache(maxsize=4096)
def school_days(start: date, until: date) -> int:
    """School days from `start` to the day before `until`."""
    return sum(is_school_day(start + timedelta(days=n)) for n in range((until - start).days))


def make_schooling(
    seed: int,
    today: date,
    families: Families,
    partners: Partners,
    episodes: tuple[Episode, ...],
    police: PoliceHistory,
    fixed: SchoolHistory,
) -> SchoolHistory:
    random = stream(seed, "schooling")
    referred = {episode.child for episode in episodes}
    enrolments, schooling = list(fixed.enrolments), list(fixed.schooling)
    exclusions, worries, encompass = list(fixed.exclusions), list(fixed.worries), list(fixed.encompass)
    for child in families.children:
        if child.born is None or child.upn is None or child.steadfast:
            continue
        attended = list(_enrolments(random, today, child, child.born, partners))
        enrolments.extend(attended)
        for place in attended:
            rate = max(0.3, min(1.0, random.gauss(0.88 if child.number in referred else 0.945, 0.06)))
            missing = place.leave is None and random.random() < 0.002
            schooling.append(Schooling(child.number, place.school, rate, _SEN.draw(random), missing))
        if attended and attended[-1].leave is None:
            here = attended[-1]
            if child.age_on(today) >= 7 and random.random() < 0.03:
                exclusions.append(_exclusion(random, today, here))
            if child.number in referred and random.random() < 0.3:
                worries.append(_worry(random, max(here.entry, today - timedelta(days=400)), today, here))
    rolls = _Rolls(tuple(enrolments))
    new = frozenset(child.number for child in families.children if not child.steadfast)
    worries.extend(_referred_by_school(random, episodes, rolls, new))
    encompass.extend(_after_incidents(random, today, police, rolls, new))
    return SchoolHistory(
        tuple(enrolments), tuple(schooling), tuple(exclusions), tuple(worries), tuple(dict.fromkeys(encompass))
    )


def _enrolments(random: Random, today: date, child: Child, born: date, partners: Partners) -> Iterator[Enrolment]:
    """At a primary, perhaps another after a move, then a secondary until sixteen; those that still have a record."""
    if random.random() >= rates.ON_ROLL:
        return
    entry = first_school_day(born)
    transfer, leaving = date(entry.year + 7, 9, 2), date(entry.year + 12, 7, 1)
    spells: list[tuple[int, date, date]] = [(child.primary, entry, transfer)]
    if random.random() < rates.CHANGED_SCHOOL:
        moved = working_day_on_or_after(day_between(random, entry + timedelta(days=60), transfer - timedelta(days=90)))
        other = between(random, 0, len(partners.primaries) - 1)
        if other != child.primary:
            spells = [(child.primary, entry, moved), (other, moved, transfer)]
    spells.append((len(partners.primaries) + child.secondary, transfer, leaving))
    for school, start, end in spells:
        if start <= today and end > today - KEEPS_LEAVERS:
            yield Enrolment(child.number, school, start, end if end <= today else None)


def _exclusion(random: Random, today: date, here: Enrolment) -> Exclusion:
    on = working_day_on_or_after(day_between(random, max(here.entry, today - timedelta(days=500)), today))
    days = pick(random, (0.5, 1.0, 1.0, 2.0, 3.0, 5.0))
    return Exclusion(here.child, here.school, min(on, today), days, pick(random, tuple(EXCLUSION_REASONS)))


def _worry(random: Random, low: date, high: date, here: Enrolment) -> Worry:
    on = day_between(random, low, high)
    if random.random() < 0.15:
        return Worry(here.child, here.school, on, "D", pick(random, _DISCLOSURES))
    return Worry(here.child, here.school, on, "C", pick(random, _CONCERNS))


class _Rolls:
    """Which school a child was at on a day, of those that still hold a record."""

    def __init__(self, enrolments: tuple[Enrolment, ...]) -> None:
        self._of: dict[int, list[Enrolment]] = {}
        for enrolment in enrolments:
            self._of.setdefault(enrolment.child, []).append(enrolment)

    def on(self, child: int, day: date) -> Enrolment | None:
        for enrolment in self._of.get(child, ()):
            if enrolment.entry <= day and (enrolment.leave is None or day < enrolment.leave):
                return enrolment
        return None


def _referred_by_school(
    random: Random, episodes: tuple[Episode, ...], rolls: _Rolls, new: frozenset[int]
) -> Iterator[Worry]:
    """A school that refers a child has written down why."""
    for episode in episodes:
        here = rolls.on(episode.child, episode.referral.made)
        if episode.referral.source == "2A" and here is not None and episode.child in new:
            yield _worry(random, episode.referral.made, episode.referral.made, here)


def _after_incidents(
    random: Random, today: date, police: PoliceHistory, rolls: _Rolls, new: frozenset[int]
) -> Iterator[Encompass]:
    """Of most incidents of domestic abuse, on the next working day."""
    for incident in police.incidents:
        if not incident.domestic_abuse:
            continue
        on = working_day_on_or_after(incident.at.date() + timedelta(days=1))
        for child in dict.fromkeys(incident.subjects + incident.present):
            here = rolls.on(child, on)
            if here is not None and child in new and on <= today and random.random() < 0.85:
                yield Encompass(child, here.school, on)
