"""What police know: incidents with the children in them, notices, missing episodes, police protection.

A referral from the police has an incident the day before it or the day itself; an emergency has police protection.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from subgraphs.population import rates
from subgraphs.population.families import Families
from subgraphs.population.model import Absence, Adult, Child, Episode, Grade, Household, Incident, Notice, Protection
from subgraphs.population.partners import Partners
from subgraphs.population.streams import Weighted, between, pick, stream

CONCERNS = {
    "DAB": "Domestic abuse in the household",
    "NEG": "Neglect",
    "PHY": "Physical harm",
    "SEX": "Sexual harm or exploitation",
    "MIS": "Missing or absent",
    "SUB": "Substance misuse in the household",
}
_GRADES: Weighted[Grade] = Weighted(("STANDARD", 0.52), ("MEDIUM", 0.35), ("HIGH", 0.13))
_CONCERNS: Weighted[str] = Weighted(
    ("DAB", 0.55), ("NEG", 0.15), ("PHY", 0.12), ("SEX", 0.05), ("MIS", 0.05), ("SUB", 0.08)
)
_OPENINGS = {
    "DAB": "Officers attended after a report of a disturbance between adults at the address.",
    "NEG": "Officers attended on another matter and were concerned by conditions at the address.",
    "PHY": "A third party reported that the child had been hurt by an adult.",
    "SEX": "Information was received that raised a concern about contact with an older person.",
    "MIS": "The child had been reported missing and was found by officers.",
    "SUB": "Officers attended and found adults who appeared to be under the influence.",
}
_MIDDLES = (
    "The child was seen and spoken to alone, and appeared well.",
    "The child was upstairs and said that they had heard shouting.",
    "The child was seen, was quiet, and did not wish to talk.",
    "The child was asleep and was not woken.",
)
_ENDINGS = (
    "Adults were given advice; a further visit is planned.",
    "One adult left the address for the night. Referred to children's social care.",
    "An arrest was made. Referred to children's social care.",
    "No offences were disclosed. Shared for information.",
)


class PoliceHistory(NamedTuple):
    """`incidents[n]` has the number n."""

    incidents: tuple[Incident, ...]
    notices: tuple[Notice, ...]
    absences: tuple[Absence, ...]
    protections: tuple[Protection, ...]


def make_incidents(
    seed: int, today: date, families: Families, partners: Partners, episodes: tuple[Episode, ...], fixed: PoliceHistory
) -> PoliceHistory:
    random = stream(seed, "incidents")
    history = _Ledger(random, today, families, partners, fixed)
    referred: dict[tuple[int, date], list[Episode]] = {}
    for episode in episodes:
        household = families.children[episode.child].household
        referred.setdefault((household, episode.referral.made), []).append(episode)
    for (number, made), group in referred.items():
        first = group[0]
        subjects = tuple(episode.child for episode in group)
        if first.referral.source == "6":
            history.incident(
                number, min(made, today - timedelta(days=1)) - timedelta(days=between(random, 0, 1)), subjects
            )
        if first.referral.outcome == "EMG":
            history.protect(made, subjects)
    for home in families.households[fixed_households(families) :]:
        if random.random() < rates.BACKGROUND_INCIDENT:
            history.incident(home.number, today - timedelta(days=between(random, 1, 1500)), ())
    for child in families.children:
        if not child.steadfast and 10 <= child.age_on(today) < 18 and random.random() < 0.03:
            history.go_missing(child)
    return PoliceHistory(
        tuple(history.incidents), tuple(history.notices), tuple(history.absences), tuple(history.protections)
    )


def fixed_households(families: Families) -> int:
    """How many households, the first ones, have a history of their own."""
    return 1 + max((child.household for child in families.children if child.steadfast), default=-1)


class _Ledger:
    """What has been written down so far."""

    def __init__(
        self, random: Random, today: date, families: Families, partners: Partners, fixed: PoliceHistory
    ) -> None:
        self.random, self.today, self.partners, self.families = random, today, partners, families
        self.at_home: dict[int, list[Child]] = {}
        for child in families.children:
            self.at_home.setdefault(child.household, []).append(child)
        self.incidents = list(fixed.incidents)
        self.notices = list(fixed.notices)
        self.absences = list(fixed.absences)
        self.protections = list(fixed.protections)

    def clock(self, day: date) -> datetime:
        """Some time of that day, mostly in the evening."""
        hour = between(self.random, 16, 23) if self.random.random() < 0.7 else between(self.random, 7, 15)
        return datetime.combine(day, time(hour, between(self.random, 0, 59)))

    def incident(self, number: int, day: date, subjects: tuple[int, ...]) -> None:
        """At a household's home. Without `subjects`, whichever children were there, and a notice only for some."""
        household = self.families.households[number]
        born = [child for child in self.at_home[number] if child.born is not None and child.born < day]
        present = tuple(child.number for child in born if self.random.random() < 0.75)
        born_subjects = tuple(n for n in subjects if any(child.number == n for child in born))
        concern = _CONCERNS.draw(self.random)
        incident = Incident(
            number=len(self.incidents),
            at=self.clock(day),
            household=number,
            domestic_abuse=concern == "DAB",
            officer=between(self.random, 0, len(self.partners.officers) - 1),
            subjects=born_subjects or present[:1],
            present=present,
            suspect=self._suspect(household),
        )
        if not incident.subjects:
            return
        self.incidents.append(incident)
        self.notices.extend(self._notices(incident, concern))

    def _suspect(self, household: Household) -> Adult | None:
        return pick(self.random, household.adults) if self.random.random() < 0.6 else None

    def _notices(self, incident: Incident, concern: str) -> Iterator[Notice]:
        grade = _GRADES.draw(self.random)
        narrative = " ".join((_OPENINGS[concern], pick(self.random, _MIDDLES), pick(self.random, _ENDINGS)))
        for child in incident.subjects:
            raised = incident.at + timedelta(minutes=between(self.random, 40, 400))
            yield Notice(incident.number, child, raised, grade, concern, narrative)

    def protect(self, day: date, subjects: tuple[int, ...]) -> None:
        start = self.clock(day)
        end = start + timedelta(hours=between(self.random, 6, 71))
        self.protections.extend(
            Protection(n, start, end) for n in subjects if self.families.children[n].born is not None
        )

    def go_missing(self, child: Child) -> None:
        for _ in range(between(self.random, 1, 3)):
            reported = self.clock(self.today - timedelta(days=between(self.random, 3, 500)))
            back = reported + timedelta(hours=between(self.random, 2, 40))
            self.absences.append(Absence(child.number, reported, back))
