"""An agency's answer that is not whole never reads as "none held": each null that it leaves is named, and no other.

The README promises that only a null or `[]` that neither list names means that nothing is held.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from gateway.execution import Answer
from tests.edge.network import Edge

QUERY: Final = "query($n: String) { child(nhsNumber: $n) { id police { officer narrative } } agencies born }"
GIVEN: Final = {"officer": "PC Adeyemi", "narrative": "called at night"}
ABSENT: Final = object()

STATUSES: Final = (200, 201, 206, 301, 302, 304, 400, 401, 404, 409, 410, 422, 429, 500, 503)
ERRORS: Final[dict[str, object]] = {
    "absent": ABSENT, "null": None, "empty": [],
    "text": "db down", "empty text": "", "number": 5, "zero": 0, "true": True, "object": {"message": "db down"},
    "of nothing": [{}], "of no object": ["db down"],
    "of a field": [{"message": "x", "path": ["_entities", 0, "police", "narrative"]}],
    "of an index in words": [{"message": "x", "path": ["_entities", "0", "police", "narrative"]}],
    "of no index": [{"message": "x", "path": ["_entities", "police"]}],
    "a refusal": [{"message": "x", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}],
    "another refusal": [{"message": "x", "extensions": {"code": "BAD_REQUEST"}}],
}  # fmt: skip
SHAPES: Final[dict[str, object]] = {
    "whole": {"_entities": [{"police": GIVEN}]},
    "a null": {"_entities": [{"police": {**GIVEN, "narrative": None}}]},
    "no record": {"_entities": [{"police": None}]},
    "no entity": {"_entities": [None]},
    "a key missing": {"_entities": [{"police": {"officer": "PC Adeyemi"}}]},
    "an empty record": {"_entities": [{"police": {}}]},
    "an empty entity": {"_entities": [{}]},
    "a value of another type": {"_entities": [{"police": {**GIVEN, "narrative": 5}}]},
    "a record of another type": {"_entities": [{"police": "none"}]},
    "too few": {"_entities": []},
    "too many": {"_entities": [{"police": GIVEN}, {"police": GIVEN}]},
    "no list": {"_entities": {"police": GIVEN}},
    "other keys": {"entities": []},
    "null": None,
    "a text": "none",
    "absent": ABSENT,
}
POINTLESS: Final = ("of nothing", "of no object", "a refusal", "another refusal")
"""Errors without a path: they speak of all that was asked, and may speak of what is left out of it."""

COMPLETE: Final = {"whole", "a null", "no record", "no entity"}
"""Answers that are as they were asked for: what is null in them is held by nobody."""


def body(errors: object, data: object) -> bytes:
    return orjson.dumps({key: value for key, value in (("data", data), ("errors", errors)) if value is not ABSENT})


def nulls(value: object, path: tuple[str, ...] = ()) -> list[str]:
    """The positions at which an answer has null."""
    if value is None:
        return [".".join(path)]
    if isinstance(value, dict):
        return [each for key, item in value.items() for each in nulls(item, (*path, key))]
    return []


def is_named(path: str, entries: list[dict[str, Any]]) -> bool:
    """Whether a null's path is named: itself, what it is in, or what would be in it."""
    return any(f"{path}.".startswith(f"{one['path']}.") or one["path"].startswith(f"{path}.") for one in entries)


FEW: Final = ("absent", "text", "of nothing")
"""Errors that are tried with every status."""


def test_there_are_cells_enough() -> None:
    count = sum(len(STATUSES) if errors in FEW else 2 for errors, _ in product(ERRORS, SHAPES))
    assert count >= 1_000


@pytest.mark.parametrize(("errors", "shape"), list(product(ERRORS, SHAPES)))
async def test_each_null_of_an_answer_about_a_child_is_named_unless_nothing_is_held(
    gateway: Edge, errors: str, shape: str
) -> None:
    for status in STATUSES if errors in FEW else (200, 400):
        content = body(ERRORS[errors], SHAPES[shape])
        gateway.stub.faults["police"] = Answer(status, "application/json", content)
        answer = (await gateway.post(QUERY)).json()
        entries = answer["extensions"]["cps"]["unavailable"]
        is_whole = 200 <= status < 300 and errors in ("absent", "null", "empty") and shape in COMPLETE
        for path in nulls(answer["data"]):
            assert is_named(path, entries) is not is_whole, (status, path, entries)
        for one in entries if errors not in POINTLESS else ():
            assert any(is_named(path, [one]) for path in nulls(answer["data"])), (status, one, "is there")
        assert {one["agency"] for one in entries} <= {"police"}, "whoever answered is not blamed"
        if is_whole:
            assert "errors" not in answer
        elif nulls(answer["data"]):
            assert answer["errors"], "a client that reads no extensions is told too"
        if answer["data"]["child"]["police"]:
            given = answer["data"]["child"]["police"]
            assert all(value is None or value == GIVEN[key] for key, value in given.items())
        assert answer["data"]["agencies"] == ["380", "13"]


