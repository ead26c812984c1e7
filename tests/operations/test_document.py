"""Reading a document: what is wrong with it is said with a stable code."""

from __future__ import annotations

import pytest

from gateway.errors import Problem, RequestError
from gateway.operations import Limits, read_document
from tests.operations.schema import supergraph


def refused(text: str, name: str | None = None, limits: Limits | None = None) -> Problem:
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        read_document(text, name, supergraph().api_schema, limits or Limits())
    assert caught.value.status == 400
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ me { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ me }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($x: Nothing) { me { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ me { ...Missing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ me { ...A } } fragment A on User { friends { ...A } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ me { id } } fragment A on User { ...B } fragment B on User { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { tick }", "SUBSCRIPTIONS_NOT_SERVED"),
        ("query A { me { id } } query B { me { id } }", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment A on User { id }", "OPERATION_RESOLUTION_FAILURE"),
    ],
)
def test_what_is_wrong_has_a_code(text: str, code: str) -> None:
    assert refused(text).code == code


def test_places_are_told() -> None:
    assert refused("{\n  me { nothing }\n}").locations == ((2, 8),)
    assert refused("{ me { id }").locations == ((1, 12),)


def test_the_operation_is_chosen_by_its_name() -> None:
    text = "query A { me { id } } query B { users { id } }"
    document = read_document(text, "B", supergraph().api_schema, Limits())
    assert document.operation.name is not None
    assert document.operation.name.value == "B"
    assert refused(text, "C").code == "OPERATION_RESOLUTION_FAILURE"


def test_no_more_than_twenty_errors_are_told() -> None:
    fields = " ".join(f"x{n}" for n in range(100))
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        read_document(f"{{ me {{ {fields} }} }}", None, supergraph().api_schema, Limits())
    assert 1 < len(caught.value.problems) <= 21


@pytest.mark.parametrize("alias", ["__typename: id", "__cps_subject: id", "__cps_typename: name"])
def test_aliases_that_the_gateway_uses_can_not_be_chosen(alias: str) -> None:
    assert refused(f"{{ me {{ {alias} }} }}").code == "GRAPHQL_VALIDATION_FAILED"
    assert refused(f"{{ me {{ ...F }} }} fragment F on User {{ {alias} }}").code == "GRAPHQL_VALIDATION_FAILED"


def test_subgraphs_own_fields_can_not_be_asked_for() -> None:
    assert refused("{ _service { sdl } }").code == "GRAPHQL_VALIDATION_FAILED"
    assert refused("{ _entities(representations: []) { __typename } }").code == "GRAPHQL_VALIDATION_FAILED"
