"""What the log says of each child: what was given and not, by which agency, on the ground of which relationship."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from authz.principal import Purpose
from gateway.audit import Entry, Sealer, Tokeniser
from gateway.edge import Auditing
from gateway.execution import Answer
from tests.access.partnership import Partnership, Person, Tie, somebody

WORKER = somebody("social_worker", "380", subject="me")
MINE = (Tie("ALLOCATED", "380", None, "me"),)
HELD: Mapping[str, tuple[str, ...]] = {"CARE": ("380", "381"), "POLICE": ("13",), "HEALTH": ("RAE",)}
A = Person("a", ties=MINE, held=HELD)
B = Person("b", held=HELD)
C = Person("c", ties=MINE, held={"CARE": ("381",), "POLICE": ("13",)})
TOKENISER = Tokeniser(b"k" * 32)
NAMES = {TOKENISER.token(child): child for child in "abc"}


class Log:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def append(self, entry: Entry) -> None:
        self.entries.append(entry)


class Network:
    def __init__(self, *people: Person, **more: Any) -> None:
        self.log = Log()
        auditing = Auditing(self.log, TOKENISER, Sealer(b"k" * 32))
        self.partnership = Partnership.of(*(people or (A, B, C)), auditing=auditing, **more)

    async def entry(self, query: str, who: Any = WORKER, purpose: Purpose | None = Purpose.S47) -> dict[str, Any]:
        """Return what was written of a query, as it stands in the log."""
        await self.partnership.ask(query, who, purpose)
        return dict(orjson.loads(self.log.entries[-1].body()))


def given(entry: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return what was given by agency, by the children of each group."""
    return {"".join(NAMES[child] for child in group["children"]): group["fields"] for group in entry["given"]}


def ties(entry: dict[str, Any]) -> dict[str, list[str]]:
    return {NAMES[child]: group["relationships"] for group in entry["given"] for child in group["children"]}


TWO = '{ one: child(id: "a") { forename police { officer } } other: child(id: "b") { forename police { officer } } }'


async def test_of_two_children_each_has_what_was_given_of_it() -> None:
    entry = await Network().entry(TWO)
    assert given(entry)["a"] == {"13": ["Child.police", "PoliceRecord.officer"], "index": ["Child.forename"]}
    assert given(entry)["b"] == {"13": ["Child.police"], "index": ["Child.forename"]}  # who holds a record is told
    assert ties(entry) == {"a": ["allocated"], "b": ["none"]}
    withheld = {NAMES[g["children"][0]]: [w["path"] for w in g["withheld"]] for g in entry["given"] if g["children"]}
    assert withheld == {"a": [], "b": ["child.police.officer"]}
    assert entry["outcome"] == "PARTIAL"


async def test_children_of_whom_the_same_was_given_for_the_same_reason_are_one_group() -> None:
    query = '{ one: child(id: "a") { forename } other: child(id: "c") { forename } }'
    entry = await Network().entry(query)
    (group,) = [g for g in entry["given"] if g["children"]]
    assert {NAMES[child] for child in group["children"]} == {"a", "c"}


async def test_what_one_service_has_of_several_agencies_is_of_the_agency_that_holds_it() -> None:
    entry = await Network().entry('{ one: child(id: "a") { care { note } } other: child(id: "c") { care { note } } }')
    fields = given(entry)
    assert fields["a"] == {code: ["CareRecord.note", "Child.care"] for code in ("380", "381")}
    assert fields["c"] == {"381": ["CareRecord.note", "Child.care"]}
    assert entry["answered"] == ["380", "381"]


async def test_a_field_without_a_value_is_not_disclosed() -> None:
    network = Network(Person("a", ties=MINE, held=HELD, nothing=("forename",)))
    entry = await network.entry('{ child(id: "a") { forename surname } }')
    assert given(entry) == {"a": {"index": ["Child.surname"]}}
    assert entry["requested"]["index"] == ["Child.forename", "Child.surname", "Query.child"]


async def test_who_failed_has_given_nothing_and_the_answer_is_partial() -> None:
    network = Network()
    network.partnership.transport.broken["police"] = lambda: Answer(500, "text/plain", b"")
    entry = await network.entry('{ child(id: "a") { forename police { officer } } }')
    assert given(entry) == {"a": {"index": ["Child.forename"]}}
    assert entry["answered"] == ["index"]
    assert entry["requested"]["police"] is None
    assert entry["outcome"] == "PARTIAL"


async def test_what_is_about_nobody_is_a_group_of_its_own() -> None:
    entry = await Network().entry('{ anyone(id: "a") { ... on Child { forename } ... on Agency { code } } }')
    assert given(entry) == {"": {"index": ["Agency.code", "Query.anyone"]}, "a": {"index": ["Child.forename"]}}


async def test_a_sibling_s_values_are_the_sibling_s() -> None:
    people = Person("a", ties=MINE, held=HELD, siblings=("c",)), C
    entry = await Network(*people).entry('{ child(id: "a") { forename care { siblings { surname } } } }')
    assert "Child.surname" not in [field for fields in given(entry)["a"].values() for field in fields]
    assert given(entry)["c"] == {"index": ["Child.surname"]}


async def test_a_meeting_s_minutes_are_about_all_its_children() -> None:
    entry = await Network(A, C, meetings={"m": ("a", "c")}).entry('{ meeting(id: "m") { room minutes } }')
    (group,) = [g for g in entry["given"] if g["children"]]
    assert {NAMES[each] for each in group["children"]} == {"a", "c"}
    assert group["fields"] == {"X": ["Meeting.minutes", "Meeting.room"]}
