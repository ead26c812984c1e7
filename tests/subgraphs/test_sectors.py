"""The five sectors over one population: the fixed child, batches, columns, references to other children."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from resolvers.entity import Representation
from tests.resolvers.served import child
from tests.subgraphs.conftest import SECTORS, Sector, Serve

HOLDERS = {
    "social_care": ("380", "10023"),
    "police": ("13", "P0004711"),
    "acute": ("RAE", "M123456"),
    "community": ("TAD", "4711"),
    "education": ("990001", "Q380200125001"),
}
STATEMENTS = {"social_care": 15, "police": 9, "acute": 5, "community": 5, "education": 8}
"""A record's own and one for each gathered value and list, when everything is asked."""


async def everything_of_a(serve: Serve, name: str) -> dict[str, Any]:
    [sector] = [each for each in SECTORS if each.name == name]
    async with serve(name) as api:
        [entity] = await api.entities(sector.everything(), child("a", HOLDERS[name]))
    [record] = entity[sector.field]
    assert isinstance(record, dict)
    return record


async def test_the_council_holds_an_open_plan(serve: Serve) -> None:
    record = await everything_of_a(serve, "social_care")
    assert record["id"] == "380:10023"
    assert record["agency"] == "380"
    assert (record["forename"], record["surname"]) == ("Safiya", "Ellerthwaite")
    assert (record["nhsNumber"], record["upn"]) == ("9990000018", "Q380200125001")
    assert (record["dateOfBirth"], record["sex"], record["open"]) == ("2021-02-14", "FEMALE", True)
    assert record["childProtectionPlan"] is True
    [plan] = record["plans"]
    assert (plan["endDate"], plan["category"]) == (None, "EMOTIONAL")
    assert plan["coreGroup"][0]["role"] == "Lead social worker"
    assert plan["startDate"] == record["conferences"][0]["date"]
    assert record["referrals"][0]["source"] == "POLICE"
    assert record["factors"] == ["DOMESTIC_ABUSE_OF_PARENT", "MENTAL_HEALTH_OF_PARENT"]
    assert record["primaryNeed"] == "ABUSE_OR_NEGLECT"
    assert record["allegedPerpetrator"] == "Craig Wolfenby"
    assert [address["until"] for address in record["addresses"]].count(None) == 1
    assert record["addresses"][0]["postcode"] == "BD5 8MV"


async def test_the_police_hold_a_notice_with_its_narrative(serve: Serve) -> None:
    record = await everything_of_a(serve, "police")
    assert (record["id"], record["personRef"], record["dateOfBirth"]) == ("13:P0004711", "P0004711", "2021-02-14")
    [notice] = record["notices"]
    assert notice["id"] == f"13:{notice['ref']}"
    assert notice["grade"] == "MEDIUM"
    assert notice["domesticAbuse"] is True
    assert notice["childPresent"] is True
    assert notice["narrative"].startswith("Officers attended after a report of a disturbance between adults at")
    assert notice["narrative"].endswith("Referred to children's social care.")
    assert notice["suspect"] == "Craig Wolfenby"
    assert {"ref": "13:P0004711"} not in notice["childrenPresent"], "the child that it is about"
    assert len(notice["childrenPresent"]) == 2
    assert record["protectionStart"].endswith("+00:00"), "January: Greenwich time"
    assert record["pncId"] is None


async def test_the_hospital_holds_an_attendance_and_an_examination(serve: Serve) -> None:
    record = await everything_of_a(serve, "acute")
    assert (record["forename"], record["surname"], record["nhsNumber"]) == ("Safiya", "Ellerthwaite", "9990000018")
    [attendance] = record["attendances"]
    assert attendance["injury"] == "Bruising to the left forearm"
    assert attendance["concern"].startswith("History given does not fit")
    assert attendance["leftUnseen"] is False
    assert attendance["arrival"].partition("T")[2] == "17:12:00+00:00"
    [examination] = record["examinations"]
    assert examination["bodyMap"].startswith("One area of bruising")
    assert examination["selfHarm"] is None


