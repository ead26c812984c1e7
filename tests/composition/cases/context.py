"""`@context` and `@fromContext`."""

from __future__ import annotations

from tests.composition.composed import Rule, link

BEGUN = link("2.8", "@key", "@context", "@fromContext", "@shareable")
RULES = [
    Rule(
        "a context's name is letters and digits", "CONTEXT_NAME_INVALID",
        [BEGUN
         + 'type Query { q: T } »type T @context(name: "a_b") { a: Int }'],
        [BEGUN
         + 'type Query { q: T } type T @context(name: "ab") { a: Int }'],
    ),
    Rule(
        "a context is set somewhere above", "CONTEXT_NOT_SET",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(»u: Int @fromContext(field: "$other { unit }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int }'],
    ),
    Rule(
        "what comes from a context has no default", "CONTEXT_NOT_SET",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(»u: Int = 1 @fromContext(field: "$user { unit }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(n: Int = 1, u: Int @fromContext(field: "$user { unit }")): Int }'],
    ),
    Rule(
        "a selection names its context", "NO_CONTEXT_IN_SELECTION",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(»u: Int @fromContext(field: "{ unit }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int }'],
    ),
    Rule(
        "a selection is of a field that is there", "CONTEXT_INVALID_SELECTION",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(»u: Int @fromContext(field: "$user { no }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int }'],
    ),
    Rule(
        "of one field", "CONTEXT_INVALID_SELECTION",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int b: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(»u: Int @fromContext(field: "$user { unit b }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int b: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { b }")): Int }'],
    ),
    Rule(
        "and of the argument's type", "CONTEXT_INVALID_SELECTION",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(»u: String @fromContext(field: "$user { unit }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int }'],
    ),
    Rule(
        "whose field has a context can be entered", "CONTEXT_NO_RESOLVABLE_KEY",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart  { id: ID! sum(»u: Int @fromContext(field: "$user { unit }")): Int }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int }'],
    ),
    Rule(
        "who knows no context can do without", "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int @shareable }',
         BEGUN
         + 'type Cart @key(fields: "id") { id: ID! sum(»u: Int!): Int @shareable }'],
        [BEGUN
         + "type Query { u: User } "
         'type User @key(fields: "id") @context(name: "user") { id: ID! unit: Int cart: Cart } '
         'type Cart @key(fields: "id") { id: ID! sum(u: Int @fromContext(field: "$user { unit }")): Int @shareable }',
         BEGUN
         + 'type Cart @key(fields: "id") { id: ID! sum(u: Int): Int @shareable }'],
    ),
]  # fmt: skip
