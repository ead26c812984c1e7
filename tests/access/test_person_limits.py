"""Limits per person: how many children without a relationship, and how many searches."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from authz.principal import Principal, Role
from gateway.audit import Sealer, Tokeniser
from gateway.edge import Acts, Auditing, PersonLimiter, person_limiter
from gateway.errors import CounterUnavailable, RequestError, TooManyRequests
from gateway.rate_limits import LocalCounter, PersonLimits, Take
from tests.access.partnership import Partnership, Person, Tie, somebody
from tests.attack.test_everybody import AGENCY_OF, HELD, children
from tests.edge.network import MemoryLog

POLICE = somebody("police_public_protection", "13", "East", subject="officer")
DOOR = somebody("mash_practitioner", "380", "Front door", subject="door")
BY_NHS = "query($nhs: String!) { child(nhs: $nhs) { forename } }"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Broken(LocalCounter):
    """Can't be reached while `is_down`."""

    is_down = True

    async def take(self, take: Take) -> int:
        if self.is_down:
            raise CounterUnavailable("the limits can't be counted")
        return await super().take(take)


class Counting(LocalCounter):
    """Remembers what it is asked to take."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[str, int]] = []

    async def take(self, take: Take) -> int:
        self.taken.append((take.key.partition(":")[0], take.spare))
        return await super().take(take)


class Desk:
    def __init__(self, *people: Person, counter: LocalCounter | None = None, **limits: int) -> None:
        self.clock = Clock()
        self.log = MemoryLog()
        auditing = Auditing(self.log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
        self.acts = Acts(auditing)
        self.counter = counter or LocalCounter(self.clock)
        limiter = PersonLimiter(PersonLimits(**limits), self.counter, self.acts.limited)
        self.network = Partnership.of(*people, limiter=limiter, auditing=auditing)

    async def search(self, child: str, who: Principal = POLICE, query: str = BY_NHS) -> Any:
        """The child's data, or the code of the refusal."""
        return await self.ask(query, who, nhs=f"nhs-{child}")

    async def by_id(self, child: str, who: Principal = POLICE) -> Any:
        return await self.ask("query($id: ID!) { child(id: $id) { forename } }", who, id=child)

    async def ask(self, query: str, who: Principal, **variables: Any) -> Any:
        try:
            answer = await self.network.ask(query, who, **variables)
        except RequestError as error:
            return error.problems[0].code
        return answer["data"]["child"]


def everybody(count: int, **more: Any) -> list[Person]:
    return [Person(f"c{number}", held=HELD, **more) for number in range(count)]


@pytest.mark.parametrize(("who", "most"), [(POLICE, 30), (DOOR, 120)], ids=["police", "front door"])
async def test_of_four_hundred_children_so_many_are_told_of_in_an_hour(who: Principal, most: int) -> None:
    desk = Desk(*everybody(400))
    found: list[str] = []
    for number in range(400):
        desk.clock.now = number * 4.0  # fifteen a minute: within the limit of searches
        answer = await desk.search(f"c{number}", who)
        found.append(answer if isinstance(answer, str) else "told")
    assert found == ["told"] * most + ["TOO_MANY_CHILDREN"] * (400 - most)
    desk.clock.now = 3_600.0
    assert isinstance(await desk.search("c399", who), dict)


async def test_nobody_s_own_children_are_counted() -> None:
    tie = Tie("ALLOCATED", "13", "East")
    desk = Desk(*everybody(60, ties=(tie,)), Person("other", held=HELD), children_an_hour=1, searches_a_minute=1_000)
    for number in range(60):
        assert isinstance(await desk.search(f"c{number}"), dict)
    assert isinstance(await desk.search("other"), dict)
    assert isinstance(await desk.search("c0"), dict)


async def test_the_same_child_counts_once_however_it_is_found() -> None:
    desk = Desk(*everybody(3), children_an_hour=2)
    for _ in range(5):
        assert isinstance(await desk.search("c0"), dict)
        assert isinstance(await desk.by_id("c0"), dict)
    assert isinstance(await desk.by_id("c1"), dict)
    assert await desk.by_id("c2") == "TOO_MANY_CHILDREN"
    colleague = somebody("police_public_protection", "13", "East", subject="colleague")
    assert isinstance(await desk.by_id("c2", colleague), dict)
    namesake = Principal("officer", "https://elsewhere.example", "console", POLICE.roles, "13")
    assert isinstance(await desk.by_id("c2", namesake), dict)


