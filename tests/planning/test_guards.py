"""By whom each step is decided, and where an operation comes to subjects."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.operations import Limits, normalise, read_document
from gateway.planning import Plan, Planner
from gateway.planning import guards as guards_of
from gateway.planning.guards import _joined, demand, demands
from gateway.planning.plan import Segment
from gateway.supergraph.selections import Field, TypeCase
from tests.access.partnership import composed

LOCATOR: Final = (("locator.summary",),)


def planned(query: str, *, guarding: bool = True) -> Plan:
    supergraph = composed()
    operation = normalise(read_document(query, None, supergraph.api_schema, Limits()), supergraph).operation
    return Planner(supergraph, frozenset(), guarding=guarding).plan(operation, operation, "")


def crossings(plan: Plan) -> dict[str, Any]:
    return {".".join(segment.key for segment in each.path): each.demand for each in plan.crossings}


def guards(plan: Plan) -> dict[tuple[str, str], tuple[Any, ...]]:
    """By subgraph and position: how far up the subject is, whom it is about, what entering asks, the holders sent."""
    return {
        (request.graph.name, ".".join(segment.key for segment in path)): (*guard, step.held)
        for request in plan.requests
        for step in request.steps
        for path, guard in zip(step.paths, step.guards, strict=bool(step.guards))
        if step.guards
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ child(id: "a") { care { siblings { id } } } }', {"child": LOCATOR, "child.care.siblings": ()}),
        ('{ anyone(id: "a") { ... on Child { id } ... on Agency { code } } }', {"anyone": LOCATOR}),
        ('{ named(id: "a") { forename } }', {"named": LOCATOR}),
        ('{ meeting(id: "m") { children { id } } }', {"meeting.children": ()}),
        ('{ visit(id: "v") { child { id } } }', {"visit.child": LOCATOR}),
        ('{ caseload(surname: "S") { id } one: caseload(surname: "T") { id } }',
         {"caseload": (("case.summary",),), "one": (("case.summary",),)}),
        ('mutation { refer(child: "a") { id } }', {"refer": LOCATOR}),
        ('{ meeting(id: "m") { room } }', {}),
    ],
)  # fmt: skip
def test_where_subjects_are_come_to(query: str, expected: dict[str, Any]) -> None:
    assert crossings(planned(query)) == expected
    assert crossings(planned(query, guarding=False)) == {}


def test_a_position_of_several_types_is_crossed_for_subjects_only() -> None:
    (crossing,) = planned('{ anyone(id: "a") { ... on Child { id } ... on Agency { code } } }').crossings
    assert crossing.path[0].types == frozenset(("Child",))
    (whole,) = planned('{ child(id: "a") { id } }').crossings
    assert whole.path[0].types is None


def test_what_is_below_a_type_is_crossed_where_its_objects_are() -> None:
    child = Field("siblings", "siblings", selections=(Field("id", "id"),))
    record = Field("care", "care", selections=(TypeCase("CareRecord", (child,)),))
    chosen = (Field("child", "child", selections=(TypeCase("Child", (record,)),)),)
    paths = [each.path for each in guards_of.crossings(chosen, "Query", composed())]
    assert [[segment.key for segment in path] for path in paths] == [["child"], ["child", "care", "siblings"]]
    assert [segment.types for segment in paths[1]] == [{"Child"}, {"CareRecord"}, None]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ child(id: "a") { forename care { plan siblings { forename police { officer } } } } }', {
            ("index", "child"): (1, (), LOCATOR, None),
            ("care", "child"): (1, (), LOCATOR, "holders"),
            ("index", "child.care.siblings"): (3, (), (), None),
            ("police", "child.care.siblings"): (3, (), (), "holders"),
        }),
        ('{ child(id: "a") { care { review } } }', {
            ("care", "child"): (1, (), LOCATOR, "holders"),
            ("board", "child.care"): (1, (), LOCATOR, None),
        }),
        ('{ child(id: "a") { refuge { shelter } } }', {("refuge", "child"): (1, (), LOCATOR, "sensitiveHolders")}),
        ('{ anyone(id: "a") { ... on Child { forename } ... on Agency { code } } }',
         {("index", "anyone"): (1, (), LOCATOR, None)}),
        ('{ named(id: "a") { forename } }', {("index", "named"): (1, (), LOCATOR, None)}),
        ('{ meeting(id: "m") { room minutes children { forename } } }', {
            ("board", "meeting"): (1, ("__cps_about_children",), (), None),
            ("index", "meeting.children"): (2, (), (), None),
        }),
        ('{ visit(id: "v") { text } }', {("rota", "visit"): (1, ("__cps_about_child",), (), None)}),
        ('{ caseload(surname: "S") { health { reason } } }',
         {("health", "caseload"): (1, (), (("case.summary",),), "holders")}),
        ('{ child(id: "a") { school { head { name phone } } } }', {
            ("schools", "child"): (1, (), LOCATOR, None),
            ("heads", "child.school"): (1, (), LOCATOR, None),
            ("phones", "child.school.head"): (1, (), LOCATOR, None),
        }),
        ('{ meeting(id: "m") { room } }', {}),
    ],
)  # fmt: skip
def test_by_whom_each_step_is_decided(query: str, expected: dict[tuple[str, str], tuple[Any, ...]]) -> None:
    found = guards(planned(query))
    assert {key: found[key] for key in expected} == expected
    assert set(found) == set(expected)
    assert guards(planned(query, guarding=False)) == {}


def test_a_step_waits_for_the_facts_by_which_it_is_decided() -> None:
    plan = planned('{ child(id: "a") { care { siblings { forename police { officer } } } } }')
    of = {(r.graph.name, s.paths[0][-1].key if s.paths[0] else ""): s for r in plan.requests for s in r.steps}
    first = of["index", ""]
    assert of["care", "child"].after == (first.number,)
    facts = [s.number for r in plan.requests for s in r.steps if r.graph.name == "index" and s.entity and not s.guards]
    assert facts
    assert set(of["police", "siblings"].after) >= set(facts)


def test_what_a_field_asks_is_all_that_is_behind_it() -> None:
    supergraph = composed()
    assert demand("Child", "forename", supergraph) == ((("identity.detail",),),)
    assert demand("Child", "__typename", supergraph) == demand("Meeting", "room", supergraph) == ()
    assert demand("Named", "forename", supergraph) == ((("identity.detail",),),)
    selections = (
        Field("a", "care", selections=(Field("plan", "plan"), Field("b", "plan"), Field("id", "id"))),
        TypeCase("Child", (Field("surname", "surname"),)),
    )
    assert demands(selections, "Child", supergraph) == (LOCATOR, (("plan.detail",),), (("identity.detail",),))


def test_several_demands_are_joined_row_by_row() -> None:
    one, other = (("a",), ("b",)), (("c", "a"), ("d",))
    assert _joined(()) == ()
    assert _joined((one,)) == one
    assert _joined((one, other)) == (("a", "c"), ("a", "d"), ("a", "b", "c"), ("b", "d"))


def test_a_position_has_the_types_of_every_case_that_leads_to_it() -> None:
    path = (Segment("a"), Segment("b", frozenset(("X", "Y"))))
    assert guards_of._narrowed(path, frozenset(("Y", "Z")))[-1].types == frozenset(("Y",))
    assert guards_of._narrowed(path[:1], frozenset(("Y", "Z")))[-1].types == frozenset(("Y", "Z"))
    assert guards_of._narrowed((), frozenset(("Y",))) == ()
