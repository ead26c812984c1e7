"""One query over five agencies' databases, through real processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from gateway.audit.given import disclosed, given_by
from gateway.cli import cps
from gateway.cli.demo.compare import Received, ask, ask_all, problems, values_at
from gateway.cli.demo.network import Network, sign_in
from gateway.cli.demo.people import CHILD_A, PRACTITIONERS, Practitioner
from tests.e2e.conftest import Running

CHILD_B = "9990000026"
PEOPLE = {person.subject: person for person in PRACTITIONERS}
SOCIAL_WORKER, SCHOOL_LEAD, AUDITOR = PEOPLE["sw-1"], PEOPLE["dsl-1"], PEOPLE["auditor-1"]


def post(network: Network, person: Practitioner, query: str, **variables: object) -> dict[str, object]:
    headers = {"authorization": f"Bearer {sign_in(network, person)}", "cps-purpose": person.purpose}
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{network.gateway}/graphql", json=body, headers=headers, timeout=15.0)
    assert answer.status_code == 200, answer.text
    payload = answer.json()
    assert isinstance(payload, dict)
    return payload


def cps_report(answer: Mapping[str, object]) -> Mapping[str, object]:
    extensions = answer["extensions"]
    assert isinstance(extensions, dict)
    report = extensions["cps"]
    assert isinstance(report, dict)
    return report


def entry_of(running: Running, answer: Mapping[str, object]) -> Mapping[str, object]:
    with sqlite3.connect(running.data / "audit.sqlite") as connection:
        row = connection.execute(
            "SELECT body FROM entry WHERE audit_id = ?", (cps_report(answer)["auditId"],)
        ).fetchone()
    entry = json.loads(row[0])
    assert isinstance(entry, dict)
    return entry


def texts_at(answer: Mapping[str, object], path: str) -> list[object]:
    return values_at(answer["data"], path.split("."))


def statements(running: Running, subgraph: str, received: Received) -> list[str]:
    """The SQL that one answer made an agency's database run."""
    lines = (running.data / "run" / f"{subgraph}.sql.log").read_text().splitlines()
    logged = [json.loads(line) for line in lines]
    return [item["statement"] for item in logged if item["requestId"] == received.report["auditId"]]


def test_five_practitioners_each_receive_what_is_theirs(running: Running) -> None:
    assert problems(ask_all(running.network)) == []


def test_the_narrative_is_never_read_for_the_school_lead(running: Running) -> None:
    """Police narratives are lines of the table `PpnText`."""
    by_worker, by_school = (ask(running.network, person) for person in (SOCIAL_WORKER, SCHOOL_LEAD))
    assert any("PpnText" in statement for statement in statements(running, "police", by_worker))
    asked = statements(running, "police", by_school)
    assert any('"Ppn"' in statement for statement in asked)
    assert not any("PpnText" in statement for statement in asked)
    assert texts_at(by_school.answer, "child.police.notices.officer")
    withheld = by_school.report["withheld"]
    assert isinstance(withheld, list)
    assert {
        "path": "child.police.notices.narrative",
        "agency": "police",
        "policy": "police.detail",
        "reason": "ROLE_DOES_NOT_PERMIT",
        "explanation": "This is not shared with your role.",
        "remedies": ["BREAK_GLASS", "ASK_OWNER"],
    } in withheld


def test_an_auditor_moves_no_data(running: Running) -> None:
    received = ask(running.network, AUDITOR)
    assert received.answer["data"] == {"child": None}
    assert received.report["asked"] == []
    assert statements(running, "index", received) == []


def test_a_shielded_child_does_not_exist_by_any_path(running: Running) -> None:
    by_number = post(
        running.network, SOCIAL_WORKER, "query($n: String!) { child(nhsNumber: $n) { id forename } }", n=CHILD_B
    )
    unknown = post(
        running.network, SOCIAL_WORKER, "query($n: String!) { child(nhsNumber: $n) { id forename } }", n="9990009996"
    )
    for answer in (by_number, unknown):
        report = dict(cps_report(answer))
        assert len(str(report.pop("auditId"))) == 22
        answer["extensions"] = report
    assert by_number == unknown
    nested = post(
        running.network,
        SOCIAL_WORKER,
        "query($n: String!) { child(nhsNumber: $n) { socialCare { siblings { id forename nhsNumber } }"
        " police { notices { childrenPresent { id nhsNumber } } } } }",
        n=CHILD_A,
    )
    assert "errors" not in nested
    siblings = texts_at(nested, "child.socialCare.siblings.nhsNumber")
    present = texts_at(nested, "child.police.notices.childrenPresent.nhsNumber")
    assert "9990000034" in siblings
    assert "9990000034" in present
    assert CHILD_B not in json.dumps(nested)


