"""`@override`."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
    Rule(
        "no field is overridden from where it is", "OVERRIDE_FROM_SELF_ERROR",
        ['type Query { »t: Int @override(from: "a") }'],
        ['type Query { t: Int @override(from: "b") }', "type Query { t: Int }"],
    ),
    Rule(
        "overrides are no chain", "OVERRIDE_SOURCE_HAS_OVERRIDE",
        ['type Query { »t: Int @override(from: "b") }',
         'type Query { t: Int @override(from: "c") }',
         "type Query { t: Int }"],
        ['type Query { t: Int @override(from: "b") }', "type Query { t: Int }"],
    ),
    Rule(
        "what overrides is not external", "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! »x: Int @external @override(from: "a") y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @override(from: "a") }'],
    ),
    Rule(
        "what is overridden under a label requires nothing", "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
         'type T @key(fields: "id") { id: ID! »y: Int @override(from: "b", label: "l") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
         'type T @key(fields: "id") { id: ID! y: Int @override(from: "b") }'],
    ),
    Rule(
        "no interface's field is overridden", "OVERRIDE_ON_INTERFACE",
        ['type Query { i: I } interface I { »a: Int @override(from: "b") } type A implements I { a: Int }',
         "type Query { q: Int }"],
        ['type Query { i: I } interface I { a: Int } type A implements I { a: Int @override(from: "b") }',
         "type Query { q: Int }"],
    ),
    Rule(
        "a label is a word", "OVERRIDE_LABEL_INVALID",
        ['type Query { »t: Int @override(from: "b", label: "1 of 2") }', "type Query { t: Int }"],
        ['type Query { t: Int @override(from: "b", label: "one/2") }', "type Query { t: Int }"],
    ),
    Rule(
        "or a part of a hundred", "OVERRIDE_LABEL_INVALID",
        ['type Query { »t: Int @override(from: "b", label: "percent(101)") }', "type Query { t: Int }"],
        ['type Query { t: Int @override(from: "b", label: "percent(12.5)") }', "type Query { t: Int }"],
    ),
    Rule(
        "of no subgraph one may override, even under a label", "OVERRIDE_FROM_SELF_ERROR",
        ['type Query { »t: Int @override(from: "a", label: "l") }'],
        ['type Query { t: Int @override(from: "gone", label: "l") }'],
    ),
]  # fmt: skip