async def test_a_list_and_children_further_down_are_counted() -> None:
    tie = Tie("ALLOCATED", "380", None, "worker")
    worker = somebody("social_worker", "380", subject="worker")
    mine = Person("a", surname="Own", ties=(tie,), held=HELD, siblings=("c0", "c1", "c2"))
    query = '{ child(id: "a") { care { siblings { forename } } } }'
    desk = Desk(mine, *everybody(3), children_an_hour=2)
    with pytest.raises(TooManyRequests, match="within an hour at most 2 children can be read of with whom") as refused:
        await desk.network.ask(query, worker)
    assert refused.value.retry_after == 3_600
    enough = Desk(mine, *everybody(3), children_an_hour=3)
    answer = await enough.network.ask(query, worker)
    assert len(answer["data"]["child"]["care"][0]["siblings"]) == 3
    with pytest.raises(TooManyRequests, match="within an hour at most 30 children can be read of with"):
        await Desk(*everybody(31)).network.ask('{ findChildren(surname: "Smith") { id } }', worker)


async def test_a_shielded_child_and_one_who_does_not_exist_are_not_told_apart_at_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(*everybody(3), Person("s", shielded=True), Person("t", shielded=True), children_an_hour=2)
    assert await desk.search("n") is None
    assert await desk.search("s") is None
    assert isinstance(await desk.search("c0"), dict)
    assert isinstance(await desk.search("c1"), dict)
    for child in ("c2", "t", "m"):
        assert await desk.search(child) == "TOO_MANY_CHILDREN"
    assert isinstance(await desk.search("c0"), dict)  # whoever was told of already is no news
    for child in ("s", "n"):  # nor is what was found out a moment ago
        assert await desk.search(child) is None
    later = time.monotonic() + person_limiter.MINUTE / person_limiter.RECENT_PART
    monkeypatch.setattr("gateway.edge.person_limiter.time.monotonic", lambda: later)
    for child in ("c2", "s", "n"):
        assert await desk.search(child) == "TOO_MANY_CHILDREN"


async def test_a_search_that_is_made_again_at_once_asks_the_counter_no_more() -> None:
    counter = Counting()
    desk = Desk(*everybody(3), counter=counter)
    for child in ("n", "m"):
        for _ in range(3):
            assert await desk.search(child) is None
        assert counter.taken == [("searches", 0), ("children", 1)]
        counter.taken.clear()


async def test_searches_are_counted_distinct_and_before_anything_is_asked() -> None:
    desk = Desk(*everybody(1))
    for _ in range(30):
        assert isinstance(await desk.search("c0"), dict)
    for number in range(19):
        assert await desk.search(f"n{number}") is None
    assert await desk.search("n19") == "TOO_MANY_SEARCHES"
    assert desk.network.transport.exchanged == []
    assert isinstance(await desk.search("c0"), dict)
    assert isinstance(await desk.by_id("c0"), dict)  # by the regional id it is no search
    desk.clock.now = 60.0
    assert await desk.search("n19") is None


async def test_searches_of_one_request_count_each() -> None:
    desk = Desk(*everybody(3), searches_a_minute=3)
    several = [f'a{number}: child(nhs: "nhs-n{number}") {{ id }}' for number in range(4)]
    with pytest.raises(TooManyRequests, match="at most 3 searches a minute can be made"):
        await desk.network.ask(f"{{ {' '.join(several)} }}", POLICE)
    await desk.network.ask(f"{{ {' '.join(several[:3])} }}", POLICE)
    with pytest.raises(TooManyRequests, match="at most 3 searches a minute can be made"):
        await desk.network.ask('{ findChildren(surname: "Smith") { id } }', POLICE)


