"""Claimed relationships: one child, 24 hours, a reason; they stand for a relationship, and a guardian reviews them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from authz.assertion import AssertionVerifier, Signer, make_key, public_keys
from authz.policy import CATEGORIES, LEVELS, PolicyName
from authz.principal import Principal, Purpose, Role
from authz.standing import UNRELATED
from gateway.access import BreakGlass, ClaimStore, claim_fields
from gateway.access.selection import Selection, selected
from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from gateway.errors import AuditUnavailable
from gateway.execution import Answer
from gateway.rate_limits import PersonLimits
from tests.access.partnership import (
    Partnership,
    Person,
    Tie,
    partnership_policies,
    somebody,
    value,
    withheld,
)
from tests.access.test_break_glass import SEEN, Clock, code
from tests.edge.network import MemoryLog

CLAIM = """mutation($child: ID!, $why: String!) {
  claimRelationship(child: $child, reason: $why) {
    id child purpose reason practitioner agency auditId claimedAt expiresAt selected suspended review { by }
  }
}"""
LISTED = """query($reviewed: Boolean) {
  claimedRelationships(reviewed: $reviewed) {
    id child reason practitioner selected suspended review { finding comment }
  }
}"""
REVIEW = """mutation($claim: ID!) {
  reviewClaimedRelationship(claim: $claim, finding: NOT_JUSTIFIED, comment: "asked the team") {
    id review { by finding comment }
  }
}"""
SUSPEND = 'mutation($claim: ID!) { suspendClaims(claim: $claim, comment: "no reason was found") { suspended } }'
RESTORE = "mutation($claim: ID!) { restoreClaims(claim: $claim) { suspended } }"
WHY = "Took over the visit from a colleague who is ill today."
QUERY = """{ child(id: "%s") { forename care { leadWorker plan advice } police { officer narrative markers }
  health { reason camhs } } }"""
HELD = {"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)}
WORKER = somebody("social_worker", "380", "East", subject="worker", family_name="Okafor")
DOOR = somebody("mash_practitioner", "380", "Front door", subject="door", family_name="Vane")
GUARDIAN = somebody("caldicott_guardian", "380", subject="guardian")
WORKING = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
"""A Wednesday's morning."""


class Office:
    """A gateway that takes claims. `draws` decides what is sampled."""

    def __init__(self, folder: Path, *people: Person, limits: PersonLimits | None = None) -> None:
        self.clock = Clock()
        self.clock.now = WORKING
        self.log = MemoryLog()
        self.store = ClaimStore(folder / "access.sqlite", self.clock)
        self.network = Partnership.of(
            *(people or (Person("a", held=HELD), Person("b", held=HELD), Person("s", shielded=True, held=HELD))),
            grants=BreakGlass(folder / "access.sqlite", self.clock),
            claims=self.store,
            limits=limits,
            auditing=Auditing(self.log, Tokeniser(b"k" * 32), Sealer(b"k" * 32)),
        )

    async def ask(self, child: str, who: Principal = WORKER, purpose: Purpose = Purpose.S47) -> Any:
        return (await self.network.ask(QUERY % child, who, purpose))["data"]["child"]

    async def try_claim(
        self, child: str = "a", who: Principal = WORKER, purpose: Purpose | None = Purpose.S47, why: str = WHY
    ) -> dict[str, Any]:
        return await self.network.ask(CLAIM, who, purpose, child=child, why=why)

    async def claim(self, child: str = "a", who: Principal = WORKER, purpose: Purpose = Purpose.S47) -> dict[str, Any]:
        answer = await self.try_claim(child, who, purpose)
        assert "errors" not in answer, answer["errors"]
        claimed: dict[str, Any] = answer["data"]["claimRelationship"]
        return claimed

    async def listed(self, who: Principal = GUARDIAN, reviewed: bool | None = None) -> list[dict[str, Any]]:
        answer = await self.network.ask(LISTED, who, Purpose.AUDIT, reviewed=reviewed)
        found: list[dict[str, Any]] = answer["data"]["claimedRelationships"]
        return found


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """No claim is in the sample."""
    monkeypatch.setattr(claim_fields, "selected", lambda name, surnames, at: selected(name, surnames, at, lambda _: 1))


@pytest.fixture
def office(tmp_path: Path, never: None) -> Office:
    return Office(tmp_path)


