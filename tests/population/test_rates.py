"""The population's rates, near the published ones: within about two standard errors at two thousand children."""

from itertools import pairwise
from statistics import median

import pytest

from subgraphs.population import rates
from subgraphs.population.model import Episode
from subgraphs.population.working_days import working_days_between
from subgraphs.population.world import World


@pytest.fixture(scope="module")
def episodes(world: World) -> tuple[Episode, ...]:
    return world.episodes


def _share(episodes: tuple[Episode, ...], source: str) -> float:
    return sum(episode.referral.source == source for episode in episodes) / len(episodes)


def test_sources_of_referrals(episodes: tuple[Episode, ...]) -> None:
    assert _share(episodes, "6") == pytest.approx(rates.PUBLISHED_POLICE_SOURCE, abs=0.05)
    assert _share(episodes, "2A") == pytest.approx(rates.PUBLISHED_SCHOOL_SOURCE, abs=0.05)


def test_re_referrals(episodes: tuple[Episode, ...]) -> None:
    """Within a year of the same child's referral before."""
    pairs = [(one.referral.made, other.referral.made) for one, other in pairwise(episodes) if one.child == other.child]
    again = sum((later - earlier).days <= 365 for earlier, later in pairs)
    assert again / len(episodes) == pytest.approx(rates.PUBLISHED_RE_REFERRAL, abs=0.04)


def test_enquiries_and_conferences(episodes: tuple[Episode, ...]) -> None:
    enquiries = [episode for episode in episodes if episode.enquiry is not None]
    conferences = [episode for episode in episodes if episode.conferences]
    assert len(enquiries) / len(episodes) == pytest.approx(rates.PUBLISHED_S47_PER_REFERRAL, abs=0.06)
    assert len(conferences) / len(enquiries) == pytest.approx(rates.PUBLISHED_ICPC_PER_S47, abs=0.08)


def test_conferences_are_as_punctual_as_in_life(episodes: tuple[Episode, ...]) -> None:
    days = [
        working_days_between(episode.strategy.held, episode.conferences[0].held)
        for episode in episodes
        if episode.strategy is not None and episode.conferences
    ]
    assert sum(day <= 15 for day in days) / len(days) == pytest.approx(rates.PUBLISHED_ICPC_IN_TIME, abs=0.1)
    assert median(days) == pytest.approx(rates.PUBLISHED_ICPC_MEDIAN_DAYS, abs=1)
