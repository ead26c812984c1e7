"""However many errors an agency answers with: what is told of them is bounded, and all that is missing is told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from authz.policy import Policies
from gateway.execution.error_list import MAX_ERRORS
from gateway.execution.faults import MAX_ERRORS_A_STEP, MAX_KEY_SETS
from gateway.execution.problems import MAX_READ, MAX_WHOLE
from tests.federation.harness import Fault, Network, Run

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) '
PEOPLE = 'type Query { people: [Person!]! } type Person @key(fields: "id") { id: ID! }'
RANKS = 'type Person @key(fields: "id") { id: ID! rank: Int nick: String }'
QUERY = "{ people { id rank nick } }"


async def run(answer: object, people: int = 1_000, query: str = QUERY) -> Run:
    """Answer the query where the second agency gives this answer."""
    found = [{"$ref": "Person", "id": str(number)} for number in range(people)]
    network = Network.of({
        "a": (_LINK + PEOPLE, {"Query": {"people": found}, "Person": [{"id": str(n)} for n in range(people)]}),
        "b": (_LINK + RANKS, {}),
    })  # fmt: skip
    network.policies = Policies.partnership()
    network.faults = {"b": Fault(body=orjson.dumps(answer))}
    return await network.run(query)


def error(*path: str | int, code: str = "TIMEOUT", **more: Any) -> dict[str, Any]:
    return {"message": "no", "path": list(path), "extensions": {"code": code, **more}}


def told(run: Run) -> set[tuple[str, str]]:
    """Return the parts of which it is told that they are missing, with the reasons."""
    return {(each["path"], each["reason"]) for each in run.unavailable}


ALL = {("people.rank", "TIMEOUT"), ("people.nick", "TIMEOUT")}


async def test_of_many_errors_some_are_told_one_by_one_and_the_others_by_their_list() -> None:
    entities = [{"rank": None, "nick": "n"}] * 1_000
    errors = [error("_entities", number, "rank") for number in range(1_000)]
    found = await run({"data": {"_entities": entities}, "errors": errors})
    assert told(found) == {("people.rank", "TIMEOUT")}
    paths = [each["path"] for each in found.errors]
    assert paths == [["people", number, "rank"] for number in range(1_000)]


async def test_errors_past_those_that_are_read_are_told_of_all_that_was_asked() -> None:
    entities = [{"rank": None, "nick": None}] * 1_000
    errors = [error("_entities", 0, "rank")] * MAX_READ + [error("_entities", 7, "nick")]
    found = await run({"data": {"_entities": entities}, "errors": errors})
    assert told(found) >= {("people.rank", "SUBGRAPH_ERROR"), ("people.nick", "SUBGRAPH_ERROR")}
    assert "`b` answered with more errors than are read" in {each["message"] for each in found.errors}
    fewer = await run({"data": {"_entities": entities}, "errors": errors[1:]})
    assert told(fewer) == {("people.rank", "TIMEOUT"), ("people.nick", "TIMEOUT")}


@pytest.mark.parametrize("count", [1, MAX_WHOLE, MAX_WHOLE + 1, 2_000])
async def test_errors_that_speak_of_all_are_told_once(count: int) -> None:
    errors = [{"message": str(number), "extensions": {"code": "TIMEOUT"}} for number in range(count)]
    found = await run({"data": None, "errors": errors})
    assert told(found) >= ALL
    assert len(found.errors) <= 2 * (MAX_ERRORS_A_STEP + 1)


async def test_an_answer_has_so_many_errors_and_more_are_told_of_whole_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a field that has a name of its own."""
    read = 2 * MAX_ERRORS
    monkeypatch.setattr("gateway.execution.problems.MAX_READ", read)
    names = [f"n{number}" for number in range(60)]
    query = f"{{ people {{ id {' '.join(f'{name}: rank' for name in names)} }} }}"
    entities = [dict.fromkeys(names)] * 100
    errors = [error("_entities", number % 100, names[number // 100]) for number in range(read)]
    found = await run({"data": {"_entities": entities}, "errors": errors}, people=100, query=query)
    assert len(found.errors) == MAX_ERRORS + 1
    assert found.errors[-1]["path"] == ["people"]
    assert {path for path, _ in told(found)} == {f"people.{name}" for name in names[: read // 100]}


async def test_keys_that_many_entities_lack_are_told_of_together() -> None:
    found = await run({"data": {"_entities": [{"rank": 1}] * 500 + [{"nick": "n"}] * 500}})
    assert told(found) == {("people.rank", "BAD_CONTENT"), ("people.nick", "BAD_CONTENT")}
    assert len(found.errors) <= 2 * (MAX_ERRORS_A_STEP + 1)


async def test_of_entities_that_lack_ever_other_keys_all_that_any_lacks_is_told() -> None:
    names = [f"n{number}" for number in range(MAX_KEY_SETS + 20)]
    query = f"{{ people {{ id {' '.join(f'{name}: rank' for name in names)} }} }}"
    whole = dict.fromkeys(names, 1)
    entities = [{name: value for name, value in whole.items() if name != left_out} for left_out in names]
    found = await run({"data": {"_entities": entities}}, people=len(names), query=query)
    assert {path for path, _ in told(found)} == {f"people.{name}" for name in names}