async def test_it_opens_the_role_s_cell_for_one_child_and_neither_sensitive_nor_the_owner_s_own(office: Office) -> None:
    before = await office.network.ask(QUERY % "a", WORKER)
    assert before["data"]["child"] == {
        "forename": value("forename", "a"),
        "care": [{"leadWorker": value("leadWorker", "a", "380"), "plan": None, "advice": None}],
        "police": [{"officer": None, "narrative": None, "markers": None}],
        "health": [{"reason": None, "camhs": None}],
    }
    remedies = {each["path"]: each["remedies"] for each in before["extensions"]["cps"]["withheld"]}
    assert "CLAIM" in remedies["child.police.narrative"]
    assert "CLAIM" not in remedies["child.police.markers"]
    assert "CLAIM" not in remedies["child.health.camhs"]
    claimed = await office.claim()
    assert (claimed["child"], claimed["purpose"], claimed["practitioner"]) == ("a", "S47", "worker")
    assert claimed["selected"] == []
    after = await office.network.ask(QUERY % "a", WORKER)
    assert after["data"]["child"] == {
        "forename": value("forename", "a"),
        "care": [{"leadWorker": value("leadWorker", "a", "380"), "plan": value("plan", "a", "380"), "advice": None}],
        "police": [
            {"officer": value("officer", "a", "13"), "narrative": value("narrative", "a", "13"), "markers": None}
        ],
        "health": [{"reason": value("reason", "a", "RAE"), "camhs": None}],
    }
    assert withheld(after)["child.health.camhs"] in ("NO_RELATIONSHIP", "ROLE_DOES_NOT_PERMIT")
    assert withheld(after)["child.police.markers"] == "OWNER_ONLY"
    assert str(await office.ask("b")) == str(before["data"]["child"]).replace("|a|", "|b|")


async def test_it_is_its_maker_s_own_for_its_purpose_and_24_hours(office: Office) -> None:
    closed = await office.ask("a")
    await office.claim()
    opened = await office.ask("a")
    assert opened != closed
    for other in (
        replace(WORKER, subject="colleague"),
        replace(WORKER, issuer="https://elsewhere.example"),
    ):
        assert await office.ask("a", other) == closed
    assert await office.ask("a", purpose=Purpose.CPP) == closed
    office.clock.now += dt.timedelta(hours=23, minutes=59)
    assert await office.ask("a") == opened
    office.clock.now += dt.timedelta(minutes=1)
    assert await office.ask("a") == closed


async def test_the_log_has_it_as_a_class_of_its_own_and_what_was_read_by_it(office: Office) -> None:
    await office.claim()
    await office.ask("a")
    await office.ask("b")
    token = Tokeniser(b"k" * 32).token("a")
    (event,) = [entry for entry in office.log.entries if entry.outcome == "CLAIM"]
    assert (event.children, event.subject, event.asked, event.errors) == (
        (token,),
        "worker",
        ("380",),
        ("NOT_SELECTED",),
    )
    assert WHY not in event.body().decode()
    reads = [entry.relationships for entry in office.log.entries if entry.relationships and entry.children]
    assert reads == [("claimed",), ("none",)]


@pytest.mark.parametrize(
    ("who", "purpose", "why", "expected"),
    [
        (WORKER, None, WHY, "PURPOSE_MISSING"),
        (WORKER, Purpose.S47, "too short", "BAD_REASON"),
        (WORKER, Purpose.S47, "x " * 1_500, "BAD_REASON"),
        (replace(WORKER, agency=""), Purpose.S47, WHY, "CLAIM_NOT_YOURS"),
        (somebody("ae_clinician", "RAE"), Purpose.S47, WHY, "CLAIM_NOT_YOURS"),
        (somebody("conference_chair", "380"), Purpose.S47, WHY, "CLAIM_NOT_YOURS"),
        (somebody("administrator", "380"), Purpose.S47, WHY, "CLAIM_NOT_YOURS"),
        (somebody("shield_steward", "380"), Purpose.S47, WHY, "CLAIM_NOT_YOURS"),
        (GUARDIAN, Purpose.AUDIT, WHY, "CLAIM_NOT_YOURS"),
        (somebody("auditor", "380"), Purpose.AUDIT, WHY, "CLAIM_NOT_YOURS"),
    ],
)
async def test_what_is_refused_is_the_same_for_every_child(
    office: Office, who: Principal, purpose: Purpose | None, why: str, expected: str
) -> None:
    for child in ("a", "s", "n"):
        answer = await office.try_claim(child, who, purpose, why)
        assert (code(answer), answer["data"]) == (expected, {"claimRelationship": None})
        assert not office.network.transport.exchanged
    assert "CLAIM" not in {entry.outcome for entry in office.log.entries}


