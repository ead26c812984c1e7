"""Decisions for each child and each holder, made before an agency is asked."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from authz.assertion import Signer, make_key
from authz.policy import Policies
from authz.principal import Purpose
from gateway.access import BreakGlass
from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from gateway.edge.request import GraphQLRequest
from gateway.execution import Answer, Context, Judge, Outcome
from gateway.operations.subjects import SUBJECT_KEY, fact_key
from tests.access.partnership import Partnership, Person, Tie, somebody, value, withheld
from tests.edge.network import MemoryLog

ROLL = (Tie("ON_ROLL", "990001"),)
DSL = somebody("school_dsl", "990001")
ON_ROLL = Person("a", ties=ROLL, held={"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)})
WORK = (Tie("ALLOCATED", "380", None, "someone"), Tie("POLICE_OCCURRENCE", "13", None, "someone"))
"""Of `somebody`: at the council, or at the police."""

HIDDEN = Person("s", shielded=True, ties=ROLL)
ELSEWHERE = Person("b", held={"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)})


async def test_of_two_children_only_the_permitted_one_is_asked_about() -> None:
    network = Partnership.of(ON_ROLL, ELSEWHERE)
    query = '{ findChildren(surname: "Smith") { id forename police { officer } } }'
    answer = await network.ask(query, DSL)
    assert answer["data"]["findChildren"] == [
        {"id": "a", "forename": value("forename", "a"), "police": [{"officer": value("officer", "a", "13")}]}
    ]
    for agency in ("police", "care", "health"):
        assert all(each.asked_about <= {"a"} for each in network.asked(agency))
    assert network.asked("police")[0].asked_about == {"a"}
    assert withheld(answer) == {"findChildren": "NO_RELATIONSHIP"}
    assert value("forename", "b").encode() not in network.moved


async def test_crossing_into_a_subject_fetches_its_key_and_facts_only() -> None:
    network = Partnership.of(ON_ROLL)
    await network.ask('{ child(nhs: "nhs-a") { forename police { officer } } }', somebody("social_worker"))
    first = network.transport.exchanged[0]
    assert "forename" not in first.query
    assert value("forename", "a").encode() not in first.answer


async def test_children_of_different_outcomes_are_in_requests_of_their_own() -> None:
    """The core group's school has the plan of one child; the other, on the roll too, has nobody of it in the group."""
    in_group = Person("a", ties=(*ROLL, Tie("CORE_GROUP", "990001", None, "someone")), held={"CARE": ("380",)})
    on_roll = Person("b", ties=ROLL, held={"CARE": ("380",)})
    network = Partnership.of(in_group, on_roll)
    query = '{ findChildren(surname: "Smith") { id care { leadWorker plan } } }'
    answer = await network.ask(query, DSL, Purpose.CPP)
    assert answer["data"]["findChildren"] == [
        {"id": "a", "care": [{"leadWorker": value("leadWorker", "a", "380"), "plan": value("plan", "a", "380")}]},
        {"id": "b", "care": [{"leadWorker": value("leadWorker", "b", "380"), "plan": None}]},
    ]
    asked = {frozenset(each.asked_about): "plan" in each.query for each in network.asked("care")}
    assert asked == {frozenset("a"): True, frozenset("b"): False}
    assert withheld(answer) == {"findChildren.care.plan": "NO_RELATIONSHIP", "findChildren": "NO_RELATIONSHIP"}
    assert "errors" not in answer


async def test_holders_of_different_outcomes_are_in_requests_of_their_own_and_come_together() -> None:
    child = Person("a", ties=(Tie("ATTENDANCE", "RR8"),), held={"HEALTH": ("RAE", "RR8", "RWY")})
    network = Partnership.of(child)
    answer = await network.ask('{ child(id: "a") { health { id reason } } }', somebody("ae_clinician", "RR8"))
    found = {record["id"]: record["reason"] for record in answer["data"]["child"]["health"]}
    assert found == {"RAE:a": None, "RR8:a": value("reason", "a", "RR8"), "RWY:a": None}
    for each in network.asked("health"):
        (sent,) = each.variables["_r0"]
        assert ("reason" in each.query) is ([holder["agency"] for holder in sent["holders"]] == ["RR8"])
    assert withheld(answer) == {"child.health.reason": "OWNER_ONLY"}
    assert "errors" not in answer


