"""What one agency's answer can't do: the attacks of a review, each as it was made."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.access import AccessSubgraph
from gateway.audit.auditors import AuditSubgraph
from tests.access.partnership import Partnership, Person, Tie, somebody
from tests.attack.forging import Vocabulary, objects_of
from tests.attack.test_hostile_agency import Lying

WORKER = somebody("social_worker", "380")
DSL = somebody("school_dsl", "990001")
WITH_WORKER = (Tie("ALLOCATED", "380", None, "someone"),)
CHILD = Person(
    "a", ties=WITH_WORKER, held={"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)}, siblings=("s", "b")
)
SHIELDED = Person("s", shielded=True, held={"CARE": ("380",), "HEALTH": ("RAE",)})
OTHER = Person("b", held={"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)})


def lying(liar: str, forge: Callable[[dict[str, Any]], None], *people: Person) -> Partnership:
    """A partnership in which one agency's answers are forged."""
    made = Partnership.of(*(people or (CHILD, SHIELDED, OTHER)))
    transport = Lying(list(made.transport.agencies.values()))
    transport.liar, transport.vocabulary = liar, Vocabulary([], [])

    def forgery(answer: Any, _: random.Random, __: Vocabulary) -> None:
        forge(answer)

    transport.forgery = forgery
    made.pipeline._transport = made.transport = transport
    return made


def mention(**forged: Any) -> Callable[[dict[str, Any]], None]:
    """Give every child that is mentioned (by a reference) these keys too."""

    def forge(answer: dict[str, Any]) -> None:
        for each in objects_of(answer["data"]):
            if "ref" in each:
                each.update(forged)

    return forge


async def test_holders_that_an_agency_adds_to_a_child_open_no_record() -> None:
    forged = mention(holders=[{"agency": "RAE", "recordId": "s"}], __cps_fact_shielded=False, __cps_subject="s")
    network = lying("care", forged)
    query = '{ child(id: "a") { care { siblings { id health { reason } } } } }'
    answer = await network.ask(query, WORKER)
    assert b"|s|" not in network.moved
    assert [each["id"] for each in answer["data"]["child"]["care"][0]["siblings"]] == ["b"]


async def test_relationships_that_an_agency_forges_open_nothing() -> None:
    ties = [{"kind": "ON_ROLL", "agency": "990001", "team": None, "practitioner": None, "since": "2020-01-01",
             "until": None}]  # fmt: skip
    pupil = Person("a", ties=(Tie("ON_ROLL", "990001"),), held=CHILD.held, siblings=("b",))
    known = Person("b", ties=(Tie("ON_ROLL", "990001"),), held=OTHER.held)
    query = '{ child(id: "a") { care { siblings { surname police { officer } } } } }'
    whole = await lying("care", mention(), pupil, known).ask(query, DSL)
    network = lying("care", mention(__cps_fact_relationships=ties, relationships=ties), pupil, OTHER)
    answer = await network.ask(query, DSL)
    assert whole["data"]["child"]["care"][0]["siblings"][0]["police"] == [{"officer": "<officer|b|13>"}]
    assert answer["data"]["child"]["care"][0]["siblings"] == []
    assert b"<officer|b|13>" not in network.moved


@pytest.mark.parametrize("liar", ["care", "health"])
async def test_a_field_that_an_agency_answers_for_another_does_not_hide_what_that_one_says(liar: str) -> None:
    def forge(answer: dict[str, Any]) -> None:
        for each in answer["data"]["_entities"]:
            each["police"] = []

    network = lying(liar, forge)
    query = '{ child(id: "a") { care { note } health { reason } police { narrative } } }'
    answer = await network.ask(query, WORKER)
    assert answer["data"]["child"]["police"] == [{"narrative": "<narrative|a|13>"}]


async def test_a_subject_s_id_that_an_agency_forges_is_not_who_the_answer_is_about() -> None:
    network = lying("care", mention(id="a", __cps_subject="a"))
    answer = await network.ask('{ child(id: "a") { care { siblings { id forename } } } }', WORKER)
    assert answer["data"]["child"]["care"][0]["siblings"] == [{"id": "b", "forename": "<forename|b|>"}]


@pytest.mark.parametrize(("key", "field"), [("id", "review"), ("ref", "siblings { forename }")])
async def test_a_record_of_another_agency_s_code_is_not_taken_and_that_is_said(key: str, field: str) -> None:
    def forge(answer: dict[str, Any]) -> None:
        for each in objects_of(answer["data"]):
            if key in each:
                each[key] = "13:b"

    network = lying("care", forge)
    answer = await network.ask(f'{{ child(id: "a") {{ forename care {{ {field} }} }} }}', WORKER)
    assert answer["data"]["child"]["forename"] == "<forename|a|>"
    assert b"|b|" not in network.moved
    assert b"13:b" not in b"".join(each.query.encode() for each in network.asked("board"))
    assert {entry["agency"] for entry in answer["extensions"]["cps"]["unavailable"]} <= {"index", "board", "care"}
    assert answer["extensions"]["cps"]["unavailable"]
    assert answer["errors"]


async def test_more_entities_than_were_asked_for_are_a_bad_answer() -> None:
    def forge(answer: dict[str, Any]) -> None:
        answer["data"]["_entities"].append({"police": []})

    network = lying("police", forge)
    answer = await network.ask('{ child(id: "a") { forename police { narrative } } }', WORKER)
    assert answer["data"]["child"] == {"forename": "<forename|a|>", "police": None}
    (told,) = answer["extensions"]["cps"]["unavailable"]
    assert (told["path"], told["agency"], told["reason"]) == ("child.police", "police", "BAD_CONTENT")


@pytest.mark.parametrize("code", ["BAD_LOOKUP", "BAD_PAGE", "WITHHELD", "MRS_JONES_OF_MILL_LANE", "INTERNAL", 7])
async def test_no_word_of_an_agency_s_error_reaches_the_client(code: object) -> None:
    def forge(answer: dict[str, Any]) -> None:
        error = {"message": "Mrs Jones of Mill Lane", "path": ["_entities", 0, "police"]}
        answer["errors"] = [{**error, "extensions": {"code": code, "reason": "MRS_JONES", "more": "Mrs Jones"}}]

    network = lying("police", forge)
    request = '{ child(id: "a") { police { narrative } } }'
    answer = await network.ask(request, WORKER)
    assert answer["errors"]
    assert "JONES" not in str(answer).upper()


@pytest.mark.parametrize(
    ("package", "refusals"), [("access", AccessSubgraph.refusals), ("audit", AuditSubgraph.refusals)]
)
def test_the_gateway_s_own_subgraphs_declare_each_code_that_they_refuse_by(
    package: str, refusals: frozenset[str]
) -> None:
    """One that is not declared would be masked, and the practitioner not told what to do."""
    folder = Path(__file__).parents[2] / "gateway" / package
    raised = {
        code
        for path in folder.rglob("*.py")
        for code in re.findall(r'RequestError\.of\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert raised == refusals