async def test_a_shielded_child_is_like_one_who_does_not_exist(office: Office) -> None:
    answers = []
    for child in ("s", "n"):
        answer = await office.try_claim(child)
        answer["extensions"]["cps"].pop("auditId")
        answers.append(answer)
    assert answers[0] == answers[1]
    assert code(answers[0]) == "NO_SUCH_CHILD"
    assert "CLAIM" not in {entry.outcome for entry in office.log.entries}


async def test_a_child_that_is_shielded_after_the_claim_is_hidden(tmp_path: Path, never: None) -> None:
    office = Office(tmp_path, Person("a", held=HELD))
    await office.claim()
    shielded = Office(tmp_path, Person("a", held=HELD, shielded=True))
    assert await shielded.ask("a") is None


@pytest.mark.parametrize("role", ["social_worker", "team_manager", "mash_practitioner", "police_public_protection",
                                  "health_visitor", "named_doctor", "school_dsl"])  # fmt: skip
async def test_each_role_that_may_claims_what_its_relationship_would_give_but_sensitive_and_owner_s(
    tmp_path: Path, never: None, role: str
) -> None:
    agency = {"police_public_protection": "13", "school_dsl": "990001", "named_doctor": "RAE", "health_visitor": "RAE"}
    mine = agency.get(role, "380")
    who = somebody(role, mine, "East", subject="me", family_name="Okafor")
    tie = Tie("ON_ROLL", mine) if role == "school_dsl" else Tie("ALLOCATED", mine, None, "me")
    office = Office(tmp_path, Person("a", held=HELD), Person("r", held=HELD, ties=(tie,)))
    await office.claim("a", who)
    claimed, related = await office.ask("a", who), await office.ask("r", who)
    for record, field in (("care", "advice"), ("police", "markers"), ("health", "camhs")):
        for each in related[record] or ():
            each[field] = None
    assert str(claimed).replace("|a|", "|r|") == str(related)
    assert "<" in str(claimed)


async def test_where_no_claims_are_taken_none_is_made(tmp_path: Path) -> None:
    network = Partnership.of(Person("a", held=HELD), grants=BreakGlass(tmp_path / "access.sqlite"))
    answer = await network.ask(CLAIM, WORKER, child="a", why=WHY)
    assert answer["data"] == {"claimRelationship": None}
    listed = await network.ask(LISTED, GUARDIAN, Purpose.AUDIT)
    assert listed["data"] == {"claimedRelationships": None}


async def test_the_index_is_asked_for_facts_by_an_assertion_of_who_asks(tmp_path: Path, never: None) -> None:
    key = make_key()
    network = Partnership.of(
        Person("a", held=HELD),
        grants=BreakGlass(tmp_path / "access.sqlite"),
        claims=ClaimStore(tmp_path / "access.sqlite"),
        signer=Signer("cps", key),
    )
    answer = await network.ask(CLAIM, WORKER, child="a", why=WHY)
    assert "errors" not in answer
    (asked,) = network.transport.exchanged
    assert (asked.agency, asked.variables["_r0"]) == ("index", [{"__typename": "Child", "id": "a"}])
    assert "surnames" in asked.query
    headers = dict(line.split(": ", 1) for line in asked.headers.decode().split("\r\n") if line)
    said = AssertionVerifier(public_keys(key), "cps", "INDEX").verify(headers["cps-assertion"])
    assert (said.subject, said.purpose) == ("worker", Purpose.S47)
    assert answer["extensions"]["cps"]["asked"] == ["access", "index"]


@pytest.mark.parametrize(("first", "count"), [(-1, 0), (0, 0), (1, 1), (5, 2)])
async def test_so_many_are_listed_as_are_asked_for(office: Office, first: int, count: int) -> None:
    for purpose in (Purpose.CPP, Purpose.S47):
        await office.claim(purpose=purpose)
    query = f"{{ claimedRelationships(first: {first}) {{ id }} }}"
    answer = await office.network.ask(query, GUARDIAN, Purpose.AUDIT)
    assert len(answer["data"]["claimedRelationships"]) == count


