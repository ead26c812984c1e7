"""Introspection is answered whole, within bounds, and not on the event loop."""

from __future__ import annotations

import threading

import pytest
from graphql import build_schema, get_introspection_query, graphql_sync
from graphql.execution import execute_sync

from gateway.edge import introspection
from gateway.edge.introspection import Introspector
from gateway.errors import RequestError
from gateway.operations import Limits, read_document
from tests.edge.network import Edge

TYPES = "\n".join(
    f"interface Node{n} {{ id: ID! }}"
    f" type Type{n} implements Node{n} {{ id: ID! other(a: Int, b: [In{n}!]): Type{n - 1} }}"
    f" enum Enum{n} {{ A B C }} input In{n} {{ a: Int b: Enum{n} }}"
    for n in range(1, 200)
)
SCHEMA = build_schema(f"type Query {{ all: Type199 }} type Type0 {{ id: ID }} {TYPES}")
EVERYTHING = get_introspection_query(specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True)


async def answered(query: str, variables: dict[str, object] | None = None) -> dict[str, object]:
    document = read_document(query, None, SCHEMA, Limits())
    introspector = Introspector(SCHEMA)
    asked = introspector.read(document)
    assert asked is not None
    return asked.in_order(await introspector.answer(asked, b"", variables or {}))


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (EVERYTHING, {}),
        (
            "query($n: String!) { b: __type(name: $n) { name } ...A }"
            " fragment A on Query { a: __type(name: $n) { kind } }",
            {"n": "Type7"},
        ),
    ],
)
async def test_it_is_as_graphql_core_answers_it(query: str, variables: dict[str, object]) -> None:
    found = graphql_sync(SCHEMA, query, variable_values=variables).data
    assert found is not None
    answer = await answered(query, variables)
    assert answer == found
    assert list(answer) == list(found)


@pytest.mark.parametrize(
    "query",
    [
        "{ ...F } fragment F on Query { "
        + " ".join(f"a{n}: __schema {{ types {{ fields {{ args {{ name }} type {{ name }} }} }} }}" for n in range(285))
        + " }",
        "{ __schema { types { fields { type { " + "".join(f"a{n}: name " for n in range(290)) + "} } "
        "enumValues { name } b: fields { type { " + "name " * 250 + "} } } } }",
    ],
)
async def test_what_would_be_much_is_refused_before_it_is_made(query: str) -> None:
    with pytest.raises(RequestError, match="fields of the schema"):
        await answered(query)


def fields_in(value: object) -> int:
    """How many fields an answer has."""
    if isinstance(value, dict):
        return sum(1 + fields_in(inner) for inner in value.values())
    return sum(map(fields_in, value)) if isinstance(value, list) else 0


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __schema { queryType { name } } }", 3),
        ("{ __schema { types { name } } }", 812),
        ("{ __schema { directives { name args { name } } } }", 15),
        ("{ __schema { types { fields { name } } } }", 1451),
        ("{ __schema { types { fields { args { name } } } } }", 1859),
        (
            "{ __schema { types { enumValues { name } inputFields { name } possibleTypes { name } "
            "interfaces { name } } } }",
            4664,
        ),
        ("{ ...F } fragment F on Query { __schema { ... on __Schema { types { name } } } }", 812),
    ],
)
def test_what_is_asked_of_all_types_is_estimated_as_it_is(query: str, cost: int) -> None:
    found = Introspector(SCHEMA).read(read_document(query, None, SCHEMA, Limits()))
    assert found is not None
    assert found.cost == cost
    assert cost == pytest.approx(fields_in(graphql_sync(SCHEMA, query).data), rel=0.07)


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ('{ __type(name: "Type7") { fields { name } } }', 1 + 12),
        ('{ __type(name: "Type7") { fields { args { name } type { fields { name } } } } }', 1 + 11 + 166),
    ],
)
def test_what_is_asked_of_one_type_may_be_of_the_largest(query: str, cost: int) -> None:
    found = Introspector(SCHEMA).read(read_document(query, None, SCHEMA, Limits()))
    assert found is not None
    assert found.cost == cost
    assert cost > fields_in(graphql_sync(SCHEMA, query).data)


def test_levels_are_counted_within_fragments_too() -> None:
    deep = "ofType { " * 20 + "name" + " }" * 20
    for query in (
        f'{{ __type(name: "A") {{ {deep} }} }}',
        f'{{ ...F }} fragment F on Query {{ ... on Query {{ __type(name: "A") {{ {deep} }} }} }}',
    ):
        with pytest.raises(RequestError, match="levels of introspection"):
            read_document(query, None, SCHEMA, Limits())


async def test_it_is_made_once_and_apart(gateway: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(*given: object, **named: object) -> object:
        made.append(threading.get_ident())
        return execute_sync(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(introspection, "execute_sync", counted)
    query = "query($all: Boolean = true) { __schema { types { name description @include(if: $all) } } }"
    first, again = [(await gateway.post(query, {})).json()["data"] for _ in range(2)]
    other = (await gateway.post(query, {"all": False})).json()["data"]
    assert first == again
    assert "description" in first["__schema"]["types"][0]
    assert "description" not in other["__schema"]["types"][0]
    assert len(made) == 2
    assert threading.get_ident() not in made


@pytest.mark.parametrize(
    ("query", "logged"),
    [
        ("{ s: __schema { types { name } } }", "query { __schema }"),
        ('{ ... { __type(name: "Child") { name } } ...f } fragment f on Query { __schema { types { name } } }',
         "query { __schema __type }"),
        ('{ agencies __type(name: "Child") { name } }', "query { agencies __type }"),
    ],
)  # fmt: skip
async def test_what_is_asked_of_the_schema_is_in_the_log(gateway: Edge, query: str, logged: str) -> None:
    assert (await gateway.post(query)).status_code == 200
    assert gateway.log.entries[-1].operation == logged
