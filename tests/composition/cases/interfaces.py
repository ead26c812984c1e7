"""Interfaces, their keys, and interface objects."""

from __future__ import annotations

from tests.composition.composed import Rule, link

RULES = [
    Rule(
        "no interface's field is shared", "INVALID_SHAREABLE_USAGE",
        ["type Query { i: I } interface I { »a: Int @shareable } type A implements I { a: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int @shareable }"],
    ),
    Rule(
        "interfaces have keys since v2.3", "KEY_UNSUPPORTED_ON_INTERFACE",
        [link("2.2", "@key")
         + 'type Query { i: I } »interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }'],
        [link("2.3", "@key")
         + 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "no interface's field requires", "REQUIRES_UNSUPPORTED_ON_INTERFACE",
        ['type Query { i: I } interface I { a: Int »b: Int @requires(fields: "a") } '
         "type A implements I { a: Int b: Int }"],
        ["type Query { i: I } interface I { a: Int b: Int } type A implements I { a: Int b: Int }"],
        frozenset({"REQUIRES_FIELDS_MISSING_EXTERNAL"}),
    ),
    Rule(
        "no interface's field provides", "PROVIDES_UNSUPPORTED_ON_INTERFACE",
        ['type Query { i: I } interface I { »t: T @provides(fields: "x") } type A implements I { t: T } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
        ['type Query { i: I } interface I { t: T } type A implements I { t: T @provides(fields: "x") } '
         'type T @key(fields: "id") { id: ID! x: Int @external }',
         'type T @key(fields: "id") { id: ID! x: Int }'],
    ),
    Rule(
        "a key of an interface is one of each implementation", "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } »type A implements I { id: ID! }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }'],
    ),
    Rule(
        "who resolves an interface knows its implementations", "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        ['type Query { i: I } »interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         '»interface I @key(fields: "id") { id: ID! } type B implements I @key(fields: "id") { id: ID! }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'interface I @key(fields: "id", resolvable: false) { id: ID! } '
         'type A implements I @key(fields: "id", resolvable: false) { id: ID! }'],
    ),
    Rule(
        "an interface object has a key", "INTERFACE_OBJECT_USAGE_ERROR",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         "»type I @interfaceObject { id: ID! x: Int }"],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'],
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
         '»type I @interfaceObject @key(fields: "id") { id: ID! x: Int } '
         'type A @key(fields: "id") { id: ID! y: Int }'],
        ['type Query { i: I } interface I @key(fields: "id") { id: ID! } '
         'type A implements I @key(fields: "id") { id: ID! }',
         'type I @interfaceObject @key(fields: "id") { id: ID! x: Int } '
         'type B @key(fields: "id") { id: ID! y: Int }'],
    ),
    Rule(
        "an implementation has its interface's fields", "INTERFACE_FIELD_NO_IMPLEM",
        ["type Query { i: I } interface I { a: Int } »type A implements I { a: Int }", "interface I { b: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int }", "interface I { a: Int }"],
    ),
]  # fmt: skip
