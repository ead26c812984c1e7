"""Keyset paging: every page of every list, ties and missing dates, on both engines."""

import pytest

from tests.resolvers.clinic import VISITS
from tests.resolvers.served import Served, child

PAGE = """query($r: [_Any!]!, $first: Int, $after: String) {
  _entities(representations: $r) { ... on Child { clinic { visits(first: $first, after: $after) { id seenOn } } } }
}"""
FIRST = child("a", ("EAST", "1"))


async def page(api: Served, first: int, after: str | None) -> list[dict[str, str | None]]:
    data = await api.data(PAGE, r=[FIRST], first=first, after=after)
    visits: list[dict[str, str | None]] = data["_entities"][0]["clinic"][0]["visits"]
    return visits


@pytest.mark.parametrize("size", [1, 4, 7, VISITS - 1, VISITS, 200])
async def test_pages_together_are_the_list(either: Served, size: int) -> None:
    whole = await page(either, 200, None)
    assert len(whole) == VISITS
    read: list[dict[str, str | None]] = []
    after = None
    while got := await page(either, size, after):
        assert len(got) <= size
        read += got
        after = got[-1]["id"]
    assert read == whole


async def test_newest_first_ties_by_key_and_no_date_last(either: Served) -> None:
    visits = await page(either, 200, None)
    keys = [(visit["seenOn"] or "", int(str(visit["id"]).partition(":")[2])) for visit in visits]
    assert keys == sorted(keys, reverse=True)
    assert len({day for day, _ in keys}) < VISITS, "there must be ties to break"
    assert [visit["id"] for visit in visits[-2:]] == ["EAST:9", "EAST:4"]


async def test_one_statement_pages_every_parent(either: Served) -> None:
    children = [child(str(number), ("EAST", str(number))) for number in range(1, 31)]
    either.statements()
    data = await either.data(PAGE, r=children, first=3, after=None)
    lists = [entity["clinic"][0]["visits"] for entity in data["_entities"]]
    assert [len(each) for each in lists] == [3] + [1] * 29
    assert sum("VISIT" in statement for statement in either.statements()) == 1


async def test_two_pages_of_one_list_by_alias(api: Served) -> None:
    [entity] = await api.entities(
        '... on Child { clinic { a: visits(first: 2) { id } b: visits(first: 1, after: "EAST:9") { id } '
        "c: visits(first: 2) { seenOn } } }",
        FIRST,
    )
    [record] = entity["clinic"]
    assert len(record["a"]) == len(record["c"]) == 2
    assert record["b"] == [{"id": "EAST:4"}]


async def test_a_page_that_can_be_is_given_beside_one_that_cannot(api: Served) -> None:
    query = PAGE.replace("{ visits(", "{ none: visits(first: 0) { id } visits(")
    answer = await api.ask(query, r=[FIRST], first=2, after=None)
    [error] = answer["errors"]
    assert error["path"][-1] == "none"
    [held] = answer["data"]["_entities"][0]["clinic"]
    assert held["none"] is None
    assert len(held["visits"]) == 2


@pytest.mark.parametrize(
    ("first", "after"),
    [
        (0, None),
        (201, None),
        (-1, None),
        (5, "EAST:99"),
        (5, "WEST:102"),
        (5, "EAST:102"),
        (5, "nonsense"),
        (5, "EAST:1x"),
    ],
)
async def test_a_page_that_cannot_be_is_an_error_at_its_own_field(api: Served, first: int, after: str | None) -> None:
    """102 is another child's visit: that it exists is not told."""
    answer = await api.ask(PAGE.replace("{ visits(", "{ name visits("), r=[FIRST], first=first, after=after)
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_PAGE"
    assert error["path"] == ["_entities", 0, "clinic", 0, "visits"]
    assert answer["data"]["_entities"][0]["clinic"][0] == {"name": "Child 1 of EAST", "visits": None}
