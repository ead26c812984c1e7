"""What is left once `@inaccessible` is hidden."""

from __future__ import annotations

from tests.composition.composed import Rule

RULES = [
    Rule(
        "the query root is visible", "QUERY_ROOT_TYPE_INACCESSIBLE",
        ["»type Query @inaccessible { q: Int }"],
        ["type Query { q: Int x: Int @inaccessible }"],
    ),
    Rule(
        "what is visible has a visible type", "REFERENCED_INACCESSIBLE",
        ["type Query { q: Int »t: T } type T @inaccessible { a: Int }"],
        ["type Query { q: Int t: T @inaccessible } type T @inaccessible { a: Int }"],
    ),
    Rule(
        "so has a visible argument", "REFERENCED_INACCESSIBLE",
        ["type Query { q(»i: I): Int } input I @inaccessible { a: Int }"],
        ["type Query { q(i: I @inaccessible): Int } input I @inaccessible { a: Int }"],
    ),
    Rule(
        "a visible type has a visible part", "ONLY_INACCESSIBLE_CHILDREN",
        ["type Query { q: Int t: T } »type T { a: Int @inaccessible }"],
        ["type Query { q: Int t: T } type T { a: Int @inaccessible b: Int }"],
    ),
    Rule(
        "a required argument is visible", "REQUIRED_INACCESSIBLE",
        ["type Query { q(»a: Int! @inaccessible): Int }"],
        ["type Query { q(a: Int! = 1 @inaccessible): Int }"],
    ),
    Rule(
        "an inaccessible field stands for no other", "REFERENCED_INACCESSIBLE",
        ["type Query { a: Int @inaccessible »t: T b: Int } type T @inaccessible { a: Int }"],
        ["type Query { a: Int @inaccessible t: T @inaccessible b: Int } type T @inaccessible { a: Int }"],
    ),
    Rule(
        "a visible interface's field is visible on its implementations", "IMPLEMENTED_BY_INACCESSIBLE",
        ["type Query { i: I } interface I { a: Int } type A implements I { »a: Int @inaccessible b: Int }"],
        ["type Query { i: I } interface I { a: Int @inaccessible c: Int } "
         "type A implements I { a: Int @inaccessible c: Int }"],
    ),
    Rule(
        "a visible argument's default is visible", "DEFAULT_VALUE_USES_INACCESSIBLE",
        ["type Query { q(»e: E = B): Int } enum E { A B @inaccessible }"],
        ["type Query { q(e: E = A): Int } enum E { A B @inaccessible }"],
    ),
    Rule(
        "so is a visible input field's", "DEFAULT_VALUE_USES_INACCESSIBLE",
        ["type Query { q(i: I): Int } input I { »e: E = B a: Int } enum E { A B @inaccessible }"],
        ["type Query { q(i: I): Int } input I { e: E = B @inaccessible a: Int } "
         "enum E { A B @inaccessible }"],
    ),
]  # fmt: skip
