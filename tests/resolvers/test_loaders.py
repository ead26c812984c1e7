"""Batching: the statements depend on the selection, never on the number of children; only asked columns are named."""

import pytest

from resolvers.declare import mapping_of
from resolvers.loaders import key_of
from tests.resolvers.clinic import ClinicRecord
from tests.resolvers.served import Served, child

FULL = """... on Child { id clinic { id agency name kind secret kilograms twin { ref }
  visits { id seenOn room notes } appearances { on } } }"""


@pytest.mark.parametrize("number", [1, 2, 9, 40])
async def test_statements_do_not_grow_with_children(api: Served, number: int) -> None:
    children = [child(str(each), ("EAST", str(each)), ("WEST", str(each))) for each in range(1, number + 1)]
    entities = await api.entities(FULL, *children)
    assert [len(entity["clinic"]) for entity in entities] == [2] * number
    assert len(api.statements()) == 5, "records, twins, visits, their notes, appearances"


async def test_the_engine_meets_few_texts(api: Served) -> None:
    """The number of keys in a statement is rounded up, so that statements can stay prepared."""
    for number in (5, 6, 7, 8):
        children = [child(str(each), ("EAST", str(each))) for each in range(1, number + 1)]
        assert len(await api.entities("... on Child { clinic { name } }", *children)) == number
    assert len(set(api.statements())) == 1


async def test_only_the_asked_columns_are_selected(api: Served) -> None:
    await api.entities("... on Child { clinic { name } }", child("a", ("EAST", "1")))
    [statement] = api.statements()
    assert '"NAME"' in statement
    assert not any(column in statement for column in ("SECRET", "SEX_CD", "WEIGHT_G", "TWIN_NO", "VISIT"))


async def test_a_join_is_made_only_for_its_columns(api: Served) -> None:
    await api.entities("... on Child { clinic { visits { seenOn } } }", child("a", ("EAST", "1")))
    assert not any("ROOM" in statement for statement in api.statements())
    await api.entities("... on Child { clinic { visits { room } } }", child("a", ("EAST", "1")))
    assert any("LEFT OUTER JOIN" in statement and "ROOM_NM" in statement for statement in api.statements())


async def test_fragments_and_aliases_are_looked_through(api: Served) -> None:
    query = """query($r: [_Any!]!, $yes: Boolean!, $no: Boolean!) { _entities(representations: $r) { ...F } }
      fragment F on Child { clinic { title: name ...G } more: clinic { kind @include(if: $no) secret @skip(if: $yes) } }
      fragment G on ClinicRecord { ... @include(if: $yes) { kilograms } ... on ClinicRecord { id } }"""
    data = await api.data(query, r=[child("a", ("EAST", "2"))], yes=True, no=False)
    assert data["_entities"] == [
        {"clinic": [{"title": "Child 2 of EAST", "kilograms": 2.0, "id": "EAST:2"}], "more": [{}]}
    ]
    [statement] = api.statements()
    assert '"WEIGHT_G"' in statement
    assert "SECRET" not in statement
    assert "SEX_CD" not in statement


async def test_fragments_that_double_cost_nothing(api: Served) -> None:
    doubled = "".join(f"fragment F{each} on ClinicRecord {{ ...F{each + 1} ...F{each + 1} }} " for each in range(40))
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on ClinicRecord { ...F0 } } } " + doubled
    data = await api.data(
        query + "fragment F40 on ClinicRecord { name }", r=[{"__typename": "ClinicRecord", "id": "EAST:1"}]
    )
    assert data["_entities"] == [{"name": "Child 1 of EAST"}]


async def test_several_entity_fields_over_the_same_variable(api: Served) -> None:
    query = """query($r: [_Any!]!) {
      a: _entities(representations: $r) { ... on Child { clinic { name } } }
      b: _entities(representations: $r) { ... on Child { id } } }"""
    data = await api.data(query, r=[child("a", ("EAST", "1"))])
    assert data == {"a": [{"clinic": [{"name": "Child 1 of EAST"}]}], "b": [{"id": "a"}]}
    assert len(api.statements()) == 1, "the second asks for nothing that is in the database"