async def test_the_community_trust_holds_contacts(serve: Serve) -> None:
    record = await everything_of_a(serve, "community")
    assert [each["wasNotBrought"] for each in record["contacts"]] == [False, True, False]
    assert record["lastSeen"] == record["contacts"][0]["date"]
    assert record["developmentReviews"][0] == {"age": "TWO_YEARS", "date": "2023-05-03", "outcome": "BELOW_EXPECTED"}
    assert record["specialistCare"][0]["parentMentalHealth"].startswith("A parent is seen")
    assert record["specialistCare"][0]["camhs"] is None


async def test_the_school_holds_an_enrolment_and_its_own_log(serve: Serve) -> None:
    record = await everything_of_a(serve, "education")
    assert (record["id"], record["agency"]) == ("990001:Q380200125001", "990001")
    assert record["yearGroup"] in {"NURSERY", "RECEPTION"}
    assert [(each["from"], each["until"]) for each in record["enrolments"]] == [("2025-09-02", None)]
    assert record["sen"] == "SCHOOL_SUPPORT"
    assert 80 < record["attendancePercent"] < 92
    assert len(record["sessionCodes"][0]["marks"]) == 10
    assert record["concernLog"][0]["summary"] == "Tired and withdrawn this week."
    assert record["disclosures"][0]["summary"].startswith("Told a teaching assistant")
    assert len(record["encompassNotices"]) == 1


@pytest.mark.parametrize("sector", SECTORS, ids=lambda sector: sector.name)
async def test_statements_do_not_grow_with_children(
    sector: Sector, serve: Serve, representations: dict[str, list[Representation]]
) -> None:
    given = representations[sector.name]
    async with serve(sector.name) as api:
        await api.entities(sector.everything(), given[0], given[1])
        few = len(api.statements())
        entities = await api.entities(sector.everything(), *given)
        many = api.statements()
    assert len(entities) == len(given)
    assert few <= len(many) == STATEMENTS[sector.name]
    assert sum(len(entity[sector.field]) for entity in entities) == sum(len(each["holders"]) for each in given)  # type: ignore[arg-type,misc]  # a list


@pytest.mark.parametrize("sector", SECTORS, ids=lambda sector: sector.name)
async def test_a_record_by_its_id_is_the_record_of_its_child(
    sector: Sector, serve: Serve, representations: dict[str, list[Representation]]
) -> None:
    given = representations[sector.name][:5]
    inner = sector.everything().partition(sector.field)[2].removesuffix("}")
    async with serve(sector.name) as api:
        entities = await api.entities(sector.everything(), *given)
        records = [record for entity in entities for record in entity[sector.field]]
        by_id = await api.entities(
            f"... on {sector.record} {inner}", *({"__typename": sector.record, "id": each["id"]} for each in records)
        )
        assert by_id == records
        code = records[0]["id"].partition(":")[0]
        nothing = [{"__typename": sector.record, "id": each} for each in (f"{code}:0", f"{code}:", code, "", "X:1")]
        assert await api.entities("__typename", *nothing) == [None] * 5
        assert await api.entities(f"... on Child {{ {sector.field} {{ id }} }}", child("nobody")) == [
            {sector.field: []}
        ]


async def test_a_page_begins_after_an_item_of_this_agency_only(serve: Serve) -> None:
    """Another agency's item may have the same number."""
    selection = "... on Child { acute { attendances(after: $a) { id } } }"
    query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
    given = [child("a", HOLDERS["acute"])]
    record = await everything_of_a(serve, "acute")
    own = record["attendances"][0]["id"]
    async with serve("acute") as api:
        for after, codes in [(own, []), (own.replace("RAE:", "TAD:"), ["BAD_PAGE"])]:
            answer = await api.ask(query.replace("$a", f'"{after}"'), r=given)
            assert [error["extensions"]["code"] for error in answer.get("errors", [])] == codes


