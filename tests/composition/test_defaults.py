"""Default values, in arguments and in input fields: those that fit their types, and those that are INVALID_GRAPHQL."""

from __future__ import annotations

import pytest

from tests.composition.composed import codes

TYPES = "enum E { A B } input I { a: Int! = 1 b: [I] } scalar S"
FIT = [
    "Int = 1", "Int = null", "Float = 1", "Float = 1.5", "ID = 1", 'ID = "x"', 'String = "x"', "Boolean = true",
    "[Int] = 1", "[Int] = [1, null]", "[Int!]! = []", "E = A", 'E = "A"', "I = {}", "I = {a: 1, b: {b: []}}",
    "I = null", "S = {any: [thing]}",
]  # fmt: skip
UNFIT = [
    'Int = "x"', "Int = 1.5", "Int = 2147483648", "Int! = null", "Boolean = 1", "ID = 1.5", "ID = true", "ID = {}",
    "ID = []", "String = 1", "[Int!] = [null]", "[Int] = [[1]]", "E = C", 'E = "C"', "E = 1", "I = 1", "I = {c: 1}",
    'I = {a: "x"}', "I = {b: [{c: 1}]}",
]  # fmt: skip


@pytest.mark.parametrize("default", FIT)
def test_a_default_that_fits(default: str) -> None:
    assert codes(f"type Query {{ q(x: {default}): Int }} {TYPES}") == set()
    assert codes(f"type Query {{ q(x: X): Int }} input X {{ x: {default} }} {TYPES}") == set()


@pytest.mark.parametrize("default", UNFIT)
def test_a_default_that_does_not_fit(default: str) -> None:
    assert codes(f"type Query {{ q(x: {default}): Int }} {TYPES}") == {"INVALID_GRAPHQL"}
    assert codes(f"type Query {{ q(x: X): Int }} input X {{ x: {default} }} {TYPES}") == {"INVALID_GRAPHQL"}
