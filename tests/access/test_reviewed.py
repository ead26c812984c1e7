"""Whole exchanges as they were reviewed: what was asked, what each agency was sent, what came, and what the log says.

Each file of `reviewed/` is one person's questions of one small partnership (`tests.reviewed`).
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from authz.principal import Principal, Purpose, Role, may_ask_for
from gateway.access import claim_fields
from gateway.access.selection import selected
from gateway.audit import Entry, Sealer, Tokeniser
from gateway.edge import Auditing
from gateway.errors import RequestError
from gateway.execution import Answer
from tests.access.partnership import Partnership, Person, Tie, somebody
from tests.access.test_break_glass import BREAK, WHY
from tests.access.test_break_glass import GRANTS as BREAK_GLASS_LISTED
from tests.access.test_break_glass import REVIEW as REVIEW_BREAK_GLASS
from tests.access.test_claims import CLAIM, RESTORE, REVIEW, SUSPEND, Office
from tests.edge.network import MemoryLog
from tests.reviewed import expect

FOLDER = Path(__file__).parent / "reviewed"
AGENCY_OF = {
    Role.POLICE: "13",
    Role.HEALTH_VISITOR: "RAE",
    Role.DOCTOR: "RAE",
    Role.EMERGENCY_CLINICIAN: "RAE",
    Role.SCHOOL_LEAD: "990001",
    Role.AUDITOR: "999",
}
HELD = {"CARE": ("380", "381"), "POLICE": ("13",), "HEALTH": ("RAE", "RR8")}
TIES = (
    Tie("ALLOCATED", "380", "East", "me"),
    Tie("POLICE_OCCURRENCE", "13", "East", "me"),
    Tie("REGISTERED", "RAE", "East", "me"),
    Tie("ON_ROLL", "990001"),
)
PEOPLE = (
    Person("known", ties=TIES, held=HELD, siblings=("other", "hidden"), sensitive=("REF",)),
    Person("other", held={"CARE": ("381",), "HEALTH": ("RR8",)}, school="990001:s2", siblings=("known",)),
    Person("hidden", shielded=True, held={"POLICE": ("14",)}, ties=(Tie("POLICE_OCCURRENCE", "14"),)),
    Person("ended", ties=(Tie("ALLOCATED", "380", "East", "me", until="2026-02-01"),), held={"CARE": ("380",)}),
)
ALL = """id forename surname
  care { id leadWorker status note plan advice review }
  police { id officer narrative markers } health { id reason camhs }
  school { id head { id name phone } } locality refuge { id shelter }"""
SHORT = '{ child(id: "known") { surname care { status plan } police { narrative } health { reason } } }'
QUESTIONS = (
    f'{{ child(id: "known") {{ {ALL} care {{ siblings {{ {ALL} }} }} }} }}',
    f'{{ child(nhs: "nhs-other") {{ {ALL} }} }}',
    f'{{ hidden: child(id: "hidden") {{ {ALL} }} nobody: child(id: "nobody") {{ forename }} }}',
    '{ findChildren(surname: "Smith") { id forename police { narrative } } caseload(surname: "Smith") { id } }',
    '{ child(id: "known") { grade alert latest digest latestPolice { officer } } }',
    '{ meeting(id: "m") { id room minutes children { id surname care { status } } } }',
    '{ visit(id: "known") { id text child { forename } } named(id: "other") { forename } '
    'anyone(id: "known") { ... on Child { id surname } ... on Agency { code } } }',
    'mutation { refer(child: "other") { id forename } }',
    '{ access(child: "known", purpose: S47) { child purpose relationships breakGlass claimed '
    "fields { field policy outcome reason remedies } } }",
    '{ access(child: "other", purpose: SCHOOL) { relationships fields { field outcome reason remedies } } '
    'hidden: access(child: "hidden", purpose: CPP) { child } }',
    "{ breakGlassGrants { id } claimedRelationships { id } }",
)
LEFT_OUT = ("audit_id", "time", "duration_ms", "policy_version", "schema_version", "response_digest", "operation_hash")
"""Of an entry, what is another each time, or with every change of the schema."""


class Notes:
    """Writes down what happens at one gateway."""

    def __init__(self, network: Partnership, log: MemoryLog, *, exchanges: bool = True) -> None:
        self.network = network
        self.log = log
        self.exchanges = exchanges
        self.lines: list[str] = []
        self._names: dict[str, str] = {}

    @property
    def text(self) -> str:
        """What was written down."""
        return "\n".join(self.lines) + "\n"

    async def ask(
        self, query: str, who: Principal, purpose: Purpose | None, break_glass: str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Ask, and write down all that came of it."""
        before = len(self.log.entries)
        asked = " ".join(query.split())
        self.lines += [f"## {who.subject}, {' '.join(who.roles)} at {who.agency} for {purpose}: {asked}"]
        self.lines += [self._named(f"   {name} = {given}") for name, given in variables.items()]
        try:
            answer = await self.network.ask(query, who, purpose, break_glass, **variables)
        except RequestError as error:
            answer = {"refused": [each.as_json() for each in error.problems]}
        sent = self.network.transport.exchanged if self.exchanges else ()
        exchanged = sorted(  # agencies are asked at once
            f"{each.agency} < {' '.join(each.query.split())} {orjson.dumps(each.variables).decode()}" for each in sent
        )
        self.network.transport.exchanged.clear()
        self.lines += [self._named(line) for line in exchanged]
        self.lines += [self._named(line) for line in shown(answer)]
        self.lines += [self._named(told(entry)) for entry in self.log.entries[before:]] + [""]
        return answer

    def name(self, secret: str, name: str) -> None:
        """Write a name for what is drawn at random, and for its pseudonym."""
        self._names |= {secret: name, Tokeniser(b"k" * 32).token(secret): f"{name}'s pseudonym"}

    def _named(self, text: str) -> str:
        text = re.sub(r'(auditId": ?"|auditId: )[A-Za-z0-9_-]+', r"\1<audit id>", text)
        for secret, name in self._names.items():
            text = text.replace(secret, f"<{name}>")
        return text


