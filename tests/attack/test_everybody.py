"""Nobody reads a child without a tie: one person of each role asks for every child that there is."""

from __future__ import annotations

import pytest

from authz.principal import Purpose, Role, may_ask_for
from tests.access.oracle import may_have
from tests.access.partnership import Partnership, Person, Tie, somebody
from tests.access.test_property import _VALUE

AGENCY_OF = {
    Role.POLICE: "13",
    Role.HEALTH_VISITOR: "RAE",
    Role.DOCTOR: "RAE",
    Role.EMERGENCY_CLINICIAN: "RAE",
    Role.SCHOOL_LEAD: "990001",
}
FREE = frozenset(("forename", "surname", "leadWorker", "grade"))
"""What the front line may know of any child: who they are, and who leads."""

QUERY = """{ findChildren(surname: "Smith") {
    id forename surname care { leadWorker status note plan advice } police { officer narrative markers }
    health { reason camhs } } }"""
HELD = {"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)}


def children(agency: str) -> list[Person]:
    """Four hundred: two are the asker's own, three their team's, five a colleague's or nobody's any more."""
    own = Tie("ALLOCATED", agency, None, "someone")
    team = Tie("ALLOCATED", agency, "East", "another")
    others = (
        Tie("ALLOCATED", agency, None, "another"),
        Tie("ALLOCATED", agency, "West"),
        Tie("REGISTERED", agency),
        Tie("POLICE_OCCURRENCE", agency),
        Tie("ALLOCATED", agency, None, "someone", until="2026-01-02"),
    )
    ties = [own, own, team, team, team, *others]
    known = [Person(f"t{number}", ties=(tie,), held=HELD) for number, tie in enumerate(ties)]
    return known + [Person(f"n{number}", held=HELD) for number in range(400 - len(known))]


@pytest.mark.parametrize("purpose", [Purpose.S47, Purpose.CIN])
@pytest.mark.parametrize("role", [role for role in Role if may_ask_for((role,), Purpose.S47)])
async def test_of_four_hundred_children_detail_comes_of_ones_own_and_the_team_s(role: Role, purpose: Purpose) -> None:
    agency = AGENCY_OF.get(role, "380")
    people = children(agency)
    network = Partnership.of(*people)
    who = somebody(role.value, agency, "East")
    answer = await network.ask(QUERY, who, purpose)
    assert answer["data"] is not None
    moved = {text.strip("<>").split("|")[0:2][1]: text for text in _VALUE.findall(network.moved.decode())
             if text.strip("<>").split("|")[0] not in FREE}  # fmt: skip
    assert set(moved) <= {"t0", "t1", "t2", "t3", "t4"}
    known = {person.id: person for person in people}
    for text in _VALUE.findall(network.moved.decode()):
        assert may_have(text, who, purpose, known, {}), text


async def test_the_police_of_another_unit_read_no_narrative_of_four_hundred() -> None:
    network = Partnership.of(*children("13"))
    answer = await network.ask(QUERY, somebody("police_public_protection", "13", "North", subject="elsewhere"))
    found = answer["data"]["findChildren"]
    assert len(found) == 400
    assert all(child["forename"] for child in found)
    assert b"<narrative|" not in network.moved
    assert b"<officer|" not in network.moved
    mine = await network.ask(QUERY, somebody("police_public_protection", "13", "East"))
    read = {child["id"] for child in mine["data"]["findChildren"] if child["police"][0]["narrative"]}
    assert read == {"t0", "t1", "t2", "t3", "t4"}
