"""Each rule both ways: what breaks it gives its code and its place, and the nearest thing that keeps it composes."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.composition.composed import FEDERATION_1, codes, composed, marked, supergraph


class Rule(NamedTuple):
    """`bad` breaks the rule `code` where `»` stands; `good` keeps it."""

    name: str
    code: str
    bad: list[str]
    good: list[str]


Q = "type Query { q: Int }"
T = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
RULES = [
    Rule("an SDL parses", "INVALID_GRAPHQL", ["type Query { a: »}"], ["type Query { a: Int }"]),
    Rule("every type is there", "INVALID_GRAPHQL", ["type Query { a: Missing }"], ["type Query { a: Int }"]),
    Rule("there is a query", "NO_QUERIES", ["type T { a: Int }"], [Q]),
    Rule(
        "a key names fields of its type", "KEY_INVALID_FIELDS",
        ["type Query { t: T } »type T @key(fields: \"no\") { id: ID! }"], [T],
    ),
    Rule(
        "a key parses", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "id {") { id: ID! }'], [T],
    ),
    Rule(
        "a key has no arguments", "KEY_FIELDS_HAS_ARGS",
        ['type Query { t: T } »type T @key(fields: "f(x: 1)") { f(x: Int): ID! }'],
        ['type Query { t: T } type T @key(fields: "f") { f: ID! }'],
    ),
    Rule(
        "a key has no unions", "KEY_FIELDS_SELECT_INVALID_TYPE",
        ['type Query { t: T } »type T @key(fields: "u { ... on A { x } }") { u: U } union U = A type A { x: Int }'],
        ['type Query { t: T } type T @key(fields: "u { x }") { u: A } type A { x: Int }'],
    ),
    Rule(
        "a requirement names fields of its type", "REQUIRES_INVALID_FIELDS",
        [T, 'type T @key(fields: "id") { id: ID! »x: Int @requires(fields: "no") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! w: Int }',
         'type T @key(fields: "id") { id: ID! w: Int @external x: Int @requires(fields: "w") }'],
    ),
    Rule(
        "what is required is external", "REQUIRES_FIELDS_MISSING_EXTERNAL",
        [T, 'type T @key(fields: "id") { id: ID! w: Int »x: Int @requires(fields: "w") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! w: Int }',
         'type T @key(fields: "id") { id: ID! w: Int @external x: Int @requires(fields: "w") }'],
    ),
    Rule(
        "a provision names fields of its value", "PROVIDES_INVALID_FIELDS",
        ['type Query { »t: T @provides(fields: "no") } type T @key(fields: "id") { id: ID! }'], [T],
    ),
    Rule(
        "what is provided is external", "PROVIDES_FIELDS_MISSING_EXTERNAL",
        ['type Query { »t: T @provides(fields: "x") } type T @key(fields: "id") { id: ID! x: Int }'],
        ['type Query { t: T @provides(fields: "x") } type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a provision is of an object", "PROVIDES_ON_NON_OBJECT_FIELD",
        ['type Query { »t: Int @provides(fields: "x") }'], [Q],
    ),
    Rule(
        "what is external is used", "EXTERNAL_UNUSED",
        [T.replace("id: ID!", "id: ID! x: Int"), 'type T @key(fields: "id") { id: ID! »x: Int @external }'],
        [T.replace("id: ID!", "id: ID! x: Int"),
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what is external is somewhere else", "EXTERNAL_MISSING_ON_BASE",
        [T, 'type T @key(fields: "id") { id: ID! »x: Int @external y: Int @requires(fields: "x") }'],
        [T.replace("id: ID!", "id: ID! x: Int"),
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what is external has the type that it has", "EXTERNAL_TYPE_MISMATCH",
        [T.replace("id: ID!", "id: ID! x: Int"),
         'type T @key(fields: "id") { id: ID! »x: String @external y: Int @requires(fields: "x") }'],
        [T.replace("id: ID!", "id: ID! x: Int"),
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "two subgraphs resolve a field only where both share it", "INVALID_FIELD_SHARING",
        [T.replace("id: ID!", "id: ID! x: Int @shareable"), 'type T @key(fields: "id") { id: ID! »x: Int }'],
        [T.replace("id: ID!", "id: ID! x: Int @shareable"), 'type T @key(fields: "id") { id: ID! x: Int @shareable }'],
    ),
    Rule(
        "fields inside keys are shared", "INVALID_FIELD_SHARING",
        ["type Query { t: O } type O { »id: ID! }", "type Query { u: O } type O { »id: ID! }"],
        ['type Query { t: T } type T @key(fields: "o { id }") { o: O } type O { id: ID! }',
         'type T @key(fields: "o { id }") { o: O x: Int } type O { id: ID! }'],
    ),
    Rule(
        "a name is of one kind", "TYPE_KIND_MISMATCH",
        ["type Query { t: T } »type T { a: Int }", "»scalar T"],
        ["type Query { t: T } scalar T", "scalar T"],
    ),
    Rule(
        "a field's types fit", "FIELD_TYPE_MISMATCH",
        ["type Query { »t: Int @shareable }", "type Query { »t: String @shareable }"],
        ["type Query { t: Int! @shareable }", "type Query { t: Int @shareable }"],
    ),
    Rule(
        "an argument's types fit", "FIELD_ARGUMENT_TYPE_MISMATCH",
        ["type Query { t(»a: Int): Int @shareable }", "type Query { t(»a: String): Int @shareable }"],
        ["type Query { t(a: Int): Int @shareable }", "type Query { t(a: Int!): Int @shareable }"],
    ),
    Rule(
        "an argument has one default", "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        ["type Query { t(»a: Int = 1): Int @shareable }", "type Query { t(»a: Int = 2): Int @shareable }"],
        ["type Query { t(a: Int = 1): Int @shareable }", "type Query { t(a: Int = 1): Int @shareable }"],
    ),
    Rule(
        "a required argument is everywhere", "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        ["type Query { t(»a: Int!): Int @shareable }", "type Query { t: Int @shareable }"],
        ["type Query { t(a: Int! = 1): Int @shareable }", "type Query { t: Int @shareable }"],
    ),
    Rule(
        "an input field's types fit", "FIELD_TYPE_MISMATCH",
        ["type Query { t(i: I): Int } input I { »a: Int }", "input I { »a: String }"],
        ["type Query { t(i: I): Int } input I { a: Int }", "input I { a: Int! }"],
    ),
    Rule(
        "a required input field is everywhere", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        ["type Query { t(i: I): Int } input I { »a: Int! b: Int }", "input I { b: Int }"],
        ["type Query { t(i: I): Int } input I { a: Int b: Int }", "input I { b: Int }"],
    ),
    Rule(
        "an input keeps a field", "EMPTY_MERGED_INPUT_TYPE",
        ["type Query { t(i: I): Int } input I { a: Int }", "input I { b: Int }"],
        ["type Query { t(i: I): Int } input I { a: Int }", "input I { a: Int b: Int }"],
    ),
    Rule(
        "an enum of both ways is the same everywhere", "ENUM_VALUE_MISMATCH",
        ["type Query { t(e: E): E } enum E { A »B }", "enum E { A }"],
        ["type Query { t(e: E): E } enum E { A B }", "enum E { A B }"],
    ),
    Rule(
        "an enum of input keeps a value", "EMPTY_MERGED_ENUM_TYPE",
        ["type Query { t(e: E): Int } enum E { A }", "enum E { B }"],
        ["type Query { t(e: E): Int } enum E { A C }", "enum E { B C }"],
    ),
    Rule(
        "no field is overridden from where it is", "OVERRIDE_FROM_SELF_ERROR",
        ['type Query { »t: Int @override(from: "a") }'],
        ['type Query { t: Int @override(from: "b") }', "type Query { t: Int }"],
    ),
    Rule(
        "overrides are no chain", "OVERRIDE_SOURCE_HAS_OVERRIDE",
        ['type Query { t: Int @override(from: "b") }', 'type Query { t: Int @override(from: "c") }',
         "type Query { t: Int }"],
        ['type Query { t: Int @override(from: "b") }', "type Query { t: Int }"],
    ),
    Rule(
        "what is overridden is not external", "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        [T.replace("id: ID!", "id: ID! x: Int"),
         'type T @key(fields: "id") { id: ID! »x: Int @external @override(from: "a") y: Int @requires(fields: "x") }'],
        [T.replace("id: ID!", "id: ID! x: Int"), 'type T @key(fields: "id") { id: ID! x: Int @override(from: "a") }'],
    ),
    Rule(
        "no interface's field is overridden", "OVERRIDE_ON_INTERFACE",
        ['type Query { i: I } interface I { »a: Int @override(from: "b") } type A implements I { a: Int }', Q],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int }"],
    ),
    Rule(
        "no interface's field is shared", "INVALID_SHAREABLE_USAGE",
        ["type Query { i: I } interface I { »a: Int @shareable } type A implements I { a: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int @shareable }"],
    ),
    Rule(
        "an implementation has its interface's fields", "INTERFACE_FIELD_NO_IMPLEM",
        ["type Query { i: I } interface I { a: Int } »type A implements I { a: Int }", "interface I { b: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int }", "interface I { a: Int }"],
    ),
    Rule(
        "a key of an interface is one of each implementation", "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } »type A implements I { id: ID! }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "who resolves an interface knows its implementations", "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         '»interface I @key(fields: "id") { id: ID! } type B implements I @key(fields: "id") { id: ID! }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'interface I @key(fields: "id") { id: ID! } type A implements I @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "an interface object has its interface elsewhere", "INTERFACE_OBJECT_USAGE_ERROR",
        ['type Query { i: I } »type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "an interface object stands beside no implementation", "INTERFACE_OBJECT_USAGE_ERROR",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         '»type I @interfaceObject @key(fields: "id") { id: ID! x: Int } type A @key(fields: "id") { id: ID! y: Int }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "what is visible has a visible type", "REFERENCED_INACCESSIBLE",
        ["type Query { q: Int t: T } type T @inaccessible { a: Int }"],
        ["type Query { q: Int t: T @inaccessible } type T @inaccessible { a: Int }"],
    ),
    Rule(
        "a visible type has a visible part", "ONLY_INACCESSIBLE_CHILDREN",
        ["type Query { q: Int t: T } type T { a: Int @inaccessible }"],
        ["type Query { q: Int t: T } type T { a: Int @inaccessible b: Int }"],
    ),
    Rule(
        "the query root is visible", "QUERY_ROOT_TYPE_INACCESSIBLE",
        ["type Query @inaccessible { q: Int }"], ["type Query { q: Int x: Int @inaccessible }"],
    ),
    Rule(
        "a required argument is visible", "REQUIRED_INACCESSIBLE",
        ["type Query { q(a: Int! @inaccessible): Int }"], ["type Query { q(a: Int @inaccessible): Int }"],
    ),
    Rule(
        "a visible interface's field is visible on its implementations", "IMPLEMENTED_BY_INACCESSIBLE",
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int @inaccessible b: Int }"],
        ["type Query { i: I } interface I { a: Int @inaccessible c: Int } "
         "type A implements I { a: Int @inaccessible c: Int }"],
    ),
    Rule(
        "a field asks for no less than what it requires", "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        [T.replace("id: ID!", 'id: ID! w: Int @policy(policies: [["x"]])'),
         'type T @key(fields: "id") { id: ID! w: Int @external »x: Int @requires(fields: "w") }'],
        [T.replace("id: ID!", 'id: ID! w: Int @policy(policies: [["x"]])'),
         'type T @key(fields: "id") { id: ID! w: Int @external '
         'x: Int @requires(fields: "w") @policy(policies: [["x", "y"]]) }'],
    ),
    Rule(
        "access is asked for on objects", "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        ["type Query { i: I } interface I { »a: Int @authenticated } type A implements I { a: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int @authenticated }"],
    ),
    Rule(
        "a version of Federation is one that is known", "UNKNOWN_FEDERATION_LINK_VERSION",
        ['extend schema @link(url: "https://specs.apollo.dev/federation/v9.0") type Query { q: Int }'],
        ['extend schema @link(url: "https://specs.apollo.dev/federation/v2.0") type Query { q: Int }'],
    ),
    Rule(
        "what is exported is linked", "DIRECTIVE_COMPOSITION_ERROR",
        ['extend schema @composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }'],
        ['extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '@link(url: "https://example.org/mine/v1.0", import: ["@mine"]) @composeDirective(name: "@mine") '
         "directive @mine on OBJECT type Query @mine { q: Int }"],
    ),
    Rule(
        "what is extended is defined", "EXTENSION_WITH_NO_BASE",
        [f"{FEDERATION_1}type Query {{ t: T }} »extend type T {{ a: Int }}"],
        [f"{FEDERATION_1}type Query {{ t: T }} type T {{ a: Int }}"],
    ),
    Rule(
        "every field can be had wherever it can be asked for", "SATISFIABILITY_ERROR",
        ["type Query { t: T } type T @shareable { a: Int }", "type Query { u: T } type T { a: Int @shareable b: Int }"],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type Query { u: T } type T @key(fields: "id") { id: ID! b: Int }'],
    ),
    Rule(
        "a key that does not resolve is no way in", "SATISFIABILITY_ERROR",
        [T, 'type T @key(fields: "id", resolvable: false) { id: ID! b: Int }'],
        [T, 'type T @key(fields: "id") { id: ID! b: Int }'],
    ),
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.code}: {rule.name}" for rule in RULES])
def test_a_rule_is_kept(rule: Rule) -> None:
    assert [str(error) for error in composed(*rule.good).errors] == []


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.code}: {rule.name}" for rule in RULES])
def test_a_rule_is_broken_and_its_place_is_told(rule: Rule) -> None:
    result = composed(*rule.bad)
    assert result.supergraph is None
    found = [error for error in result.errors if error.code == rule.code]
    assert found, [str(error) for error in result.errors]
    places = {place for error in found for place in error.locations}
    assert set(marked(*rule.bad)) <= places, places


def test_a_witness_is_a_query_that_can_not_be_answered() -> None:
    (error,) = composed(*next(r.bad for r in RULES if r.code == "SATISFIABILITY_ERROR")).errors
    assert "query { t { b } }" in error.message


def test_all_errors_of_a_stage_are_told_together() -> None:
    found = codes(
        'type Query { t: T u: U } type T @key(fields: "no") { id: ID! } type U { x: Int @requires(fields: "no") }'
    )
    assert found >= {"KEY_INVALID_FIELDS", "REQUIRES_INVALID_FIELDS"}


def test_an_error_prints_its_code_and_its_places() -> None:
    (error,) = composed("type Query { a: }").errors
    assert str(error).startswith("INVALID_GRAPHQL: [a] ")
    assert "(a:1:" in str(error)


def test_an_optional_argument_that_is_not_everywhere_is_a_hint_and_left_out() -> None:
    sdls = ("type Query { t(a: Int, b: Int): Int @shareable }", "type Query { t(b: Int): Int @shareable }")
    assert "t(b: Int): Int" in supergraph(*sdls)
    assert [(h.code, h.coordinate) for h in composed(*sdls).hints] == [
        ("INCONSISTENT_ARGUMENT_PRESENCE", "Query.t(a:)")
    ]


def test_an_unknown_source_of_an_override_is_a_hint() -> None:
    result = composed('type Query { t: Int @override(from: "gone") }')
    assert result.errors == ()
    assert [hint.code for hint in result.hints] == ["FROM_SUBGRAPH_DOES_NOT_EXIST"]