async def test_it_may_be_said_again_and_is_one(office: Office) -> None:
    first, again = await office.claim(), await office.claim()
    assert first["id"] == again["id"]
    other = await office.claim(purpose=Purpose.CPP)
    assert other["id"] != first["id"]


async def test_of_four_hundred_scripted_claims_all_but_a_day_s_fail(tmp_path: Path, never: None) -> None:
    people = [Person(f"c{number}", held=HELD) for number in range(400)]
    office = Office(tmp_path, *people, limits=PersonLimits(claims_a_day=3, front_door_claims_a_day=5))
    for who, most in ((WORKER, 3), (DOOR, 5)):
        codes = [
            answer["errors"][0]["extensions"]["code"] if "errors" in answer else "TAKEN"
            for answer in [await office.try_claim(person.id, who) for person in people]
        ]
        assert codes == ["TAKEN"] * most + ["TOO_MANY_CLAIMS"] * (400 - most)
        assert code(await office.try_claim("n", who)) == "TOO_MANY_CLAIMS"
        tried = people[: most + 20]
        read = [person.id for person in tried if "<plan|" in str(await office.ask(person.id, who))]
        assert read == [person.id for person in people[:most]]
        assert "errors" not in await office.try_claim("c0", who)  # one that is in force may be said again
    office.clock.now += dt.timedelta(days=1)
    assert "errors" not in await office.try_claim("c399")


async def test_access_says_that_it_is_claimed_and_that_it_can_be(office: Office) -> None:
    answer = await office.network.ask(SEEN.replace("breakGlass", "claimed"), WORKER, child="a", reading="S47")
    seen = {each["field"]: each for each in answer["data"]["access"]["fields"]}
    assert answer["data"]["access"]["claimed"] is False
    assert "CLAIM" in seen["PoliceRecord.narrative"]["remedies"]
    await office.claim()
    answer = await office.network.ask(SEEN.replace("breakGlass", "claimed"), WORKER, child="a", reading="S47")
    seen = {each["field"]: each for each in answer["data"]["access"]["fields"]}
    assert answer["data"]["access"]["claimed"] is True
    assert seen["PoliceRecord.narrative"]["outcome"] == "READ"
    clinician = somebody("ae_clinician", "RAE")
    told = await office.network.ask(SEEN, clinician, child="a", reading="S47")
    assert all("CLAIM" not in each["remedies"] for each in told["data"]["access"]["fields"])


async def test_break_glass_is_no_longer_for_a_relationship_that_is_not_recorded(office: Office) -> None:
    mutation = """mutation { breakGlass(child: "a", reason: RELATIONSHIP_NOT_RECORDED,
      narrative: "It was never written down that I visit.") { id } }"""
    answer = await office.network.ask(mutation, WORKER)
    assert code(answer) == "CLAIM_INSTEAD"
    assert not office.network.transport.exchanged


# review


@pytest.mark.parametrize(
    ("family_name", "surnames", "at", "draw", "expected"),
    [
        ("Okafor", ["Smith"], WORKING, 1, ()),
        ("Okafor", ["Smith"], WORKING, 0, ("SAMPLE",)),
        ("O'Brien-Smith", ["smith"], WORKING, 1, ("SAME_SURNAME",)),
        ("Núñez", ["Vane", "NUNEZ"], WORKING, 1, ("SAME_SURNAME",)),
        ("OBrien", ["O’Brien"], WORKING, 1, ("SAME_SURNAME",)),
        ("", ["Smith"], WORKING, 1, ("SURNAME_NOT_KNOWN",)),
        ("Okafor", None, WORKING, 1, ("SURNAME_NOT_KNOWN",)),
        ("Okafor", [], WORKING, 1, ("SURNAME_NOT_KNOWN",)),
        ("Okafor", ["Smith"], WORKING.replace(hour=18), 1, ("OUT_OF_HOURS",)),
        ("Okafor", ["Smith"], WORKING.replace(hour=7, minute=59), 1, ("OUT_OF_HOURS",)),
        ("Okafor", ["Smith"], WORKING.replace(day=28), 1, ("OUT_OF_HOURS",)),  # Saturday
        ("Okafor", ["Smith"], dt.datetime(2026, 12, 25, 10, tzinfo=dt.UTC), 1, ("OUT_OF_HOURS",)),
        ("Okafor", ["Smith"], dt.datetime(2026, 6, 17, 7, tzinfo=dt.UTC), 1, ()),  # eight o'clock in summer
        ("Smith", ["Smith"], WORKING.replace(hour=23), 0, ("SAMPLE", "SAME_SURNAME", "OUT_OF_HOURS")),
    ],
)
def test_what_is_reviewed(
    family_name: str, surnames: list[str] | None, at: dt.datetime, draw: int, expected: tuple[str, ...]
) -> None:
    bounds = []

    def drawn(below: int) -> int:
        bounds.append(below)
        return draw

    assert selected(family_name, surnames, at, drawn) == expected
    assert bounds == [10]