CLOSED = '@id("closed")\nforbid (principal, action, resource) when { resource.category == "police" && !context.own };'
AT_13 = Person("a", ties=WORK, held={"POLICE": ("13",)})
AT_14 = Person("b", ties=WORK, held={"POLICE": ("14",)})
OTHERS = {"shared": "RAE", "following": "RR8"}
"""Agencies that need what the police hold, to be asked with it."""


def closed_police(agencies: Mapping[str, str] | None = None) -> Partnership:
    return Partnership.of(AT_13, AT_14, policies=Policies.partnership({"13": CLOSED}), agencies=agencies)


async def test_an_agency_forbids_what_it_holds() -> None:
    child = Person("a", ties=WORK, held={"POLICE": ("13", "14")})
    network = Partnership.of(child, policies=Policies.partnership({"13": CLOSED}))
    answer = await network.ask('{ child(id: "a") { police { id narrative } } }', somebody("social_worker"))
    found = {record["id"]: record["narrative"] for record in answer["data"]["child"]["police"]}
    assert found == {"13:a": None, "14:a": value("narrative", "a", "14")}
    assert withheld(answer) == {"child.police.narrative": "OWNER_FORBIDS"}
    assert value("narrative", "a", "13").encode() not in network.moved


async def test_an_agency_forbids_what_it_holds_by_whatever_way_it_is_come_by() -> None:
    """`latestPolice` is another subgraph's way to the same record."""
    network = Partnership.of(AT_13, policies=Policies.partnership({"13": CLOSED}))
    answer = await network.ask('{ child(id: "a") { latestPolice { id narrative } } }', somebody("social_worker"))
    assert answer["data"]["child"] == {"latestPolice": {"id": "13:a", "narrative": None}}
    assert withheld(answer) == {"child.latestPolice.narrative": "OWNER_FORBIDS"}
    assert value("narrative", "a", "13").encode() not in network.moved
    police = somebody("police_public_protection", "13")
    answer = await network.ask('{ child(id: "a") { latestPolice { narrative markers } } }', police)
    assert answer["data"]["child"]["latestPolice"] == {
        "narrative": value("narrative", "a", "13"),
        "markers": value("markers", "a", "13"),
    }


async def test_what_needs_what_an_agency_forbids_is_withheld_and_not_unavailable() -> None:
    """The other agency may be asked for its own; with what it would have to be asked, it may not be had."""
    network = closed_police(OTHERS)
    answer = await network.ask('{ findChildren(surname: "Smith") { id x: alert grade } }', somebody("social_worker"))
    assert answer["data"]["findChildren"] == [
        {"id": "a", "x": None, "grade": value("grade", "a")},
        {"id": "b", "x": value("alert", "b"), "grade": value("grade", "b")},
    ]
    assert withheld(answer) == {"findChildren.x": "OWNER_FORBIDS"}
    assert answer["extensions"]["cps"]["unavailable"] == []
    assert "errors" not in answer
    assert value("narrative", "a", "13").encode() not in network.moved


@pytest.mark.parametrize(
    ("fields", "told"),
    [("digest", {"digest"}), ("alert digest", {"alert", "digest"}), ("latest", {"latest"})],
)
async def test_so_is_what_needs_that_and_what_needs_it_of_a_record(fields: str, told: set[str]) -> None:
    network = closed_police(OTHERS)
    answer = await network.ask(f'{{ child(id: "a") {{ {fields} }} }}', somebody("social_worker"))
    assert answer["data"]["child"] == dict.fromkeys(fields.split())
    assert withheld(answer) == {f"child.{field}": "OWNER_FORBIDS" for field in told}
    assert answer["extensions"]["cps"]["unavailable"] == []
    assert "errors" not in answer


async def test_what_is_permitted_needs_nothing_that_only_what_is_denied_requires() -> None:
    """The alert is in nobody's own subgraph: the agency's forbidding keeps it back of every child, and nothing else."""
    network = closed_police()
    answer = await network.ask('{ findChildren(surname: "Smith") { id alert grade } }', somebody("social_worker"))
    assert answer["data"]["findChildren"] == [
        {"id": "a", "alert": None, "grade": value("grade", "a")},
        {"id": "b", "alert": None, "grade": value("grade", "b")},
    ]
    assert withheld(answer) == {"findChildren.alert": "OWNER_FORBIDS"}
    assert answer["extensions"]["cps"]["unavailable"] == []
    sent = [representation for each in network.asked("shared") for representation in each.variables["_r0"]]
    assert sent == [{"__typename": "Child", "id": "a"}, {"__typename": "Child", "id": "b"}]


