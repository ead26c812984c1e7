"""`@cost` and `@listSize`."""

from __future__ import annotations

from tests.composition.composed import Rule, link

BEGUN = link("2.9", "@cost", "@listSize")
DIRECTLY = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3") '
    '@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) '
)
RULES = [
    Rule(
        "the specification of costs can be linked by itself", "LIST_SIZE_APPLIED_TO_NON_LIST",
        [DIRECTLY + "type Query { »q: Int @listSize(assumedSize: 3) }"],
        [DIRECTLY + "type Query { q: [Int] @listSize(assumedSize: 3) @cost(weight: 2) }"],
    ),
    Rule(
        "no interface's field costs", "COST_APPLIED_TO_INTERFACE_FIELD",
        [BEGUN
         + "type Query { i: I } interface I { »a: Int @cost(weight: 2) } type A implements I { a: Int }"],
        [BEGUN
         + "type Query { i: I } interface I { a: Int } type A implements I { a: Int @cost(weight: 2) }"],
    ),
    Rule(
        "a list has a size", "LIST_SIZE_APPLIED_TO_NON_LIST",
        [BEGUN + "type Query { »q: Int @listSize(assumedSize: 3) }"],
        [BEGUN + "type Query { q: [Int] @listSize(assumedSize: 3) }"],
    ),
    Rule(
        "a size is no less than nothing", "LIST_SIZE_INVALID_ASSUMED_SIZE",
        [BEGUN + "type Query { »q: [Int] @listSize(assumedSize: -1) }"],
        [BEGUN + "type Query { q: [Int] @listSize(assumedSize: 0) }"],
    ),
    Rule(
        "a slice is by an argument that is a number", "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        [BEGUN
         + 'type Query { »q(first: String): [Int] @listSize(slicingArguments: ["first"]) }'],
        [BEGUN
         + 'type Query { q(first: Int): [Int] @listSize(slicingArguments: ["first"]) }'],
    ),
    Rule(
        "what is sized is a field of the value", "LIST_SIZE_INVALID_SIZED_FIELD",
        [BEGUN
         + 'type Query { »q: T @listSize(assumedSize: 3, sizedFields: ["no"]) } type T { a: [Int] }'],
        [BEGUN
         + 'type Query { q: T @listSize(assumedSize: 3, sizedFields: ["a"]) } type T { a: [Int] }'],
    ),
    Rule(
        "and a list", "LIST_SIZE_APPLIED_TO_NON_LIST",
        [BEGUN
         + 'type Query { »q: T @listSize(assumedSize: 3, sizedFields: ["a"]) } type T { a: Int }'],
        [BEGUN
         + 'type Query { q: T @listSize(assumedSize: 3, sizedFields: ["a"]) } type T { a: [Int] }'],
    ),
]  # fmt: skip
