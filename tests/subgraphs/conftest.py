"""One small population for all tests here, and each subgraph over its part of it."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, get_named_type

from resolvers.subgraph import Subgraph
from subgraphs.population.seeding import TODAY, Order, seed
from tests.resolvers.served import Served, child, served

CHILDREN, SEED = 300, 7

Serve = Callable[[str], AbstractAsyncContextManager[Served]]


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector's subgraph: its name in the enum, its field on Child, its record's type."""

    name: str
    enum: str
    field: str
    record: str

    @property
    def subgraph(self) -> Subgraph:
        return subgraph(self.name)

    def everything(self) -> str:
        """A selection of all that Child has here."""
        return f"... on Child {{ id {self.field} {{ {_everything(self.subgraph, self.record)} }} }}"


SECTORS = (
    Sector("social_care", "SOCIAL_CARE", "socialCare", "SocialCareRecord"),
    Sector("police", "POLICE", "police", "PoliceRecord"),
    Sector("acute", "ACUTE", "acute", "HospitalRecord"),
    Sector("community", "COMMUNITY", "community", "CommunityHealthRecord"),
    Sector("education", "EDUCATION", "education", "SchoolRecord"),
)
NAMES = ("index", *(sector.name for sector in SECTORS))


def subgraph(name: str) -> Subgraph:
    found = import_module(f"subgraphs.{name}.schema").subgraph
    assert isinstance(found, Subgraph)
    return found


def _everything(of: Subgraph, type_name: str) -> str:
    from graphql import build_schema

    schema = build_schema(of.schema.sdl, assume_valid=True)
    kind = schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    selected = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if inner.name == "Child":
            selected.append(f"{name} {{ ref }}")
        elif isinstance(inner, GraphQLObjectType):
            selected.append(f"{name} {{ {_everything(of, inner.name)} }}")
        else:
            selected.append(name)
    return " ".join(selected)


@pytest.fixture(scope="session")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("population")
    seed(Order(CHILDREN, SEED, TODAY, folder, {}), lambda _database, _done, _total: None)
    return folder


@pytest.fixture
def serve(population: Path, tmp_path: Path) -> Serve:
    """Serve a subgraph, by name, over the population."""

    @asynccontextmanager
    async def start(name: str) -> AsyncIterator[Served]:
        async with served(subgraph(name), f"sqlite+aiosqlite:///{population / f'{name}.sqlite'}", tmp_path) as api:
            yield api

    return start


@pytest.fixture(scope="session")
def representations(population: Path) -> dict[str, list[dict[str, object]]]:
    """By sector, the children of whom the index says that the sector's agencies hold records."""
    connection = sqlite3.connect(population / "index.sqlite")
    found: dict[str, list[dict[str, object]]] = {}
    statement = (
        "SELECT h.agency, h.record_id FROM holding h JOIN agency a ON a.code = h.agency"
        " WHERE h.child_id = ? AND h.sector = ? AND NOT a.sensitive ORDER BY 1, 2"
    )
    children = connection.execute("SELECT id FROM child WHERE shielded = 0 ORDER BY id").fetchall()
    for sector in SECTORS:
        for (identifier,) in children:
            held = connection.execute(statement, (identifier, sector.enum)).fetchall()
            if held:
                found.setdefault(sector.name, []).append(child(identifier, *held))
    connection.close()
    return found


def pretty(answer: object) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
