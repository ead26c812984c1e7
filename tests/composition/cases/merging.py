"""Elements of several subgraphs become one."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
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
        "an argument has one default, or none", "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        ["type Query { t(»a: Int = 1): Int @shareable }", "type Query { t(»a: Int = 2): Int @shareable }"],
        ["type Query { t(a: Int = 1): Int @shareable }", "type Query { t(a: Int): Int @shareable }"],
    ),
    Rule(
        "null is a default", "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        ["type Query { t(»a: Int = 1): Int @shareable }", "type Query { t(»a: Int = null): Int @shareable }"],
        ["type Query { t(a: Int = null): Int @shareable }", "type Query { t(a: Int): Int @shareable }"],
    ),
    Rule(
        "a required argument is everywhere", "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        ["type Query { t(»a: Int!): Int @shareable }", "type Query { t: Int @shareable }"],
        ["type Query { t(a: Int! = 1): Int @shareable }", "type Query { t: Int @shareable }"],
    ),
    Rule(
        "which is told of a field whose types do not fit too", "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        ["type Query { t(»a: Int!): Int @shareable }", "type Query { t: String @shareable }"],
        ["type Query { t(a: Int): Int @shareable }", "type Query { t: Int @shareable }"],
        frozenset({"FIELD_TYPE_MISMATCH"}),
    ),
    Rule(
        "an input field's types fit", "FIELD_TYPE_MISMATCH",
        ["type Query { t(i: I): Int } input I { »a: Int }", "input I { »a: String }"],
        ["type Query { t(i: I): Int } input I { a: Int }", "input I { a: Int! }"],
    ),
    Rule(
        "an input field has one default, or none", "INPUT_FIELD_DEFAULT_MISMATCH",
        ["type Query { t(i: I): Int } input I { »a: Int = 1 }", "input I { »a: Int = 2 }"],
        ["type Query { t(i: I): Int } input I { a: Int = 1 }", "input I { a: Int }"],
    ),
    Rule(
        "which is told of one whose types do not fit too", "INPUT_FIELD_DEFAULT_MISMATCH",
        ["type Query { t(i: I): Int } input I { »a: Int = 1 }", 'input I { »a: String = "1" }'],
        ["type Query { t(i: I): Int } input I { a: Int = 1 }", "input I { a: Int = 1 }"],
        frozenset({"FIELD_TYPE_MISMATCH"}),
    ),
    Rule(
        "a required input field is everywhere", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        ["type Query { t(i: I): Int } input I { »a: Int! b: Int }", "input I { b: Int }"],
        ["type Query { t(i: I): Int } input I { a: Int b: Int }", "input I { b: Int }"],
    ),
    Rule(
        "an input keeps a field", "EMPTY_MERGED_INPUT_TYPE",
        ["type Query { t(i: I): Int } »input I { a: Int }", "»input I { b: Int }"],
        ["type Query { t(i: I): Int } input I { a: Int }", "input I { a: Int b: Int }"],
    ),
    Rule(
        "an enum of both ways is the same everywhere", "ENUM_VALUE_MISMATCH",
        ["type Query { t(e: E): E } enum E { A »B }", "enum E { A }"],
        ["type Query { t(e: E): E } enum E { A B @inaccessible }", "enum E { A }"],
    ),
    Rule(
        "an enum of input keeps a value", "EMPTY_MERGED_ENUM_TYPE",
        ["type Query { t(e: E): Int } »enum E { A }", "»enum E { B }"],
        ["type Query { t(e: E): Int } enum E { A C }", "enum E { B C }"],
    ),
    Rule(
        "two subgraphs resolve a field only where both share it", "INVALID_FIELD_SHARING",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @shareable }',
         'type T @key(fields: "id") { id: ID! »x: Int }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @shareable }',
         'type T @key(fields: "id") { id: ID! x: Int @shareable }'],
    ),
    Rule(
        "fields inside keys are shared", "INVALID_FIELD_SHARING",
        ["type Query { t: O } type O { »id: ID! }", "type Query { u: O } type O { »id: ID! }"],
        ['type Query { t: T } type T @key(fields: "o { id }") { o: O } type O { id: ID! }',
         'type T @key(fields: "o { id }") { o: O x: Int } type O { id: ID! }'],
    ),
    Rule(
        "subscriptions are not shared at all", "INVALID_FIELD_SHARING",
        ["type Query { q: Int } type Subscription { »s: Int @shareable }", "type Subscription { »s: Int @shareable }"],
        ["type Query { q: Int } type Subscription { s: Int }", "type Subscription { t: Int }"],
    ),
]  # fmt: skip
