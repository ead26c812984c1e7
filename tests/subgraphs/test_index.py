"""The index: exact look-up, references, holders; and that no path leads to a shielded child."""

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from authz.standing import Kind
from subgraphs.index.types import RelationshipKind
from tests.resolvers.served import Served, served
from tests.subgraphs.conftest import Serve, subgraph

FIELDS = "id nhsNumber upn forename surname dateOfBirth"
A = {
    "nhsNumber": "9990000018",
    "upn": "Q380200125001",
    "forename": "Safiya",
    "surname": "Ellerthwaite",
    "dateOfBirth": "2021-02-14",
}
A_RECORDS = ["380:10023", "13:P0004711", "RAE:M123456", "TAD:4711", "990001:Q380200125001"]
SHIELDED_NHS = "9990000026"


@pytest.fixture
async def api(serve: Serve) -> AsyncIterator[Served]:
    async with serve("index") as running:
        yield running


@pytest.fixture(scope="session")
def shielded(population: Path) -> dict[str, str]:
    """How B could be asked for, by every argument."""
    connection = sqlite3.connect(population / "index.sqlite")
    identifier, flag = connection.execute("SELECT id, shielded FROM child WHERE nhs = ?", (SHIELDED_NHS,)).fetchone()
    assert flag
    agency, record = connection.execute(
        "SELECT agency, record_id FROM holding WHERE child_id = ? ORDER BY agency", (identifier,)
    ).fetchone()
    connection.close()
    return {"id": identifier, "nhsNumber": SHIELDED_NHS, "record": f"{agency}:{record}"}


async def lookup(api: Served, argument: str, value: str) -> object:
    return (await api.data(f'{{ child({argument}: "{value}") {{ {FIELDS} }} }}'))["child"]


async def test_every_identifier_leads_to_the_same_child(api: Served) -> None:
    found = await lookup(api, "nhsNumber", "999 000 0018")
    assert isinstance(found, dict)
    assert {**found, "id": ""} == {**A, "id": ""}
    for argument, value in [("id", found["id"]), ("upn", "q380200125001"), *(("record", each) for each in A_RECORDS)]:
        assert await lookup(api, argument, value) == found


@pytest.mark.parametrize("argument", ["id", "nhsNumber", "upn", "record"])
@pytest.mark.parametrize("value", ["nobody", "380:", ":", "380:999999999", "%", "' OR 1=1 --"])
async def test_nobody(api: Served, argument: str, value: str) -> None:
    assert await lookup(api, argument, value) is None


@pytest.mark.parametrize("arguments", ["", '(id: "a", upn: "b")', '(id: "")', "(id: null)"])
async def test_exactly_one_identifier(api: Served, arguments: str) -> None:
    answer = await api.ask(f"{{ child{arguments} {{ id }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_LOOKUP"
    assert answer["data"] == {"child": None}


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        ('surname: "Ellerthwaite", dateOfBirth: "2021-02-14"', True),
        ('surname: "ELLERTHWAITE", forename: "safiya", dateOfBirth: "2021-02-14"', True),
        ('surname: " ellerthwaite ", dateOfBirth: "2021-02-14"', True),
        ('surname: "Ellerthwaite", forename: "Saf", dateOfBirth: "2021-02-14"', False),
        ('surname: "Ellerthwait", dateOfBirth: "2021-02-14"', False),
        ('surname: "Ellerthwaite%", dateOfBirth: "2021-02-14"', False),
        ('surname: "Ellerthwaite", dateOfBirth: "2021-02-15"', False),
    ],
)
async def test_by_name_and_date_of_birth(api: Served, arguments: str, known: bool) -> None:
    data = await api.data(f"{{ findChildren({arguments}) {{ nhsNumber }} }}")
    assert data == {"findChildren": [{"nhsNumber": A["nhsNumber"]}] if known else []}