async def test_what_an_agency_does_not_give_is_unavailable_whatever_else_it_keeps_back() -> None:
    """The officer may have the narrative and not another force's markers, which are not why it is missing."""
    officer = somebody("police_public_protection", "13")
    network = Partnership.of(AT_14, agencies=OTHERS)
    network.transport.broken["police"] = lambda: Answer(503, "application/json", b"")
    answer = await network.ask('{ child(id: "b") { alert police { markers } } }', officer)
    assert {item["path"] for item in answer["extensions"]["cps"]["unavailable"]} >= {"child.alert"}
    assert "child.alert" not in withheld(answer)


@pytest.mark.parametrize("wanted", [True, False])
async def test_of_what_is_left_out_nothing_is_told(*, wanted: bool) -> None:
    query = """query($wanted: Boolean!) { child(id: "a") {
        grade alert @include(if: $wanted) police { id narrative @include(if: $wanted) }
    } }"""
    answer = await closed_police(OTHERS).ask(query, somebody("social_worker"), wanted=wanted)
    assert withheld(answer) == (
        {"child.alert": "OWNER_FORBIDS", "child.police.narrative": "OWNER_FORBIDS"} if wanted else {}
    )


async def test_a_type_whose_own_subject_is_protected_is_decided_by_it() -> None:
    team = (Tie("ALLOCATED", "380", "East"),)
    network = Partnership.of(Person("a", ties=team), Person("b"), Person("s", ties=team, shielded=True))
    manager = somebody("team_manager", "380", "East")
    for child, text, known in (
        ("a", value("text", "a"), True),
        ("b", None, True),
        ("s", None, False),
        ("n", None, False),
    ):
        answer = await network.ask(f'{{ visit(id: "{child}") {{ id text child {{ id }} }} }}', manager)
        assert answer["data"]["visit"] == {"id": child, "text": text, "child": {"id": child} if known else None}
        assert text is not None or value("text", child).encode() not in network.moved


async def test_a_mutation_is_not_carried_out_before_it_is_decided() -> None:
    """What it does can't be undone once it is known of whom it is: it is for whoever needs no relationship."""
    network = Partnership.of(Person("a"), Person("b"))
    mutation = 'mutation { refer(child: "b") { id } }'
    answer = await network.ask(mutation, DSL)
    assert answer["data"] == {"refer": None}
    assert network.asked("rota") == []
    assert withheld(answer) == {"refer": "NO_RELATIONSHIP"}
    answer = await network.ask(mutation, somebody("social_worker"))
    assert answer["data"] == {"refer": {"id": "b"}}


async def test_the_nearest_subject_decides() -> None:
    """A sibling who is on the roll is shown, one who is not is left out, and the list is said to be in part."""
    child = Person("a", ties=ROLL, held={"CARE": ("380",)}, siblings=("b", "c"))
    network = Partnership.of(child, Person("b", ties=ROLL), Person("c"))
    answer = await network.ask('{ child(id: "a") { care { siblings { id forename } } } }', DSL)
    (record,) = answer["data"]["child"]["care"]
    assert record["siblings"] == [{"id": "b", "forename": value("forename", "b")}]
    assert value("forename", "c").encode() not in network.moved
    assert withheld(answer) == {"child.care.siblings": "NO_RELATIONSHIP"}


@pytest.mark.parametrize(("since", "until", "counts"), [
    ("2000-01-01", None, True), ("2000-01-01", "2999-01-01", True), ("2000-01-01", "2001-01-01", False),
    ("2999-01-01", None, False),
])  # fmt: skip
async def test_a_relationship_counts_while_it_lasts(since: str, until: str | None, counts: bool) -> None:
    network = Partnership.of(Person("a", ties=(Tie("ON_ROLL", "990001", since=since, until=until),)))
    answer = await network.ask('{ child(id: "a") { forename } }', DSL)
    assert (answer["data"]["child"] is not None) is counts