async def test_a_mutation_is_no_search() -> None:
    desk = Desk(*everybody(3), searches_a_minute=1)
    for _ in range(3):
        answer = await desk.network.ask('mutation { refer(child: "n0") { id } }', DOOR)
        assert "errors" not in answer


async def test_without_the_counter_only_one_s_own_children_are_told_of() -> None:
    tie = Tie("ALLOCATED", "13", "East")
    desk = Desk(Person("mine", ties=(tie,), held=HELD), Person("c0", held=HELD), counter=Broken())
    assert isinstance(await desk.search("mine"), dict)
    assert isinstance(await desk.by_id("mine"), dict)
    for child in ("c0", "n"):
        assert await desk.search(child) == "LIMITS_UNAVAILABLE"
    assert await desk.by_id("c0") == "LIMITS_UNAVAILABLE"
    assert await desk.by_id("n") is None  # nobody guesses a regional id
    both = 'query($nhs: String!) { child: child(nhs: "nhs-mine") { id } other: child(nhs: $nhs) { id } }'
    assert await desk.search("n", query=both) == "LIMITS_UNAVAILABLE"
    refused = [entry for entry in desk.log.entries if entry.outcome == "REFUSED"]
    assert {entry.errors for entry in refused} == {("LIMITS_UNAVAILABLE",)}
    assert len(refused) == 4


async def test_a_search_that_was_not_counted_is_not_made_good_by_a_counter_that_comes_back() -> None:
    class Late(LocalCounter):
        async def take(self, take: Take) -> int:
            if take.key.startswith("searches"):
                raise CounterUnavailable("down")
            return await super().take(take)

    desk = Desk(*everybody(1), counter=Late())
    assert await desk.search("c0") == "LIMITS_UNAVAILABLE"


async def test_what_passes_the_limits_is_one_entry_a_minute_and_person() -> None:
    desk = Desk(*everybody(3), children_an_hour=1, searches_a_minute=3)
    for child in ("c0", "c1", "c2", "c3", "c4"):
        await desk.search(child)
    searched = [entry for entry in desk.log.entries if entry.errors != ("TOO_MANY_CHILDREN",)]
    assert {entry.outcome for entry in searched} == {"ANSWERED"}
    await desk.acts.close()
    (entry,) = [entry for entry in desk.log.entries if entry.outcome == "LIMITED"]
    assert (entry.subject, entry.agency) == ("officer", "13")
    assert entry.errors == ("2 x TOO_MANY_CHILDREN", "2 x TOO_MANY_SEARCHES")


async def test_whom_agencies_were_asked_about_is_in_the_log_though_nothing_was_told() -> None:
    desk = Desk(*everybody(2), children_an_hour=1)
    assert isinstance(await desk.by_id("c0"), dict)
    query = "query($id: ID!) { child(id: $id) { forename care { leadWorker } } }"
    assert await desk.ask(query, POLICE, id="c1") == "TOO_MANY_CHILDREN"
    entry = desk.log.entries[-1]
    assert (entry.outcome, entry.errors) == ("REFUSED", ("TOO_MANY_CHILDREN",))
    assert entry.children == (Tokeniser(b"k" * 32).token("c1"),)
    assert (entry.asked, entry.answered) == (("care", "index"), ())
    assert entry.given == ()
    assert set(entry.requested) == {"care", "index"}, "else their receipts would be of what nobody asked"
    assert "CareRecord.leadWorker" in (entry.requested["care"] or ())


