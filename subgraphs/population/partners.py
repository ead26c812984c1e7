"""The people and places of the agencies: teams, workers, officers, nurses, schools, practices. All invented."""

from dataclasses import dataclass
from random import Random

from subgraphs.population.names import COMMUNITIES, words
from subgraphs.population.places import landline
from subgraphs.population.streams import Weighted, pick, stream

AUTHORITY = 380
CHILDREN_PER_WORKER = 60
CHILDREN_PER_OFFICER = 80
CHILDREN_PER_NURSE = 150
CHILDREN_PER_PRIMARY = 110
CHILDREN_PER_SECONDARY = 260
CHILDREN_PER_PRACTICE = 250
_FIRST_URN = 990_001
_FIRST_PRIMARY = 2001
_FIRST_SECONDARY = 4001

_COMMUNITY = Weighted(*((community, community.share) for community in COMMUNITIES))


@dataclass(frozen=True, slots=True)
class Team:
    code: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work. `team` is a number of a team, where the agency has teams; `phone` an own line, if any."""

    name: str
    title: str
    team: int
    phone: str | None


@dataclass(frozen=True, slots=True)
class School:
    """`establishment` is its number within the council, which goes into UPNs; `phase` P primary, S secondary."""

    urn: str
    establishment: int
    name: str
    phase: str
    safeguarding_lead: str
    phone: str


@dataclass(frozen=True, slots=True)
class Practice:
    code: str
    name: str
    gp: str


@dataclass(frozen=True, slots=True)
class Partners:
    teams: tuple[Team, ...]
    workers: tuple[Person, ...]
    units: tuple[Team, ...]
    officers: tuple[Person, ...]
    named_nurses: tuple[Person, ...]
    doctors: tuple[Person, ...]
    health_visitors: tuple[Person, ...]
    school_nurses: tuple[Person, ...]
    specialists: tuple[Person, ...]
    practices: tuple[Practice, ...]
    primaries: tuple[School, ...]
    secondaries: tuple[School, ...]

    @property
    def schools(self) -> tuple[School, ...]:
        return self.primaries + self.secondaries


_TEAMS = (
    ("FDOOR", "Integrated Front Door"),
    ("ASS1", "Assessment Team 1"),
    ("ASS2", "Assessment Team 2"),
    ("CPKY", "Child Protection Team Keighley"),
    ("CPBE", "Child Protection Team Bradford East"),
    ("CPBW", "Child Protection Team Bradford West"),
)
_UNITS = (
    ("SGBD", "Bradford Safeguarding Unit"),
    ("DABD", "Bradford Domestic Abuse Team"),
    ("MIBD", "Bradford Missing and Exploitation Team"),
    ("RSBD", "Bradford Response"),
)
_RANKS = Weighted(("PC", 0.62), ("DC", 0.26), ("PS", 0.09), ("DS", 0.03))
_PLACES = words(
    "Aldermoor Beckside Brackenhill Clough Crossfield Dalesgate Eastfold Fairbank Greenroyd Hawksworth "
    "Hollinroyd Kirkfold Larkhill Littlemoor Marley Newroyd Overdale Parkroyd Ridgeway Scarcliffe Silverdale "
    "Southfield Stanroyd Thornhill Valleyfield Westroyd Woodfold"
)


def full_name(random: Random) -> str:
    community = _COMMUNITY.draw(random)
    forenames = community.girls if random.random() < 0.7 else community.boys
    return f"{pick(random, forenames)} {pick(random, community.surnames)}"


def _people(random: Random, count: int, title: str, teams: int = 1, own_line: float = 0.0) -> tuple[Person, ...]:
    return tuple(
        Person(full_name(random), title, n % teams, landline(random) if random.random() < own_line else None)
        for n in range(count)
    )


def _schools(random: Random, count: int, phase: str, urn: int, establishment: int) -> tuple[School, ...]:
    kinds = (
        ("Primary School", "Primary Academy", "C of E Primary School") if phase == "P" else ("Academy", "High School")
    )
    return tuple(
        School(
            str(urn + n),
            establishment + n,
            f"{_PLACES[n % len(_PLACES)]} {kinds[n // len(_PLACES) % len(kinds)]}"
            + (f" {n // len(_PLACES) // len(kinds) + 1}" if n >= len(_PLACES) * len(kinds) else ""),
            phase,
            full_name(random),
            landline(random),
        )
        for n in range(count)
    )


def make_partners(seed: int, children: int) -> Partners:
    """As many people and places as so many children need."""
    random = stream(seed, "partners")
    primaries = max(4, children // CHILDREN_PER_PRIMARY)
    return Partners(
        teams=tuple(Team(code, name, landline(random)) for code, name in _TEAMS),
        workers=_people(random, max(12, children // CHILDREN_PER_WORKER), "Social worker", len(_TEAMS), own_line=0.6),
        units=tuple(Team(code, name, landline(random)) for code, name in _UNITS),
        officers=tuple(
            Person(f"{_RANKS.draw(random)} {full_name(random)}", "Officer", n % len(_UNITS), None)
            for n in range(max(8, children // CHILDREN_PER_OFFICER))
        ),
        named_nurses=_people(random, 3, "Named nurse for safeguarding", own_line=1.0),
        doctors=_people(random, 6, "Consultant paediatrician"),
        health_visitors=_people(random, max(4, children // CHILDREN_PER_NURSE), "Health visitor"),
        school_nurses=_people(random, max(4, children // CHILDREN_PER_NURSE), "School nurse"),
        specialists=_people(random, 8, "Consultant psychiatrist"),
        practices=tuple(
            Practice(f"B83{900 + n:03}", f"{_PLACES[-1 - n % len(_PLACES)]} Medical Practice", full_name(random))
            for n in range(max(4, children // CHILDREN_PER_PRACTICE))
        ),
        primaries=_schools(random, primaries, "P", _FIRST_URN, _FIRST_PRIMARY),
        secondaries=_schools(
            random, max(2, children // CHILDREN_PER_SECONDARY), "S", _FIRST_URN + primaries, _FIRST_SECONDARY
        ),
    )
