"""The bounded mapping, against a list that is kept in order by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.bounded import Bounded

STEPS = st.lists(st.tuples(st.sampled_from(["get", "put", "drop"]), st.integers(0, 6)), max_size=60)


@given(size=st.integers(1, 4), steps=STEPS)
def test_it_keeps_what_was_used_last(size: int, steps: list[tuple[str, int]]) -> None:
    bounded: Bounded[int, str] = Bounded(size)
    order: list[int] = []
    for count, (what, key) in enumerate(steps):
        known = key in order
        if what == "get":
            assert (bounded.get(key) is not None) == known
        elif what == "put":
            bounded.put(key, f"{count}")
            assert bounded.get(key) == f"{count}"
        else:
            bounded.drop(key)
        order = [k for k in order if k != key] + ([key] if what == "put" or (what == "get" and known) else [])
        order = order[-size:]
        assert len(bounded) == len(order) <= size
        assert list(bounded._entries) == order


@pytest.mark.parametrize("size", [0, -1])
def test_a_mapping_of_nothing_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Bounded(size)


def test_what_is_heavy_leaves_less_room_and_what_is_too_heavy_is_not_kept() -> None:
    kept: Bounded[str, str] = Bounded(10, most=10, weigh=len)
    assert kept.put("a", "xxxx") == kept.put("b", "xxxx") == []
    assert kept.put("c", "xxxx") == ["a"]
    assert kept.weight == 8
    assert kept.put("b", "x") == []
    assert kept.weight == 5
    assert kept.put("d", "x" * 11) == ["d"]
    assert (kept.weight, kept.get("d"), kept.get("c")) == (5, None, "xxxx")
    kept.drop("c")
    assert kept.weight == 1
