"""The stages: what is reported together, and what hides what.

Each fault is a subgraph or two of its own, so any two of them make a composition.
"""

from __future__ import annotations

import itertools

import pytest
from graphql import parse

from gateway.errors import PlanningError
from tests.composition.composed import codes, composed, sources

BY_ITSELF = {
    "INVALID_GRAPHQL": ["type Query { n1: Nope }"],
    "UNKNOWN_FEDERATION_LINK_VERSION": ['extend schema @link(url: "https://specs.apollo.dev/federation/v9.0")'],
    "KEY_INVALID_FIELDS": ['type T1 @key(fields: "no") { a: Int }'],
    "REQUIRES_INVALID_FIELDS": ['type T2 { a: Int @requires(fields: "no") }'],
    "PROVIDES_INVALID_FIELDS": ['type T3 { t: T3 @provides(fields: "no") }'],
    "EXTERNAL_UNUSED": ["type T4 { a: Int b: Int @external }"],
    "REQUIRES_FIELDS_MISSING_EXTERNAL": ['type T5 { a: Int b: Int @requires(fields: "a") }'],
    "INVALID_SHAREABLE_USAGE": ["interface I1 { a: Int @shareable }"],
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE": ["interface I2 { a: Int @authenticated }"],
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION": [
        'interface I3 @key(fields: "a") { a: Int } type A3 implements I3 { a: Int }'
    ],
    "INTERFACE_OBJECT_USAGE_ERROR": ["type I4 @interfaceObject { a: Int }"],
    "DIRECTIVE_COMPOSITION_ERROR": ['extend schema @composeDirective(name: "@nope")'],
}
MERGED = {
    "TYPE_KIND_MISMATCH": ["type K1 { a: Int }", "scalar K1"],
    "FIELD_TYPE_MISMATCH": ["type K2 { a: Int @shareable }", "type K2 { a: ID @shareable }"],
    "INVALID_FIELD_SHARING": ["type K3 { a: Int }", "type K3 { a: Int }"],
    "ENUM_VALUE_MISMATCH": ["type K4 { a(e: K5): K5 } enum K5 { A B }", "enum K5 { A }"],
    "EMPTY_MERGED_INPUT_TYPE": ["input K6 { a: Int }", "input K6 { b: Int }"],
    "EXTERNAL_MISSING_ON_BASE": ['type K7 { a: Int @external b: Int @requires(fields: "a") }'],
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL": [
        "type K8 { a: Int @shareable }",
        'type K8 { a: Int @external @inaccessible b: Int @requires(fields: "a") }',
    ],
    "EXTENSION_WITH_NO_BASE": ["extend type K9 { a: Int }"],
    "OVERRIDE_LABEL_INVALID": ['type K10 { a: Int @override(from: "gone", label: "1 of 2") }'],
    "INTERFACE_OBJECT_USAGE_ERROR": ['type K11 @interfaceObject @key(fields: "a") { a: Int }'],
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE": [
        'interface K12 @key(fields: "a") { a: Int } type A12 implements K12 @key(fields: "a") { a: Int }',
        'interface K12 @key(fields: "a") { a: Int } type B12 implements K12 @key(fields: "a") { a: Int }',
    ],
    "NO_QUERIES": [],
}
WHOLE = {
    "INTERFACE_FIELD_NO_IMPLEM": [
        "interface W1 { a: Int } type A1 implements W1 { a: Int }",
        "interface W1 { b: Int }",
    ],
    "ONLY_INACCESSIBLE_CHILDREN": ["type W2 { a: Int @inaccessible }"],
    "REFERENCED_INACCESSIBLE": ["type W3 { a: Int b: W4 } type W4 @inaccessible { a: Int }"],
    "KEY_INVALID_FIELDS": ['type W6 @key(fields: "o") { o: W7 } type W7 { a: Int }'],
    "REQUIRED_INACCESSIBLE": ["type W5 { a(b: Int! @inaccessible): Int }"],
}
ASKED = {
    "SATISFIABILITY_ERROR": ["type Query { s: S1 } type S1 { a: Int }", "type S1 { b: Int }"],
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS": [
        'type M1 @key(fields: "a") { a: Int b: Int @authenticated }',
        'type M1 @key(fields: "a") { a: Int b: Int @external c: Int @requires(fields: "b") }',
    ],
}
STAGES = [BY_ITSELF, MERGED, WHOLE, ASKED]
TOGETHER = [pair for stage in STAGES for pair in itertools.combinations(stage.items(), 2)]
HIDING = [
    (first, second)
    for before, after in itertools.combinations(STAGES, 2)
    for first in before.items()
    for second in after.items()
    if first[0] != second[0] and (first[0], second[0]) != ("NO_QUERIES", "SATISFIABILITY_ERROR")  # that is a query's
]
Fault = tuple[str, list[str]]


