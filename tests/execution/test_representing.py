"""Compiled representations: whatever is known of an object, they say of it what the interpreter says, or leave it."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import cast

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.compile.code import Names
from gateway.execution.compile.representing import RepresentationWriter, is_regular
from gateway.execution.gathered import alike
from gateway.execution.locate import MISSING, representation
from gateway.planning import Input, Step

HOLDERS = Input(
    "holders",
    "_holders_police",
    (Input("agency", "agency"), Input("recordId", "_r"), Input("unit", "unit", (Input("code", "code"),))),
)

scalars = st.none() | st.booleans() | st.integers(0, 3) | st.floats(0, 2) | st.sampled_from(["", "a", "b"])
units = st.none() | st.fixed_dictionaries({}, optional={"code": scalars, "name": scalars})
holders = st.fixed_dictionaries(
    {}, optional={"agency": scalars | st.lists(scalars, max_size=1), "_r": scalars, "unit": units | st.lists(units)}
)
values = scalars | holders | st.lists(holders | st.none() | st.lists(holders, max_size=2), max_size=3)


def compiled() -> Callable[[object], object]:
    names = Names({"MISSING": MISSING, "SCALAR": frozenset((str, int, float, bool, NoneType))})
    writer = RepresentationWriter(names)
    name = writer.shape(HOLDERS)
    assert writer.shape(HOLDERS) == name
    for function in writer.finish():
        exec(str(function), names.values)  # noqa: S102 - what is tested is code
    assert writer.finish() == []
    return cast("Callable[[object], object]", names.values[name])


SHAPE = compiled()
STEP = Step(0, "G", (), (), "T", required=(HOLDERS,))


@settings(max_examples=500, deadline=None)
@given(values)
def test_what_is_sent_is_what_the_interpreter_sends(value: object) -> None:
    found = SHAPE(value)
    told = representation(STEP, {"_holders_police": value})
    if found is not MISSING:
        assert told == {"__typename": "T", "holders": found}
        assert orjson.dumps(told) == orjson.dumps({"__typename": "T", "holders": found})


def test_objects_of_scalars_are_not_left_to_the_interpreter() -> None:
    whole = {"agency": "P", "_r": "1", "unit": {"code": 5, "name": "x"}, "more": True}
    sent = {"agency": "P", "recordId": "1", "unit": {"code": 5}}
    assert SHAPE(whole) == sent
    assert SHAPE([whole, whole]) == [sent, sent]
    assert SHAPE([]) == []
    assert SHAPE(None) is None


def test_what_was_never_fetched_is_missing() -> None:
    assert SHAPE(MISSING) is MISSING
    assert SHAPE([{"agency": "P", "_r": "1"}]) is MISSING


def test_inputs_of_some_objects_only_are_left_to_the_interpreter() -> None:
    assert is_regular(HOLDERS)
    assert not is_regular(Input("a", "a", (Input("b", "b", types=frozenset("T")),)))
    assert not is_regular(Input("a", "a", (Input("b", "b"),), tells_type=True))
    assert not is_regular(Input("a", "a", (Input("b", "x"), Input("b", "y"))))


def test_one_is_not_true() -> None:
    assert alike([{"n": 1}], [{"n": 1}])
    assert not alike([{"n": 1}], [{"n": True}])
    assert not alike([{"n": 1}], [{"n": 2}])
