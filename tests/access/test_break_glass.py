"""Break-glass: an hour, one child, a reason; told to those whom it concerns, reviewed by somebody else."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authz.policy.explain import sentence
from authz.principal import Principal, Purpose, Role
from authz.working_time import end_of_next_working_day
from gateway.access import BreakGlass
from gateway.access.grants import MOST_A_DAY
from gateway.audit import Entry, Sealer, Tokeniser
from gateway.edge import Auditing
from gateway.errors import AuditUnavailable, RequestError
from tests.access.partnership import Partnership, Person, Tie, somebody, value, withheld
from tests.edge.network import MemoryLog

BREAK = """mutation($child: ID!, $reason: BreakGlassReason!, $why: String!) {
  breakGlass(child: $child, reason: $reason, narrative: $why) {
    id child readBy told practitioner expiresAt reviewDue auditId
  }
}"""
REVIEW = """mutation($grant: ID!) {
  reviewBreakGlass(grant: $grant, finding: JUSTIFIED, comment: "rang the ward") { id review { by finding comment } }
}"""
GRANTS = "query($overdue: Boolean!) { breakGlassGrants(overdue: $overdue) { id child narrative practitioner } }"
WHY = "The mother is on the ward now and says that he has the other child."
CHILD = Person("a", held={"HEALTH": ("RAE", "RR8"), "POLICE": ("13",), "CARE": ("380",)})
DOCTOR = somebody("ae_clinician", "RAE", subject="doctor")
GUARDIAN = somebody("caldicott_guardian", "RAE", subject="guardian")
QUERY = '{ child(id: "a") { forename health { id reason camhs } police { officer narrative markers } } }'


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now


class Ward:
    def __init__(self, folder: Path, *people: Person) -> None:
        self.clock = Clock()
        self.log = MemoryLog()
        self.network = Partnership.of(
            *(people or (CHILD, Person("b", held={"POLICE": ("13",)}), Person("s", shielded=True))),
            grants=BreakGlass(folder / "access.sqlite", self.clock),
            auditing=Auditing(self.log, Tokeniser(b"k" * 32), Sealer(b"k" * 32)),
        )

    async def break_for(self, child: str, who: Principal = DOCTOR, why: str = WHY) -> dict[str, Any]:
        return await self.network.ask(BREAK, who, child=child, reason="IMMINENT_HARM", why=why)

    async def granted(self, child: str = "a", who: Principal = DOCTOR) -> str:
        answer = await self.break_for(child, who)
        assert "errors" not in answer
        return str(answer["data"]["breakGlass"]["id"])


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def code(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


async def test_a_grant_that_is_not_there_is_nobody_s_to_review(ward: Ward) -> None:
    answer = await ward.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, grant="x")
    assert code(answer) == "NO_SUCH_GRANT"
    assert code(await ward.network.ask(BREAK, DOCTOR, None, child="a", reason="IMMINENT_HARM", why=WHY)) == (
        "PURPOSE_MISSING"
    )


async def test_it_opens_one_child_s_records_and_neither_the_owner_s_own_nor_another_child(ward: Ward) -> None:
    before = await ward.network.ask(QUERY, DOCTOR)
    assert before["data"]["child"]["police"] == [{"officer": None, "narrative": None, "markers": None}]
    assert "BREAK_GLASS" in before["extensions"]["cps"]["withheld"][0]["remedies"]
    grant = await ward.granted()
    after = await ward.network.ask(QUERY, DOCTOR, break_glass=grant)
    assert after["data"]["child"]["police"] == [
        {"officer": value("officer", "a", "13"), "narrative": value("narrative", "a", "13"), "markers": None}
    ]
    assert {record["reason"] for record in after["data"]["child"]["health"]} == {
        value("reason", "a", "RAE"),
        value("reason", "a", "RR8"),
    }
    assert withheld(after) == {"child.police.markers": "OWNER_ONLY"}
    other = await ward.network.ask(QUERY.replace('"a"', '"b"'), DOCTOR, break_glass=grant)
    assert other["data"]["child"]["police"] == [{"officer": None, "narrative": None, "markers": None}]
    assert (await ward.network.ask(QUERY, DOCTOR))["data"] == before["data"]


async def test_it_is_its_maker_s_own_and_lasts_an_hour(ward: Ward) -> None:
    grant = await ward.granted()
    ward.clock.now += dt.timedelta(minutes=59)
    await ward.network.ask(QUERY, DOCTOR, break_glass=grant)
    for purpose in (None, Purpose.CIN):
        with pytest.raises(RequestError, match="not yours, or is not in force"):
            await ward.network.ask(QUERY, DOCTOR, purpose, break_glass=grant)
    for who in (somebody("ae_clinician", "RAE", subject="colleague"), GUARDIAN):
        with pytest.raises(RequestError, match="the break-glass grant is not yours, or is not in force") as refused:
            await ward.network.ask(QUERY, who, Purpose.S47 if who is not GUARDIAN else Purpose.AUDIT, break_glass=grant)
        assert refused.value.problems[0].code == "NO_SUCH_GRANT"
    ward.clock.now += dt.timedelta(minutes=1)
    with pytest.raises(RequestError, match="the break-glass grant is not yours, or is not in force"):
        await ward.network.ask(QUERY, DOCTOR, break_glass=grant)
    with pytest.raises(RequestError, match="the break-glass grant is not yours, or is not in force"):
        await ward.network.ask(QUERY, DOCTOR, break_glass="made-up")


async def test_two_at_the_same_moment_are_no_more_than_there_may_be(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each was looked at before any was made."""
    for _ in range(MOST_A_DAY - 1):
        await ward.granted()
    monkeypatch.setattr(BreakGlass, "_made_today", lambda *_: MOST_A_DAY - 1)
    both = await asyncio.gather(ward.break_for("a"), ward.break_for("b"))
    assert [code(answer) for answer in both if "errors" in answer] == ["TOO_MANY_GRANTS"]