@pytest.mark.parametrize(("tie", "counts"), [
    (Tie("ALLOCATED", "380", "East", "SW1"), True), (Tie("ALLOCATED", "380", "West", "SW1"), False),
    (Tie("ALLOCATED", "381", "East", "SW1"), False), (Tie("ALLOCATED", "380", None, "SW1"), False),
    (Tie("ALLOCATED", "380", "East"), True),
])  # fmt: skip
async def test_a_team_manager_has_the_own_team_s_children(tie: Tie, counts: bool) -> None:
    network = Partnership.of(Person("a", ties=(tie,), held={"CARE": ("380",)}))
    query = '{ child(id: "a") { forename care { note } } }'
    answer = await network.ask(query, somebody("team_manager", "380", "East"))
    note = value("note", "a", "380") if counts else None
    assert answer["data"]["child"] == {"forename": value("forename", "a"), "care": [{"note": note}]}
    assert (value("note", "a", "380").encode() in network.moved) is counts


async def test_early_help_is_for_those_who_work_with_the_child() -> None:
    network = Partnership.of(Person("a", ties=(Tie("ALLOCATED", "380", None, "SW1"),), held={"CARE": ("380",)}))
    query = '{ child(id: "a") { forename care { leadWorker status } } }'
    theirs = await network.ask(query, somebody("social_worker", subject="SW1"), Purpose.EH)
    assert theirs["data"]["child"] == {
        "forename": value("forename", "a"),
        "care": [{"leadWorker": value("leadWorker", "a", "380"), "status": None}],
    }
    assert value("status", "a", "380").encode() not in network.moved
    other = await network.ask(query, somebody("social_worker", subject="SW2", registration="SW9"), Purpose.EH)
    assert other["data"] == {"child": None}
    by_number = await network.ask(query, somebody("social_worker", registration="SW1"), Purpose.EH)
    assert by_number["data"] == theirs["data"]


async def test_what_is_about_several_children_needs_all_of_them() -> None:
    meetings = {"m1": ("a",), "m2": ("a", "b"), "m3": (), "m4": ("a", "s")}
    manager = somebody("team_manager", "380", "East")
    team = (Tie("ALLOCATED", "380", "East"),)
    network = Partnership.of(
        Person("a", ties=team), Person("b"), Person("s", ties=team, shielded=True), meetings=meetings
    )
    for meeting, shown in (("m1", True), ("m2", False), ("m3", False), ("m4", False)):
        answer = await network.ask(f'{{ meeting(id: "{meeting}") {{ room minutes }} }}', manager)
        expected = value("minutes", meeting) if shown else None
        assert answer["data"]["meeting"] == {"room": "12", "minutes": expected}
        assert (value("minutes", meeting).encode() in network.moved) is shown
        assert "minutes" not in network.transport.exchanged[0].query


async def test_another_agency_s_part_of_a_record_is_decided_by_the_child_too() -> None:
    """`CareRecord.review` is the board's: it is asked by the record's own key."""
    network = Partnership.of(ON_ROLL, ELSEWHERE)
    manager = somebody("team_manager", "990001", "Safe")
    mine = Person("a", ties=(Tie("ALLOCATED", "990001", "Safe"),), held={"CARE": ("380",)})
    network = Partnership.of(mine, ELSEWHERE)
    query = '{ findChildren(surname: "Smith") { id care { review } } }'
    answer = await network.ask(query, manager)
    assert answer["data"]["findChildren"] == [
        {"id": "a", "care": [{"review": value("review", "a", "380")}]},
        {"id": "b", "care": [{"review": None}]},
    ]
    assert [each.variables["_r0"][0]["id"] for each in network.asked("board")] == ["380:a"]
    nobody = await network.ask(query, somebody("ae_clinician", "RAE"))
    assert [child["care"] for child in nobody["data"]["findChildren"]] == [[{"review": None}]] * 2
    assert network.asked("board") == []