async def test_a_narrative_that_is_not_asked_for_is_not_read(serve: Serve) -> None:
    representation = child("a", HOLDERS["police"])
    async with serve("police") as api:
        await api.entities("... on Child { police { notices { id officer grade concern } } }", representation)
        assert not any("LineText" in each or "PpnText" in each for each in api.statements())
        await api.entities(
            "... on Child { police { ...R } }".replace("...R", "notices { told: narrative }"), representation
        )
        assert any("LineText" in each for each in api.statements())


@pytest.mark.parametrize(
    ("name", "field", "columns"),
    [
        ("social_care", "surname", {"PERS_NO", "SURNAME", "RESTR_FLG"}),
        ("police", "surname", {"NominalRef", "Surname"}),
        ("acute", "surname", {"mrn", "surname"}),
        ("community", "surname", {"IDPatient", "Surname"}),
        ("education", "surname", {"URN", "UPN", "LegalSurname"}),
    ],
)
async def test_one_field_reads_its_column_and_the_keys(name: str, field: str, columns: set[str], serve: Serve) -> None:
    [sector] = [each for each in SECTORS if each.name == name]
    tables = __import__(f"subgraphs.{name}.tables", fromlist=["metadata"]).metadata.tables
    known = {column.name for table in tables.values() for column in table.columns}
    async with serve(name) as api:
        await api.entities(f"... on Child {{ {sector.field} {{ {field} }} }}", child("a", HOLDERS[name]))
        [statement] = api.statements()
    words = set(statement.replace('"', " ").replace(".", " ").replace(",", " ").split())
    assert words & known == columns


async def test_a_shielded_sibling_is_not_referred_to(serve: Serve, population: Path) -> None:
    """B is A's sibling in the council's own rows; the council gives neither the reference nor the record."""
    connection = sqlite3.connect(population / "social_care.sqlite")
    rows = connection.execute(
        "SELECT REL_PERS_NO, RESTR_FLG FROM T_PERS_REL JOIN T_PERS ON T_PERS.PERS_NO = REL_PERS_NO "
        "WHERE T_PERS_REL.PERS_NO = 10023 ORDER BY 1"
    ).fetchall()
    connection.close()
    assert sorted(flag for _, flag in rows) == ["N", "Y"]
    [shielded] = [number for number, flag in rows if flag == "Y"]
    record = await everything_of_a(serve, "social_care")
    assert record["siblings"] == [{"ref": f"380:{number}"} for number, flag in rows if flag == "N"]
    async with serve("social_care") as api:
        by_id = {"__typename": "SocialCareRecord", "id": f"380:{shielded}"}
        assert await api.entities(
            "... on Child { socialCare { id } } ... on SocialCareRecord { id }",
            by_id,
            child("b", ("380", str(shielded))),
        ) == [None, {"socialCare": []}]
    assert str(shielded) not in json.dumps(record["siblings"])


async def test_a_referrer_and_an_alleged_perpetrator_are_never_taken_for_each_other(
    serve: Serve, representations: dict[str, list[Representation]], population: Path
) -> None:
    with contextlib.closing(sqlite3.connect(population / "social_care.sqlite")) as connection:
        rows = connection.execute(
            "SELECT e.PERS_NO, p.PARTY_CD, p.PARTY_NM FROM T_PARTY p JOIN T_EPIS e ON e.EPIS_NO = p.EPIS_NO"
        ).fetchall()
    kept: dict[tuple[str, str], set[str]] = {}
    for person, kind, name in rows:
        kept.setdefault((f"380:{person}", kind), set()).add(name)
    assert {kind for _, kind in kept} == {"R", "A"}
    async with serve("social_care") as api:
        selection = "... on Child { socialCare { id referrerIdentity allegedPerpetrator } }"
        entities = await api.entities(selection, *representations["social_care"])
    records = [record for entity in entities for record in entity["socialCare"]]
    for field, kind in (("referrerIdentity", "R"), ("allegedPerpetrator", "A")):
        told = {record["id"]: set(record[field].splitlines()) for record in records if record[field]}
        assert told
        assert told == {identifier: kept[identifier, kind] for identifier in told}
        assert all(record[field] for record in records if (record["id"], kind) in kept)
