"""No answer without its entry; no personal data in any log; what the answer says of itself."""

from __future__ import annotations

import datetime as dt
import gc
import logging
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from blake3 import blake3

from gateway.audit import MAX_IDENTIFIERS, Entry, Question, Questions, Sealer, Tokeniser
from gateway.audit.given import disclosed
from gateway.edge import Auditing
from gateway.errors import AuditUnavailable
from gateway.execution import Context, Judge, Outcome
from tests.audit.local import local_log
from tests.edge.network import CHILD, DATA, NHS, QUERY, SURNAME, Edge, MemoryLog, edge

KEY = b"k" * 32


@pytest.fixture
async def durable(tmp_path: Path) -> AsyncIterator[Edge]:
    """A gateway with a real log."""
    async with local_log(tmp_path / "audit.sqlite") as log:
        made = edge(Auditing(log, Tokeniser(KEY), Sealer(KEY)), MemoryLog())
        async with made.client:
            yield made


async def test_an_audit_that_fails_is_503_and_nothing_is_disclosed(
    gateway: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.log.failure = AuditUnavailable("disk full")
    for accept in ("application/json", "application/graphql-response+json"):
        answer = await gateway.post(accept=accept)
        assert answer.status_code == 503
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "AUDIT_UNAVAILABLE"
        assert set(answer.json()) == {"errors"}
        assert SURNAME not in answer.text
        assert "disk full" not in answer.text
    assert "disk full" in caplog.text
    gateway.log.failure = None
    assert (await gateway.post()).status_code == 200


async def test_a_refusal_that_cannot_be_written_down_is_503_too(gateway: Edge) -> None:
    gateway.log.failure = AuditUnavailable("disk full")
    assert (await gateway.post("{ nothing }")).status_code == 503


async def test_what_was_fetched_does_not_wait_for_the_entry(gateway: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory would go cold meanwhile, and every request after it be slower."""
    held: list[str] = []
    append = gateway.log.append

    async def looking(entry: Entry) -> None:
        held.extend(type(one).__name__ for one in gc.get_objects() if isinstance(one, Context | Outcome | Judge))
        await append(entry)

    monkeypatch.setattr(gateway.log, "append", looking)
    gc.collect()
    assert (await gateway.post()).json()["data"]
    assert len(gateway.log.entries) == 1
    assert held == []


async def test_the_answer_leaves_after_its_entry(gateway: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    append = gateway.log.append

    async def slow(entry: Entry) -> None:
        await append(entry)
        order.append("entry")

    monkeypatch.setattr(gateway.log, "append", slow)

    class Watched:
        """The endpoint, with its answer's first byte on record."""

        def __init__(self, app: object) -> None:
            self.app = app

        async def __call__(self, scope: object, receive: object, send: object) -> None:
            async def watched(message: object) -> None:
                order.append("answer")
                await send(message)  # type: ignore[operator] # an ASGI callable

            await self.app(scope, receive, watched)  # type: ignore[operator] # an ASGI application

    transport = gateway.client._transport
    monkeypatch.setattr(transport, "app", Watched(transport.app))  # type: ignore[attr-defined] # httpx's ASGITransport
    assert (await gateway.post()).status_code == 200
    assert order == ["entry", "answer", "answer"]


async def test_the_entry_says_what_the_answer_says(durable: Edge, tmp_path: Path) -> None:
    answer = await durable.post()
    cps = answer.json()["extensions"]["cps"]
    tokeniser = Tokeniser(KEY)
    (found,) = Questions(tmp_path / "audit.sqlite", tokeniser).page(Question(child=NHS), 9).entries
    body = found.body
    assert body["audit_id"] == cps["auditId"]
    assert len(cps["auditId"]) == 22
    assert set(cps) == {"auditId", "purpose", "asked", "answered", "withheld", "unavailable", "listed"}
    assert body["response_digest"] == f"blake3:{blake3(answer.content).hexdigest()}"
    assert (body["subject"], body["issuer"], body["client"]) == ("worker-7", "https://idp.example", "console")
    assert (body["agency"], body["roles"], body["purpose"]) == ("380", ["social_worker"], "S47")
    assert body["children"] == [tokeniser.token(CHILD)]
    assert body["outcome"] == "ANSWERED"
    assert (body["asked"], cps["asked"]) == (["13", "380", "index"], ["care", "index", "police"])
    assert body["schema_version"] == durable.pipeline.supergraph.version
    assert body["policy_version"]
    assert "PoliceRecord.narrative" in disclosed(body)["13"]


async def test_each_request_has_an_id_of_its_own(gateway: Edge) -> None:
    ids = [(await gateway.post()).json()["extensions"]["cps"]["auditId"] for _ in range(20)]
    assert len(set(ids)) == 20
    assert [entry.audit_id for entry in gateway.log.entries] == ids
    assert {asked.headers for asked in gateway.stub.asked} == {f"cps-request-id: {one}\r\n".encode() for one in ids}


async def test_what_was_withheld_and_not_answered_is_on_record(gateway: Edge) -> None:
    gateway.stub.faults["police"] = "DEADLINE"
    body = (await gateway.post(purpose="CIN")).json()
    (entry,) = gateway.log.entries
    told = body["extensions"]["cps"]["withheld"]
    codes = {"care": "380", "police": "13"}
    assert list(entry.withheld) == [
        {"path": item["path"], "agency": codes[item["agency"]], "policy": item["policy"], "reason": item["reason"]}
        for item in told
    ]
    assert entry.withheld[0]["path"] == "child.police.narrative"
    assert [item["agency"] for item in entry.unavailable] == ["13"]
    assert entry.outcome == "PARTIAL"


SECRETS = (NHS, NHS[:3] + " " + NHS[3:6] + " " + NHS[6:], SURNAME, SURNAME.upper(), "worker-7-secret-query")

_TEMPLATES: list[tuple[str, dict[str, object]]] = [
    (QUERY, {"n": NHS}),
    (QUERY, {"n": SECRETS[1]}),
    (QUERY, {"n": int(NHS)}),
    (QUERY, {"n": NHS, NHS: 1, SURNAME: {"x": NHS}}),
    (QUERY, {"n": NHS, "more": {NHS: [SURNAME]}}),
    (QUERY, {"n": [SURNAME]}),
    ('{ child(nhsNumber: "<NHS>") { id } }', {}),
    ("{ child(id: <NHS>) { id } }", {}),
    ('query($n: String = "<NHS>") { child(nhsNumber: $n) { id } }', {}),
    ('query($n: String = "<NHS>") { child(nhsNumber: $n) { nothing } }', {}),
    ('query($s: String) { findChildren(filter: {nhsNumber: "<NHS>", surname: $s}) { id } }', {"s": SURNAME}),
    ('{ findChildren(filter: {nhsNumber: "<NHS>", surname: "<SURNAME>"}) { id } }', {}),
    ("query($f: Filter!) { findChildren(filter: $f) { id } }", {"f": {"surname": SURNAME}}),
    ("query($f: Filter!) { findChildren(filter: $f) { id } }", {"f": {SURNAME: NHS}}),
    ('query($f: Filter = {surname: "<SURNAME>"}) { findChildren(filter: $f) { id } }', {}),
    ('mutation { note(text: "<SURNAME> <NHS>") }', {}),
    ("query <SURNAME> { n<NHS>: agencies }", {}),
    ("query <SURNAME> { <SURNAME>: child(nhsNumber: null) { n<NHS>: id } }", {}),
    ('{ agencies # <NHS>\n }', {}),
    ('{ child(nhsNumber: "<NHS>") { id', {}),
    ("query($n<NHS>: String) { child(nhsNumber: $n<NHS>) { id } }", {f"n{NHS}": "x"}),
    ("query($v: Boolean = true) { agencies @include(if: $v) child(nhsNumber: \"<NHS>\") @skip(if: $v) { id } }", {}),
    ("fragment <SURNAME> on Query { agencies } { ...<SURNAME> }", {}),
]  # fmt: skip
ASKED = [(text.replace("<NHS>", NHS).replace("<SURNAME>", SURNAME), variables) for text, variables in _TEMPLATES]


def files(folder: Path) -> list[Path]:
    """The database and what SQLite keeps beside it."""
    return sorted(folder.iterdir())


async def test_no_identifier_is_in_the_log_file_in_clear(durable: Edge, tmp_path: Path) -> None:
    """Whatever way the client sends it: as a value, a literal, a default, a name, an alias or a comment."""
    for query, variables in ASKED:
        answer = await durable.post(query, variables)
        assert answer.status_code == 200
        raw = b"".join(path.read_bytes() for path in files(tmp_path))
        assert len(raw) > 4096
        for secret in (*SECRETS, CHILD, "seen at home", "called at night"):
            for form in {secret, secret.lower()}:
                assert form.encode() not in raw, f"{query} {variables}"
                assert form.encode("utf-16-le") not in raw


@pytest.mark.parametrize("query", ["query($x: Date) { born(on: $x) }", "{ born(on: {n<NHS>: {<SURNAME>: 1}}) }"])
async def test_no_name_inside_a_scalar_is_in_the_log_file_in_clear(durable: Edge, tmp_path: Path, query: str) -> None:
    """A custom scalar takes objects, whose names are the client's own words."""
    query = query.replace("<NHS>", NHS).replace("<SURNAME>", SURNAME)
    answer = await durable.post(query, {"x": {NHS: [{SURNAME: 1}]}} if "$x" in query else {})
    assert answer.json()["data"] == {"born": "x"}
    raw = b"".join(path.read_bytes() for path in files(tmp_path))
    assert NHS.encode() not in raw
    assert SURNAME.encode() not in raw


async def test_no_log_record_holds_personal_data_a_token_or_the_query(
    gateway: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = gateway.token()
    for query, variables in ASKED:
        await gateway.post(query, variables, token=token)
    for fault in ("DEADLINE", ValueError(NHS), RuntimeError(SURNAME)):
        gateway.stub.faults["index"] = fault
        await gateway.post(token=token)
    await gateway.post(token=token[:-4] + "AAAA")
    await gateway.post(purpose=SURNAME, token=token)
    gateway.log.failure = AuditUnavailable("disk full")
    await gateway.post(token=token)
    await gateway.raw(b'{"query": "' + NHS.encode())
    gateway.provider.down = True
    own = [r for r in caplog.records if not r.name.startswith(("asyncio", "httpx", "httpcore"))]
    assert len(own) >= 3
    text = "\n".join(f"{record.getMessage()} {record.args} {record.exc_info} {record.stack_info}" for record in own)
    for secret in (*SECRETS, CHILD, token, token[:40], "nhsNumber", "leadWorker", "worker-7", "Traceback"):
        assert secret not in text


async def test_what_a_pseudonym_stands_for_is_written_once_for_each_practitioner(gateway: Edge) -> None:
    """Whoever asks first pays for it, whether or not a colleague has asked before."""
    for who in ("amina", "amina", "peter"):
        await gateway.post(token=gateway.token(sub=who))
    sealed = [bool(entry.sealed) for entry in gateway.log.entries]
    assert [entry.subject for entry in gateway.log.entries] == ["amina", "amina", "peter"]
    assert sealed == [True, False, True]


async def test_introspection_is_answered_here_and_written_down(gateway: Edge) -> None:
    body = (await gateway.post("{ __schema { queryType { name } } __typename agencies }", {})).json()
    assert body["data"]["__schema"] == {"queryType": {"name": "Query"}}
    assert body["data"]["agencies"] == DATA["agencies"]
    assert gateway.stub.graphs == {"index"}
    assert len(gateway.log.entries) == 1


async def test_a_mutation_is_written_down_too(gateway: Edge) -> None:
    body = (await gateway.post('mutation { note(text: "x") }', {})).json()
    assert body["data"] == {"note": True}
    assert gateway.log.entries[-1].operation.startswith("mutation")


async def test_equal_operations_have_one_text_whatever_their_values(gateway: Edge) -> None:
    await gateway.post('{ child(nhsNumber: "9990000018") { id } }', {})
    await gateway.post('{ child(nhsNumber: "9990000026") { id } }', {})
    first, second = gateway.log.entries
    assert first.operation_hash == second.operation_hash == sha256(first.operation.encode()).hexdigest()
    assert first.identifiers != second.identifiers
    assert orjson.loads(first.body())["variables"] != orjson.loads(second.body())["variables"]


@pytest.mark.parametrize(("count", "taken"), [(MAX_IDENTIFIERS, True), (MAX_IDENTIFIERS + 1, False)])
async def test_more_values_than_an_entry_holds_are_refused_and_none_is_kept(
    gateway: Edge, count: int, taken: bool
) -> None:
    days = [str(dt.date(2000, 1, 1) + dt.timedelta(days=number)) for number in range(count)]
    answer = await gateway.post("query($m: [Date]) { born(more: $m) }", {"m": days})
    (entry,) = gateway.log.entries
    if taken:
        assert answer.json()["data"] == {"born": "x"}
        assert len(entry.identifiers) == len(entry.sealed) == count
    else:
        assert answer.json()["errors"][0]["extensions"]["code"] == "OPERATION_TOO_LARGE"
        assert (entry.outcome, entry.identifiers, entry.variables, entry.sealed) == ("REFUSED", (), {}, ())
