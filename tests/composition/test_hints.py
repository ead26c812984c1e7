"""Hints say what was decided where subgraphs differ."""

from __future__ import annotations

import pytest

from gateway.composition import SubgraphSource, compose

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@shareable", "@override", "@external", "@cost"])\n'
)
_QUERY = "type Query { q: Int } "


def _hints(*sdls: str) -> set[tuple[str, str, str]]:
    result = compose([SubgraphSource(chr(ord("a") + i), "http://x", _LINK + sdl) for i, sdl in enumerate(sdls)])
    assert result.supergraph is not None, result.errors
    return {(hint.code, hint.level, hint.coordinate) for hint in result.hints}


HINTS = [
    ('"one" scalar D', '"two" scalar D', "INCONSISTENT_DESCRIPTION", "WARN", "D"),
    (
        "type V @shareable { x: Int y: Int }",
        "type V @shareable { x: Int }",
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        "DEBUG",
        "V.y",
    ),
    (
        "interface I { x: Int y: Int }",
        "interface I { x: Int }",
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
        "DEBUG",
        "I.y",
    ),
    (
        "type V @shareable { x: Int! }",
        "type V @shareable { x: Int }",
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        "INFO",
        "V.x",
    ),
    (
        "type V @shareable { x(a: Int!): Int }",
        "type V @shareable { x(a: Int): Int }",
        "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        "INFO",
        "V.x(a:)",
    ),
    (
        "type V @shareable { x(a: Int b: Int): Int }",
        "type V @shareable { x(a: Int): Int }",
        "INCONSISTENT_ARGUMENT_PRESENCE",
        "WARN",
        "V.x(b:)",
    ),
    (
        "type V @shareable { x(a: Int = 1): Int }",
        "type V @shareable { x(a: Int): Int }",
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        "WARN",
        "V.x(a:)",
    ),
    (
        'type E @key(fields: "id") { id: ID }',
        "type E @shareable { id: ID }",
        "INCONSISTENT_ENTITY",
        "DEBUG",
        "E",
    ),
    ("input N { a: Int b: Int }", "input N { a: Int }", "INCONSISTENT_INPUT_OBJECT_FIELD", "WARN", "N.b"),
    (
        "type A @shareable { x: Int } type B @shareable { x: Int } union U = A | B",
        "type A @shareable { x: Int } union U = A",
        "INCONSISTENT_UNION_MEMBER",
        "DEBUG",
        "U",
    ),
    ("enum C { A B }", "enum C { A }", "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", "DEBUG", "C.B"),
    ("enum C { A }", "scalar D", "UNUSED_ENUM_TYPE", "DEBUG", "C"),
    (
        'type E @key(fields: "id") { id: ID n: Int @override(from: "b", label: "half") }',
        'type E @key(fields: "id") { id: ID n: Int }',
        "OVERRIDE_MIGRATION_IN_PROGRESS",
        "INFO",
        "E.n",
    ),
    (
        'type E @key(fields: "id") { id: ID n: Int @override(from: "none") }',
        'type E @key(fields: "id") { id: ID }',
        "FROM_SUBGRAPH_DOES_NOT_EXIST",
        "WARN",
        "E.n",
    ),
    (
        'type E @key(fields: "id") { id: ID n: Int @override(from: "b") }',
        'type E @key(fields: "id") { id: ID }',
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        "INFO",
        "E.n",
    ),
    (
        "type T @shareable { x(c: C): Int } enum C { A B }",
        "enum C { A }",
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        "WARN",
        "C.B",
    ),
    (
        "type V @shareable { x: Int @cost(weight: 1) }",
        "type V @shareable { x: Int @cost(weight: 2) }",
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "INFO",
        "V.x",
    ),
]


@pytest.mark.parametrize(("first", "second", "code", "level", "coordinate"), HINTS)
def test_a_difference_is_told(first: str, second: str, code: str, level: str, coordinate: str) -> None:
    assert (code, level, coordinate) in _hints(_QUERY + first, second)


def test_where_nothing_differs_nothing_is_told() -> None:
    assert _hints(_QUERY + "type V @shareable { x: Int }", "type V @shareable { x: Int }") == set()


@pytest.mark.parametrize(
    "hint", [h for h in HINTS if h[2].startswith(("INCONSISTENT_", "MERGED_"))], ids=lambda hint: hint[2]
)
def test_where_both_say_the_same_it_is_not_told(hint: tuple[str, str, str, str, str]) -> None:
    assert hint[2] not in {code for code, _, _ in _hints(_QUERY + hint[0], hint[0])}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("type T { c: C } enum C { A }", "scalar D"),
        (
            'type E @key(fields: "id") { id: ID n: Int @override(from: "b") }',
            'type E @key(fields: "id") { id: ID n: Int }',
        ),
    ],
    ids=["an enum that is used", "an override of what is there"],
)
def test_what_is_as_it_should_be_is_not_told(first: str, second: str) -> None:
    assert _hints(_QUERY + first, second) == set()
