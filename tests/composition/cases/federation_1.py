"""Federation 1 subgraphs, which say less and mean more."""

from __future__ import annotations

from tests.composition.composed import FEDERATION_1, Rule

RULES = [
    Rule(
        "what is extended is defined", "EXTENSION_WITH_NO_BASE",
        [FEDERATION_1 + "type Query { t: T } »extend type T { a: Int }"],
        [FEDERATION_1 + "type Query { t: T } type T { a: Int }"],
    ),
    Rule(
        "what is defined and extended in one SDL shares all that it defines", "INVALID_FIELD_SHARING",
        [FEDERATION_1 + "type Query { t: T } type T { a: Int b: Int }",
         FEDERATION_1 + "type Query { u: T } type T { a: Int } extend type T { »b: Int }"],
        [FEDERATION_1 + "type Query { q: Int } type T { a: Int }",
         FEDERATION_1 + "type Query { u: T } type T { a: Int } extend type T { b: Int }"],
    ),
    Rule(
        "a key that is external is somewhere else; an extension's is its own", "EXTERNAL_MISSING_ON_BASE",
        [FEDERATION_1 + 'type Query { t: T } type T @key(fields: "id") { »id: ID @external x: Int }'],
        [FEDERATION_1 + 'type Query { t: T } extend type T @key(fields: "id") { id: ID @external x: Int }',
         FEDERATION_1 + 'type T @key(fields: "id") { id: ID }'],
    ),
    Rule(
        "what is external on an interface says nothing", "INVALID_GRAPHQL",
        [FEDERATION_1 + "type Query { i: I } interface I { »a: Int @external } »type A implements I { b: Int }"],
        [FEDERATION_1 + "type Query { i: I } interface I { a: Int @external } type A implements I { a: Int }"],
    ),
    Rule(
        "nor does a requirement of what is there", "REQUIRES_INVALID_FIELDS",
        [FEDERATION_1 + 'type Query { t: T } type T { x: Int »y: Int @requires(fields: "z") }'],
        [FEDERATION_1 + 'type Query { t: T } type T { x: Int y: Int @requires(fields: "x") }'],
    ),
    Rule(
        "what serves entities need not be defined", "INVALID_GRAPHQL",
        [FEDERATION_1 + "type Query { q: Int _service: »Service }"],
        [FEDERATION_1 + "type Query { q: Int _service: _Service _entities: _Entity }"],
    ),
    Rule(
        "an interface's key says nothing", "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        ['type Query { i: I } interface I @key(fields: "id") { id: ID } »type A implements I { id: ID }'],
        [FEDERATION_1
         + 'type Query { i: I } interface I @key(fields: "id") { id: ID } type A implements I { id: ID }'],
    ),
    Rule(
        "a query that is external is still one: it is not NO_QUERIES", "EXTENSION_WITH_NO_BASE",
        [FEDERATION_1 + "type Query { t: T @external } »type T @extends { a: Int }"],
        [FEDERATION_1 + "type Query { t: T @external u: Int } type T { a: Int }"],
    ),
]  # fmt: skip