async def test_it_is_not_a_namesake_s_of_another_issuer(ward: Ward) -> None:
    """Two issuers may each have a practitioner of the same `sub`."""
    grant = await ward.granted()
    namesake = replace(DOCTOR, issuer="https://elsewhere.example")
    with pytest.raises(RequestError, match="the break-glass grant is not yours, or is not in force") as refused:
        await ward.network.ask(QUERY, namesake, break_glass=grant)
    assert refused.value.problems[0].code == "NO_SUCH_GRANT"
    for _ in range(MOST_A_DAY - 1):
        await ward.granted()
    assert code(await ward.break_for("a")) == "TOO_MANY_GRANTS"
    assert "errors" not in await ward.break_for("a", namesake)
    reviewer = replace(GUARDIAN, subject=DOCTOR.subject, issuer="https://elsewhere.example")
    answer = await ward.network.ask(REVIEW, reviewer, Purpose.AUDIT, grant=grant)
    assert answer["data"]["reviewBreakGlass"]["id"] == grant


async def test_there_is_no_grant_without_its_event_and_no_event_s_grant_that_opens_nothing(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = ward.log.append

    async def failing(entry: Entry) -> None:
        if entry.outcome == "BREAK_GLASS":
            raise AuditUnavailable("the disk is full")
        await append(entry)

    monkeypatch.setattr(ward.log, "append", failing)
    assert code(await ward.break_for("a")) == "INTERNAL"
    assert (await ward.network.ask(GRANTS, GUARDIAN, Purpose.AUDIT, overdue=False))["data"]["breakGlassGrants"] == []
    monkeypatch.undo()
    grant = await ward.granted()
    (event,) = [entry for entry in ward.log.entries if entry.outcome == "BREAK_GLASS"]
    (listed,) = (await ward.network.ask(GRANTS, GUARDIAN, Purpose.AUDIT, overdue=False))["data"]["breakGlassGrants"]
    assert (listed["id"], listed["child"], listed["practitioner"]) == (grant, "a", event.subject)


async def test_it_is_for_the_purpose_that_it_was_made_for(ward: Ward) -> None:
    grant = await ward.granted()
    with pytest.raises(RequestError, match="the break-glass grant is not yours, or is not in force"):
        await ward.network.ask(QUERY, DOCTOR, Purpose.EMERG, break_glass=grant)


@pytest.mark.parametrize(
    ("who", "purpose", "before"),
    [
        (somebody("school_dsl", "990001"), Purpose.S47, None),
        (somebody("team_manager", "380", "West"), Purpose.S47, {"police": [{"narrative": None}]}),
        (somebody("social_worker", "381"), Purpose.EH, None),
    ],
    ids=["lead", "manager", "early help"],
)
async def test_it_opens_the_child_to_whoever_had_no_way_to_them(
    ward: Ward, who: Principal, purpose: Purpose, before: object
) -> None:
    query = '{ child(id: "a") { police { narrative } } }'
    assert (await ward.network.ask(query, who, purpose))["data"] == {"child": before}
    answer = await ward.network.ask(BREAK, who, purpose, child="a", reason="CHILD_MISSING", why=WHY)
    grant = answer["data"]["breakGlass"]["id"]
    opened = await ward.network.ask(query, who, purpose, break_glass=grant)
    assert opened["data"]["child"] == {"police": [{"narrative": value("narrative", "a", "13")}]}


async def test_what_is_refused_tells_nobody_and_says_nothing_of_the_child(ward: Ward) -> None:
    for who, why in ((GUARDIAN, WHY), (somebody("auditor"), WHY), (DOCTOR, "too short")):
        purpose = Purpose.S47 if who is DOCTOR else Purpose.AUDIT
        answers = []
        for child in ("a", "s", "n"):
            answer = await ward.network.ask(BREAK, who, purpose, child=child, reason="CHILD_MISSING", why=why)
            answer["extensions"]["cps"].pop("auditId")
            answers.append(answer)
        assert answers[0] == answers[1] == answers[2]
    assert "BREAK_GLASS" not in {entry.outcome for entry in ward.log.entries}


@pytest.mark.parametrize("who", [GUARDIAN, somebody("auditor"), somebody("agency_developer")], ids=["g", "a", "d"])
async def test_access_tells_those_who_are_told_of_no_child_of_none(ward: Ward, who: Principal) -> None:
    for child in ("a", "n"):
        answer = await ward.network.ask(SEEN, who, None, child=child, reading="AUDIT")
        assert answer["data"] == {"access": None}
        assert ward.network.transport.exchanged == []


@pytest.mark.parametrize("why", ["", "urgent", "x" * 19, " " * 40, "a" + " " * 30])
async def test_it_needs_a_reason_in_words(ward: Ward, why: str) -> None:
    answer = await ward.break_for("a", why=why)
    assert code(answer) == "BAD_NARRATIVE"
    assert answer["data"] == {"breakGlass": None}


@pytest.mark.parametrize("role", ["administrator", "shield_steward"])
async def test_not_every_role_may(ward: Ward, role: str) -> None:
    assert code(await ward.break_for("a", somebody(role))) == "BREAK_GLASS_NOT_YOURS"


async def test_a_shielded_child_is_like_one_that_does_not_exist(ward: Ward) -> None:
    hidden, missing = await ward.break_for("s"), await ward.break_for("n")
    for answer in (hidden, missing):
        answer["extensions"]["cps"].pop("auditId")
    assert hidden == missing
    assert code(hidden) == "NO_SUCH_CHILD"


async def test_it_is_bounded(ward: Ward) -> None:
    for _ in range(MOST_A_DAY):
        await ward.granted()
    assert code(await ward.break_for("a")) == "TOO_MANY_GRANTS"
    await ward.granted(who=somebody("ae_clinician", "RAE", subject="colleague"))
    ward.clock.now += dt.timedelta(days=1, minutes=1)
    await ward.granted()


async def test_those_whom_it_concerns_are_told_and_the_log_keeps_it(ward: Ward) -> None:
    answer = await ward.break_for("a")
    made = answer["data"]["breakGlass"]
    assert made["readBy"] == ["13", "380", "RAE", "RR8"]
    assert made["told"] == [], "no notice is sent"
    assert made["auditId"] == answer["extensions"]["cps"]["auditId"]
    (event,) = [entry for entry in ward.log.entries if entry.outcome == "BREAK_GLASS"]
    assert event.asked == ("13", "380", "RAE", "RR8")
    assert event.errors == ("IMMINENT_HARM",)
    assert event.children == (Tokeniser(b"k" * 32).token("a"),)
    assert WHY not in str(ward.log.entries)
    for agency, sees in (("RAE", True), ("13", True), ("999", False)):
        guardian = somebody("caldicott_guardian", agency, subject="g")
        listed = await ward.network.ask(GRANTS, guardian, Purpose.AUDIT, overdue=False)
        assert [grant["id"] for grant in listed["data"]["breakGlassGrants"]] == ([made["id"]] if sees else [])
    everything = await ward.network.ask(GRANTS, somebody("auditor", "999"), Purpose.AUDIT, overdue=False)
    (seen,) = everything["data"]["breakGlassGrants"]
    assert (seen["child"], seen["narrative"]) == (Tokeniser(b"k" * 32).token("a"), "")  # it may name people
    both = somebody("auditor", "999", subject="both")
    both = replace(both, roles=(*both.roles, Role.GUARDIAN))
    (seen,) = (await ward.network.ask(GRANTS, both, Purpose.AUDIT, overdue=False))["data"]["breakGlassGrants"]
    assert (seen["child"], seen["narrative"]) == (Tokeniser(b"k" * 32).token("a"), "")
    nobodys = await ward.network.ask(GRANTS, somebody("caldicott_guardian", ""), Purpose.AUDIT, overdue=False)
    assert code(nobodys) == "NOT_A_GUARDIAN"
    nothing = await ward.network.ask(GRANTS, DOCTOR, overdue=False)
    assert nothing["data"] == {"breakGlassGrants": None}


async def test_a_grant_is_shown_whole_to_its_maker_and_its_guardian(ward: Ward) -> None:
    fields = "id child purpose reason narrative practitioner agency auditId readBy told grantedAt expiresAt reviewDue"
    mutation = f"""mutation($why: String!) {{
      breakGlass(child: "a", reason: CHILD_MISSING, narrative: $why) {{ {fields} review {{ by }} }} }}"""
    answer = await ward.network.ask(mutation, DOCTOR, why=WHY)
    made = answer["data"]["breakGlass"]
    now = ward.clock.now.astimezone(dt.UTC)
    assert made == {
        "id": made["id"],
        "child": "a",
        "purpose": "S47",
        "reason": "CHILD_MISSING",
        "narrative": WHY,
        "practitioner": "doctor",
        "agency": "RAE",
        "auditId": answer["extensions"]["cps"]["auditId"],
        "readBy": ["13", "380", "RAE", "RR8"],
        "told": [],
        "grantedAt": now.isoformat(timespec="seconds"),
        "expiresAt": (now + dt.timedelta(hours=1)).isoformat(timespec="seconds"),
        "reviewDue": end_of_next_working_day(now).astimezone(dt.UTC).isoformat(timespec="seconds"),
        "review": None,
    }
    listed = await ward.network.ask(f"{{ breakGlassGrants {{ {fields} review {{ by }} }} }}", GUARDIAN, Purpose.AUDIT)
    assert listed["data"]["breakGlassGrants"] == [made]


async def test_a_guardian_of_the_same_agency_reviews_it_once(ward: Ward) -> None:
    both = somebody("ae_clinician", "RAE", subject="both")
    grant = await ward.granted(who=both)
    for who, expected in (
        (somebody("caldicott_guardian", "RR8", subject="g"), "NO_SUCH_GRANT"),
        (somebody("auditor", "RAE", subject="g"), "NO_SUCH_GRANT"),
        (somebody("caldicott_guardian", "RAE", subject="both"), "OWN_GRANT"),
    ):
        assert code(await ward.network.ask(REVIEW, who, Purpose.AUDIT, grant=grant)) == expected
    answer = await ward.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, grant=grant)
    assert answer["data"]["reviewBreakGlass"]["review"] == {
        "by": "guardian",
        "finding": "JUSTIFIED",
        "comment": "rang the ward",
    }
    assert code(await ward.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, grant=grant)) == "REVIEWED_ALREADY"
    assert [e.outcome for e in ward.log.entries if e.outcome == "BREAK_GLASS_REVIEWED"] == ["BREAK_GLASS_REVIEWED"]


