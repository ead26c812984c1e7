"""Agencies that do not answer as they should: the rest of the answer stands, and what is missing is said."""

from __future__ import annotations

import pytest

from gateway.execution import Answer
from tests.edge.network import CHILD, NHS, QUERY, SURNAME, Edge, json_answer

HTML = Answer(200, "text/html", b"<html>maintenance</html>")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("UNREACHABLE", "UNREACHABLE"),
        ("DEADLINE", "DEADLINE"),
        ("TOO_LARGE", "TOO_LARGE"),
        ("BAD_CONTENT", "BAD_CONTENT"),
        (HTML, "BAD_CONTENT"),
        (Answer(200, "application/json", b""), "BAD_CONTENT"),
        (Answer(200, "application/json", b'{"data": {"_entities": ['), "BAD_CONTENT"),
        (Answer(200, "application/json", b"[]"), "BAD_CONTENT"),
        (Answer(200, "application/json", b"null"), "BAD_CONTENT"),
        (Answer(200, "application/json", b"{}"), "BAD_CONTENT"),
        (Answer(200, "application/json", b"[" * 40_000), "BAD_CONTENT"),
        (Answer(200, "application/json", b"[" * 100_000), "TOO_LARGE"),
        (Answer(200, "application/json", b"\xff\xfe"), "BAD_CONTENT"),
        (Answer(500, "text/html", b"<html>oops"), "BAD_STATUS"),
        (json_answer({"data": None}, 500), "BAD_STATUS"),
        (Answer(404, "text/html", b"not here"), "BAD_STATUS"),
        (Answer(302, "text/html", b""), "BAD_STATUS"),
        (Answer(429, "text/plain", b"slow down"), "BAD_STATUS"),
        (Answer(503, "text/plain", b"later"), "BAD_STATUS"),
        (json_answer({"data": None}), "BAD_CONTENT"),
        (json_answer({"data": {}}), "BAD_CONTENT"),
        (json_answer({"data": []}), "BAD_CONTENT"),
        (json_answer({"errors": []}), "BAD_CONTENT"),
        (json_answer({"data": {"_entities": []}}), "BAD_CONTENT"),
        (json_answer({"data": {"_entities": None}}), "BAD_CONTENT"),
        (json_answer({"data": {"_entities": {}}}), "BAD_CONTENT"),
    ],
)
async def test_one_agency_fails(gateway: Edge, fault: Answer | str, reason: str) -> None:
    gateway.stub.faults["care"] = fault
    answer = await gateway.post()
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"]["child"] == {
        "id": CHILD,
        "surname": SURNAME,
        "socialCare": None,
        "police": {"officer": "PC Adeyemi", "narrative": "called at night"},
    }
    (error,) = body["errors"]
    assert error["path"] == ["child", "socialCare"]
    assert error["extensions"] == {"code": "AGENCY_UNAVAILABLE", "agency": "care", "reason": reason}
    assert "care" in error["message"]
    cps = body["extensions"]["cps"]
    assert cps["unavailable"] == [{"path": "child.socialCare", "agency": "care", "reason": reason}]
    assert cps["asked"] == ["care", "index", "police"]
    assert cps["answered"] == ["index", "police"]
    entry = gateway.log.entries[-1]
    assert entry.outcome == "PARTIAL"
    assert list(entry.unavailable) == [{"path": "child.socialCare", "agency": "380", "reason": reason}]
    assert (entry.asked, entry.answered) == (("13", "380", "index"), ("13", "index"))
    assert entry.requested["care"] is None


