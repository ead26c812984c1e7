"""The world: everything that is true, made from a number of children, a seed and a day."""

from dataclasses import dataclass
from datetime import date

from subgraphs.population.community_health import CommunityHistory, make_community
from subgraphs.population.families import Families, UpnRegister, make_families
from subgraphs.population.fixed import HOUSEHOLDS, make_fixed
from subgraphs.population.hospital import HospitalHistory, make_hospital
from subgraphs.population.incidents import PoliceHistory, make_incidents
from subgraphs.population.model import Episode
from subgraphs.population.partners import Partners, make_partners
from subgraphs.population.protocol import make_episodes
from subgraphs.population.schooling import SchoolHistory, make_schooling


@dataclass(frozen=True, slots=True)
class World:
    seed: int
    today: date
    partners: Partners
    families: Families
    episodes: tuple[Episode, ...]
    police: PoliceHistory
    hospital: HospitalHistory
    community: CommunityHistory
    schools: SchoolHistory


def make_world(children: int, seed: int, today: date) -> World:
    """One consistent population: what each agency saw follows from what happened, so their histories agree."""
    partners, register = make_partners(seed, children), UpnRegister()
    fixed = make_fixed(today, partners, register)
    families = make_families(seed, today, partners, children, fixed.families, register)
    episodes = fixed.episodes + make_episodes(seed, today, families, partners, HOUSEHOLDS)
    police = make_incidents(seed, today, families, partners, episodes[len(fixed.episodes) :], fixed.police)
    hospital = make_hospital(seed, today, families, episodes, fixed.hospital)
    community = make_community(seed, today, families, partners, episodes, fixed.community)
    schools = make_schooling(seed, today, families, partners, episodes, police, fixed.schools)
    return World(seed, today, partners, families, episodes, police, hospital, community, schools)