def test_the_log_finds_the_child_and_holds_no_identifier(running: Running) -> None:
    received = ask(running.network, SOCIAL_WORKER)
    result = CliRunner().invoke(cps, ["audit", "list", "--data", str(running.data), "--child", CHILD_A, "--json"])
    assert result.exit_code == 0, result.output
    entries = [json.loads(line) for line in result.output.splitlines()]
    entry = next(item for item in entries if item["audit_id"] == received.report["auditId"])
    assert (entry["subject"], entry["agency"], entry["purpose"]) == ("sw-1", "380", "S47")
    assert entry["children"]
    assert entry["asked"] == ["13", "380", "RAE", "TAD", "education", "index"]
    assert "PoliceNotice.narrative" in disclosed(entry)["13"]
    assert {tuple(each.relationships) for each in given_by(entry) if each.children} == {("allocated", "team")}
    for name in ("audit.sqlite", "audit.sqlite-wal"):
        content = (running.data / name).read_bytes() if (running.data / name).exists() else b""
        assert CHILD_A.encode() not in content
        assert b"Ellerthwaite" not in content
    found = post(
        running.network,
        SOCIAL_WORKER,
        'query { findChildren(surname: "Ellerthwaite", dateOfBirth: "2021-02-14") { forename } }',
    )
    assert texts_at(found, "findChildren.forename") == ["Safiya"]
    again = CliRunner().invoke(cps, ["audit", "list", "--data", str(running.data), "--child", CHILD_A, "--json"])
    assert str(cps_report(found)["auditId"]) in again.stdout
    other = CliRunner().invoke(cps, ["audit", "list", "--data", str(running.data), "--child", "9990009996", "--json"])
    assert str(received.report["auditId"]) not in other.output


def test_the_report_for_the_family_is_in_words(running: Running, tmp_path: Path) -> None:
    ask(running.network, SOCIAL_WORKER)
    ask(running.network, SCHOOL_LEAD)
    out = tmp_path / "report.html"
    arguments = ["audit", "report", "--data", str(running.data), "--child", CHILD_A, "--out", str(out)]
    result = CliRunner().invoke(cps, arguments)
    assert result.exit_code == 0, result.output
    page = out.read_text(encoding="utf-8")
    for words in (
        CHILD_A,
        "Bradford Children&#x27;s Services",
        "West Yorkshire Police",
        "police records",
        "an enquiry whether a child is being harmed (section 47)",
        "works with the person",
        "safeguarding lead of a school",
    ):
        assert words in page
    assert "Safiya" not in page


def test_no_log_of_any_process_holds_a_childs_data(running: Running) -> None:
    ask_all(running.network)
    logs = sorted((running.data / "run").glob("*.log"))
    assert len(logs) > 6
    assert any(log.stat().st_size for log in logs)
    for log in logs:
        content = log.read_text()
        for secret in (CHILD_A, "999 000 0018", "Q380200125001", "Ellerthwaite", "Safiya", "eyJ"):
            assert secret not in content, log.name


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({}, b'{"query": "{ agencies { code } }"}', 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer nonsense"}, b'{"query": "{ agencies { code } }"}', 401, "UNAUTHENTICATED"),
        ({"authorization": "token"}, b"{", 400, "BAD_REQUEST"),
        ({"authorization": "token"}, b'{"query": "{ agencies {"}', 400, "GRAPHQL_PARSE_FAILED"),
        ({"authorization": "token"}, b'{"query": "{ agency }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
        (
            {"authorization": "token", "cps-purpose": "NOSE"},
            b'{"query": "{ agencies { code } }"}',
            400,
            "UNKNOWN_PURPOSE",
        ),
        ({"authorization": "token"}, b'{"query": "' + b" " * 300_000 + b'"}', 413, "BODY_TOO_LARGE"),
    ],
)
def test_bad_requests_are_told_what_was_expected(
    running: Running, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    sent = {"content-type": "application/json", "accept": "application/graphql-response+json", **headers}
    if headers.get("authorization") == "token":
        sent["authorization"] = f"Bearer {sign_in(running.network, SOCIAL_WORKER)}"
    answer = httpx.post(f"{running.network.gateway}/graphql", content=body, headers=sent)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "Traceback" not in answer.text