async def test_past_the_limit_nothing_tells_who_exists() -> None:
    """Neither the code nor when to come again, however it is asked; one's own children are found by their numbers."""
    tie = Tie("ALLOCATED", "13", "East")
    mine = Person("mine", surname="Rare", ties=(tie,), held=HELD)
    queries = [
        "query($n: String!) { child(nhs: $n) { id } }",
        "query($n: String!) { a: child(nhs: $n) { id } b: child(nhs: $n) { id } }",
        "query($n: String!) { child(nhs: $n) { id @include(if: false) } }",
        "query($n: String!) { child(nhs: $n) { __typename } }",
        '{ findChildren(surname: "Rare") { id } }',
        '{ findChildren(surname: "Rare") { forename @skip(if: true) } }',
    ]
    told: dict[str, list[tuple[str, int]]] = {query: [] for query in queries}
    for others in ((), ("t",), ("t", "u"), ("shielded",)):
        people = [Person(each, surname="Rare", held=HELD, shielded=each == "shielded") for each in others]
        for query in queries:
            desk = Desk(mine, *people, *everybody(3), children_an_hour=3, searches_a_minute=100)
            for number in range(3):
                desk.clock.now = number * 100.0
                assert isinstance(await desk.search(f"c{number}"), dict)
            desk.clock.now = 1_000.0
            with pytest.raises(TooManyRequests, match="within an hour") as refused:
                await desk.network.ask(query, POLICE, n="nhs-t")
            told[query].append((refused.value.problems[0].code, refused.value.retry_after))
            assert isinstance(await desk.search("mine"), dict)
            assert isinstance(await desk.by_id("mine"), dict)
    assert {answer for answers in told.values() for answer in answers} == {("TOO_MANY_CHILDREN", 2_600)}
    assert all(len(answers) == 4 for answers in told.values())


async def test_a_search_that_is_skipped_is_none() -> None:
    desk = Desk(*everybody(2), searches_a_minute=2, children_an_hour=1)
    query = "query($n: String!, $wanted: Boolean!) { child(nhs: $n) @include(if: $wanted) { id } __typename }"
    for number in range(10):
        answer = await desk.network.ask(query, POLICE, n=f"nhs-n{number}", wanted=False)
        assert answer["data"] == {"__typename": "Query"}
    assert isinstance(await desk.search("c0"), dict)


async def test_a_list_longer_than_there_ever_is_room_for_is_refused_without_sending_it() -> None:
    sent: list[Take] = []

    class Seen(LocalCounter):
        async def take(self, take: Take) -> int:
            sent.append(take)
            return await super().take(take)

    desk = Desk(*everybody(400), counter=Seen())
    with pytest.raises(TooManyRequests, match="at most 30 children"):
        await desk.network.ask('{ findChildren(surname: "Smith") { id } }', POLICE)
    assert [len(take.things) for take in sent if take.key.startswith("children")] == [31]


async def test_what_a_mutation_did_is_said_though_it_can_t_be_shown() -> None:
    worker = somebody("social_worker", "380", subject="worker")
    desk = Desk(*everybody(2), children_an_hour=1)
    assert isinstance(await desk.by_id("c0", worker), dict)
    answer = await desk.network.ask('mutation { refer(child: "c1") { forename } }', worker)
    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_CHILDREN"
    assert "it is done" in error["message"]
    assert "<forename|" not in str(answer)


async def test_requests_at_once_take_no_more_than_there_is_room_for() -> None:
    desk = Desk(*everybody(40), searches_a_minute=100)
    found = await asyncio.gather(*(desk.search(f"c{number}") for number in range(40)))
    assert sum(1 for each in found if isinstance(each, dict)) == 30


@pytest.mark.parametrize("role", sorted(AGENCY_OF))
async def test_by_searches_nobody_reads_detail_of_four_hundred(role: Role) -> None:
    agency = AGENCY_OF[role]
    who = somebody(role.value, agency, "East")
    desk = Desk(*children(agency))
    read: set[str] = set()
    query = "query($nhs: String!) { child(nhs: $nhs) { id care { plan } police { narrative } health { reason } } }"
    for number, child in enumerate(desk.network.people):
        desk.clock.now = number * 4.0
        answer = await desk.search(child, who, query)
        if isinstance(answer, dict) and any("<" in str(answer[each]) for each in ("care", "police", "health")):
            read.add(child)
    assert read <= {"t0", "t1", "t2", "t3", "t4"}


def test_searches_are_the_same_where_all_that_was_given_is() -> None:
    one = [("surname", "Vane"), ("dateOfBirth", "2018-01-01")]
    names = [
        person_limiter._named("findChildren", given)
        for given in (one, [one[0], ("dateOfBirth", "2019-01-01")], one[:1], [("surname", 5)], [("surname", "5")])
    ]
    assert len(set(names)) == 5
    assert person_limiter._named("findChildren", one) == names[0]