ROOT: Final = {"agencies": ["380", "13"], "born": "x"}
OF_ROOT: Final[dict[str, object]] = {
    **{name: value for name, value in ERRORS.items() if "index" not in name and name != "of a field"},
    "of a field": [{"message": "x", "path": ["born"]}],
}
ROOTS: Final[dict[str, object]] = {
    "whole": ROOT, "a null": {**ROOT, "born": None}, "a null list": {**ROOT, "agencies": None},
    "a key missing": {"agencies": ["380", "13"]}, "a value of another type": {**ROOT, "born": 5},
    "a list of another type": {**ROOT, "agencies": "380"}, "an item of another type": {**ROOT, "agencies": [5]},
    "empty": {}, "null": None, "a text": "none", "a list": [ROOT], "absent": ABSENT,
}  # fmt: skip


@pytest.mark.parametrize(("errors", "shape"), list(product(OF_ROOT, ROOTS)))
async def test_each_null_of_a_root_field_is_named_unless_nothing_is_held(
    gateway: Edge, errors: str, shape: str
) -> None:
    for status in STATUSES if errors in FEW else (200, 400):
        content = body(OF_ROOT[errors], ROOTS[shape])
        gateway.stub.faults["index"] = Answer(status, "application/json", content)
        answer = (await gateway.post("{ agencies born }", {})).json()
        entries = answer["extensions"]["cps"]["unavailable"]
        complete = shape in ("whole", "a null", "a null list")
        is_whole = 200 <= status < 300 and errors in ("absent", "null", "empty") and complete
        of_born = 200 <= status < 300 and errors == "of a field" and complete  # and so not of the other
        for path in nulls(answer["data"]):
            is_none_held = is_whole or (of_born and path == "agencies")
            assert is_named(path, entries) is not is_none_held, (status, path, entries)
        for one in entries if errors not in POINTLESS else ():
            assert any(is_named(path, [one]) for path in nulls(answer["data"])) or errors == "of a field", (status, one)
        assert is_whole or answer["errors"]


async def test_of_items_that_differ_each_is_told_by_itself(gateway: Edge) -> None:
    """An error without an index names the key, and marks nothing that was given."""
    found = [{"police": {"officer": "PC", "narrative": None}}]
    for path in (["_entities", "police"], ["_entities", "police", "narrative"]):
        content = orjson.dumps({"data": {"_entities": found}, "errors": [{"message": "x", "path": path}]})
        gateway.stub.faults["police"] = Answer(200, "application/json", content)
        answer = (await gateway.post(QUERY)).json()
        assert answer["data"]["child"]["police"] == {"officer": "PC", "narrative": None}
        assert [one["path"] for one in answer["extensions"]["cps"]["unavailable"]] == ["child.police.narrative"]
        assert [error["path"] for error in answer["errors"]] == [["child", "police", "narrative"]]


async def test_a_key_that_is_missing_in_an_item_of_a_list_is_named(gateway: Edge) -> None:
    record = {"__cps_subject": "a", "id": "a", "surname": "Vane", "dateOfBirth": "2018-01-01"}
    other = {key: value for key, value in record.items() if key != "surname"}
    content = orjson.dumps({"data": {"findChildren": [record, other]}})
    gateway.stub.faults["index"] = Answer(200, "application/json", content)
    query = '{ findChildren(filter: {surname: "Vane"}) { id surname dateOfBirth } }'
    answer = (await gateway.post(query, {})).json()
    assert [child["surname"] for child in answer["data"]["findChildren"]] == ["Vane", None]
    assert [one["path"] for one in answer["extensions"]["cps"]["unavailable"]] == ["findChildren.surname"]
    assert [error["path"] for error in answer["errors"]] == [["findChildren", 1, "surname"]]


def test_the_promise_is_the_readme_s() -> None:
    promise = "only a null or `[]` that neither list names means that nothing is held"
    assert promise in " ".join((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").split())
