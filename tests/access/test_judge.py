"""What is decided of a level's objects, and of those that there is no form of a step for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from authz.principal import Principal, Purpose
from gateway.execution import Judge, Outcome
from gateway.execution.compile.program import Program
from gateway.execution.judge import MAX_LEVELS, _holders
from tests.access.partnership import Partnership, Person, Tie, somebody

WORKER = somebody("social_worker", "380", "East", subject="me")
TIES = (Tie("ALLOCATED", "380", None, "me"),)


def subject(child: str) -> dict[str, object]:
    return {"__cps_subject": child, "__cps_fact_shielded": False, "__cps_fact_relationships": []}


async def test_a_level_is_looked_at_once_and_never_taken_for_one_that_it_begins() -> None:
    pipeline = Partnership.of().pipeline
    prepared = await pipeline.preparer.documents.prepare('{ child(id: "a") { forename police { officer } } }', None)
    planned = await pipeline.preparer.plan(prepared, WORKER, Purpose.S47)
    assert planned.desk is not None
    judge = Judge(planned.desk, WORKER, Outcome())
    one, other, alike = subject("a"), subject("b"), subject("a")
    first = judge._seen([one])
    assert judge._seen([one]) is first
    assert judge._seen([one, other]).level == [one, other]
    assert judge._seen([alike]) is not first
    assert len(judge._levels) == 3
    for number in range(20):
        judge._seen([subject(str(number))])
    assert len(judge._levels) == MAX_LEVELS == 4
    assert set(judge.unrelated) == {"a", "b", *map(str, range(20))}


@pytest.mark.parametrize(
    ("query", "graph", "holders"),
    [
        ('{ child(id: "a") { care { review } } }', "board", [{"agency": "380"}]),  # a record below the child
        ('{ named(id: "a") { forename } }', "index", []),  # a reference to the child: its agency is not who is asked
    ],
)
async def test_by_its_id_it_is_told_who_holds_a_record_and_of_a_child_it_is_not(
    query: str, graph: str, holders: list[object]
) -> None:
    pipeline = Partnership.of().pipeline
    prepared = await pipeline.preparer.documents.prepare(query, None)
    planned = await pipeline.preparer.plan(prepared, WORKER, Purpose.S47)
    requests = [request for request in planned.program.plan.requests if request.graph.name == graph]
    step = requests[-1].steps[0]
    (key,) = step.keys
    assert _holders({key.key: "380:7"}, step) == holders
    assert _holders({key.key: "7"}, step) == []


@pytest.mark.parametrize(
    ("who", "field", "query"),
    [
        (WORKER, "care", '{ child(id: "a") { care { id note advice } } }'),  # of two holders one has less to give
        (somebody("ae_clinician", "RR8"), "health", '{ child(id: "a") { health { id reason } } }'),  # both have
    ],
)
async def test_what_there_is_no_form_of_a_step_for_is_said_to_be_missing(
    who: Principal, field: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Program, "variant", lambda *_: None)
    child = Person("a", ties=TIES, held={"CARE": ("380", "381"), "HEALTH": ("RAE", "RR8")})
    network = Partnership.of(child)
    answer = await network.ask(query, who)
    assert answer["data"]["child"] == {field: None}
    assert [(each["path"], each["reason"]) for each in answer["extensions"]["cps"]["unavailable"]] == [
        (f"child.{field}", "NOT_ASKED")
    ]
    assert network.asked(field) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [{"agency": "13"}]),
        ({"keys": ("id", "more")}, []),
        ({"inputs": ("below",)}, []),
        ({"about": ("child",)}, []),
        ({"up": 2}, []),  # it is a subject itself, and no record
        ({"record": "no code"}, []),
        ({"held": "h"}, [{"agency": "380"}]),
        ({"held": "none"}, []),
    ],
)
def test_who_holds_a_record_is_said_by_the_index_or_by_the_record_s_own_id(
    change: dict[str, Any], expected: list[object]
) -> None:
    keys = [SimpleNamespace(key=key, inputs=change.get("inputs", ())) for key in change.get("keys", ("id",))]
    guard = SimpleNamespace(about=change.get("about", ()), up=change.get("up", 1))
    step: Any = SimpleNamespace(keys=keys, guards=[guard], paths=[("child", "police")], held=change.get("held"))
    one = {"id": change.get("record", "13:P1"), "more": "x", "h": [{"agency": "380"}], "none": None}
    assert _holders(one, step) == expected