async def test_overdue_reviews_are_listed(ward: Ward) -> None:
    first, second = await ward.granted(), await ward.granted()
    await ward.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, grant=first)
    early = await ward.network.ask(GRANTS, GUARDIAN, Purpose.AUDIT, overdue=True)
    assert early["data"]["breakGlassGrants"] == []
    ward.clock.now += dt.timedelta(days=8)
    late = await ward.network.ask(GRANTS, GUARDIAN, Purpose.AUDIT, overdue=True)
    assert [grant["id"] for grant in late["data"]["breakGlassGrants"]] == [second]


@pytest.mark.parametrize(
    ("granted", "due"),
    [
        ("2026-03-30T09:00:00+00:00", "2026-03-31"),  # Monday
        ("2026-04-02T23:30:00+00:00", "2026-04-07"),  # in England already Good Friday; then Easter Monday
        ("2026-11-27T12:00:00+00:00", "2026-11-30"),  # Friday
    ],
)
def test_a_review_is_due_by_the_end_of_the_next_working_day(granted: str, due: str) -> None:
    assert end_of_next_working_day(dt.datetime.fromisoformat(granted)).date().isoformat() == due


# what would be seen

ACCESS = "query($child: ID!, $reading: AccessPurpose!) { access(child: $child, purpose: $reading) { %s } }"
SEEN = ACCESS % "child purpose relationships breakGlass fields { field policy outcome reason explanation remedies }"


