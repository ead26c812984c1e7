"""Normalising: the same question is the same text, and no value is in it."""

from __future__ import annotations

import pytest

from gateway.errors import RequestError
from tests.operations.schema import normalised, text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ users(first: 1) { id } }", "{ users(first: 200) { id } }"),
        ("{ users(first: 1, after: 2) { id } }", '{ users(after: "x", first: 3) { id } }'),
        ("query Q { me { id name } }", "query { me { id, name } }"),
        ("{ me { id name } }", "{ me { ...A } } fragment A on User { id ...B } fragment B on User { name }"),
        ("{ me { id name } }", "{ me { ... { id } ... on Node { id } ... on User { name } name } }"),
        ("{ me { id name } }", "{ me { id } me { name } }"),
        ("{ me { id } }", "{ me { id name @skip(if: true) age @include(if: false) } }"),
        ("{ me { id name } }", "{ me { id @skip(if: false) name @include(if: true) } }"),
        ("query($a: Int) { users(first: $a) { id } }", "query($b: Int) { users(first: $b) { id } }"),
        ('{ users(filter: {name: "x"}) { id } }', '{ users(filter: {name: "y", ages: [1]}) { id } }'),
        ("query($v: Int = 1) { users(first: $v) { id } }", "query($v: Int = 2) { users(first: $v) { id } }"),
    ],
)
def test_the_same_question_is_the_same_text(one: str, other: str) -> None:
    assert text(one) == text(other)
    assert normalised(one).operation == normalised(other).operation
    assert normalised(one).operation.hash == normalised(other).operation.hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ me { id } }", "{ me { name } }"),
        ("{ me { id } }", "{ me { x: id } }"),
        ("{ users { id } }", "{ users(first: 1) { id } }"),
        ("query($v: Boolean!) { me { id @skip(if: $v) } }", "query($v: Boolean!) { me { id @include(if: $v) } }"),
        ("{ search { ... on User { name } } }", "{ search { ... on Pet { name } } }"),
        ("{ a: users(first: 1) { id } b: users(first: 1) { id } }", "{ a: users(first: 1) { id } b: users { id } }"),
    ],
)
def test_another_question_is_another_text(one: str, other: str) -> None:
    assert text(one) != text(other)


def test_a_number_that_can_not_be_sent_is_refused() -> None:
    """It would be sent as null."""
    assert normalised("{ tagged(raw: [1e300]) }").values == {"v1": [1e300]}
    with pytest.raises(RequestError, match="too large"):
        normalised("{ tagged(raw: {a: [1e400]}) }")


SECRETS = [
    '{ users(after: "9990000018") { id } }',
    "{ users(after: 9990000018) { id } }",
    '{ users(filter: {name: "9990000018"}) { id } }',
    'query($n: String = "9990000018") { users(filter: {name: $n}) { id } }',
    'query($n: String) { users(filter: {name: $n, not: {name: "9990000018"}}) { id } }',
    "query($n: Int) { users(filter: {ages: [$n, 9990000018]}) { id } }".replace("9990000018]", "999000018]"),
    '{ users(tags: ["9990000018"]) { id } }',
    "query Of9990000018($of9990000018: Int) { users(first: $of9990000018) { id } }",
    "{ me { ...x9990000018 } } fragment x9990000018 on User { id }",
]


@pytest.mark.parametrize("query", SECRETS)
def test_no_value_and_no_name_of_the_clients_is_in_the_text(query: str) -> None:
    assert "999000" not in text(query)
    assert "999000" not in normalised(query).operation.logged


def test_what_is_logged_has_no_alias() -> None:
    assert "9990" not in normalised("{ x9990: me { id } }").operation.logged


def test_literals_and_defaults_are_values() -> None:
    found = normalised(
        'query($n: String = "d", $m: Int) { users(first: 3, after: 17, filter: {name: $n, ages: [$m, 4]}) { id } }'
    )
    assert sorted(map(str, found.values.values())) == ["17", "3", "4", "d"]
    assert sorted(found.given.values()) == ["m", "n"]
    assert {v.name for v in found.operation.variables} == {*found.values, *found.given}


def test_equal_literals_of_one_type_are_one_value_and_of_two_types_two() -> None:
    assert len(normalised("{ a: users(first: 3) { id } b: users(first: 3) { id } }").values) == 1
    assert len(normalised("{ users(first: 3, after: 3) { id } }").values) == 2


def test_numbers_past_64_bits_are_ids_as_text() -> None:
    (value,) = normalised("{ users(after: 123456789012345678901234567890) { id } }").values.values()
    assert value == "123456789012345678901234567890"


def test_a_condition_that_holds_already_is_not_repeated() -> None:
    query = "query($v: Boolean!) { me @include(if: $v) { id @include(if: $v) name @skip(if: $v) } }"
    assert text(query) == "query($v1: Boolean!) { me @include(if: $v1) { id } }"


def test_a_field_that_never_counts_is_gone() -> None:
    assert text(
        "query($v: Boolean!) { me { id name @skip(if: $v) @include(if: $v) } }"
    ) == "query{ me { id } }".replace("query{", "query($v1: Boolean!) {")


def test_fragments_that_no_value_can_match_are_gone() -> None:
    assert text("{ me { id ... on Node { id ... on User { name } } } }") == "query { me { id name } }"
    assert text("{ nodes { id ... on User { name } ... on Pet { name } } }") == (
        "query { nodes { id ... on User { name } ... on Pet { name } } }"
    )


def test_introspection_is_left_to_the_api_schema() -> None:
    assert text("{ me { id } __schema { queryType { name } } }") == "query { me { id } }"


def test_mutations_keep_their_order() -> None:
    query = 'mutation { b: rename(name: "b") { id } a: rename(name: "a") { id } b: rename(name: "b") { name } }'
    assert text(query) == (
        "mutation($v1: String!, $v2: String!) { b: rename(name: $v1) { id name } a: rename(name: $v2) { id } }"
    )