async def test_a_root_that_asks_for_more_tells_only_of_whom_it_may() -> None:
    """Who a child is may be told to any social worker; who is on a caseload only to those who work with the child."""
    worker = somebody("social_worker", "380", "East", subject="worker")
    mine = Person("m", ties=(Tie("ALLOCATED", "380", None, "worker"),), held={"CARE": ("380",)})
    network = Partnership.of(mine, Person("o", held={"CARE": ("380",)}))
    answer = await network.ask('{ caseload(surname: "Smith") { id forename } }', worker)
    assert answer["data"] == {"caseload": [{"id": "m", "forename": value("forename", "m")}]}
    assert withheld(answer) == {"caseload": "NO_RELATIONSHIP"}
    assert {child for each in network.transport.exchanged for child in each.asked_about} <= {"m"}
    both = await network.ask('{ caseload(surname: "Smith") { id } findChildren(surname: "Smith") { id } }', worker)
    assert [len(both["data"][name]) for name in ("caseload", "findChildren")] == [1, 2]
    nobody_s = await Partnership.of(Person("o")).ask('{ caseload(surname: "Smith") { id } }', worker)
    assert nobody_s["data"] == {"caseload": []}


async def test_each_child_s_reason_is_its_own() -> None:
    """The same plan, field and path: of one child the owner alone has it, of the other there is no relationship."""
    worker = somebody("social_worker", "380", "East", subject="worker")
    mine = Person("m", ties=(Tie("ALLOCATED", "380", None, "worker"),), held={"POLICE": ("13",), "HEALTH": ("RAE",)})
    other = Person("o", held={"POLICE": ("13",), "HEALTH": ("RAE",)})
    network = Partnership.of(mine, other)
    query = "query($id: ID!) { child(id: $id) { police { narrative markers } health { camhs } } }"
    expected = {
        "m": {"child.police.markers": "OWNER_ONLY", "child.health.camhs": "ROLE_DOES_NOT_PERMIT"},
        "o": {
            "child.police.narrative": "NO_RELATIONSHIP",
            "child.police.markers": "OWNER_ONLY",
            "child.health.camhs": "ROLE_DOES_NOT_PERMIT",
        },
    }
    for child in ("m", "o", "m", "o"):
        assert withheld(await network.ask(query, worker, id=child)) == expected[child]
    both = await network.ask('{ findChildren(surname: "Smith") { id police { narrative } } }', worker)
    found = {child["id"]: child["police"][0]["narrative"] for child in both["data"]["findChildren"]}
    assert found == {"m": value("narrative", "m", "13"), "o": None}
    assert withheld(both) == {"findChildren.police.narrative": "NO_RELATIONSHIP"}


async def test_where_the_facts_do_not_come_nothing_is_asked() -> None:
    child = Person("a", ties=ROLL, held={"CARE": ("380",)}, siblings=("b",))
    network = Partnership.of(child, Person("b", ties=(Tie("ON_ROLL", "990001", since="soon"),)))
    network.transport.agencies["index"].people = {"a": child, "b": Person("b", ties=(Tie("X", "990001", since=""),))}
    answer = await network.ask('{ child(id: "a") { care { siblings { forename } } } }', DSL)
    (record,) = answer["data"]["child"]["care"]
    assert record["siblings"] == []
    assert withheld(answer)["child.care.siblings"] == "NO_RELATIONSHIP"


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (SUBJECT_KEY, None),
        (SUBJECT_KEY, 5),
        (fact_key("relationships"), None),
        (fact_key("relationships"), {}),
        (fact_key("shielded"), None),
        (fact_key("shielded"), 0),
    ],
)
@pytest.mark.parametrize("spoilt", [("a", "b"), ("b",)])
async def test_of_whom_the_facts_can_not_be_read_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, fact: str, said: object, spoilt: tuple[str, ...]
) -> None:
    """Whether it is so of one child of a list or of all: a fact that is no fact is not that there is none."""
    people = [Person(name, ties=WORK, held={"CARE": ("380",), "POLICE": ("13",)}) for name in ("a", "b")]
    network = Partnership.of(*people)
    index = network.transport.agencies["index"]
    answer = index.answer

    def spoil(query: str, variables: dict[str, Any]) -> dict[str, Any]:
        found = answer(query, variables)
        for child in found["data"].get("findChildren", []):
            if child[SUBJECT_KEY] in spoilt:
                child[fact] = said
        return found

    monkeypatch.setattr(index, "answer", spoil)
    query = '{ findChildren(surname: "Smith") { forename police { officer } } }'
    await network.ask(query, somebody("social_worker"))
    others = {"a", "b"} - {*spoilt}
    assert {name for each in network.transport.exchanged for name in each.asked_about} == others
    for name in ("a", "b"):
        assert (value("officer", name, "13").encode() in network.moved) is (name in others)


