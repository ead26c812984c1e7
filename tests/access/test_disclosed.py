"""What the log says of each child: what was given and not, by which agency, on the ground of which relationship."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from authz.principal import Purpose
from gateway.audit import Entry, Sealer, Tokeniser
from gateway.audit.given import given_by
from gateway.audit.given import not_given as kept_back
from gateway.edge import Auditing
from gateway.edge.disclosed import _by_agencies
from gateway.errors import Problem
from gateway.execution import Answer, Outcome
from gateway.execution.outcome import WithheldBy
from gateway.operations.subjects import SUBJECT_KEY
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
    """Return what was given by agency, by child; "" is nobody."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in given_by(entry):
        for child in each.children or [""]:
            if each.agency:
                assert each.agency not in found.setdefault(NAMES.get(child, ""), {})
                found[NAMES.get(child, "")][each.agency] = list(each.fields)
    return found


def ties(entry: dict[str, Any]) -> dict[str, list[str]]:
    return {NAMES[child]: list(each.relationships) for each in given_by(entry) for child in each.children}


def not_given(entry: dict[str, Any]) -> dict[str, list[str]]:
    return {NAMES[child]: [item["path"] for item in kept] for named, kept in kept_back(entry) for child in named}


TWO = '{ one: child(id: "a") { forename police { officer } } other: child(id: "b") { forename police { officer } } }'


async def test_of_two_children_each_has_what_was_given_of_it() -> None:
    entry = await Network().entry(TWO)
    assert given(entry)["a"] == {"13": ["Child.police", "PoliceRecord.officer"], "index": ["Child.forename"]}
    assert given(entry)["b"] == {"13": ["Child.police"], "index": ["Child.forename"]}  # who holds a record is told
    assert ties(entry) == {"a": ["allocated"], "b": ["none"]}
    assert not_given(entry) == {"b": ["child.police.officer"]}
    assert entry["outcome"] == "PARTIAL"


async def test_children_of_whom_the_same_was_given_for_the_same_reason_are_one_group() -> None:
    query = '{ one: child(id: "a") { forename } other: child(id: "c") { forename } }'
    entry = await Network().entry(query)
    (found,) = given_by(entry)
    assert {NAMES[child] for child in found.children} == {"a", "c"}


async def test_a_child_of_whom_nothing_was_given_is_named_with_the_relationship() -> None:
    network = Network(Person("a", ties=MINE, held=HELD, nothing=("forename",)))
    (found,) = given_by(await network.entry('{ child(id: "a") { forename } }'))
    assert (found.agency, found.fields, found.relationships) == ("", [], ["allocated"])
    assert [NAMES[child] for child in found.children] == ["a"]


async def test_what_is_withheld_of_all_is_withheld_of_each() -> None:
    clerk = somebody("administrator", "380", subject="me")
    entry = await Network().entry(
        '{ one: child(id: "a") { police { narrative } } other: child(id: "c") { id } }', clerk
    )
    assert not_given(entry) == {"a": ["child.police.narrative"]}


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
    assert entry["requested"]["index"] == ["Child.forename", "Query.child"]


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
    of_each = {"X": ["Meeting.minutes", "Meeting.room"]}
    assert given(entry) == {"": {"X": ["Query.meeting"]}, "a": of_each, "c": of_each}


async def test_of_a_meeting_of_whose_children_one_is_hidden_the_room_is_about_nobody() -> None:
    hidden = Person("s", shielded=True)
    entry = await Network(A, hidden, meetings={"m": ("a", "s")}).entry('{ meeting(id: "m") { room minutes } }')
    assert given(entry) == {"": {"X": ["Meeting.room", "Query.meeting"]}}


async def test_of_several_types_at_one_place_each_object_is_its_own() -> None:
    query = '{ anyone(id: "a") { __typename ... on Child { surname } ... on Agency { code } } }'
    entry = await Network().entry(query)
    assert given(entry) == {"": {"index": ["Agency.code", "Query.anyone"]}, "a": {"index": ["Child.surname"]}}


def withholding(network: Network, *paths: list[str | int]) -> None:
    """Let the police answer about two children, and keep something back at these paths."""
    record = {"officer": "PC", "narrative": None, "__cps_record": "13:x"}
    errors = [
        {"message": "no", "path": path, "extensions": {"code": "WITHHELD", "reason": "COURT_ORDER"}} for path in paths
    ]
    data = {"_0": [{"police": [record]}], "_1": [{"police": [record]}]}
    answer = orjson.dumps({"data": data, "errors": errors})
    network.partnership.transport.broken["police"] = lambda: Answer(200, "application/json", answer)


OF_TWO = (
    '{ one: child(id: "a") { police { officer narrative } } other: child(id: "c") { police { officer narrative } } }'
)
KEPT_BACK = {"path": "child.police.narrative", "agency": "police", "policy": "", "reason": "COURT_ORDER"}


async def test_what_an_agency_withholds_by_its_own_word_is_of_the_child_of_whom_it_is() -> None:
    network = Network()
    withholding(network, ["_1", 0, "police", 0, "narrative"])
    entry = await network.entry(OF_TWO)
    assert [(NAMES[child], item) for named, items in kept_back(entry) for child in named for item in items] == [
        ("c", KEPT_BACK)
    ]
    assert entry["outcome"] == "PARTIAL"
    withholding(network, ["_0", 0, "police", 0, "narrative"], ["_1", 0, "police", 0, "narrative"])
    entry = await network.entry(OF_TWO)
    assert not_given(entry) == {"a": ["child.police.narrative"], "c": ["child.police.narrative"]}


def test_an_error_of_many_is_of_all_subjects_below_it_and_one_that_points_nowhere_of_all() -> None:
    key = SUBJECT_KEY
    outcome = Outcome({"all": [{key: "a", "x": {"y": None}}, {key: "b", "x": None}], "room": {"z": None}})
    outcome.subjects = dict.fromkeys(("a", "b", "c"))
    one, many, room, unseen = (
        WithheldBy(path, "police", "SEALED") for path in ("all.x.y", "all.x", "room.z", "elsewhere")
    )
    outcome.withheld = dict.fromkeys((one, many, room, unseen))
    more = (("agency", "police"), ("reason", "SEALED"))
    for path in (("all", 0, "x", "y"), ("room", "z")):
        outcome.errors.add(Problem("no", "WITHHELD", path, extensions=more))
    outcome.errors.add(Problem("no", "WITHHELD", ("all", 1, "x"), extensions=(("agency", "care"), more[1])))
    outcome.errors.add(Problem("no", "TIMEOUT", ("elsewhere",), extensions=more))
    found = {item: list(whose) for item, whose in _by_agencies(outcome).items()}
    assert found == {one: ["a"], many: ["a", "b", "c"], room: [None], unseen: ["a", "b", "c"]}
    outcome.errors.add(Problem("no", "WITHHELD", ("all",), extensions=more))
    found = {item: list(whose) for item, whose in _by_agencies(outcome).items()}
    assert sorted(map(str, found[one])) == sorted(map(str, found[many])) == ["a", "b"]
