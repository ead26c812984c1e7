"""Field sets, and selections as text."""

import pytest

from gateway.errors import SupergraphError
from gateway.supergraph.selections import Argument, Condition, Field, TypeCase, parse_field_set, text


def test_a_field_set_is_its_fields_with_what_is_below() -> None:
    assert parse_field_set("id organization { id name }") == (
        Field("id", "id"),
        Field("organization", "organization", selections=(Field("id", "id"), Field("name", "name"))),
    )


def test_a_field_set_keeps_arguments_in_the_order_of_their_names() -> None:
    assert parse_field_set('price(unit: "KG", currency: EUR)') == (
        Field("price", "price", (Argument("currency", "EUR", ()), Argument("unit", '"KG"', ()))),
    )
    assert parse_field_set("f(b: 1, a: 2)") == parse_field_set("f(a: 2, b: 1)")


def test_inline_fragments_narrow_and_those_without_a_type_are_nothing() -> None:
    assert parse_field_set("a ... { b } ... on Book { c }") == (
        Field("a", "a"),
        Field("b", "b"),
        TypeCase("Book", (Field("c", "c"),)),
    )


@pytest.mark.parametrize("fields", ["id {", "...Named", "id)", "{ id } }", "$x"])
def test_what_is_no_field_set_is_refused(fields: str) -> None:
    with pytest.raises(SupergraphError, match="a field set"):
        parse_field_set(fields)


@pytest.mark.parametrize("fields", ["", "a } { b"])
def test_nothing_and_more_than_one_are_refused(fields: str) -> None:
    with pytest.raises(SupergraphError, match="is not a field set"):
        parse_field_set(fields)


@pytest.mark.parametrize("fields", ["id", "a(x: 1) { b }", "a { ... on B { c } }", "x: id"])
def test_what_is_written_is_read(fields: str) -> None:
    assert text(parse_field_set(fields)) == fields


def test_conditions_are_directives_of_which_none_stands_twice_on_a_field() -> None:
    both = Field("f", "f", conditions=(Condition("v1", True), Condition("v2", False)))
    assert text((both,)) == "f @include(if: $v1) @skip(if: $v2)"
    twice = text((Field("f", "f", conditions=(Condition("v1", True), Condition("v2", True))),))
    assert twice in (
        "... @include(if: $v1) { f @include(if: $v2) }",
        "... @include(if: $v2) { f @include(if: $v1) }",
    )