def found(*faults: Fault) -> set[str]:
    """The codes of these faults put together, with a query, unless it is one that there is none."""
    bare = any(code == "NO_QUERIES" for code, _ in faults)
    return codes(*([] if bare else ["type Query { q: Int }"]), *(sdl for _, sdls in faults for sdl in sdls))


def named(pair: tuple[Fault, Fault]) -> str:
    return f"{pair[0][0]}, {pair[1][0]}"


@pytest.mark.parametrize("pair", TOGETHER, ids=map(named, TOGETHER))
def test_errors_of_one_stage_are_told_together(pair: tuple[Fault, Fault]) -> None:
    assert found(*pair) == {code for code, _ in pair}


@pytest.mark.parametrize("pair", HIDING, ids=map(named, HIDING))
def test_an_error_hides_those_of_later_stages(pair: tuple[Fault, Fault]) -> None:
    first, second = pair
    assert found(first, second) == {first[0]}


def test_what_is_no_graphql_is_not_looked_at_further() -> None:
    assert codes('type Query { a: Nope } type T @key(fields: "no") { b: Int @external }') == {"INVALID_GRAPHQL"}


def test_a_link_that_is_not_known_hides_what_it_would_have_brought() -> None:
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v9.0", import: ["@mine"])'
    assert codes(f"{link} type Query {{ q: Nope @mine }}") == {"UNKNOWN_FEDERATION_LINK_VERSION"}


def test_a_fault_in_a_key_hides_no_other_of_its_type() -> None:
    assert codes('type Query { q: T } type T @key(fields: "no") { a: Int b: Int @external }') == {
        "KEY_INVALID_FIELDS", "EXTERNAL_UNUSED"
    }  # fmt: skip


def test_what_an_override_collides_with_hides_nothing_of_its_field() -> None:
    assert codes(
        'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
        'type T @key(fields: "id") { id: ID! x: ID @external @override(from: "a") y: Int @requires(fields: "x") }',
    ) == {"OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "EXTERNAL_TYPE_MISMATCH"}


def test_a_type_of_two_kinds_is_overridden_nowhere() -> None:
    assert codes('type Query { t: T } type T { a: Int @override(from: "b") }', "interface T { a: Int }") == {
        "TYPE_KIND_MISMATCH"
    }


@pytest.mark.parametrize("error", [PlanningError("the search passed its bound"), RecursionError("too deep")])
def test_what_could_not_be_checked_is_not_composed(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def walk(*_: object) -> None:
        raise error

    monkeypatch.setattr("gateway.composition.satisfiability._walk", walk)
    result = composed("type Query { a: Int }", "type Query { b: Int }")
    assert [(each.code, each.message) for each in result.errors] == [
        ("SATISFIABILITY_ERROR", f"not every query could be checked: {error}")
    ]
    assert result.supergraph is None


def test_sdls_that_are_too_much_together_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sdls = [f"type Query {{ f{number}: Int }}" for number in range(3)]
    of_two = sum(parse(source.sdl).token_count for source in sources(*sdls[:2]))
    monkeypatch.setattr("gateway.composition.stages.MAX_TOKENS", of_two)
    assert not composed(*sdls[:2]).errors
    found = composed(*sdls)
    assert [error.code for error in found.errors] == ["INVALID_GRAPHQL"]
    assert "the SDLs have over 200,000 tokens together" in found.errors[0].message
