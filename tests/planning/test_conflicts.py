"""Fields that can't stand under one key in one request: their shapes differ somewhere."""

from __future__ import annotations

import pytest

from gateway.planning.passes.alias_conflicting_fields import _joined, _same, _Shape, _wrappers
from gateway.supergraph.typeref import ListOf, Named, NonNull

INT = Named("Int")


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (INT, ""),
        (NonNull(INT), "!"),
        (ListOf(INT), "[]"),
        (ListOf(NonNull(INT)), "[!]"),
        (NonNull(ListOf(INT)), "[]!"),
        (ListOf(ListOf(INT)), "[[]]"),
        (NonNull(ListOf(NonNull(ListOf(NonNull(INT))))), "[[!]!]!"),
    ],
)
def test_lists_and_nulls_are_part_of_a_shape(type_: object, expected: str) -> None:
    assert _wrappers(type_) == expected  # type: ignore[arg-type] # any of the three


def leaf(wrappers: str = "", name: str = "Int") -> _Shape:
    return _Shape(wrappers, name, {})


def test_shapes_are_the_same_where_all_that_both_have_is() -> None:
    one = _Shape("", "", {"a": leaf(), "b": leaf("[]")})
    assert _same(one, _Shape("", "", {"a": leaf(), "c": leaf("!")}))
    assert not _same(one, _Shape("", "", {"a": leaf("!")}))
    assert not _same(one, _Shape("", "", {"b": leaf("[]", "String")}))
    assert not _same(one, _Shape("[]", "", {"a": leaf()}))
    assert not _same(leaf(), leaf(name="ID"))


def test_joined_shapes_have_what_either_has_however_deep() -> None:
    one = _Shape("", "", {"a": _Shape("", "", {"x": leaf()}), "b": leaf()})
    other = _Shape("", "", {"a": _Shape("", "", {"y": leaf("!")}), "c": leaf("[]")})
    joined = _joined(one, other)
    assert set(joined.below) == {"a", "b", "c"}
    assert set(joined.below["a"].below) == {"x", "y"}
    assert not _same(joined, _Shape("", "", {"a": _Shape("", "", {"y": leaf()})}))
