"""A hostile agency in front of the demonstration's police, SDLs pinned: only its own part changes, and it is named."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.cli.demo.network import sign_in
from gateway.cli.demo.people import CHILD_A, PRACTITIONERS
from tests.attack.forging import objects_of
from tests.e2e.conftest import Running, made

PEOPLE = {person.subject: person for person in PRACTITIONERS}
QUERY = """query($nhs: String!) { child(nhsNumber: $nhs) {
    forename
    police { notices(first: 1) { officer narrative childrenPresent { forename socialCare { leadWorker } } } }
    acute { attendances(first: 1) { department reason } }
    education { school attendancePercent }
    socialCare { plans { category } siblings { forename acute { attendances { reason } } } }
} }"""
FORGED = {
    "holders": [{"agency": "RAE", "recordId": "M000002"}],
    "__cps_subject": "AAAAAAAAAAAAAAAAAAAAAA",
    "__cps_fact_shielded": False,
    "__cps_fact_relationships": [
        {"kind": "ALLOCATED", "assertedBy": "380", "agency": "380", "team": None, "practitioner": "sw-1",
         "since": "2020-01-01", "until": None},
    ],
    "id": "AAAAAAAAAAAAAAAAAAAAAA",
    "acute": [],
    "socialCare": [],
    "education": [],
    "forename": "Forged",
}  # fmt: skip


class Lying(BaseHTTPRequestHandler):
    """Passes requests on to the police's subgraph, and forges what it answers."""

    protocol_version = "HTTP/1.1"
    behind = ""
    forge: Callable[[Any], None] = staticmethod(lambda answer: None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        answer = httpx.post(type(self).behind, content=body, headers=kept)
        told = answer.json()
        type(self).forge(told)
        content = json.dumps(told).encode()
        self.send_response(answer.status_code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The network, with the liar where the police were; the gateway serves no SDL that was not approved before."""
    with made(tmp_path_factory.mktemp("hostile")) as running:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Lying)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        run = running.data / "run"
        listed = json.loads((run / "subgraphs.json").read_text())
        for each in listed:
            if each["name"] == "police":
                Lying.behind, each["url"] = each["url"], f"http://127.0.0.1:{server.server_address[1]}/graphql"
        (run / "hostile.json").write_text(json.dumps(listed))
        running.processes.stop("gateway")
        network = running.network
        running.processes.start(
            "gateway", "gateway", "serve", "--subgraphs", str(run / "hostile.json"), "--data", str(running.data),
            "--port", str(urlsplit(network.gateway).port), "--issuer", network.issuer,
        )  # fmt: skip
        running.processes.wait_until_healthy([("gateway", f"{network.gateway}/health")])
        yield running
        server.shutdown()
        server.server_close()


def ask(running: Running, forge: Callable[[Any], None]) -> dict[str, Any]:
    Lying.forge = staticmethod(forge)
    worker = PEOPLE["sw-1"]
    headers = {"authorization": f"Bearer {sign_in(running.network, worker)}", "cps-purpose": "S47"}
    body = {"query": QUERY, "variables": {"nhs": CHILD_A}}
    answer = httpx.post(f"{running.network.gateway}/graphql", json=body, headers=headers, timeout=15.0).json()
    assert isinstance(answer, dict)
    return answer


def entry(running: Running, answer: dict[str, Any]) -> dict[str, Any]:
    with sqlite3.connect(running.data / "audit.sqlite") as connection:
        audit_id = answer["extensions"]["cps"]["auditId"]
        (body,) = connection.execute("SELECT body FROM entry WHERE audit_id = ?", (audit_id,)).fetchone()
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in answer["extensions"]["cps"].items() if name != "auditId"}
    return {**answer, "extensions": {"cps": told}}


def nothing(_: Any) -> None:
    pass


def test_the_sdl_was_approved_and_is_served_as_it_was(hostile: Running) -> None:
    ready = httpx.get(f"{hostile.network.gateway}/ready").json()
    assert (ready["status"], ready["unapproved"]) == ("ready", [])


@pytest.mark.parametrize("keys", [*([key] for key in FORGED), list(FORGED)], ids=lambda keys: "-".join(keys)[:30])
def test_what_it_adds_changes_neither_the_answer_nor_the_log(hostile: Running, keys: list[str]) -> None:
    honest = ask(hostile, nothing)
    assert honest["data"]["child"]["police"][0]["notices"][0]["narrative"]
    assert honest["data"]["child"]["acute"][0]["attendances"][0]["reason"]

    def forge(answer: Any) -> None:
        for each in list(objects_of(answer.get("data"))):
            for key in keys:
                each.setdefault(key, FORGED[key])

    lied = ask(hostile, forge)
    assert without_id(lied) == without_id(honest)
    before, after = entry(hostile, honest), entry(hostile, lied)
    for part in ("children", "given", "not_given", "requested", "withheld", "asked", "answered", "relationships"):
        assert after[part] == before[part], part


def test_its_foreign_references_are_not_followed_and_it_is_named(hostile: Running) -> None:
    honest = ask(hostile, nothing)

    def forge(answer: Any) -> None:
        for each in list(objects_of(answer.get("data"))):
            if "ref" in each:
                each["ref"] = "RAE:M000002"

    lied = ask(hostile, forge)
    assert honest["data"]["child"]["police"][0]["notices"][0]["childrenPresent"]
    named = {(item["path"], item["agency"], item["reason"]) for item in lied["extensions"]["cps"]["unavailable"]}
    assert ("child.police.notices.childrenPresent", "police", "BAD_CONTENT") in named
    for part in ("forename", "acute", "education", "socialCare"):
        assert lied["data"]["child"][part] == honest["data"]["child"][part]


def test_too_many_entities_cost_its_own_part_and_it_is_named(hostile: Running) -> None:
    honest = ask(hostile, nothing)

    def forge(answer: Any) -> None:
        for key, value in (answer.get("data") or {}).items():
            if key.startswith("_") and isinstance(value, list):
                answer["data"][key] = [*value, *value]

    lied = ask(hostile, forge)
    assert lied["data"]["child"]["police"] is None
    assert {item["agency"] for item in lied["extensions"]["cps"]["unavailable"]} == {"police"}
    for part in ("forename", "acute", "education", "socialCare"):
        assert lied["data"]["child"][part] == honest["data"]["child"][part]


def test_its_words_do_not_reach_the_reader(hostile: Running) -> None:
    def forge(answer: Any) -> None:
        error = {"message": "Mrs Forged of Mill Lane", "extensions": {"code": "FORGED_NAME", "reason": "FORGED_NAME"}}
        answer["errors"] = [error]

    assert "FORGED" not in json.dumps(ask(hostile, forge)).upper()


def test_another_sdl_of_its_is_not_served(hostile: Running) -> None:
    """It publishes one that asks less of who reads a field: the next start keeps the approved one, and says so."""

    def forge(answer: Any) -> None:
        service = (answer.get("data") or {}).get("_service")
        if isinstance(service, dict):
            service["sdl"] = service["sdl"].replace("grade: Grade @policy", "grade: Grade @authenticated #")

    Lying.forge = staticmethod(forge)
    before = httpx.get(f"{hostile.network.gateway}/health").json()["schema"]
    hostile.processes.stop("gateway")
    hostile.processes.start(
        "gateway", "gateway", "serve", "--subgraphs", str(hostile.data / "run" / "hostile.json"),
        "--data", str(hostile.data), "--port", str(urlsplit(hostile.network.gateway).port),
        "--issuer", hostile.network.issuer,
    )  # fmt: skip
    hostile.processes.wait_until_healthy([("gateway", f"{hostile.network.gateway}/health")])
    ready = httpx.get(f"{hostile.network.gateway}/ready").json()
    assert (ready["status"], ready["unapproved"], ready["schema"]) == ("degraded", ["police"], before)
