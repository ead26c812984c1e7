"""One population for all tests here, as a world, as rows, and as databases."""

from pathlib import Path

import pytest

from subgraphs.population.seeding import TODAY, Order, seed, sheets
from subgraphs.population.views.sheet import Sheet
from subgraphs.population.world import World, make_world

CHILDREN, SEED = 2_000, 7


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(CHILDREN, SEED, TODAY)


@pytest.fixture(scope="session")
def written(world: World) -> dict[str, Sheet]:
    return dict(sheets(world))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small databases in files."""
    path = tmp_path_factory.mktemp("population")
    seed(Order(300, SEED, TODAY, path, {}), lambda database, done, total: None)
    return path
