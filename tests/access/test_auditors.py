"""The questions of auditors: each one GraphQL query and one `cps audit` command, over one log with known answers."""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from authz.principal import Purpose
from gateway.access import BreakGlass
from gateway.audit import CaseFiles, RemoteLog, Sealer, Tokeniser, cases
from gateway.audit.auditors import AuditedLog, AuditSubgraph
from gateway.audit.cases import LASTS
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store
from gateway.edge import Auditing
from gateway.errors import RequestError
from tests.access.partnership import Partnership, Person, Tie, somebody
from tests.audit.entries import KEY
from tests.audit.local import local_log
from tests.cli.run import Cps, runner

TOKENISER = Tokeniser(KEY)
CHILD = Person(
    "child-a",
    held={"POLICE": ("13",), "CARE": ("380",)},
    ties=(Tie("ALLOCATED", "380", practitioner="allocated"),),
)
OTHER = Person("child-b", surname="Jones", held={"CARE": ("381",)})
WORKER = somebody("social_worker", "380", subject="allocated")
STRANGER = somebody("social_worker", "381", subject="stranger")
CLERK = somebody("administrator", "380", subject="clerk")
DOCTOR = somebody("ae_clinician", "RAE", subject="doctor")
AUDITOR = somebody("auditor", "999", subject="auditor")
GUARDIAN = somebody("caldicott_guardian", "381", subject="guardian")
FULL = '{ child(nhs: "nhs-child-a") { forename police { narrative } } }'
SHORT = '{ child(id: "child-a") { surname } }'
SIBLING = '{ child(id: "child-b") { surname } }'
BREAK = """mutation { breakGlass(child: "child-a", reason: IMMINENT_HARM,
  narrative: "The mother says that he has the other child.") { id } }"""


class Scene:
    """A partnership with a log on the disk, in which these people have asked."""

    def __init__(self, folder: Path, remote: RemoteLog) -> None:
        self.folder = folder
        self.now = dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC)
        self.elapsed = 0.0
        grants = BreakGlass(folder / "access.sqlite", lambda: self.now)
        sealer = Sealer(KEY)
        cases = CaseFiles(folder / "cases.sqlite", self.clock)
        log = AuditedLog(folder / "audit.sqlite", folder / "audit.signing")
        self.log = AuditSubgraph(log, TOKENISER, sealer, cases)
        auditing = Auditing(remote, TOKENISER, sealer)
        self.network = Partnership.of(CHILD, OTHER, grants=grants, auditing=auditing, log=self.log)

    def clock(self) -> float:
        return self.now.timestamp() + self.elapsed

    async def happened(self) -> None:
        await self.network.ask(FULL, WORKER)
        await self.network.ask(SHORT, STRANGER)
        await self.network.ask(SIBLING, STRANGER)
        with pytest.raises(RequestError, match="your role can't ask for the purpose AUDIT"):
            await self.network.ask(SHORT, CLERK, Purpose.AUDIT)
        await self.network.ask(BREAK, DOCTOR)

    async def ask(self, query: str, who: Any = AUDITOR, **variables: Any) -> Any:
        answer = await self.network.ask(query, who, Purpose.AUDIT, **variables)
        assert "errors" not in answer, answer["errors"]
        (found,) = answer["data"].values()
        return found

    async def entries(self, narrowing: str, who: Any = AUDITOR) -> list[dict[str, Any]]:
        chosen = "practitioner purpose outcome relationships children disclosed { agency fields } withheld { path }"
        page = await self.ask(f"{{ accesses({narrowing}) {{ entries {{ {chosen} }} more cursor }} }}", who)
        assert not page["more"]
        return list(page["entries"])


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "audit.key").touch(0o600)
    (tmp_path / "audit.key").write_bytes(KEY)
    async with local_log(tmp_path / "audit.sqlite") as remote:
        made = Scene(tmp_path, remote)
        await made.happened()
        yield made