def listed(value: Any) -> str:
    """Return one item of an account; explanations and remedies follow from the rest, and have tests of their own."""
    if not isinstance(value, dict):
        return str(value)
    return " ".join(str(each) for key, each in value.items() if key not in ("explanation", "remedies"))


def shown(answer: dict[str, Any]) -> list[str]:
    """Return an answer in lines: its data, its errors, and each thing that its account names."""
    lines = [f"{key} = {orjson.dumps(value).decode()}" for key, value in answer.items() if key != "extensions"]
    for key, value in answer.get("extensions", {}).get("cps", {}).items():
        if key in ("asked", "answered"):
            lines.append(f"  {key}: {', '.join(value)}")
        else:
            lines += [f"  {key}: {listed(each)}" for each in (value if isinstance(value, list) else [value])]
    return lines


def told(entry: Entry) -> str:
    """Return an entry of the log without what is another each time."""
    content = {each.name: getattr(entry, each.name) for each in fields(entry) if each.name not in LEFT_OUT}
    content["sealed"] = [token for token, _ in entry.sealed]
    content["withheld"] = len(entry.withheld)
    kept = {name: value for name, value in content.items() if value not in ((), [], {}, "", None, 0)}
    return f"log > {orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()}"


def begun(log: MemoryLog, *people: Person) -> Partnership:
    auditing = Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
    return Partnership.of(*(people or PEOPLE), auditing=auditing, meetings={"m": ("known", "other")})


@pytest.mark.parametrize("role", Role)
async def test_what_a_person_of_each_role_is_given(role: Role, tmp_path: Path) -> None:
    office = Office(tmp_path, *PEOPLE)
    for agency in office.network.transport.agencies.values():
        agency.meetings = {"m": ("known", "other")}
    who = somebody(role, AGENCY_OF.get(role, "380"), "East", subject="me")
    exchanges = role in (Role.SOCIAL_WORKER, Role.SCHOOL_LEAD)  # what agencies are sent for others differs little
    notes = Notes(office.network, office.log, exchanges=exchanges)
    purposes = sorted(each for each in Purpose if may_ask_for((role,), each))
    for purpose in purposes:
        await notes.ask(SHORT, who, purpose)
    for question in QUESTIONS:
        await notes.ask(question, who, Purpose.S47 if Purpose.S47 in purposes else max(purposes, default=Purpose.S47))
    await notes.ask(QUESTIONS[1], who, None)
    expect(FOLDER / f"{role}.txt", notes.text)


@pytest.mark.parametrize("down", ["index", "care", "rota", "schools"])
async def test_what_is_said_while_an_agency_is_down(down: str) -> None:
    log = MemoryLog()
    network = begun(log)
    network.transport.broken[down] = lambda: Answer(503, "text/plain", b"down")
    notes = Notes(network, log)
    for question in (QUESTIONS[0], QUESTIONS[4], QUESTIONS[6]):
        await notes.ask(question, somebody("social_worker", "380", "East", subject="me"), Purpose.S47)
    expect(FOLDER / f"{down}-down.txt", notes.text)


