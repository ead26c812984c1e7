"""A subgraph is a schema by itself: INVALID_GRAPHQL, DIRECTIVE_DEFINITION_INVALID."""

from __future__ import annotations

from tests.composition.composed import Rule, link

RULES = [
    Rule(
        "an SDL parses", "INVALID_GRAPHQL",
        ["type Query { a: »}"],
        ["type Query { a: Int }"],
    ),
    Rule(
        "a directive of Federation's that an SDL defines itself has the arguments that it must have",
        "DIRECTIVE_DEFINITION_INVALID",
        ["»directive @key(resolvable: Boolean) repeatable on OBJECT type Query { q: Int }"],
        ["directive @key(fields: String!) repeatable on OBJECT type Query { q: Int }"],
    ),
    Rule(
        "and stands where it may", "DIRECTIVE_DEFINITION_INVALID",
        ["»directive @key(fields: String!) repeatable on FIELD_DEFINITION type Query { q: Int }"],
        ["directive @key(fields: String!) repeatable on INTERFACE type Query { q: Int }"],
    ),
    Rule(
        "every type is there", "INVALID_GRAPHQL",
        ["type Query { a: »Missing }"],
        ["type Query { a: Here } type Here { b: Int }"],
    ),
    Rule(
        "every directive is there", "INVALID_GRAPHQL",
        ["type Query { q: Int »@mine }"],
        ["directive @mine on FIELD_DEFINITION type Query { q: Int @mine }"],
    ),
    Rule(
        "a directive stands where it may", "INVALID_GRAPHQL",
        ['type Query »@override(from: "b") { q: Int }'],
        ['type Query { q: Int @override(from: "b") }'],
    ),
    Rule(
        "a directive's arguments are of their types", "INVALID_GRAPHQL",
        ["type Query { q: Int @tag(»name: 1) }"],
        ['type Query { q: Int @tag(name: "1") }'],
    ),
    Rule(
        "an argument came with its version: labels in v2.7", "INVALID_GRAPHQL",
        [link("2.6", "@override") + 'type Query { q: Int @override(from: "b", »label: "l") }'],
        [link("2.7", "@override") + 'type Query { q: Int @override(from: "b", label: "l") }'],
    ),
    Rule(
        "a name is defined once", "INVALID_GRAPHQL",
        ["type Query { q: Int } scalar »S scalar »S"],
        ["type Query { q: Int } scalar S"],
    ),
    Rule(
        "a type has fields", "INVALID_GRAPHQL",
        ["type Query { t: T } »type T"],
        ["type Query { t: T } type T { a: Int }"],
    ),
    Rule(
        "so has one that is called as a scalar that is built in", "INVALID_GRAPHQL",
        ["type Query { q: Int } »type ID"],
        ["type Query { q: Int } scalar ID"],
    ),
    Rule(
        "an argument's type is one of input", "INVALID_GRAPHQL",
        ["type Query { t(x: »T): T } type T { a: Int }"],
        ["type Query { t(x: I): T } type T { a: Int } input I { a: Int }"],
    ),
    Rule(
        "also where it has a default", "INVALID_GRAPHQL",
        ["type Query { t(x: T = 1): T } type T { a: Int }"],
        ["type Query { t(x: I = {a: 1}): T } type T { a: Int } input I { a: Int }"],
    ),
    Rule(
        "an implementation has the fields of its interface; that they are deprecated is all the same",
        "INVALID_GRAPHQL",
        ["type Query { i: I } interface I { »a: Int } »type A implements I { b: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int @deprecated b: Int }"],
    ),
    Rule(
        "a type that is called as a root, and is none, is a type like any", "INVALID_GRAPHQL",
        ["type Query { m: Mutation } interface Mutation { »a: Int } »type A implements Mutation { b: Int }"],
        ["type Query { m: Mutation } interface Mutation { a: Int } type A implements Mutation { a: Int }"],
    ),
    Rule(
        "what is merged is a schema too", "INVALID_GRAPHQL",
        ["type Query { i: I } interface I { a: Int! } type A implements I { a: Int! @shareable }",
         "type A { a: Int @shareable }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int! @shareable }",
         "type A { a: Int @shareable }"],
    ),
]  # fmt: skip