async def test_answers_stand_in_the_order_of_the_representations(api: Served) -> None:
    """Types mixed, a repeated one, an unknown one."""
    record = {"__typename": "ClinicRecord", "id": "WEST:3"}
    entities = await api.entities(
        "... on Child { id clinic { id } } ... on ClinicRecord { id name kind }",
        child("b", ("WEST", "9"), ("EAST", "8"), ("WEST", "9")),
        record,
        {"__typename": "ClinicRecord", "id": "WEST:999"},
        child("a", ("EAST", "1")),
        record,
        child("none"),
        child("elsewhere", ("NORTH", "1"), ("EAST", "x"), ("EAST", "99999999999"), ("EAST", "0001"), ("EAST", "")),
    )
    third = {"id": "WEST:3", "name": "Child 3 of WEST", "kind": None}
    assert entities == [
        {"id": "b", "clinic": [{"id": "WEST:9"}, {"id": "EAST:8"}]},
        third,
        None,
        {"id": "a", "clinic": [{"id": "EAST:1"}]},
        third,
        {"id": "none", "clinic": []},
        {"id": "elsewhere", "clinic": []},
    ]


async def test_other_children_are_references_only(api: Served) -> None:
    [entity] = await api.entities("... on Child { clinic { twin { ref } } }", child("a", ("WEST", "7")))
    assert entity["clinic"] == [{"twin": [{"ref": "WEST:8"}]}]
    answer = await api.ask(
        "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { clinic { twin { clinic { id } } } } } }",
        r=[child("a", ("WEST", "7"))],
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REPRESENTATION"


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Child"},
        {"__typename": "Child", "id": 1},
        {"__typename": "Child", "id": "a", "holders": "EAST"},
        {"__typename": "Child", "id": "a", "holders": [{"agency": "EAST"}]},
        {"__typename": "Child", "id": "a", "holders": [None]},
        {"__typename": "ClinicRecord"},
        {"__typename": "Query"},
        {"id": "a"},
        "Child",
        None,
    ],
)
async def test_a_bad_representation_costs_the_others_nothing(api: Served, representation: object) -> None:
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { clinic { id } } } }"
    given = [child("a", ("EAST", "1")), representation]
    if representation is None:
        assert "errors" in await api.ask(query, r=given)
        return
    answer = await api.ask(query, r=given)
    assert answer["data"]["_entities"] == [{"clinic": [{"id": "EAST:1"}]}, None]
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_REPRESENTATION"
    assert error["path"] == ["_entities", 1]


async def test_a_child_that_was_referred_to_comes_back_by_its_reference(api: Served) -> None:
    """A planner that has only met the reference may come back with it, once the index has given the holders."""
    given = {"__typename": "Child", "ref": "WEST:8", "holders": [{"agency": "WEST", "recordId": "8"}]}
    assert await api.entities("... on Child { ref clinic { name } }", given) == [
        {"ref": "WEST:8", "clinic": [{"name": "Child 8 of WEST"}]}
    ]


async def test_the_field_needs_the_holders(api: Served) -> None:
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { id clinic { id } } } }"
    answer = await api.ask(query, r=[{"__typename": "Child", "id": "a"}])
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REPRESENTATION"
    assert answer["data"]["_entities"] == [{"id": "a", "clinic": None}]


@pytest.mark.parametrize(
    ("local", "key"),
    [
        ("1", ("EAST", 1)),
        ("2147483647", ("EAST", 2147483647)),
        ("2147483648", None),
        ("01", None),
        ("-1", None),
        ("1.0", None),
        ("", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_keys_that_the_column_cannot_hold_are_unknown(local: str, key: tuple[str, int] | None) -> None:
    assert key_of(mapping_of(ClinicRecord), "EAST", local) == key


async def test_both_engines_agree(either: Served) -> None:
    """Padded keys, an over-long tenant that a cast would cut down, missing codes, lines in order."""
    entities = await either.entities(
        FULL, child("a", ("EAST", "1")), child("b", ("EASTERN", "1")), child("c", ("WEST", "3"))
    )
    assert entities[1] == {"id": "b", "clinic": []}
    [first], [third] = entities[0]["clinic"], entities[2]["clinic"]
    assert third["kind"] is None
    assert third["kilograms"] == 3.0
    assert [visit["notes"] for visit in first["visits"]] == ["line 1 line 2"] * 25
    assert {visit["room"] for visit in first["visits"]} == {"The blue room"}
    assert third["visits"] == [{"id": "WEST:103", "seenOn": "2023-12-31", "room": None, "notes": None}]