async def test_the_guardian_is_shown_what_is_selected_and_the_maker_is_not(office: Office) -> None:
    plain = await office.claim("a")
    same = await office.claim("b", replace(WORKER, subject="smith", family_name="Smith"))
    assert same["selected"] == []
    found = await office.listed(reviewed=False)
    assert [(each["id"], each["selected"], each["child"], each["reason"]) for each in found] == [
        (same["id"], ["SAME_SURNAME"], "b", WHY)
    ]
    assert {each["id"] for each in await office.listed()} == {plain["id"], same["id"]}
    assert await office.listed(reviewed=True) == []
    (event,) = [entry for entry in office.log.entries if entry.outcome == "CLAIM" and entry.subject == "smith"]
    assert event.errors == ("SAME_SURNAME",)


@pytest.mark.parametrize("tie", [Tie("ALLOCATED", "380", None, "worker"), Tie("ALLOCATED", "380", "East", "another")])
async def test_a_claim_that_nothing_follows_is_selected_when_it_has_ended(
    tmp_path: Path, never: None, tie: Tie
) -> None:
    """A relationship of the maker's, or of a colleague in their team, is one that follows."""
    office = Office(tmp_path, Person("a", held=HELD), Person("b", held=HELD))
    ignored, followed = await office.claim("a"), await office.claim("b")
    assert await office.listed(reviewed=False) == []
    office.clock.now += dt.timedelta(hours=24)
    later = Office(tmp_path, Person("a", held=HELD), Person("b", held=HELD, ties=(tie,)))
    later.clock.now = office.clock.now
    found = await later.listed(reviewed=False)
    assert [(each["id"], each["selected"]) for each in found] == [(ignored["id"], ["NO_FURTHER_ACT"])]
    assert {each["id"] for each in await later.listed()} == {ignored["id"], followed["id"]}
    again = Office(tmp_path, Person("a", held=HELD), Person("b", held=HELD))  # what was found is kept
    again.clock.now = office.clock.now
    assert [each["id"] for each in await again.listed(reviewed=False)] == [ignored["id"]]


async def test_what_followed_is_not_passed_over_where_the_index_does_not_answer(office: Office) -> None:
    await office.claim("a")
    office.clock.now += dt.timedelta(hours=24)
    office.network.transport.broken["index"] = lambda: Answer(500, "text/plain", b"down")
    answer = await office.network.ask(LISTED, GUARDIAN, Purpose.AUDIT, reviewed=False)
    assert answer["data"] == {"claimedRelationships": None}
    assert code(answer) == "SUBGRAPH_ERROR"


async def test_a_guardian_of_the_maker_s_agency_reviews_it_once(office: Office) -> None:
    made = await office.claim(who=replace(WORKER, subject="guardian", family_name="Smith"))
    for who, expected in (
        (somebody("caldicott_guardian", "RAE", subject="g"), "NO_SUCH_CLAIM"),
        (somebody("auditor", "380", subject="g"), "NO_SUCH_CLAIM"),
        (GUARDIAN, "OWN_CLAIM"),
    ):
        for mutation in (REVIEW, SUSPEND, RESTORE):
            assert code(await office.network.ask(mutation, who, Purpose.AUDIT, claim=made["id"])) == expected
    assert code(await office.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, claim="made-up")) == "NO_SUCH_CLAIM"
    other = replace(GUARDIAN, subject="other")
    answer = await office.network.ask(REVIEW, other, Purpose.AUDIT, claim=made["id"])
    assert answer["data"]["reviewClaimedRelationship"]["review"] == {
        "by": "other",
        "finding": "NOT_JUSTIFIED",
        "comment": "asked the team",
    }
    assert code(await office.network.ask(REVIEW, other, Purpose.AUDIT, claim=made["id"])) == "REVIEWED_ALREADY"
    assert await office.listed(reviewed=False) == []
    assert [each["id"] for each in await office.listed(reviewed=True)] == [made["id"]]
    events = [entry for entry in office.log.entries if entry.outcome == "CLAIM_REVIEWED"]
    assert [(entry.subject, entry.errors) for entry in events] == [("other", ("NOT_JUSTIFIED",))]


