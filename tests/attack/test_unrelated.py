"""Whoever may not be told of children without a relationship learns neither an id nor a number of them."""

from __future__ import annotations

from typing import Any

import pytest

from authz.principal import Principal, Purpose
from tests.access.partnership import Partnership, Person, Tie, somebody, value, withheld

DSL = somebody("school_dsl", "990001")
ON_ROLL = (Tie("ON_ROLL", "990001"),)
HELD = {"CARE": ("380",), "POLICE": ("13",)}
QUERIES = [
    '{ child(id: "a") { forename care { siblings { id } } } }',
    '{ child(id: "a") { care { siblings { id forename police { officer } } leadWorker } } }',
    '{ child(id: "a") { care { one: siblings { forename } two: siblings { id care { siblings { id } } } } } }',
]
FOUND = [
    '{ found: child(nhs: "nhs-u") { id } }',
    '{ found: child(id: "u") { id forename police { officer } } }',
    '{ found: named(id: "u") { forename } }',
    '{ found: anyone(id: "u") { ... on Child { id } } }',
    '{ found: findChildren(surname: "Other") { id } }',
]


def pupil(*siblings: str) -> Person:
    return Person("a", ties=ON_ROLL, held=HELD, siblings=siblings)


def told(answer: dict[str, Any]) -> dict[str, Any]:
    answer["extensions"]["cps"].pop("auditId")
    return answer


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("purpose", [Purpose.S47, Purpose.SCHOOL])
async def test_a_sibling_who_is_not_on_the_roll_is_as_if_there_were_none(query: str, purpose: Purpose) -> None:
    unrelated = Person("u", held=HELD, siblings=("a",))
    with_one = await Partnership.of(pupil("u"), unrelated).ask(query, DSL, purpose)
    without = await Partnership.of(pupil(), unrelated).ask(query, DSL, purpose)
    (record,) = with_one["data"]["child"]["care"]
    assert [value for key, value in record.items() if value == []]
    assert told(with_one)["data"] == told(without)["data"]
    assert with_one["extensions"]["cps"]["withheld"] == without["extensions"]["cps"]["withheld"]
    assert "NO_RELATIONSHIP" in withheld(with_one).values()


@pytest.mark.parametrize("query", FOUND)
async def test_an_unrelated_child_who_is_looked_for_is_like_one_who_does_not_exist(query: str) -> None:
    unrelated = Person("u", surname="Other", held=HELD)
    there = await Partnership.of(pupil(), unrelated).ask(query, DSL)
    nobody = await Partnership.of(pupil()).ask(query, DSL)
    shielded = await Partnership.of(pupil(), Person("u", surname="Other", shielded=True, held=HELD)).ask(query, DSL)
    assert not [each for each in (there["data"]["found"] or ()) if each and "id" in each]
    assert there["data"] == shielded["data"]
    assert withheld(there) == withheld(nobody) == withheld(shielded)
    assert withheld(there)["found"] == "NO_RELATIONSHIP"


async def test_the_remedy_is_to_claim_the_relationship() -> None:
    answer = await Partnership.of(pupil()).ask('{ child(nhs: "nhs-u") { id } }', DSL)
    (entry,) = answer["extensions"]["cps"]["withheld"]
    assert (entry["path"], entry["reason"]) == ("child", "NO_RELATIONSHIP")
    assert {"RELATIONSHIP", "CLAIM"} <= set(entry["remedies"])


async def test_early_help_is_told_of_its_own_children_only() -> None:
    worker = somebody("social_worker", "380", subject="worker")
    mine = Person("m", ties=(Tie("ALLOCATED", "380", None, "worker"),), held=HELD, siblings=("u",))
    network = Partnership.of(mine, Person("u", held=HELD))
    answer = await network.ask('{ findChildren(surname: "Smith") { id forename } }', worker, Purpose.EH)
    assert answer["data"] == {"findChildren": [{"id": "m", "forename": value("forename", "m")}]}
    assert withheld(answer) == {"findChildren": "NO_RELATIONSHIP"}
    whole = await network.ask('{ findChildren(surname: "Smith") { id } }', worker, Purpose.S47)
    assert whole["data"] == {"findChildren": [{"id": "m"}, {"id": "u"}]}
    assert withheld(whole) == {}


@pytest.mark.parametrize("who", [DSL, somebody("social_worker", "380")], ids=["lead", "worker"])
async def test_who_was_asked_tells_nothing_of_whom_a_list_has(who: Principal) -> None:
    """A meeting's children come from the board: the index is asked about them only where there are any."""
    query = '{ meeting(id: "m") { room children { id } } }'
    hidden = Person("u", shielded=True)
    there = await Partnership.of(hidden, meetings={"m": ("u",)}).ask(query, who)
    nobody = await Partnership.of(hidden, meetings={"m": ()}).ask(query, who)
    assert there["data"] == {"meeting": {"room": "12", "children": []}}
    assert told(there) == told(nobody)
    assert there["extensions"]["cps"]["asked"] == there["extensions"]["cps"]["answered"] == ["board", "index"]
