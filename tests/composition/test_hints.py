"""Hints say what was decided where subgraphs differ."""

from __future__ import annotations

import pytest

from gateway.composition import SubgraphSource, compose

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@shareable", "@override", "@external"])\n'
)
_QUERY = "type Query { q: Int } "


def _hints(*sdls: str) -> set[tuple[str, str, str]]:
    result = compose([SubgraphSource(chr(ord("a") + i), "http://x", _LINK + sdl) for i, sdl in enumerate(sdls)])
    assert result.supergraph is not None, result.errors
    return {(hint.code, hint.level, hint.coordinate) for hint in result.hints}


@pytest.mark.parametrize(
    ("first", "second", "code", "level", "coordinate"),
    [
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
    ],
)
def test_a_difference_is_told(first: str, second: str, code: str, level: str, coordinate: str) -> None:
    assert (code, level, coordinate) in _hints(_QUERY + first, second)


def test_where_nothing_differs_nothing_is_told() -> None:
    assert _hints(_QUERY + "type V @shareable { x: Int }", "type V @shareable { x: Int }") == set()