async def test_holders_by_sector(api: Served) -> None:
    data = await api.data(
        """{ child(nhsNumber: "9990000018") { ref all: holders { agency recordId }
             police: holders(sector: POLICE) { recordId } knownTo { code name sector } } }"""
    )
    found = data["child"]
    assert sorted(f"{each['agency']}:{each['recordId']}" for each in found["all"]) == sorted(A_RECORDS)
    assert found["police"] == [{"recordId": "P0004711"}]
    assert found["ref"] in A_RECORDS
    assert {each["code"]: each["sector"] for each in found["knownTo"]} == {
        "380": "SOCIAL_CARE",
        "13": "POLICE",
        "RAE": "ACUTE",
        "TAD": "COMMUNITY",
        "990001": "EDUCATION",
    }


async def test_a_sensitive_service_is_apart_from_who_else_knows_the_child(api: Served, population: Path) -> None:
    with contextlib.closing(sqlite3.connect(population / "index.sqlite")) as connection:
        rows = connection.execute(
            "SELECT h.child_id, h.record_id FROM holding h JOIN child c ON c.id = h.child_id"
            " WHERE h.agency = 'YPS' AND c.shielded = 0 ORDER BY 1"
        ).fetchall()
        contact = connection.execute("SELECT name, contact FROM agency WHERE code = 'YPS'").fetchone()
    assert rows
    query = """query($id: ID!) { child(id: $id) {
        ref holders { agency } sensitiveHolders { agency recordId }
        community: sensitiveHolders(sector: COMMUNITY) { agency }
        police: sensitiveHolders(sector: POLICE) { agency } knownTo { code } sensitiveServices { name contact } } }"""
    for child, record in rows:
        found = (await api.data(query, id=child))["child"]
        assert "YPS" not in str([found["ref"], found["holders"], found["knownTo"]])
        assert found["sensitiveHolders"] == [{"agency": "YPS", "recordId": record}]
        assert (found["community"], found["police"]) == ([{"agency": "YPS"}], [])
        assert found["sensitiveServices"] == [{"name": None, "contact": contact[1]}]
    nobody_s = '{ child(nhsNumber: "9990000018") { sensitiveHolders { agency } sensitiveServices { name } } }'
    ordinary = await api.data(nobody_s)
    assert ordinary == {"child": {"sensitiveHolders": [], "sensitiveServices": []}}


async def test_every_relationship_that_is_kept_is_stated(api: Served, population: Path) -> None:
    """One whose kind could not be read would be left out, and its practitioner be shut out."""
    with contextlib.closing(sqlite3.connect(population / "index.sqlite")) as connection:
        joined = "FROM relationship r JOIN child c ON c.id = r.child_id WHERE NOT c.shielded"
        kept = dict(connection.execute(f"SELECT r.kind, count(*) {joined} GROUP BY 1").fetchall())
        ids = [each for (each,) in connection.execute(f"SELECT DISTINCT c.id {joined}")]
    given = [{"__typename": "Child", "id": each} for each in ids]
    stated = "relationships { kind assertedBy agency since }"
    found = Counter(
        each["kind"]
        for child in await api.entities(f"... on Child {{ {stated} }}", *given)
        for each in child["relationships"]
    )
    assert dict(found) == kept
    assert {"ALLOCATED", "ON_ROLL", "REGISTERED", "POLICE_OCCURRENCE", "CORE_GROUP"} <= set(kept)


def test_the_kinds_are_those_that_standings_know() -> None:
    assert {kind.value for kind in RelationshipKind} == {kind.name for kind in RelationshipKind}
    assert {kind.value.lower() for kind in RelationshipKind} == {kind.value for kind in Kind}


async def test_one_that_consents_is_named(population: Path, tmp_path: Path) -> None:
    database = shutil.copy(population / "index.sqlite", tmp_path / "index.sqlite")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE agency SET named = 1 WHERE code = 'YPS'")
        connection.commit()
        (child,) = connection.execute(
            "SELECT h.child_id FROM holding h JOIN child c ON c.id = h.child_id"
            " WHERE h.agency = 'YPS' AND c.shielded = 0"
        ).fetchone()
        (name,) = connection.execute("SELECT name FROM agency WHERE code = 'YPS'").fetchone()
    async with served(subgraph("index"), f"sqlite+aiosqlite:///{database}", tmp_path) as api:
        found = await api.data("query($id: ID!) { child(id: $id) { sensitiveServices { name } } }", id=child)
    assert found == {"child": {"sensitiveServices": [{"name": name}]}}