@pytest.mark.parametrize(
    "fault",
    [
        "UNREACHABLE",
        "DEADLINE",
        HTML,
        Answer(500, "text/plain", b""),
        json_answer({"data": None}),
        json_answer({"data": {}}),
        json_answer({"data": []}),
        json_answer({"errors": []}),
        json_answer({"data": None, "errors": []}),
    ],
)
async def test_the_index_fails_and_that_never_reads_as_no_child(gateway: Edge, fault: Answer | str) -> None:
    """A child that can't be looked up is null with an error: never the answer for a child who does not exist."""
    gateway.stub.faults["index"] = fault
    body = (await gateway.post()).json()
    assert body["data"] == {"child": None}
    assert body["errors"][0]["path"] == ["child"]
    assert body["errors"][0]["extensions"]["agency"] == "index"
    cps = body["extensions"]["cps"]
    assert [(item["path"], item["agency"]) for item in cps["unavailable"]] == [("child", "index")]
    assert cps["answered"] == []
    assert gateway.log.entries[-1].outcome == "PARTIAL"


async def test_a_child_who_does_not_exist_is_null_without_an_error(gateway: Edge) -> None:
    body = (await gateway.post(variables={"n": "9990000026"})).json()
    assert body["data"] == {"child": None}
    assert "errors" not in body
    assert body["extensions"]["cps"]["unavailable"] == []
    assert gateway.stub.graphs == {"index"}


async def test_an_agencys_own_error_is_named_at_its_place_without_its_words(gateway: Edge) -> None:
    """Its words could hold anything: the code stands, the message does not."""
    gateway.stub.faults["police"] = json_answer(
        {
            "data": {"_entities": [{"police": {"officer": "PC Adeyemi", "narrative": None}}]},
            "errors": [
                {
                    "message": f"ORA-01017 for {SURNAME} {NHS}",
                    "path": ["_entities", 0, "police", "narrative"],
                    "extensions": {"code": "WITHHELD", "exception": {"stacktrace": ["at line 1"]}},
                }
            ],
        }
    )
    answer = await gateway.post()
    body = answer.json()
    assert body["data"]["child"]["police"] == {"officer": "PC Adeyemi", "narrative": None}
    assert body["data"]["child"]["socialCare"]["leadWorker"] == "Ruth Vane"
    (error,) = body["errors"]
    assert error["path"] == ["child", "police", "narrative"]
    assert error["extensions"] == {"code": "WITHHELD", "agency": "police", "reason": "WITHHELD"}
    assert "ORA" not in answer.text
    assert NHS not in answer.text
    assert "stacktrace" not in answer.text


@pytest.mark.parametrize(
    "errors",
    [
        ["text"],
        [None],
        [{}],
        [{"message": 5}],
        [{"path": "child"}],
        [{"path": [None, {}]}],
        [{"extensions": []}],
        [{"extensions": {"code": "<script>"}}],
    ],
)
async def test_errors_of_any_shape_are_survived_and_said(gateway: Edge, errors: list[object]) -> None:
    gateway.stub.faults["police"] = json_answer({"data": None, "errors": errors})
    answer = await gateway.post()
    body = answer.json()
    assert answer.status_code == 200
    assert body["data"]["child"]["police"] is None
    assert body["data"]["child"]["surname"] == SURNAME
    assert {error["extensions"]["agency"] for error in body["errors"]} == {"police"}
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        ["_entities", 99],
        ["_entities", -1],
        ["_entities", "x"],
        ["elsewhere"],
        [],
    ],
)
async def test_an_error_without_a_place_still_makes_its_agency_unavailable(gateway: Edge, path: list[object]) -> None:
    gateway.stub.faults["police"] = json_answer({"data": None, "errors": [{"message": "x", "path": path}]})
    body = (await gateway.post()).json()
    assert [item["agency"] for item in body["extensions"]["cps"]["unavailable"]] == ["police"]
    assert [error["path"] for error in body["errors"]] == [["child", "police"]]
    assert gateway.log.entries[-1].outcome == "PARTIAL"


