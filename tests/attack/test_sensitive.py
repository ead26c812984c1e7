"""That a sensitive service holds a record is in no answer to whoever may not know of such services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from authz.principal import Principal, Purpose, Role, may_ask_for
from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from tests.access.oracle import permits
from tests.access.partnership import Partnership, Person, Tie, somebody, value, withheld
from tests.access.test_break_glass import BREAK, GRANTS, Ward
from tests.attack.test_everybody import AGENCY_OF, HELD
from tests.edge.network import MemoryLog

QUERY = (
    """{ child(id: "a") { forename care { leadWorker siblings { id refuge { shelter } } } refuge { id shelter } } }"""
)
ACCESS = """query($purpose: AccessPurpose!) {
  access(child: "a", purpose: $purpose) { relationships fields { field outcome reason } } }"""


def child(agency: str, *sensitive: str, ties: bool = True) -> Person:
    tie = Tie("ON_ROLL", agency) if agency == "990001" else Tie("ALLOCATED", agency, "East", "someone")
    return Person("a", ties=(tie,) if ties else (), held=HELD, sensitive=sensitive)


async def answered(query: str, who: Principal, purpose: Purpose, person: Person) -> tuple[Any, list[str], Any]:
    """The answer, the agencies that were asked, and the log's entries."""
    log = MemoryLog()
    network = Partnership.of(person, auditing=Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32)))
    answer = await network.ask(query, who, purpose)
    answer["extensions"]["cps"].pop("auditId")
    logged = [(entry.asked, entry.answered, entry.given, entry.withheld) for entry in log.entries]
    return answer, [each.agency for each in network.transport.exchanged], logged


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "not tied"])
@pytest.mark.parametrize("role", [role for role in Role if may_ask_for((role,), Purpose.S47)])
@pytest.mark.parametrize("purpose", [Purpose.S47, Purpose.CIN])
async def test_held_and_not_held_are_told_apart_by_whoever_may_know_and_nobody_else(
    role: Role, purpose: Purpose, tied: bool
) -> None:
    agency = AGENCY_OF.get(role, "380")
    who = somebody(role.value, agency, "East")
    held, none = child(agency, "REF", ties=tied), child(agency, ties=tied)
    there, asked_there, logged_there = await answered(QUERY, who, purpose, held)
    nothing, asked_nothing, logged_nothing = await answered(QUERY, who, purpose, none)
    assert there["data"] is not None
    if permits(who, purpose, "sensitive.summary", "REF", held):
        assert there["data"]["child"]["refuge"] == [{"id": "REF:a", "shelter": value("shelter", "a", "REF")}]
        assert nothing["data"]["child"]["refuge"] == []
    else:
        assert there == nothing
        assert asked_there == asked_nothing
        assert "refuge" not in asked_there
        assert logged_there == logged_nothing
        assert "refuge" not in there["extensions"]["cps"]["asked"]


async def test_some_role_may_know(tmp_path: Path) -> None:
    who = somebody("social_worker", "380", "East")
    assert permits(who, Purpose.S47, "sensitive.summary", "REF", child("380", "REF"))
    assert not permits(who, Purpose.CIN, "sensitive.summary", "REF", child("380", "REF"))
    answer, _, _ = await answered(QUERY, who, Purpose.CIN, child("380", "REF"))
    assert withheld(answer)["child.refuge"] == "PURPOSE_DOES_NOT_PERMIT"


async def test_a_broken_glass_is_the_service_s_to_read_and_it_is_named_to_nobody_else(tmp_path: Path) -> None:
    ward = Ward(tmp_path, child("380", "REF", ties=False))
    doctor = somebody("ae_clinician", "RAE", subject="doctor")
    why = "The mother is on the ward now and says that he has the other child."
    made = await ward.network.ask(BREAK, doctor, child="a", reason="IMMINENT_HARM", why=why)
    assert made["data"]["breakGlass"]["readBy"] == ["13", "380", "RAE"]
    seen = GRANTS.replace("narrative", "readBy narrative")
    for agency, expected in (("REF", 1), ("RAE", 1), ("13", 1), ("990001", 0)):
        guardian = somebody("caldicott_guardian", agency, subject="guardian")
        listed = await ward.network.ask(seen, guardian, Purpose.AUDIT, overdue=False)
        grants = listed["data"]["breakGlassGrants"]
        assert len(grants) == expected, agency
        assert all(grant["readBy"] == ["13", "380", "RAE"] for grant in grants)
        assert all((grant["child"], bool(grant["narrative"])) == ("a", True) for grant in grants)
    (event,) = [entry for entry in ward.log.entries if entry.outcome == "BREAK_GLASS"]
    assert event.asked == ("13", "380", "RAE")
