"""Every field can be had wherever it can be asked for."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
    Rule(
        "what is not in one subgraph is reached by a key", "SATISFIABILITY_ERROR",
        ["type Query { t: T } type T @shareable { a: Int }",
         "type Query { u: T } type T { a: Int @shareable »b: Int }"],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type Query { u: T } type T @key(fields: "id") { id: ID! b: Int }'],
    ),
    Rule(
        "a key that does not resolve is no way in", "SATISFIABILITY_ERROR",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id", resolvable: false) { id: ID! »b: Int }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }', 'type T @key(fields: "id") { id: ID! b: Int }'],
    ),
    Rule(
        "who requires a field can go for it himself", "SATISFIABILITY_ERROR",
        ["type Query { t: T } type T { id: ID @shareable x: Int }",
         'type T @key(fields: "id") { id: ID @shareable x: Int @external »y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID x: Int }',
         'type T @key(fields: "id") { id: ID x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "a label may be in force or not", "SATISFIABILITY_ERROR",
        ['type T @key(fields: "id", resolvable: false) { id: ID »x: Int @override(from: "b", label: "l") }',
         'type Query { t: T } type T @key(fields: "id") { id: ID »x: Int }'],
        ['type T @key(fields: "id") { id: ID x: Int @override(from: "b", label: "l") }',
         'type Query { t: T } type T @key(fields: "id") { id: ID x: Int }'],
    ),
    Rule(
        "an interface object is reached by its keys", "SATISFIABILITY_ERROR",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'type I @interfaceObject @key(fields: "id", resolvable: false) { id: ID! x: Int }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'],
    ),
]  # fmt: skip