async def test_access_says_beforehand_what_would_be_seen_and_touches_no_data(tmp_path: Path) -> None:
    ward = Ward(tmp_path, Person("a", ties=(Tie("ON_ROLL", "990001"),), held={"CARE": ("380",), "POLICE": ("13",)}))
    lead = somebody("school_dsl", "990001")
    answer = await ward.network.ask(SEEN, lead, None, child="a", reading="S47")
    seen = answer["data"]["access"]
    assert (seen["child"], seen["purpose"], seen["relationships"]) == ("a", "S47", ["on_roll"])
    by_field = {each["field"]: each for each in seen["fields"]}
    assert len(by_field) == len(seen["fields"]) > 15
    hidden = ("Child.id", "Child.ref", "Child.shielded", "Child.relationships", "Child.holders", "Child.surnames")
    assert not set(hidden) & set(by_field)
    assert {"Child.care", "Child.police", "CareRecord.plan", "Meeting.minutes", "Visit.child"} <= set(by_field)
    assert by_field["Child.forename"]["outcome"] == "READ"
    assert by_field["PoliceRecord.officer"]["outcome"] == "READ"
    narrative = by_field["PoliceRecord.narrative"]
    assert (narrative["outcome"], narrative["reason"]) == ("WITHHELD", "ROLE_DOES_NOT_PERMIT")
    assert narrative["remedies"] == ["BREAK_GLASS", "ASK_OWNER"]
    assert narrative["explanation"] == sentence("ROLE_DOES_NOT_PERMIT")
    assert by_field["Child.forename"]["explanation"] is None
    assert {each.agency for each in ward.network.transport.exchanged} == {"index"}
    assert "forename" not in " ".join(each.query for each in ward.network.transport.exchanged)
    query = '{ child(id: "a") { forename police { officer narrative } care { plan note } } }'
    asked = await ward.network.ask(query, lead)
    told = withheld(asked)
    for coordinate, path in {
        "PoliceRecord.narrative": "child.police.narrative",
        "CareRecord.plan": "child.care.plan",
        "CareRecord.note": "child.care.note",
    }.items():
        assert told[path] == by_field[coordinate]["reason"]


async def test_access_to_a_shielded_child_is_to_none(ward: Ward) -> None:
    answers = [await ward.network.ask(SEEN, DOCTOR, child=child, reading="S47") for child in ("s", "n")]
    for answer in answers:
        answer["extensions"]["cps"].pop("auditId")
    assert answers[0] == answers[1]
    assert answers[0]["data"] == {"access": None}


async def test_access_for_a_purpose_that_is_not_one_s_own_is_refused(ward: Ward) -> None:
    assert code(await ward.network.ask(SEEN, DOCTOR, child="a", reading="SCHOOL")) == "PURPOSE_NOT_YOURS"


async def test_what_a_review_says_is_for_those_who_review(ward: Ward) -> None:
    made = (await ward.break_for("a"))["data"]["breakGlass"]
    await ward.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, grant=made["id"])
    listed = "{ breakGlassGrants(overdue: false) { review { by finding comment } } }"
    for who, comment in ((GUARDIAN, "rang the ward"), (somebody("auditor", "999"), "")):
        (seen,) = (await ward.network.ask(listed, who, Purpose.AUDIT))["data"]["breakGlassGrants"]
        assert seen["review"] == {"by": "guardian", "finding": "JUSTIFIED", "comment": comment}