async def test_entities_by_id_and_by_reference(api: Served) -> None:
    found = await lookup(api, "nhsNumber", "9990000018")
    assert isinstance(found, dict)
    given: list[object] = [{"__typename": "Child", "ref": each} for each in A_RECORDS]
    given += [{"__typename": "Child", "id": found["id"]}, {"__typename": "Child", "ref": "380:0"}]
    entities = await api.entities("... on Child { id surname holders(sector: ACUTE) { recordId } }", *given)
    wanted = {"id": found["id"], "surname": "Ellerthwaite", "holders": [{"recordId": "M123456"}]}
    assert entities == [wanted] * 6 + [None]


async def test_a_batch_takes_the_same_statements_as_one(api: Served, population: Path) -> None:
    connection = sqlite3.connect(population / "index.sqlite")
    ids = [each for (each,) in connection.execute("SELECT id FROM child WHERE shielded = 0 ORDER BY id LIMIT 200")]
    refs = connection.execute("SELECT agency || ':' || record_id FROM holding ORDER BY 1 LIMIT 200").fetchall()
    connection.close()
    selection = "... on Child { id ref surname holders { agency } knownTo { code } }"
    api.statements()
    for count in (1, 200):
        given = [{"__typename": "Child", "id": each} for each in ids[:count]]
        entities = await api.entities(selection, *given, *({"__typename": "Child", "ref": each} for (each,) in refs))
        assert [entity["id"] for entity in entities[:count]] == ids[:count]
        assert len(api.statements()) == 5, "references, children, holdings, agencies; and the shielded, afterwards"


async def test_names_are_read_only_if_asked(api: Served) -> None:
    await api.data('{ child(nhsNumber: "9990000018") { id } }')
    assert not any("surname" in each or "dob" in each for each in api.statements())


async def test_agencies(api: Served) -> None:
    agencies = (await api.data("{ agencies { code name sector } }"))["agencies"]
    assert {"code": "13", "name": "West Yorkshire Police", "sector": "POLICE"} in agencies
    assert len(agencies) == len({each["code"] for each in agencies}) > 5


@pytest.mark.parametrize("argument", ["id", "nhsNumber", "record"])
async def test_a_shielded_child_is_nobody(api: Served, shielded: dict[str, str], argument: str) -> None:
    """The answer and the statements are those of a child that doesn't exist."""
    nobody = {"id": "A" * 22, "nhsNumber": "9990000999", "record": "380:99999999"}[argument]
    query = "query($value: {}) {{ child({}: $value) {{ {} holders {{ agency }} ref knownTo {{ code }} }} }}"
    query = query.format("String" if argument == "nhsNumber" else "ID", argument, FIELDS)
    api.statements()
    missing = await api.ask(query, value=nobody)
    usual = api.statements()
    assert await api.ask(query, value=shielded[argument]) == missing == {"data": {"child": None}}
    assert api.statements() == usual


async def test_a_shielded_child_is_not_found_by_name(api: Served) -> None:
    data = await api.data('{ findChildren(surname: "Ellerthwaite", dateOfBirth: "2019-06-03") { id } }')
    assert data == {"findChildren": []}


async def test_a_shielded_child_is_no_entity(api: Served, shielded: dict[str, str]) -> None:
    given = [
        {"__typename": "Child", "id": shielded["id"]},
        {"__typename": "Child", "ref": shielded["record"]},
        {"__typename": "Child", "id": shielded["id"], "ref": shielded["record"], "holders": []},
    ]
    assert await api.entities("... on Child { id ref }", *given) == [None] * 3


async def test_what_is_no_representation(api: Served) -> None:
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { id } } }"
    answer = await api.ask(query, r=[{"__typename": "Child"}, {"__typename": "Child", "id": 5}])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_REPRESENTATION"] * 2
