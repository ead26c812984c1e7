"""Faults planted in the gateway, each of which a property of hostile agencies has to find.

`python -m tests.attack.planted` plants one after the other, and says after how many examples it was found.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest import mock

import msgspec
from hypothesis import HealthCheck, Phase, settings

from gateway.edge import prepared
from gateway.execution import conform, fetch, refusals, scatter
from gateway.execution.answer_shape import AnswerShapes, Leaf, ObjectShape, TypeNames, no_codes
from gateway.execution.compile import asking, decoding
from tests.attack import test_hostile_agency as of_agency
from tests.attack import test_hostile_federation as of_federation

MAX_EXAMPLES = 2_000

Planting = Callable[[], contextlib.AbstractContextManager[object]]


@contextlib.contextmanager
def _any_key() -> Iterator[None]:
    def decoder(writer: decoding.DecoderWriter, request: Any) -> decoding.AnswerDecoder:
        steps = decoding.step_shapes(request, writer._supergraph, writer._shapes)
        payload = msgspec.defstruct("Payload", [("data", dict[str, Any]), ("errors", None, None)])
        return decoding.AnswerDecoder(
            steps, msgspec.json.Decoder(payload), steps[0], lambda _: dict[str, Any], are_entities=False
        )

    def as_it_is(data: object, *_: object) -> conform.Conformed:
        return conform.Conformed(data, [])

    with (
        mock.patch.object(decoding.DecoderWriter, "decoder", decoder),
        mock.patch.object(fetch, "conform_data", as_it_is),
    ):
        yield


def _unasked(key: str, shape: Any) -> Planting:
    """Take a key of every child, asked for or not."""

    @contextlib.contextmanager
    def plant() -> Iterator[None]:
        made = AnswerShapes._shape

        def and_more(self: AnswerShapes, graph: str, type_name: str, selections: Any) -> ObjectShape:
            found = made(self, graph, type_name, selections)
            if type_name == "Child":
                found.values.setdefault(key, shape)
            return found

        with mock.patch.object(AnswerShapes, "_shape", and_more):
            yield

    return plant


@contextlib.contextmanager
def _any_type_name() -> Iterator[None]:
    made = decoding.DecoderWriter._value
    is_leaf = conform._is_leaf

    def value(self: decoding.DecoderWriter, shape: Any) -> Any:
        return str | None if isinstance(shape, TypeNames) else made(self, shape)

    def any_name(given: object, shape: Any) -> bool:
        return isinstance(shape, TypeNames) or is_leaf(given, shape)

    with (
        mock.patch.object(decoding.DecoderWriter, "_value", value),
        mock.patch.object(conform, "_is_leaf", any_name),
    ):
        yield


@contextlib.contextmanager
def _any_number_of_entities() -> Iterator[None]:
    made = asking.RequestWriter._unlike_entities
    scattered = scatter._entities

    def unlike(self: asking.RequestWriter, request: Any, step: Any, index: int) -> list[Any]:
        first, _, *rest = made(self, request, step, index)
        return [first, *rest]

    def entities(request: Any, batch: Any, given: object, spoilt: Any, context: Any) -> None:
        if isinstance(given, list):
            count = len(batch.representations)
            given = [*given, *([None] * count)][:count]
        scattered(request, batch, given, spoilt, context)

    with (
        mock.patch.object(asking.RequestWriter, "_unlike_entities", unlike),
        mock.patch.object(scatter, "_entities", entities),
    ):
        yield


@contextlib.contextmanager
def _keys_of_any_type() -> Iterator[None]:
    with (
        mock.patch.object(asking, "shapes_by_type", return_value=()),
        mock.patch.object(ObjectShape, "own", lambda shape, told: shape),
    ):
        yield


@contextlib.contextmanager
def _any_value() -> Iterator[None]:
    is_leaf = conform._is_leaf

    def any_leaf(given: object, shape: Any) -> bool:
        return isinstance(shape, Leaf) or is_leaf(given, shape)

    with (
        mock.patch.object(conform, "_is_leaf", any_leaf),
        mock.patch.object(decoding, "_LEAVES", dict.fromkeys(Leaf, Any)),
    ):
        yield


class Planted(NamedTuple):
    name: str
    plant: Planting
    found_by: Any


_BY_AGENCY = of_agency.test_what_one_agency_forges_opens_and_changes_nothing_of_another
_BY_FEDERATION = of_federation.test_what_one_subgraph_forges_changes_no_others_values

FAULTS = (
    Planted("any key is merged", _any_key, _BY_AGENCY),
    Planted("any key is merged (federation)", _any_key, _BY_FEDERATION),
    Planted("`holders` are taken unasked", _unasked("holders", Leaf.CUSTOM), _BY_AGENCY),
    Planted("a subject's id is taken unasked", _unasked("__cps_subject", Leaf.STRING), _BY_AGENCY),
    Planted("relationships are taken unasked", _unasked("__cps_fact_relationships", Leaf.CUSTOM), _BY_AGENCY),
    Planted("the shield is taken unasked", _unasked("__cps_fact_shielded", Leaf.BOOLEAN), _BY_AGENCY),
    Planted(
        "record ids of other agencies are taken",
        lambda: mock.patch.object(prepared, "agency_codes", return_value=no_codes),
        _BY_AGENCY,
    ),
    Planted("an object may be of any type", _any_type_name, _BY_FEDERATION),
    Planted("keys of other types are taken", _keys_of_any_type, _BY_FEDERATION),
    Planted("entities are not counted", _any_number_of_entities, _BY_FEDERATION),
    Planted("values may be of any type", _any_value, _BY_FEDERATION),
    Planted(
        "any code reaches the client",
        lambda: mock.patch.object(refusals.Refusals, "code", lambda self, given: given or "SUBGRAPH_ERROR"),
        _BY_AGENCY,
    ),
    Planted(
        "any reason reaches the client",
        lambda: mock.patch.object(refusals.Refusals, "reason", lambda self, given, code: given or code),
        _BY_AGENCY,
    ),
    Planted(
        "any message reaches the client",
        lambda: mock.patch.object(refusals.Refusals, "message", lambda self, given, code, agency: given or ""),
        _BY_AGENCY,
    ),
)


def examples_to_find(planted: Planted) -> int | None:
    """Return how many examples its property needed to find a fault; None where it did not."""
    count = 0
    test = planted.found_by
    inner = test.hypothesis.inner_test

    def counting(*arguments: Any, **named: Any) -> None:
        nonlocal count
        count += 1
        inner(*arguments, **named)

    searching = settings(
        max_examples=MAX_EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    of_agency._MADE.clear()  # a gateway that keeps no plan from before
    as_searched = mock.patch.object(test, "_hypothesis_internal_use_settings", searching)
    with planted.plant(), as_searched, mock.patch.object(test.hypothesis, "inner_test", counting):
        try:
            test()
        except Exception:
            if not count:
                raise
            return count
        finally:
            of_agency._MADE.clear()
    return None


def main() -> int:
    """Plant every fault; the exit status is how many were not found."""
    missed = 0
    for planted in FAULTS:
        found = examples_to_find(planted)
        missed += found is None
        print(f"{planted.name:45} {'NOT FOUND' if found is None else f'found at example {found}'}", flush=True)  # noqa: T201
    return missed


if __name__ == "__main__":
    sys.exit(main())
