"""What `@key`, `@requires` and `@provides` name."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
    Rule(
        "a key names fields of its type", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "no") { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "a key parses", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "id {") { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "{ id }") { id: ID! }'],
    ),
    Rule(
        "a key names something", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "") { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "a key of blanks names nothing either", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: " ") { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "a leaf has no fields", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "id { x }") { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "a key ends in leaves", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "o") { o: O } type O { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "o { id }") { o: O } type O { id: ID! }'],
    ),
    Rule(
        "a key is text", "KEY_INVALID_FIELDS_TYPE",
        ['type Query { t: T } »type T @key(fields: ["id"]) { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "a key has no arguments", "KEY_FIELDS_HAS_ARGS",
        ['type Query { t: T } »type T @key(fields: "f(x: 1)") { f(x: Int): ID! }'],
        ['type Query { t: T } type T @key(fields: "f") { f: ID! }'],
    ),
    Rule(
        "a key has no unions", "KEY_FIELDS_SELECT_INVALID_TYPE",
        ['type Query { t: T } »type T @key(fields: "u { ... on A { x } }") { u: U } union U = A '
         "type A { x: Int }"],
        ['type Query { t: T } type T @key(fields: "u { x }") { u: A } type A { x: Int }'],
    ),
    Rule(
        "what is required and what is provided may have interfaces", "KEY_FIELDS_SELECT_INVALID_TYPE",
        ['type Query { t: T } »type T @key(fields: "i { x }") { i: I } interface I { x: Int } '
         "type A implements I { x: Int }"],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! i: I } interface I { x: Int } '
         "type A implements I @shareable { x: Int }",
         'type Query { a: T @provides(fields: "i { x }") } type T @key(fields: "id") '
         '{ id: ID! i: I @external r: Int @requires(fields: "i { x }") } interface I { x: Int } '
         "type A implements I @shareable { x: Int }"],
    ),
    Rule(
        "a key has no directives", "KEY_DIRECTIVE_IN_FIELDS_ARG",
        ['directive @d on FIELD type Query { t: T } »type T @key(fields: "id @d") { id: ID! }'],
        ['directive @d on FIELD type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "one that is not there is told first", "KEY_INVALID_FIELDS",
        ['type Query { t: T } »type T @key(fields: "id @d") { id: ID! }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "what a field has is told beside its directive", "KEY_FIELDS_HAS_ARGS",
        ['directive @d on FIELD type Query { t: T } »type T @key(fields: "f @d") { f(x: Int): ID! }'],
        ['directive @d on FIELD type Query { t: T } type T @key(fields: "f") { f: ID! }'],
        frozenset({"KEY_DIRECTIVE_IN_FIELDS_ARG"}),
    ),
    Rule(
        "a requirement names fields of its type", "REQUIRES_INVALID_FIELDS",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id") { id: ID! »x: Int @requires(fields: "no") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "a requirement names something", "REQUIRES_INVALID_FIELDS",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id") { id: ID! »x: Int @requires(fields: " ") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "{ x }") }'],
    ),
    Rule(
        "a requirement ends in leaves", "REQUIRES_INVALID_FIELDS",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! o: O } type O { a: Int }',
         'type T @key(fields: "id") { id: ID! o: O @external »y: Int @requires(fields: "o") } '
         "type O { a: Int @external }"],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! o: O } type O { a: Int }',
         'type T @key(fields: "id") { id: ID! o: O @external y: Int @requires(fields: "o { a }") } '
         "type O { a: Int @external }"],
        frozenset({"EXTERNAL_UNUSED"}),
    ),
    Rule(
        "a requirement is text", "REQUIRES_INVALID_FIELDS_TYPE",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! }',
         'type T @key(fields: "id") { id: ID! »x: Int @requires(fields: 1) }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "a requirement has no directives; it may have arguments", "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
        ['directive @d on FIELD type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         "directive @d on FIELD "
         'type T @key(fields: "id") { id: ID! x: Int @external »y: Int @requires(fields: "x @d") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int }',
         'type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x(n: 1)") }'],
    ),
    Rule(
        "a provision names fields of its value", "PROVIDES_INVALID_FIELDS",
        ['type Query { »t: T @provides(fields: "no") } type T @key(fields: "id") { id: ID! }'],
        ['type Query { t: T @provides(fields: "{ x }") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a provision names something", "PROVIDES_INVALID_FIELDS",
        ['type Query { »t: T @provides(fields: "") } type T @key(fields: "id") { id: ID! }'],
        ['type Query { t: T @provides(fields: "x") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a provision is text", "PROVIDES_INVALID_FIELDS_TYPE",
        ['type Query { »t: T @provides(fields: ["id"]) } type T @key(fields: "id") { id: ID! }'],
        ['type Query { t: T @provides(fields: "x") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a provision has no arguments", "PROVIDES_FIELDS_HAS_ARGS",
        ['type Query { »t: T @provides(fields: "x(n: 1)") } '
         'type T @key(fields: "id") { id: ID! x(n: Int): Int @external }',
         'type T @key(fields: "id") { id: ID! x(n: Int): Int }'],
        ['type Query { t: T @provides(fields: "x") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a provision has no directives", "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
        ['directive @d on FIELD type Query { »t: T @provides(fields: "x @d") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'directive @d on FIELD type T @key(fields: "id") { id: ID! x: Int }'],
        ['type Query { t: T @provides(fields: "x") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a provision is of an object", "PROVIDES_ON_NON_OBJECT_FIELD",
        ['type Query { »t: Int @provides(fields: "x") }'],
        ["type Query { q: Int }"],
    ),
]  # fmt: skip
