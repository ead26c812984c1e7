"""References to types, both ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.supergraph.typeref import ListOf, Named, NonNull, TypeRef, from_text, is_list, named_type, nullable

nullables: st.SearchStrategy[Named | ListOf] = st.deferred(
    lambda: st.sampled_from(["Int", "Child"]).map(Named) | st.builds(ListOf, refs)
)
refs: st.SearchStrategy[TypeRef] = st.deferred(lambda: nullables | st.builds(NonNull, nullables))


@settings(deadline=None, derandomize=True)
@given(refs)
def test_what_is_written_is_read(ref: TypeRef) -> None:
    assert from_text(str(ref)) == ref


@pytest.mark.parametrize(
    ("text", "name", "list_", "bare"),
    [
        ("Int", "Int", False, "Int"),
        ("Int!", "Int", False, "Int"),
        ("[Int!]", "Int", True, "[Int!]"),
        ("[[Child]!]!", "Child", True, "[[Child]!]"),
    ],
)
def test_what_is_under_the_wrappers(text: str, name: str, list_: bool, bare: str) -> None:
    ref = from_text(text)
    assert named_type(ref) == name
    assert is_list(ref) is list_
    assert str(nullable(ref)) == bare
