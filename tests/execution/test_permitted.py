"""What several holders gave of one object is put together."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.execution.gathered import Partial
from gateway.execution.permitted import _put_together
from gateway.supergraph.selections import Field


class OneField:
    selections = (Field("found", "found"),)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([[1], [2, 3]], {"found": [1, 2, 3]}),
        ([[], [2]], {"found": [2]}),
        ([None, [2]], {"found": [2]}),
        ([[1], None], {"found": [1]}),
        (["a", "b"], {"found": "a"}),
        (["a"], {"found": "a"}),
        ([[1], "b"], {"found": [1]}),
        ([None, None], {}),
    ],
)
def test_lists_are_joined_and_of_anything_else_the_first_counts(shares: list[Any], expected: dict[str, Any]) -> None:
    whole: dict[str, object] = {}
    partial = [Partial({"found": share}, frozenset(), whole) for share in shares]
    _put_together(OneField(), [*partial, Partial({"found": "alone"}, frozenset(), None)])  # type: ignore[arg-type]
    assert whole == expected
