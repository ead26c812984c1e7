"""Access directives."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
    Rule(
        "access is asked for on objects", "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        ["type Query { i: I } interface I { »a: Int @authenticated } type A implements I { a: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I { a: Int @authenticated }"],
    ),
    Rule(
        "nor on a whole interface", "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        ["type Query { i: I } »interface I @authenticated { a: Int } type A implements I { a: Int }"],
        ["type Query { i: I } interface I { a: Int } type A implements I @authenticated { a: Int }"],
    ),
    Rule(
        "a field asks for no less than what it requires", "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @policy(policies: [["x"]]) }',
         'type T @key(fields: "id") { id: ID! x: Int @external »y: Int @requires(fields: "x") }'],
        ['type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @policy(policies: [["x"]]) }',
         'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") '
         '@policy(policies: [["x", "y"]]) }'],
    ),
]  # fmt: skip
