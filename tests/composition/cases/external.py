"""What is external: used here, resolved there, and declared as it is there."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
    Rule(
        "what is required is external", "REQUIRES_FIELDS_MISSING_EXTERNAL",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id") { id: ID! x: Int »y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what is provided is external", "PROVIDES_FIELDS_MISSING_EXTERNAL",
        ['type Query { »t: T @provides(fields: "x") } type T @key(fields: "id") { id: ID! x: Int }'],
        ['type Query { t: T @provides(fields: "x") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "so is what is provided beside a fragment", "PROVIDES_FIELDS_MISSING_EXTERNAL",
        ['type Query { »i: I @provides(fields: "... on T { x } y") } interface I { y: Int } '
         'type T implements I @key(fields: "id") { id: ID! x: Int @external y: Int }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
        ['type Query { i: I @provides(fields: "... on T { x } y") } interface I { y: Int } '
         'type T implements I @key(fields: "id") { id: ID! x: Int @external y: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int y: Int }'],
    ),
    Rule(
        "what is external is used", "EXTERNAL_UNUSED",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! »x: Int @external }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what is external is somewhere else", "EXTERNAL_MISSING_ON_BASE",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id") { id: ID! »x: Int @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "so is what stands beside what an interface object gives", "EXTERNAL_MISSING_ON_BASE",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type T implements I @key(fields: "id") { id: ID! }',
         'type I @key(fields: "id") @interfaceObject { id: ID! a: Int }',
         'type T @key(fields: "id") { id: ID! a: Int @external »x: Int @external y: Int @requires(fields: "a x") }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type T implements I @key(fields: "id") { id: ID! x: Int }',
         'type I @key(fields: "id") @interfaceObject { id: ID! a: Int }',
         'type T @key(fields: "id") { id: ID! a: Int @external x: Int @external y: Int @requires(fields: "a x") }'],
    ),
    Rule(
        "what is external has the type that it has", "EXTERNAL_TYPE_MISMATCH",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! »x: String @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "to the nullability", "EXTERNAL_TYPE_MISMATCH",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! »x: Int! @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int! }',
         'type T @key(fields: "id") { id: ID! x: Int! @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "which may be that of any that resolve it", "EXTERNAL_TYPE_MISMATCH",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: [Int] @shareable }',
         'type T @key(fields: "id") { id: ID! x: [Int]! @shareable }',
         'type T @key(fields: "id") { id: ID! »x: [Int!]! @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: [Int] @shareable }',
         'type T @key(fields: "id") { id: ID! x: [Int]! @shareable }',
         'type T @key(fields: "id") { id: ID! x: [Int]! @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what is external has the arguments that it has", "EXTERNAL_ARGUMENT_MISSING",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int }',
         'type T @key(fields: "id") { id: ID! »x: Int @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int }',
         'type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "of types that fit", "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int }',
         'type T @key(fields: "id") { id: ID! »x(n: String): Int @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int!): Int }',
         'type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x") }'],
        frozenset({"FIELD_ARGUMENT_TYPE_MISMATCH"}),
    ),
    Rule(
        "and of the same defaults, if of any", "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int = 1): Int }',
         'type T @key(fields: "id") { id: ID! »x(n: Int = 2): Int @external y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int = 1): Int }',
         'type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what is external is tagged where it is resolved", "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! »x: Int @external @tag(name: "t") y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @tag(name: "t") }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "and hidden there, keys too", "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id") { »id: ID! @external @inaccessible y: Int }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! @inaccessible y: Int @shareable }',
         'type T @key(fields: "id") { id: ID! @external y: Int @shareable }'],
    ),
]  # fmt: skip
