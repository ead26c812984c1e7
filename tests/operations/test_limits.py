"""Bounds: each holds at its value and refuses past it, before anything is expanded."""

from __future__ import annotations

import time

import pytest

from gateway.errors import RequestError
from gateway.operations import Limits, read_document
from tests.operations.schema import supergraph


def refusal(text: str, limits: Limits) -> str | None:
    """The code with which a document is refused."""
    try:
        read_document(text, None, supergraph().api_schema, limits)
    except RequestError as error:
        return error.problems[0].code
    return None


def nested(depth: int) -> str:
    return "{ me " + "{ friends " * (depth - 2) + "{ id" + " }" * depth


@pytest.mark.parametrize(
    ("limits", "good", "bad"),
    [
        (Limits(depth=4), nested(4), nested(5)),
        (Limits(depth=3), "{ me { ...F } } fragment F on User { friends { id } }", nested(4)),
        (Limits(aliases=2), "{ a: me { b: id } }", "{ a: me { b: id c: id } }"),
        (Limits(aliases=2), "{ me { ...F } } fragment F on User { a: id }", "{ me { ...F ...F ...F } x: me { id } }"
         " fragment F on User { a: id }"),
        (Limits(root_fields=2), "{ me { id } users { id } }", "{ me { id } me { id } me { id } }"),
        (Limits(expanded_fields=3), "{ me { id name } }", "{ me { id name age } }"),
        (Limits(expanded_fields=3), "{ me { ...F } } fragment F on User { id name }",
         "{ me { ...F ...F } } fragment F on User { id name }"),
        (Limits(directives=1), "{ me { id @skip(if: false) } }", "{ me { id @skip(if: false) @include(if: true) } }"),
        (Limits(directives=1), "{ me { ... @skip(if: false) { id } } }",
         "{ me { ... @skip(if: false) { id } ... @skip(if: false) { id } } }"),
        (Limits(tokens=6), "{ me { id } }", "{ me { id name } }"),
        (Limits(introspection_depth=2), "{ __schema { types { name } } }",
         "{ __schema { types { fields { type { name } } } } }"),
    ],
)  # fmt: skip
def test_each_bound(limits: Limits, good: str, bad: str) -> None:
    assert refusal(good, limits) is None
    assert refusal(bad, limits) in ("OPERATION_TOO_LARGE", "GRAPHQL_PARSE_FAILED")


def bomb(levels: int) -> str:
    parts = [f"fragment f{n} on User {{ friends {{ ...f{n + 1} ...f{n + 1} }} }}" for n in range(levels)]
    return "{ me { ...f0 } } " + " ".join(parts) + f" fragment f{levels} on User {{ id }}"


def quickly(text: str) -> bool:
    """Whether a document is refused, without being expanded first."""
    began = time.process_time()
    refused = refusal(text, Limits())
    assert time.process_time() - began < 10  # against blow-up, not a measure of speed
    return refused is not None


def test_a_fragment_bomb_is_refused_without_being_expanded() -> None:
    small = bomb(12)
    assert len(small) < 775
    assert quickly(small)
    assert quickly(bomb(100))


def test_a_bomb_in_another_operation_costs_nothing() -> None:
    other = "query Other" + bomb(20)
    began = time.process_time()
    read_document("query Mine { me { id } } " + other, "Mine", supergraph().api_schema, Limits())
    assert time.process_time() - began < 10  # against blow-up, not a measure of speed


@pytest.mark.parametrize(
    "text",
    [
        nested(2_000),
        "{ users(filter: " + "{not: " * 1_500 + "null" + "}" * 1_500 + ") { id } }",
        "{ users(tags: " + "[" * 3_000 + "]" * 3_000 + ") { id } }",
        "{ me { " + "id " * 7_000 + "} }",
    ],
    ids=["selections", "objects", "lists", "fields"],
)
def test_what_is_nested_or_repeated_thousands_of_times_is_refused_quickly(text: str) -> None:
    assert quickly(text)


def test_the_error_says_bound_and_finding() -> None:
    with pytest.raises(RequestError, match=r"5 levels of nesting; at most 4") as caught:
        read_document(nested(5), None, supergraph().api_schema, Limits(depth=4))
    assert caught.value.problems[0].code == "OPERATION_TOO_LARGE"


@pytest.mark.parametrize("alias", ["c9990000018", "n12345", "_1_23456_"])
def test_an_alias_is_no_place_for_an_identifier(alias: str) -> None:
    with pytest.raises(RequestError, match="an alias holds fewer than 5 digits in a row") as caught:
        read_document(f"{{ me {{ {alias}: id }} }}", None, supergraph().api_schema, Limits())
    assert alias not in str(caught.value)


def test_an_alias_may_be_numbered() -> None:
    read_document("{ me { c1234: id n2026_12_01: name } }", None, supergraph().api_schema, Limits())
