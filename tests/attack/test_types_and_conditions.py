"""What an agency answers of one type, or under one condition, is not taken for what was asked of another."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.federation.harness import Fault, Network, Run

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) '
PETS = """
type Query { pets: [Pet!]! }
interface Pet { id: ID! nick: String }
type Cat implements Pet @key(fields: "id") { id: ID! nick: String home: House }
type Dog implements Pet @key(fields: "id") { id: ID! nick: String home: Kennel }
type House @key(fields: "id") { id: ID! name: String }
type Kennel @key(fields: "id") { id: ID! name: String rooms: Int }
"""
HOMES = 'type House @key(fields: "id") { id: ID! rooms: Int }'


async def answered(query: str, *pets: Any, **variables: bool) -> Run:
    """Answer a query where this is what the first agency says of pets; the interpreter says the same."""
    network = Network.of({
        "pets": (LINK + PETS, {}),
        "homes": (LINK + HOMES, {"House": [{"id": "h", "rooms": 5}]}),
    })  # fmt: skip
    network.faults = {"pets": Fault(body=orjson.dumps({"data": {"pets": pets}}))}
    return await network.run(query, variables)


ROOMS = "{ pets { nick ... on Cat { home { rooms } } ... on Dog { home { rooms } } } }"


@pytest.mark.parametrize("spoilt", [{}, {"nick": 7}])
async def test_a_field_of_one_type_is_not_taken_below_another(spoilt: dict[str, Any]) -> None:
    """Decoded whole, and key by key where something else does not fit."""
    cat = {"__typename": "Cat", "nick": None, "home": {"__typename": "House", "id": "h", "rooms": 99}} | spoilt
    dog = {"__typename": "Dog", "nick": None, "home": {"__typename": "Kennel", "rooms": 1}}
    run = await answered(ROOMS, cat, dog)
    assert run.data["pets"] == [
        {"nick": None, "home": {"rooms": 5}},
        {"nick": None, "home": {"rooms": 1}},
    ]
    assert [error["path"] for error in run.errors] == ([["pets", 0, "nick"]] if spoilt else [])


async def test_an_object_of_a_type_that_stands_below_another_only_is_missing_and_said_to_be() -> None:
    cat = {"__typename": "Cat", "nick": None, "home": {"__typename": "Kennel", "id": "h", "rooms": 99}}
    dog = {"__typename": "Dog", "nick": None, "home": {"__typename": "Kennel", "rooms": 1}}
    run = await answered(ROOMS.replace("rooms", "__typename rooms"), cat, dog)
    assert run.data["pets"] == [{"nick": None, "home": None}, {"nick": None, "home": dog["home"]}]
    assert [error["path"] for error in run.errors] == [["pets", 0, "home"]]