async def test_break_glass_from_the_reason_to_the_review(tmp_path: Path) -> None:
    office = Office(tmp_path, *PEOPLE)
    notes = Notes(office.network, office.log)
    doctor = somebody("ae_clinician", "RAE", subject="doctor")
    guardian = somebody("caldicott_guardian", "RAE", subject="guardian")
    auditor = somebody("auditor", "999", subject="auditor")
    for child, why in (("other", "short"), ("nobody", WHY), ("hidden", WHY)):
        await notes.ask(BREAK, doctor, Purpose.EMERG, child=child, reason="IMMINENT_HARM", why=why)
    made = await office.network.ask(BREAK, doctor, Purpose.EMERG, child="other", reason="CHILD_MISSING", why=WHY)
    grant = made["data"]["breakGlass"]["id"]
    notes.name(grant, "grant")
    await notes.ask(QUESTIONS[1], doctor, Purpose.EMERG, grant)
    await notes.ask(QUESTIONS[0], doctor, Purpose.EMERG, grant)
    await notes.ask(QUESTIONS[1], replace(doctor, subject="colleague"), Purpose.EMERG, grant)
    preview = QUESTIONS[8].replace("known", "other").replace("S47", "EMERG")
    await notes.ask(preview, doctor, Purpose.EMERG, grant)
    for who in (guardian, auditor, doctor):
        await notes.ask(BREAK_GLASS_LISTED, who, Purpose.AUDIT, overdue=False)
    await notes.ask(REVIEW_BREAK_GLASS, replace(guardian, agency="380"), Purpose.AUDIT, grant=grant)
    for _ in range(2):
        await notes.ask(REVIEW_BREAK_GLASS, guardian, Purpose.AUDIT, grant=grant)
    await notes.ask(BREAK_GLASS_LISTED, guardian, Purpose.AUDIT, overdue=True)
    expect(FOLDER / "break-glass.txt", notes.text)


async def test_a_claim_from_the_reason_to_the_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_fields, "selected", lambda name, surnames, at: selected(name, surnames, at, lambda _: 0))
    office = Office(tmp_path, *PEOPLE)
    notes = Notes(office.network, office.log)
    worker = somebody("social_worker", "380", "East", subject="worker", family_name="Smith")
    guardian = somebody("caldicott_guardian", "380", subject="guardian")
    listed = (
        "query { claimedRelationships(reviewed: false) { id child practitioner reason claimedAt expiresAt selected } }"
    )
    for child, why in (("other", "short"), ("nobody", WHY), ("hidden", WHY)):
        await notes.ask(CLAIM, worker, Purpose.S47, child=child, why=why)
    await notes.ask(CLAIM, worker, None, child="other", why=WHY)
    made = await office.network.ask(CLAIM, worker, child="other", why=WHY)
    claim = made["data"]["claimRelationship"]["id"]
    notes.name(claim, "claim")
    await notes.ask(QUESTIONS[1], worker, Purpose.S47)
    await notes.ask(QUESTIONS[1], worker, Purpose.CPP)
    await notes.ask(QUESTIONS[8].replace("known", "other"), worker, Purpose.S47)
    for who in (guardian, somebody("auditor", "999", subject="auditor"), worker):
        await notes.ask(listed, who, Purpose.AUDIT if who is not worker else Purpose.S47)
    await notes.ask(SUSPEND, guardian, Purpose.AUDIT, claim=claim)
    await notes.ask(QUESTIONS[1], worker, Purpose.S47)
    await notes.ask(CLAIM, worker, Purpose.S47, child="known", why=WHY)
    await notes.ask(RESTORE, guardian, Purpose.AUDIT, claim=claim)
    for _ in range(2):
        await notes.ask(REVIEW, guardian, Purpose.AUDIT, claim=claim)
    await notes.ask(listed, guardian, Purpose.AUDIT)
    expect(FOLDER / "claim.txt", notes.text)


async def test_the_code_that_guards_and_audits() -> None:
    network = begun(MemoryLog())
    who = somebody("social_worker", "380", "East", subject="me")
    prepared = await network.pipeline.preparer.documents.prepare(QUESTIONS[0], None)
    planned = await network.pipeline.preparer.plan(prepared, who, Purpose.S47)
    described = "\n".join(planned.program.plan.describe())
    expect(FOLDER / "code.txt", f"{described}\n\n{planned.program.text}\n")
