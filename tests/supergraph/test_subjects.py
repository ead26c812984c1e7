"""What a schema says of the people whom its data is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.composition import SubgraphSource, compose
from gateway.supergraph import Supergraph, read_supergraph
from gateway.supergraph.selections import text
from gateway.supergraph.subjects import regional_key
from tests.access.partnership import composed

PLAIN = "type Query { child: Child note: Note } type Child { id: ID! } type Note { text: String }"


@pytest.fixture(scope="module")
def partnership() -> Supergraph:
    return composed()


@pytest.fixture(scope="module")
def plain() -> Supergraph:
    result = compose([SubgraphSource("a", "http://a/", PLAIN)])
    assert result.supergraph is not None
    return read_supergraph(result.supergraph)


def test_a_schema_without_subjects_says_nothing_of_any(plain: Supergraph) -> None:
    subjects = plain.subjects
    assert subjects.types == subjects.loose == subjects.authorities == frozenset()
    assert subjects.taken() == []
    assert subjects.coded_fields() == []
    assert not subjects.is_governed("Note")
    assert not subjects.is_guarded("Child", "id")
    assert regional_key(plain.types["Child"]) is None


def test_who_the_subjects_are_and_who_says_so(partnership: Supergraph) -> None:
    subjects = partnership.subjects
    assert subjects.types == {"Child"}
    assert {partnership.graphs[graph].name for graph in subjects.authorities} == {"index"}
    assert regional_key(partnership.types["Child"]) == "id"
    assert text(subjects.facts("Child")).split(" ")[:2] == ["shielded", "relationships"]
    assert "holders" not in text(subjects.facts("Child"))
    assert subjects.taken() == []


@pytest.mark.parametrize("coordinate", ["Child.id", "Child.shielded", "Child.relationships", "Relationship.kind"])
def test_an_id_or_a_fact_that_two_give_or_nobody_is_said(partnership: Supergraph, coordinate: str) -> None:
    type_name, name = coordinate.split(".")
    type_ = partnership.types[type_name]
    field = type_.fields[name]
    (graph,) = {owner.graph for owner in field.owners if not owner.external}
    other = next(id_ for id_ in partnership.graphs if id_ != graph)
    twice = tuple(replace(owner, graph=each) for each in (graph, other) for owner in field.owners[:1])
    for owners in (twice, ()):
        fields = {**type_.fields, name: replace(field, owners=owners)}
        types = {**partnership.types, type_name: replace(type_, fields=fields)}
        assert replace(partnership, types=types).subjects.taken() == [f"`{coordinate}`"]


def test_which_types_are_come_to_without_a_subject(partnership: Supergraph) -> None:
    loose = partnership.subjects.loose
    assert {"Query", "Mutation", "Meeting", "Visit", "Agency"} <= loose
    assert not {"Child", "CareRecord", "PoliceRecord", "HealthRecord", "School", "Head", "RefugeRecord"} & loose


def test_whom_a_loose_type_is_about(partnership: Supergraph) -> None:
    about = partnership.subjects.about
    assert (about("Meeting"), about("Visit"), about("Agency")) == (("children",), ("child",), ())
    assert about("CareRecord") == about("Child") == ()
    assert about("Query") == about("Mutation") == ()  # what a root field leads to is no property of the root's


@pytest.mark.parametrize(
    ("type_name", "governed"),
    [
        ("Child", True), ("CareRecord", True), ("Head", True), ("Meeting", True), ("Visit", True), ("Agency", False),
        ("Query", False),
    ],
)  # fmt: skip
def test_what_is_decided_by_a_subject(partnership: Supergraph, type_name: str, governed: bool) -> None:
    assert partnership.subjects.is_governed(type_name) is governed


@pytest.mark.parametrize(
    ("coordinate", "guarded"),
    [
        ("Child.id", False), ("Child.ref", False), ("Child.__typename", False), ("Child.nothing", False),
        ("Child.shielded", False), ("Child.relationships", False), ("Child.holders", False),
        ("Child.sensitiveHolders", False), ("Child.forename", True), ("Child.care", True), ("Child.locality", True),
        ("CareRecord.plan", False), ("Meeting.minutes", True), ("Meeting.room", False), ("Meeting.id", False),
        ("Visit.text", True), ("Visit.child", True), ("Agency.code", False),
    ],
)  # fmt: skip
def test_what_is_fetched_once_the_facts_are_known(partnership: Supergraph, coordinate: str, guarded: bool) -> None:
    assert partnership.subjects.is_guarded(*coordinate.split(".")) is guarded


@pytest.mark.parametrize(
    ("type_name", "keys"),
    [
        ("Child", {"ref"}), ("CareRecord", {"id"}), ("PoliceRecord", {"id"}), ("RefugeRecord", {"id"}),
        ("Head", {"id"}), ("School", {"id"}), ("Meeting", set()), ("Agency", set()),
    ],
)  # fmt: skip
def test_which_keys_begin_with_an_agency_s_code(partnership: Supergraph, type_name: str, keys: set[str]) -> None:
    assert partnership.subjects.coded_keys(type_name) == keys


def test_which_subgraphs_give_keys_that_begin_with_a_code(partnership: Supergraph) -> None:
    found = {(name, partnership.graphs[graph].name) for name, graph in partnership.subjects.coded_fields()}
    assert {("CareRecord.id", "care"), ("PoliceRecord.id", "police"), ("Child.ref", "care")} <= found
    assert not [name for name, graph in found if graph == "index"]
    assert not [name for name, _ in found if name in ("Child.id", "Meeting.id", "Visit.id")]