async def test_who_is_suspended_claims_no_more_and_what_was_claimed_counts_no_more(office: Office) -> None:
    closed = await office.ask("a")
    made = await office.claim()
    opened = await office.ask("a")
    colleague = replace(WORKER, subject="colleague")
    await office.claim(who=colleague)
    answer = await office.network.ask(SUSPEND, GUARDIAN, Purpose.AUDIT, claim=made["id"])
    assert answer["data"] == {"suspendClaims": {"suspended": True}}
    await office.network.ask(SUSPEND, GUARDIAN, Purpose.AUDIT, claim=made["id"])
    assert await office.ask("a") == closed
    for child in ("a", "b", "n"):
        assert code(await office.try_claim(child)) == "CLAIMS_SUSPENDED"
    assert await office.ask("a", colleague) == opened
    namesake = replace(WORKER, issuer="https://elsewhere.example")
    assert "errors" not in await office.try_claim("b", namesake)
    assert [each["suspended"] for each in await office.listed() if each["id"] == made["id"]] == [True]
    answer = await office.network.ask(RESTORE, GUARDIAN, Purpose.AUDIT, claim=made["id"])
    assert answer["data"] == {"restoreClaims": {"suspended": False}}
    assert await office.ask("a") == opened
    assert "errors" not in await office.try_claim("b")
    events = [entry.outcome for entry in office.log.entries if entry.outcome.startswith("CLAIMS_")]
    assert events == ["CLAIMS_SUSPENDED", "CLAIMS_SUSPENDED", "CLAIMS_RESTORED"]


async def test_what_one_agency_suspended_another_does_not_give_back(office: Office) -> None:
    police = replace(somebody("police_public_protection", "13", "East", subject="worker"), family_name="Okafor")
    made = await office.claim("a")
    other = await office.claim("b", police)
    await office.network.ask(SUSPEND, GUARDIAN, Purpose.AUDIT, claim=made["id"])
    theirs = somebody("caldicott_guardian", "13", subject="g")
    answer = await office.network.ask(RESTORE, theirs, Purpose.AUDIT, claim=other["id"])
    assert answer["data"] == {"restoreClaims": {"suspended": True}}
    assert office.store.in_force() == []
    answer = await office.network.ask(RESTORE, GUARDIAN, Purpose.AUDIT, claim=made["id"])
    assert answer["data"] == {"restoreClaims": {"suspended": False}}
    assert {claim.child for claim in office.store.in_force()} == {"a", "b"}


async def test_a_claim_counts_in_the_role_and_the_agency_that_it_was_made_in(office: Office) -> None:
    """The same person may have two hats: the guardian of one agency reviews nothing of the other's."""
    closed = {
        role: await office.ask("a", replace(WORKER, roles=(Role(role),)))
        for role in ("conference_chair", "team_manager")
    }
    doctor = somebody("named_doctor", "RAE", subject="worker")
    closed_doctor = await office.ask("a", doctor)
    await office.claim()
    chair = replace(WORKER, roles=(Role.CONFERENCE_CHAIR,))
    assert await office.ask("a", chair) == closed["conference_chair"]
    assert await office.ask("a", doctor) == closed_doctor
    manager = replace(WORKER, roles=(Role.TEAM_MANAGER,))
    assert await office.ask("a", manager) != closed["team_manager"]
    assert "errors" not in await office.try_claim("a", doctor)
    assert await office.ask("a", doctor) != closed_doctor