async def test_a_request_leaves_no_ring_behind(tmp_path: Path) -> None:
    """What an answer was made of goes with it: in a ring it would wait for the collector, which then looks often."""
    network = Partnership.of(ON_ROLL, signer=Signer("cps", make_key()), grants=BreakGlass(tmp_path / "access.sqlite"))
    query = '{ findChildren(surname: "Smith") { id forename care { leadWorker plan } police { officer narrative } } }'
    request = GraphQLRequest(query, None, {}, Purpose.S47)
    await network.pipeline.answer(request, DSL)
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            await network.pipeline.answer(request, DSL)
            await asyncio.sleep(0)
        left = [type(one).__name__ for one in gc.get_objects() if isinstance(one, Context | Outcome | Judge)]
    finally:
        gc.enable()
    assert left == []


async def test_the_log_says_how_the_practitioner_knows_the_children() -> None:
    log = MemoryLog()
    network = Partnership.of(
        ON_ROLL, ELSEWHERE, HIDDEN, auditing=Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
    )
    await network.ask('{ findChildren(surname: "Smith") { id forename } }', DSL)
    await network.ask('{ child(id: "a") { forename } }', DSL)
    await network.ask('{ child(id: "s") { forename } }', DSL)
    assert [entry.relationships for entry in log.entries] == [("on_roll",), ("on_roll",), ()]


async def test_the_log_says_whom_an_answer_is_about_who_is_not_in_it() -> None:
    log, tokeniser = MemoryLog(), Tokeniser(b"k" * 32)
    team = (Tie("ALLOCATED", "380", "East"),)
    network = Partnership.of(
        Person("a", ties=team),
        Person("b"),
        meetings={"m1": ("a",), "m2": ("a", "b")},
        auditing=Auditing(log, tokeniser, Sealer(b"k" * 32)),
    )
    for meeting in ("m1", "m2"):
        await network.ask(f'{{ meeting(id: "{meeting}") {{ minutes }} }}', somebody("team_manager", "380", "East"))
    assert [entry.children for entry in log.entries] == [(tokeniser.token("a"),), ()]


@pytest.mark.parametrize("aliased", [False, True])
async def test_what_two_children_share_is_given_under_each_as_that_child_permits(*, aliased: bool) -> None:
    """Both go to one school, whose head is asked for once; her phone may be had for the one child and not the other."""
    officer = somebody("police_public_protection", "13", subject="officer")
    related = Person("a", ties=(Tie("CORE_GROUP", "13", practitioner="officer"),))
    network = Partnership.of(related, Person("b"), Person("c"))
    fields = "id school { head { name phone } }" if not aliased else "id school { h: head { n: name p: phone } }"
    answer = await network.ask(f'{{ findChildren(surname: "Smith") {{ {fields} }} }}', officer)
    head, phone = ("h", "p") if aliased else ("head", "phone")
    given = {child["id"]: child["school"][head][phone] for child in answer["data"]["findChildren"]}
    assert given == {"a": value("phone", "990001:s1"), "b": None, "c": None}
    assert withheld(answer) == {f"findChildren.school.{head}.{phone}": "NO_RELATIONSHIP"}


async def test_a_list_with_a_child_whose_facts_can_t_be_read_is_told_of_to_nobody() -> None:
    """Not even how many there are: one of them may be shielded."""
    worker = somebody("social_worker", "380", "East", subject="worker")
    mine = Person("m", ties=(Tie("ALLOCATED", "380", None, "worker"),), held={"CARE": ("380",)})
    odd = Person("x", ties=(Tie("ALLOCATED", "380", None, "worker", since="soon"),), held={"CARE": ("380",)})
    network = Partnership.of(mine, odd)
    answer = await network.ask('{ findChildren(surname: "Smith") { id forename care { plan } } }', worker)
    assert answer["data"] == {"findChildren": None}
    assert {each["path"] for each in answer["extensions"]["cps"]["unavailable"]} == {
        "findChildren.forename", "findChildren.care",
    }  # fmt: skip
    for query in (
        '{ findChildren(surname: "Smith") { id } }',
        '{ child(id: "x") { id } }',
        '{ child(id: "x") { forename } }',
    ):
        (found,) = (await network.ask(query, worker))["data"].values()
        assert found is None
    whole = await network.ask('{ child(id: "m") { forename } }', worker)
    assert whole["data"] == {"child": {"forename": value("forename", "m")}}
