"""What the endpoint answers, byte for byte but for ids and times, as it was reviewed in `reviewed.txt`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import orjson

from gateway.errors import AuditUnavailable
from gateway.execution import Answer
from tests.access.test_reviewed import told
from tests.edge.network import CHILD, NHS, QUERY, Edge, json_answer
from tests.reviewed import expect

FILE = Path(__file__).parent / "reviewed.txt"
LEFT_OUT = ("content-length",)
QUERIES: tuple[tuple[str, dict[str, Any]], ...] = (
    (QUERY, {"n": NHS}),
    ("{ agencies }", {}),
    ("query A { agencies } query B { __typename }", {}),
    ("query($n: String = 7) { child(nhsNumber: $n) { id } }", {}),
    ("query($n: String) { child(nhsNumber: $n) { id } }", {"n": ["x"]}),
    ("query($f: Filter!) { findChildren(filter: $f) { id surname } }", {"f": {"surname": "x", "more": 1}}),
    ("{ child(id: 5) { nothing } nobody }", {}),
    ("{ child", {}),
    ("subscription { child }", {}),
    ('mutation { note(text: "x") }', {}),
    ("{ __typename }", {}),
    ('{ __type(name: "Child") { kind name fields { name type { kind ofType { name } } } } }', {}),
    ("{ a: agencies b: agencies ...F ...F } fragment F on Query { agencies }", {}),
    (f'{{ child(id: "{CHILD}") @include(if: false) {{ id }} }}', {}),
    ("{" + " ".join(f"a{number}: agencies" for number in range(300)) + "}", {}),
    ("{ " + "a { " * 60 + "b" + " }" * 60 + " }", {}),
)
FAULTS: dict[str, Answer | str | Exception] = {
    "status": Answer(500, "text/html", b"<html>"),
    "no JSON": Answer(200, "text/html", b"<html>"),
    "no answer": json_answer({}),
    "no object": json_answer([]),
    "errors": json_answer({"data": None, "errors": [{"message": "secret", "extensions": {"code": "SECRET_WORD"}}]}),
    "null": json_answer({"data": {"_entities": [None]}}),
    "too few": json_answer({"data": {"_entities": []}}),
    "cannot be reached": "UNREACHABLE",
    "too late": "TIMEOUT",
    "a fault of ours": RuntimeError("secret"),
}


def shown(answer: httpx.Response) -> list[str]:
    """Return an answer in lines."""
    headers = {name: value for name, value in answer.headers.items() if name not in LEFT_OUT}
    try:
        body = orjson.dumps(orjson.loads(answer.content)).decode()
    except ValueError:
        body = answer.text
    head = f"{answer.status_code} {orjson.dumps(headers, option=orjson.OPT_SORT_KEYS).decode()}"
    return [head, re.sub(r'(auditId": ?"|auditId: )[A-Za-z0-9_-]+', r"\1<audit id>", body)]


async def test_what_is_answered_to_each_request(gateway: Edge) -> None:
    lines: list[str] = []
    seen = 0

    def note(what: str, answer: httpx.Response) -> None:
        nonlocal seen
        agencies = sorted(
            f"{asked.graph} < {asked.query} {orjson.dumps(asked.variables).decode()}" for asked in gateway.stub.asked
        )
        gateway.stub.asked.clear()
        logged = [told(entry) for entry in gateway.log.entries[seen:]]
        seen = len(gateway.log.entries)
        lines.extend([f"## {what[:200]}", *agencies, *shown(answer), *logged, ""])

    for query, variables in QUERIES:
        note(f"{query} {orjson.dumps(variables).decode()}", await gateway.post(query, variables))
    note("operation B of two", await gateway.post(QUERIES[2][0], {}, operationName="B"))
    note("no such operation", await gateway.post(QUERIES[2][0], {}, operationName="C"))
    note("a purpose in the body", await gateway.post(purpose=None, extensions={"purpose": "CPP"}))
    note("no such purpose", await gateway.post(purpose="CURIOSITY"))
    note("no purpose", await gateway.post(purpose=None))
    note("a purpose that the role has not", await gateway.post(purpose="AUDIT"))
    note("no token", await gateway.post(token=""))
    note("a token that is none", await gateway.post(token="x.y.z"))
    for name, value in (("exp", 1), ("iss", "https://other.example"), ("aud", "other"), ("roles", ["nobody"])):
        note(f"a token with {name} = {value}", await gateway.post(token=gateway.token(**{name: value})))
    note("a token of no scope", await gateway.post(token=gateway.token(scope="openid")))
    for accept in ("application/graphql-response+json", "*/*", "text/html", "application/json;q=0"):
        note(f"accept {accept}", await gateway.post("{ agencies }", {}, accept=accept))
    for body in (b"", b"[]", b"{}", b'{"query": 5}', b'{"query": "{agencies}", "variables": []}', b"\xff"):
        note(f"body {body!r}", await gateway.raw(body))
    note("another media type", await gateway.raw(b"{}", content_type="text/plain"))
    note("PUT", await gateway.raw(b"{}", method="PUT"))
    unknown = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    note("a hash of nothing known", await gateway.post(None, {}, extensions=unknown))
    note("break-glass without a grant", await gateway.post(headers={"cps-break-glass": "x"}))
    for agency in ("index", "care", "police"):
        for name, fault in FAULTS.items():
            gateway.stub.faults[agency] = fault
            note(f"{agency}: {name}", await gateway.post())
            gateway.stub.faults.clear()
    gateway.log.failure = AuditUnavailable("full")
    note("the log is full", await gateway.post())
    expect(FILE, "\n".join(lines) + "\n")