@pytest.mark.parametrize("role", ["conference_chair", "ae_clinician", "administrator"])
def test_no_cell_of_a_role_that_may_not_claim_opens_by_a_claim(role: str) -> None:
    policies = partnership_policies()
    for purpose, category, level, own in product(Purpose, CATEGORIES, LEVELS, (True, False)):
        case = (somebody(role), purpose), PolicyName(category, level)
        without = policies.permits(*case, UNRELATED, own=own)
        assert policies.permits(*case, UNRELATED._replace(claimed=True), own=own) is without


async def test_a_child_whose_facts_can_t_be_read_is_reviewed_and_stops_no_other(tmp_path: Path, never: None) -> None:
    office = Office(tmp_path, Person("a", held=HELD), Person("b", held=HELD))
    odd, plain = await office.claim("a"), await office.claim("b")
    office.clock.now += dt.timedelta(hours=24)
    broken = Tie("ALLOCATED", "380", None, "worker", since="rubbish")
    later = Office(tmp_path, Person("a", held=HELD, ties=(broken,)), Person("b", held=HELD))
    later.clock.now = office.clock.now
    assert {each["id"] for each in await later.listed(reviewed=False)} == {odd["id"], plain["id"]}


async def test_nobody_learns_which_of_their_own_claims_are_to_be_reviewed(office: Office) -> None:
    both = replace(WORKER, roles=(Role.SOCIAL_WORKER, Role.GUARDIAN), subject="both", family_name="Smith")
    made = await office.claim("a", both)
    assert await office.listed(both, reviewed=False) == []
    assert [(each["id"], each["selected"]) for each in await office.listed(both)] == [(made["id"], [])]
    assert [each["selected"] for each in await office.listed(reviewed=False)] == [["SAME_SURNAME"]]


async def test_access_for_another_purpose_than_the_request_s_counts_no_claim(office: Office) -> None:
    await office.claim()
    query = SEEN.replace("breakGlass", "claimed")
    for stated, reading, expected in (
        (Purpose.S47, "S47", True), (Purpose.S47, "CPP", False), (Purpose.CPP, "CPP", False),
    ):  # fmt: skip
        answer = await office.network.ask(query, WORKER, stated, child="a", reading=reading)
        assert answer["data"]["access"]["claimed"] is expected


async def test_who_reads_the_claims_of_others(office: Office) -> None:
    await office.claim()
    both = replace(somebody("auditor", "RAE", subject="both"), roles=(Role.AUDITOR, Role.GUARDIAN))
    for auditor in (somebody("auditor", "RAE"), somebody("auditor", WORKER.agency, subject="near"), both):
        (seen,) = await office.listed(auditor)
        assert (seen["child"], seen["reason"]) == (Tokeniser(b"k" * 32).token("a"), ""), "who is no guardian of theirs"
    (seen,) = await office.listed()
    assert (seen["child"], seen["reason"]) == ("a", WHY)
    assert await office.listed(somebody("caldicott_guardian", "RAE", subject="g")) == []
    nothing = await office.network.ask(LISTED, WORKER, Purpose.S47)
    assert nothing["data"] == {"claimedRelationships": None}
    nobody_s = await office.network.ask(LISTED, somebody("caldicott_guardian", ""), Purpose.AUDIT)
    assert code(nobody_s) == "NOT_A_GUARDIAN"


async def test_what_a_review_says_is_for_those_who_review(office: Office) -> None:
    made = await office.claim()
    await office.network.ask(REVIEW, GUARDIAN, Purpose.AUDIT, claim=made["id"])
    (seen,) = await office.listed()
    assert seen["review"] == {"finding": "NOT_JUSTIFIED", "comment": "asked the team"}
    (seen,) = await office.listed(somebody("auditor", "RAE"))
    assert seen["review"] == {"finding": "NOT_JUSTIFIED", "comment": ""}


async def test_a_claim_whose_event_is_not_durable_is_not_made(office: Office) -> None:
    real = office.log.append

    async def failing(entry: Any) -> None:
        if entry.outcome == "CLAIM":
            raise AuditUnavailable("the disk is full")
        await real(entry)

    office.log.append = failing  # type: ignore[method-assign]
    answer = await office.try_claim()
    assert code(answer) == "INTERNAL"
    assert office.store.in_force() == []


def test_selections_are_words_of_the_schema() -> None:
    assert {each.value for each in Selection} == {
        "SAMPLE", "SAME_SURNAME", "SURNAME_NOT_KNOWN", "OUT_OF_HOURS", "NO_FURTHER_ACT",
    }  # fmt: skip
