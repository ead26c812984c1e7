"""Root types, and types that are only extended."""

from __future__ import annotations

from tests.composition.composed import Rule, roots

RULES = [
    Rule(
        "what is called as the query root is it", "ROOT_QUERY_USED",
        [roots("query: Mine") + "»type Mine { q: Int } type Query { a: Int }"],
        [roots("query: Mine") + "type Mine { q: Int }"],
    ),
    Rule(
        "what is called as the mutation root is it", "ROOT_MUTATION_USED",
        [roots("query: Query mutation: Mine")
         + "type Query { q: Int } »type Mine { q: Int } type Mutation { a: Int }"],
        [roots("query: Query mutation: Mine") + "type Query { q: Int } type Mine { q: Int }"],
    ),
    Rule(
        "what is called as the subscription root is it", "ROOT_SUBSCRIPTION_USED",
        [roots("query: Query subscription: Mine")
         + "type Query { q: Int } »type Mine { q: Int } type Subscription { a: Int }"],
        [roots("query: Query subscription: Mine") + "type Query { q: Int } type Mine { q: Int }"],
    ),
    Rule(
        "there is a query", "NO_QUERIES",
        ["type T { a: Int }"],
        ["type Query { q: Int }"],
    ),
    Rule(
        "what is extended is defined", "EXTENSION_WITH_NO_BASE",
        ["type Query { t: T } »extend type T { a: Int }"],
        ["type Query { t: T } extend type T { a: Int @shareable }", "type T { a: Int @shareable }"],
    ),
    Rule(
        "also what two extend", "EXTENSION_WITH_NO_BASE",
        ['type Query { t: T } »extend type T @key(fields: "id") { id: ID! }',
         '»extend type T @key(fields: "id") { id: ID! a: Int }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'extend type T @key(fields: "id") { id: ID! a: Int }'],
    ),
    Rule(
        "the roots need no base, nor does an interface object", "EXTENSION_WITH_NO_BASE",
        ["extend type Query { t: T } »extend type T { id: ID! }"],
        ['extend type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         "extend type Mutation { m: Int } extend "
         'type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'],
    ),
]  # fmt: skip
