"""The values of variables: coerced by the schema, defaulted, and never told back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from gateway.errors import RequestError
from gateway.operations import Limits, check_variables, declared, normalise, place_of, read_document
from tests.operations.schema import supergraph


def values(query: str, given: Mapping[str, object]) -> dict[str, object]:
    document = read_document(query, None, supergraph().api_schema, Limits())
    normalised = normalise(document, supergraph())
    place = partial(place_of, text=query, operation_name=None)
    return check_variables(supergraph().api_schema, declared(document.declared), normalised, given, place)


ONE = "query($n: Int = 5, $f: Filter) { users(first: $n, filter: $f) { id } }"


def test_what_is_given_counts_then_the_default_and_what_is_neither_is_left_out() -> None:
    assert values(ONE, {"n": 7, "f": {"name": "x"}}) == {"v1": {"name": "x"}, "v2": 7}
    assert values(ONE, {}) == {"v2": 5}
    assert values(ONE, {"n": None}) == {"v2": None}


def test_variables_that_the_operation_does_not_declare_are_not_sent() -> None:
    assert values("{ me { id } }", {"more": 1}) == {}


@pytest.mark.parametrize(
    ("query", "given"),
    [
        (ONE, {"n": "9990000018"}),
        (ONE, {"n": 9990000018}),
        (ONE, {"f": {"name": ["9990000018"]}}),
        (ONE, {"f": {"9990000018": 1}}),
        (ONE, {"f": {"not": {"ages": ["9990000018"]}}}),
        ("mutation($n: String!) { rename(name: $n) { id } }", {"n": {"x": "9990000018"}}),
        ("mutation($n: String!) { rename(name: $n) { id } }", {}),
        ("mutation($n: String!) { rename(name: $n) { id } }", {"n": None}),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_told_back(query: str, given: Mapping[str, object]) -> None:
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        values(query, given)
    (problem,) = caught.value.problems
    assert problem.code == "BAD_USER_INPUT"
    assert "9990000018" not in str(problem.as_json())
    assert "$n" in problem.message or "$f" in problem.message
    assert problem.locations


def test_every_wrong_variable_is_named() -> None:
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        values(ONE, {"n": "a", "f": 1})
    assert [p.message for p in caught.value.problems] == [
        "variable `$n` needs a value of type `Int`",
        "variable `$f` needs a value of type `Filter`",
    ]


def test_of_many_wrong_variables_ten_are_named() -> None:
    names = [f"n{number}" for number in range(12)]
    declared, used = (
        " ".join(each.format(name) for name in names) for each in ("${}: Int", "{0}: users(first: ${0}) {{ id }}")
    )
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        values(f"query({declared}) {{ {used} }}", dict.fromkeys(names, "x"))
    assert [p.message for p in caught.value.problems] == [
        *(f"variable `${name}` needs a value of type `Int`" for name in names[:10]),
        "a variable's value does not fit its type",
    ]


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    deep: dict[str, object] = {}
    for _ in range(900):
        deep = {"not": deep}
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        values(ONE, {"f": deep})
    assert caught.value.problems[0].code == "BAD_USER_INPUT"
