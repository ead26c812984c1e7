"""What is made once for all who ask meanwhile."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import pytest

from authz.bounded import Bounded
from gateway.edge import single_flight, workshop
from gateway.edge.documents import MAX_DOCUMENTS, MAX_TEXT, Prepared
from gateway.edge.prepared import MAX_PLANS
from gateway.edge.single_flight import SingleFlight
from gateway.edge.workshop import Workshop
from gateway.errors import RequestError
from gateway.execution.compile import program
from tests.edge.network import Edge


def slowly(value: int) -> int:
    time.sleep(0.03)
    return value


async def test_it_is_made_once_off_the_loop() -> None:
    flight: SingleFlight[str, int] = SingleFlight(Bounded(10), Workshop("test"))
    made: list[int] = []

    def make() -> int:
        time.sleep(0.02)
        made.append(threading.get_ident())
        return 7

    assert await asyncio.gather(*(flight.make("k", make) for _ in range(50))) == [7] * 50
    assert await flight.make("k", make) == 7
    assert len(made) == 1
    assert made[0] != threading.get_ident()


async def test_what_fails_is_told_to_all_and_made_again() -> None:
    flight: SingleFlight[str, int] = SingleFlight(Bounded(10), Workshop("test"))

    def fail() -> int:
        time.sleep(0.01)
        raise RequestError.of("X", "no")

    results = await asyncio.gather(*(flight.make("k", fail) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, RequestError) for result in results)
    assert await flight.make("k", lambda: 1) == 1


async def test_one_who_goes_away_takes_it_from_nobody() -> None:
    flight: SingleFlight[str, int] = SingleFlight(Bounded(10), Workshop("test"))
    first = asyncio.ensure_future(flight.make("k", lambda: slowly(3)))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(flight.make("k", lambda: 4))
    await asyncio.sleep(0.01)
    first.cancel()
    assert await second == 3


async def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    flight: SingleFlight[int, int] = SingleFlight(Bounded(5), Workshop("test"))
    for number in range(100):
        await flight.make(number, lambda: 1)
    assert len(flight.kept) == 5
    monkeypatch.setattr(workshop, "MAX_WAITING", 4)
    monkeypatch.setattr(workshop, "MAX_OF_ONE", 2)
    tasks = [asyncio.ensure_future(flight.make(n, lambda: slowly(1), f"{n % 3}")) for n in range(200, 215)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [result for result in results if isinstance(result, RequestError)]
    assert len(refused) == 10, "one is under way and four wait"
    assert {problem.code for error in refused for problem in error.problems} == {"BUSY"}
    assert {error.status for error in refused} == {503}


async def test_each_asker_has_its_turn() -> None:
    flight: SingleFlight[str, int] = SingleFlight(Bounded(100), Workshop("test"))
    made: list[str] = []

    def make(name: str) -> asyncio.Task[int]:
        return asyncio.ensure_future(flight.make(name, lambda: made.append(name) or slowly(1), name[0]))  # type: ignore[func-returns-value]

    tasks = [make(f"a{number}") for number in range(6)]
    await asyncio.sleep(0)
    tasks += [make("b0"), make("b1"), make("c0")]
    await asyncio.gather(*tasks)
    assert made == ["a0", "a1", "b0", "c0", "a2", "b1", "a3", "a4", "a5"]


async def test_who_asks_for_much_takes_nobody_else_s_place() -> None:
    flight: SingleFlight[str, int] = SingleFlight(Bounded(100), Workshop("test"))
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return slowly(1)

    many = [asyncio.ensure_future(flight.make(f"a{n}", make, "a")) for n in range(200)]
    await asyncio.sleep(0)
    assert await flight.make("b", lambda: 7, "b") == 7
    assert len(made) <= 3, "one was under way, one came before, and one may have begun since"
    for task in many:
        task.cancel()
    await asyncio.gather(*many, return_exceptions=True)


async def test_what_nobody_waits_for_any_more_is_not_made() -> None:
    flight: SingleFlight[str, int] = SingleFlight(Bounded(100), Workshop("test"))
    made: list[str] = []
    first = asyncio.ensure_future(flight.make("first", lambda: slowly(1)))
    left = asyncio.ensure_future(flight.make("left", lambda: made.append("left") or 1))  # type: ignore[func-returns-value]
    again = asyncio.ensure_future(flight.make("again", lambda: made.append("again") or 2))  # type: ignore[func-returns-value]
    await asyncio.sleep(0)
    left.cancel()
    again.cancel()
    await asyncio.gather(left, return_exceptions=True)
    assert await flight.make("again", lambda: 3) == 3
    await first
    assert made == []


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_flight, "WAIT_SECONDS", 0.01)
    flight: SingleFlight[int, int] = SingleFlight(Bounded(5), Workshop("test"))
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        await flight.make(1, lambda: slowly(7))
    assert caught.value.status == 503
    monkeypatch.setattr(single_flight, "WAIT_SECONDS", 5.0)
    assert await flight.make(1, lambda: slowly(8)) == 7, "what was begun is finished, and kept"


async def test_documents_and_plans_are_bounded(gateway: Edge) -> None:
    preparer = gateway.pipeline.preparer
    assert (preparer.documents.kept.size, preparer.plans.kept.size) == (MAX_DOCUMENTS, MAX_PLANS)
    preparer.documents.kept.size = preparer.plans.kept.size = 20
    for number in range(60):
        await gateway.post(f"{{ a{number}: agencies }}", variables={})
    assert len(preparer.documents.kept) == len(preparer.plans.kept) == 20


async def test_a_plan_keeps_no_document(gateway: Edge) -> None:
    """A plan of one small operation would hold on to all else that came in one document with it."""
    preparer = gateway.pipeline.preparer
    preparer.documents.kept.size = 2
    for number in range(30):
        await gateway.post(
            f"query Kept {{ a{number}: agencies }} query B {{ agencies }}", variables={}, operationName="Kept"
        )
    gc.collect()
    assert len(preparer.plans.kept) == 30
    assert sum(isinstance(one, Prepared) and one.text.startswith("query Kept") for one in gc.get_objects()) == 2


async def test_large_documents_leave_less_room(gateway: Edge) -> None:
    """A bound on how many would be none on memory: the largest document is thousands of times the smallest."""
    kept = gateway.pipeline.preparer.documents.kept
    for number in range(20):
        answer = await gateway.post(f"{{ a{number}: agencies }}{' ' * 200_000}", variables={})
        assert "data" in answer.json()
    assert 0 < len(kept) <= MAX_TEXT // 200_000
    assert kept.weight <= MAX_TEXT
    assert gateway.pipeline.preparer.plans.kept.weight > 1_000


async def test_a_plan_of_too_much_code_is_refused(gateway: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MAX_SIZE", 500)
    (error,) = (await gateway.post("{ agencies }", variables={})).json()["errors"]
    assert error["extensions"]["code"] == "OPERATION_NOT_PLANNED"
    assert len(gateway.pipeline.preparer.plans.kept) == 0