@pytest.mark.parametrize("data", [None, {}])
async def test_an_error_at_one_root_field_does_not_hide_that_another_is_missing(gateway: Edge, data: object) -> None:
    gateway.stub.faults["index"] = json_answer({"data": data, "errors": [{"message": "x", "path": ["agencies"]}]})
    body = (await gateway.post("query($n: String) { agencies child(nhsNumber: $n) { id } }")).json()
    assert body["data"] == {"agencies": None, "child": None}
    assert sorted(item["path"] for item in body["extensions"]["cps"]["unavailable"]) == ["agencies", "child"]


async def test_an_error_at_one_child_does_not_hide_that_another_is_missing(gateway: Edge) -> None:
    found = [{"id": "one", "__cps_subject": "one"}, {"id": "two", "__cps_subject": "two"}]
    gateway.stub.faults["index"] = json_answer({"data": {"findChildren": found}})
    gateway.stub.faults["police"] = json_answer(
        {"data": None, "errors": [{"message": "x", "path": ["_entities", 0, "police"]}]}
    )
    body = (await gateway.post("{ findChildren(filter: {}) { id police { officer } } }", {})).json()
    assert [child["police"] for child in body["data"]["findChildren"]] == [None, None]
    assert sorted(error["path"] for error in body["errors"]) == [
        ["findChildren", 0, "police"],
        ["findChildren", 1, "police"],
    ]


async def test_all_agencies_fail_and_the_child_is_still_found(gateway: Edge) -> None:
    gateway.stub.faults |= {"care": "DEADLINE", "police": HTML}
    body = (await gateway.post()).json()
    assert body["data"]["child"] == {"id": CHILD, "surname": SURNAME, "socialCare": None, "police": None}
    assert {(item["agency"], item["reason"]) for item in body["extensions"]["cps"]["unavailable"]} == {
        ("care", "DEADLINE"),
        ("police", "BAD_CONTENT"),
    }


@pytest.mark.parametrize(
    "value",
    [
        b"5",
        b'"text"',
        b"[[1]]",
        b'{"leadWorker": {"x": 1}, "chronology": 5, "legalAdvice": [1]}',
        b'[{"leadWorker": "x"}]',
    ],
)
async def test_values_of_the_wrong_shape_cost_their_own_part_only(gateway: Edge, value: bytes) -> None:
    gateway.stub.faults["care"] = Answer(200, "", b'{"data": {"_entities": [{"socialCare": ' + value + b"}]}}")
    body = (await gateway.post()).json()
    assert body["data"]["child"]["police"]["officer"] == "PC Adeyemi"
    care = body["data"]["child"]["socialCare"]
    assert care is None or set(care.values()) == {None}
    assert body["errors"]


async def test_a_scalar_nested_too_deeply_costs_its_own_part_only(gateway: Edge) -> None:
    value = b"[" * 300 + b"]" * 300
    gateway.stub.faults["index"] = Answer(
        200, "", b'{"data": {"child": {"id": "x", "_subject": "x", "dateOfBirth": ' + value + b"}}}"
    )
    answer = await gateway.post("query($n: String) { child(nhsNumber: $n) { dateOfBirth } agencies }")
    assert answer.status_code == 200


async def test_a_fault_of_ours_is_500_and_says_nothing(gateway: Edge, caplog: pytest.LogCaptureFixture) -> None:
    gateway.stub.faults["index"] = KeyError(f"{SURNAME} {NHS}")
    answer = await gateway.post(QUERY)
    assert answer.status_code == 500
    assert answer.json() == {
        "errors": [
            {"message": "the gateway failed; the fault is logged", "extensions": {"code": "INTERNAL"}},
        ]
    }
    assert "KeyError at tests.edge.network:" in caplog.text
    assert SURNAME not in caplog.text
    assert NHS not in caplog.text
    assert "Traceback" not in caplog.text


async def test_agencies_that_were_asked_before_a_fault_of_ours_are_on_record(gateway: Edge) -> None:
    gateway.stub.faults["care"] = KeyError("x")
    assert (await gateway.post()).status_code == 500
    assert "index" in gateway.log.entries[-1].asked