@pytest.fixture
def cps(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cps:
    return runner(capfd, monkeypatch)


def command(cps: Cps, scene: Scene, *more: str) -> list[dict[str, Any]]:
    result = cps("audit", "list", "--data", scene.folder, "--json", *more)
    assert result.status == 0, result.err
    return [orjson.loads(line) for line in result.out.splitlines()]


def who(entries: list[dict[str, Any]], name: str = "practitioner") -> list[str]:
    return [f"{entry[name]} {entry['outcome']}" for entry in entries]


SEEN = ["doctor BREAK_GLASS", "stranger ANSWERED", "allocated ANSWERED"]
"""Those about the child: she was found by her NHS number, by her regional id, and by the event of the break-glass."""


@pytest.mark.parametrize("by", ["nhs-child-a", "child-a", TOKENISER.token("child-a")])
async def test_who_saw_this_child(scene: Scene, cps: Cps, by: str) -> None:
    found = [each for each in await scene.entries(f'child: "{by}"') if each["children"]]
    assert who(found) == SEEN
    assert all(each["children"] == [TOKENISER.token("child-a")] for each in found)
    by_command = command(cps, scene, "--child", by)
    assert [each for each in who(by_command, "subject") if each in SEEN] == SEEN


async def test_what_this_practitioner_saw(scene: Scene, cps: Cps) -> None:
    found = await scene.entries('practitioner: "stranger"')
    assert [each["children"] for each in found] == [[TOKENISER.token("child-b")], [TOKENISER.token("child-a")]]
    fields = {name for each in found for part in each["disclosed"] for name in part["fields"]}
    assert "Child.surname" in fields
    assert "Child.forename" not in fields
    listed = command(cps, scene, "--practitioner", "stranger")
    assert [each["children"] for each in listed] == [each["children"] for each in found]


async def test_what_was_refused(scene: Scene, cps: Cps) -> None:
    found = await scene.entries("refused: true")
    assert who(found) == ["clerk REFUSED"]
    assert who(command(cps, scene, "--refused"), "subject") == ["clerk REFUSED"]
    nurse = somebody("health_visitor", "RCF", subject="nurse")
    answer = await scene.network.ask(FULL, nurse, Purpose.CIN)
    assert answer["extensions"]["cps"]["withheld"]
    found = await scene.entries("refused: true")
    assert who(found) == ["nurse PARTIAL", "clerk REFUSED"]
    assert [part["path"] for part in found[0]["withheld"]] == ["child.police.narrative"]


async def test_access_with_no_relationship(scene: Scene, cps: Cps) -> None:
    found = await scene.entries("withoutRelationship: true")
    assert who(found) == ["stranger ANSWERED", "stranger ANSWERED"]
    assert {name for each in found for name in each["relationships"]} == {"none"}
    assert who(command(cps, scene, "--no-relationship"), "subject") == who(found)


async def test_break_glass_that_is_not_reviewed(scene: Scene, cps: Cps) -> None:
    query = "{ breakGlassGrants(overdue: true) { practitioner child review { by } } }"
    assert await scene.ask(query) == []
    scene.now += dt.timedelta(days=2)
    overdue = await scene.ask(query)
    assert overdue == [{"practitioner": "doctor", "child": TOKENISER.token("child-a"), "review": None}]
    result = cps("audit", "break-glass", "--data", scene.folder, "--overdue")
    (line,) = result.out.splitlines()
    told = orjson.loads(line)
    assert (told["practitioner"], told["child"]) == ("doctor", TOKENISER.token("child-a"))


REPORT = """{ subjectAccessReport(child: "nhs-child-a") {
  child whole html csv accesses { at agency roles purpose grounds isBreakGlass information heldBy } } }"""


async def test_the_subject_access_report_names_nobody_else(scene: Scene, cps: Cps, tmp_path: Path) -> None:
    found = await scene.ask(REPORT)
    assert found["whole"]
    assert [(each["agency"], each["roles"]) for each in found["accesses"]] == [
        ("381", ["social worker"]),
        ("380", ["social worker"]),
    ]
    assert [(each["grounds"], each["isBreakGlass"]) for each in found["accesses"]] == [
        (["no work with the person was on record"], False),
        (["works with the person"], False),
    ]
    assert "name, date of birth and identifiers" in found["accesses"][0]["information"]
    assert "police records" in found["accesses"][1]["information"]
    assert "police records" not in found["accesses"][0]["information"]
    for page in (found["html"], found["csv"]):
        for name in ("allocated", "stranger", "doctor", "child-a", "child-b", TOKENISER.token("child-b")):
            assert name not in page.replace("nhs-child-a", "")
    rows = list(csv.reader(found["csv"].splitlines()))
    assert [row[1] for row in rows[1:]] == ["381", "380"]
    out = tmp_path / "report.html"
    result = cps("audit", "report", "--data", scene.folder, "--child", "nhs-child-a", "--out", out)
    assert result.out.strip() == "2 accesses"
    assert out.read_text().count("<tr><td>") == 2
    assert cps("audit", "report", "--data", scene.folder, "--child", "nhs-child-a", "--out", out).status != 0


async def test_the_log_is_unaltered(scene: Scene, cps: Cps, local: Callable[[], None]) -> None:
    local()
    query = (
        "query($head: String) {"
        " auditLog(olderHead: $head) { unaltered entries pending signedHeads root head firstWrong why } }"
    )
    found = await scene.ask(query, head=None)
    assert (found["unaltered"], found["firstWrong"]) == (True, None)
    assert found["entries"] >= 5
    assert (await scene.ask(query, head=found["head"]))["unaltered"]
    refused = await scene.network.ask(query, AUDITOR, Purpose.AUDIT, head="no note")
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_HEAD"]
    assert cps("audit", "verify", "--store", scene.folder / "audit.sqlite").status == 0
    alter(scene.folder / "audit.sqlite", "UPDATE entry SET subject = 'nobody' WHERE seq = 2")
    found = await scene.ask(query, head=None)
    assert (found["unaltered"], found["firstWrong"]) == (False, 1)
    assert (found["entries"], found["pending"], found["signedHeads"]) == (0, 0, 0), "nothing of it is vouched for"
    assert cps("audit", "verify", "--store", scene.folder / "audit.sqlite").status == 1


@pytest.fixture
def local(scene: Scene) -> Callable[[], None]:
    """Signs the log as it is."""

    def sign() -> None:

        path = scene.folder / "audit.sqlite"
        Sequencer(Store(path), HeadSigner.of_file(ORIGIN, path.with_suffix(".signing"))).sequence(closing=True)

    return sign


def alter(path: Path, statement: str) -> None:

    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entry_fixed")
    connection.execute(statement)
    connection.commit()
    connection.close()


async def test_only_auditors_and_guardians_and_a_guardian_only_their_own(scene: Scene) -> None:
    assert who(await scene.entries("first: 50", GUARDIAN)) == ["stranger ANSWERED", "stranger ANSWERED"]
    assert await scene.entries('agency: "380"', GUARDIAN) != []
    assert {each["practitioner"] for each in await scene.entries('agency: "380"', GUARDIAN)} == {"stranger", "guardian"}
    for asking in ("{ accesses { more } }", "{ accessCounts(by: DAY) { more } }", REPORT, "{ caseFiles { id } }"):
        for person, purpose in ((WORKER, Purpose.S47), (AUDITOR, None)):
            answer = await scene.network.ask(asking, person, purpose)
            assert set(answer["data"].values()) == {None}
            assert answer["extensions"]["cps"]["withheld"]
    nobodys = somebody("caldicott_guardian", "", subject="nobody's")
    for person, asking in (
        *((GUARDIAN, query) for query in ("{ caseFiles { id } }", "{ auditLog { unaltered } }", REPORT)),
        *((nobodys, query) for query in ("{ accesses { more } }", "{ accessCounts(by: DAY) { more } }")),
    ):
        answer = await scene.network.ask(asking, person, Purpose.AUDIT)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_AN_AUDITOR"]


async def test_the_log_says_that_it_was_read(scene: Scene, cps: Cps) -> None:
    await scene.entries('child: "child-a"')
    command(cps, scene, "--child", "child-a")
    found = await scene.entries('child: "child-a"')
    assert ("auditor", []) in [(each["practitioner"], each["children"]) for each in found]
    assert "LOG_READ" in {each["outcome"] for each in found}


async def test_counts_and_pages(scene: Scene, cps: Cps) -> None:
    counts = await scene.ask("{ accessCounts(by: PRACTITIONER) { counts { key entries } more } }")
    assert not counts["more"]
    counted = counts["counts"]
    assert counted[0] == {"key": "doctor", "entries": 3}  # the intent, the event, the answer
    assert {each["key"] for each in counted} == {"doctor", "stranger", "allocated", "clerk"}
    fields = await scene.ask('{ accessCounts(by: FIELD, child: "child-a") { counts { key entries } } }')
    assert {"key": "Child.surname", "entries": 1} in fields["counts"]
    assert await scene.entries('field: "PoliceRecord.narrative", child: "child-b"') == []
    assert who(await scene.entries('field: "Child.forename"')) == ["allocated ANSWERED"]
    result = cps("audit", "count", "--data", scene.folder, "--by", "agency", "--practitioner", "stranger")
    assert result.out.split() == ["2", "381"]
    seen: list[str] = []
    after: str | None = None
    while True:
        query = "query($after: String) { accesses(first: 2, after: $after) { entries { auditId } more cursor } }"
        page = await scene.ask(query, after=after)
        assert len(page["entries"]) == 2 or not page["more"]
        seen += [each["auditId"] for each in page["entries"]]
        after = page["cursor"]
        if not page["more"]:
            break
    assert len(seen) == len(set(seen)) >= 7


@pytest.mark.parametrize("page", ["first: 0", 'after: "x"', 'first: 0, after: "x"', 'first: -1, after: "1"'])
async def test_a_page_that_is_none_is_refused(scene: Scene, page: str) -> None:
    answer = await scene.network.ask(f"{{ accesses({page}) {{ more }} }}", AUDITOR, Purpose.AUDIT)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_PAGE"]


OPEN = 'mutation($why: String!) { openCaseFile(reason: $why, reference: "IC-7") { id openedBy expiresAt } }'
REVEAL = """mutation($case: ID!, $token: ID!) {
  revealIdentity(caseFile: $case, pseudonym: $token) { pseudonym identifier alsoAskedBy } }"""


async def test_a_case_file_reveals_whom_a_pseudonym_stands_for_and_that_is_logged(scene: Scene) -> None:
    opened = await scene.ask(OPEN, why="A complaint by the family about who looked at the record.")
    token = TOKENISER.token("child-a")
    found = await scene.ask(REVEAL, case=opened["id"], token=token)
    assert found == {"pseudonym": token, "identifier": "child-a", "alsoAskedBy": ["nhs-child-a"]}
    events = await scene.entries('child: "child-a", outcome: "IDENTITY_REVEALED"')
    assert who(events) == ["auditor IDENTITY_REVEALED"] * 2  # of the child, and of what she was asked for by
    (event,) = await scene.entries('outcome: "CASE_OPENED"')
    assert who([event]) == ["auditor CASE_OPENED"]
    assert event["children"] == []
    (listed,) = await scene.ask("{ caseFiles { openedBy reference revealed } }")
    assert (listed["openedBy"], listed["reference"]) == ("auditor", "IC-7")
    assert set(listed["revealed"]) == {token, TOKENISER.token("nhs-child-a"), TOKENISER.token("child-a")}
    unknown = await scene.ask(REVEAL, case=opened["id"], token="0" * 32)
    assert unknown == {"pseudonym": "0" * 32, "identifier": None, "alsoAskedBy": []}
    raw = (scene.folder / "audit.sqlite").read_bytes() + (scene.folder / "audit.sqlite-wal").read_bytes()
    assert b"child-a" not in raw
    assert token.encode() in raw


async def test_a_case_file_is_its_auditor_s_own_has_a_reason_and_ends(scene: Scene) -> None:
    async def refused(query: str, person: Any = AUDITOR, **variables: Any) -> str:
        answer = await scene.network.ask(query, person, Purpose.AUDIT, **variables)
        return str(answer["errors"][0]["extensions"]["code"])

    assert await refused(OPEN, why="because") == "BAD_REASON"
    assert await refused(OPEN, GUARDIAN, why="A complaint by the family about it.") == "NOT_AN_AUDITOR"
    opened = await scene.ask(OPEN, why="A complaint by the family about it.")
    given = {"case": opened["id"], "token": TOKENISER.token("child-a")}
    another = somebody("auditor", "999", subject="another")
    assert await refused(REVEAL, another, **given) == "NO_SUCH_CASE"
    assert await refused(REVEAL, case="made-up", token="0" * 32) == "NO_SUCH_CASE"
    scene.elapsed = LASTS
    assert await refused(REVEAL, **given) == "NO_SUCH_CASE"


async def test_an_auditor_opens_so_many_case_files_a_day_and_no_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MOST_A_DAY", 2)
    for _ in range(2):
        await scene.ask(OPEN, why="A complaint by the family about it.")
    answer = await scene.network.ask(OPEN, AUDITOR, Purpose.AUDIT, why="A complaint by the family about it.")
    assert answer["errors"][0]["extensions"]["code"] == "TOO_MANY_CASES"
    assert len(await scene.ask("{ caseFiles { id } }")) == 2
    scene.elapsed = 24 * 3600.0
    await scene.ask(OPEN, why="A complaint by the family about it.")


async def test_a_report_by_what_the_log_does_not_know_is_refused_and_not_empty(scene: Scene, cps: Cps) -> None:
    answer = await scene.network.ask(REPORT.replace("nhs-child-a", "nhs-nobody"), AUDITOR, Purpose.AUDIT)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNKNOWN_IDENTIFIER"]
    out = scene.folder / "nobody.html"
    result = cps("audit", "report", "--data", scene.folder, "--child", "nhs-nobody", "--out", out)
    assert result.status != 0
    assert "regional id" in result.err
    assert not out.exists()
    for child, known in (("nhs-child-a", True), ("child-a", True), ("nhs-nobody", False)):
        assert await scene.ask(f'{{ accesses(child: "{child}") {{ childKnown }} }}') == {"childKnown": known}


async def test_of_an_answer_about_several_people_each_is_told_their_own(scene: Scene) -> None:
    """The sibling's police record is not hers to read."""
    query = '{ a: child(id: "child-a") { surname } b: child(id: "child-b") { forename police { officer } } }'
    await scene.network.ask(query, somebody("police_public_protection", "13"))
    of_a, of_b = await scene.ask(REPORT), await scene.ask(REPORT.replace("nhs-child-a", "child-b"))
    assert of_a["accesses"][0]["information"] == ["name, date of birth and identifiers"]
    assert of_a["accesses"][0]["heldBy"] == ["index"]
    assert of_b["accesses"][0]["heldBy"] == ["index", "police"]
    entries = await scene.ask(
        '{ accesses(child: "child-b", field: "Child.forename") { entries { given { agency children fields } } } }'
    )
    tokens = [TOKENISER.token("child-a"), TOKENISER.token("child-b")]
    assert entries["entries"][0]["given"] == [
        {"agency": "index", "children": [tokens[0]], "fields": ["Child.surname"]},
        {"agency": "index", "children": [tokens[1]], "fields": ["Child.forename"]},
        {"agency": "police", "children": [tokens[1]], "fields": ["Child.police"]},
    ]


async def test_what_somebody_may_not_do_is_among_what_was_refused(scene: Scene) -> None:
    await scene.network.ask(BREAK, CLERK)
    await scene.network.ask(OPEN, GUARDIAN, Purpose.AUDIT, why="A complaint by the family about it.")
    found = await scene.entries("refused: true")
    assert [each["practitioner"] for each in found] == ["guardian", "clerk", "clerk"]


async def test_that_an_identifier_was_revealed_does_not_make_it_a_child(scene: Scene) -> None:
    """Else a report by it would be empty, and whole, where it has to be refused."""
    await scene.network.ask('{ child(nhs: "nhs-nobody") { surname } }', WORKER)
    opened = await scene.ask(OPEN, why="A complaint by the family about who looked at the record.")
    token = TOKENISER.token("nhs-nobody")
    assert (await scene.ask(REVEAL, case=opened["id"], token=token))["identifier"] == "nhs-nobody"
    assert await scene.ask('{ accesses(child: "nhs-nobody") { childKnown } }') == {"childKnown": False}
    answer = await scene.network.ask(REPORT.replace("nhs-child-a", "nhs-nobody"), AUDITOR, Purpose.AUDIT)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNKNOWN_IDENTIFIER"]
    assert await scene.ask('{ accesses(child: "child-a") { childKnown } }', GUARDIAN) == {"childKnown": None}
