"""What an answer may hold is counted before it is decoded: of one answer, and of all of a request."""

from __future__ import annotations

import orjson
import pytest

from gateway.answer_limits import LARGEST, OF_A_REQUEST, OF_AN_ANSWER, AnswerLimits
from gateway.errors import SubgraphError
from gateway.execution import received as module
from gateway.execution.received import Received, counted


@pytest.mark.parametrize(
    ("body", "objects", "values"),
    [(b"{}", 1, 2), (b"[]", 0, 2), (b'{"a":[{},{}]}', 3, 6), (b'{"a":1,"b":[1,2]}', 1, 5), (b'"a,b{"', 1, 3)],
)
def test_what_is_counted_is_at_least_what_is_there(body: bytes, objects: int, values: int) -> None:
    assert counted(body) == (objects, values)


def objects(count: int) -> bytes:
    return b"[%b]" % b",".join([b"{}"] * count)


def refused(received: Received, body: bytes, graph: str = "A") -> bool:
    try:
        received.take(graph, body)
    except SubgraphError as error:
        return error.reason == "TOO_LARGE"
    return False


@pytest.mark.parametrize(
    ("within", "past"),
    [
        (objects(OF_AN_ANSWER.objects), objects(OF_AN_ANSWER.objects + 1)),
        (orjson.dumps([1] * (OF_AN_ANSWER.values - 1)), orjson.dumps([1] * OF_AN_ANSWER.values)),
        (b'"%b"' % (b"a" * (OF_AN_ANSWER.bytes - 2)), b'"%b"' % (b"a" * (OF_AN_ANSWER.bytes - 1))),
    ],
    ids=["objects", "values", "bytes"],
)
def test_an_answer_is_taken_to_its_very_bounds(within: bytes, past: bytes) -> None:
    assert not refused(Received({}), within)
    assert refused(Received({}), past)


def test_all_answers_of_a_request_are_bounded_too() -> None:
    received = Received({})
    body = objects(OF_AN_ANSWER.objects)
    taken = sum(not refused(received, body) for _ in range(10))
    assert taken == OF_A_REQUEST.objects // OF_AN_ANSWER.objects == 5
    small = Received({})
    assert not any(refused(small, b"{}") for _ in range(OF_A_REQUEST.objects))
    assert refused(small, b"{}")


def test_small_answers_are_counted_where_they_become_many() -> None:
    received = Received({})
    body = objects(300)
    count = 0
    while not refused(received, body):
        count += 1
    assert count == OF_A_REQUEST.objects // 300


def test_an_agency_may_have_limits_of_its_own_and_what_is_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    own = AnswerLimits(OF_AN_ANSWER.bytes, 60_000, 200_000)
    received = Received({"B": own})
    assert received.take("B", objects(5_000)) is False
    assert received.take("B", objects(5_001)) is True
    assert refused(received, objects(5_001))
    assert not refused(Received({"B": own}), objects(60_000), "B")
    assert refused(Received({"B": own}), objects(60_001), "B")
    assert Received({"B": own}).take("A", objects(5_000)) is False
    monkeypatch.setattr(module, "SURE", 0)
    assert Received({"B": own}).take("B", b"{}") is False


def test_limits_are_within_each_other() -> None:
    for smaller, larger in ((OF_AN_ANSWER, OF_A_REQUEST), (OF_A_REQUEST, LARGEST)):
        assert all(a <= b for a, b in zip(smaller, larger, strict=True))
        assert smaller.or_more(larger) == larger


def test_what_is_agreed_with_one_agency_takes_nothing_from_the_others() -> None:
    received = Received({"B": AnswerLimits(OF_AN_ANSWER.bytes, 60_000, 200_000)})
    assert received.take("A", objects(300)) is False
    assert received.take("B", objects(60_000)) is True
    assert received.take("A", objects(5_000)) is False
    assert refused(received, objects(1), "B")
    taken = sum(not refused(received, objects(5_000)) for _ in range(10))
    assert taken == 3, "with the 5,300 before them"
