"""A large answer, decoded in pieces: the same as if it were decoded at once, and others are served between them."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.answer_shape import AnswerShapes, no_codes
from gateway.execution.compile import decoding
from gateway.execution.compile.decoding import AnswerDecoder, DecoderWriter
from gateway.planning import Request
from tests.federation.harness import Network

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) '
NETWORK = Network.of({
    "a": (
        _LINK + 'type Query { pets: [[Pet]] me: Cat } union Pet = Cat | Dog type Cat @key(fields: "id") '
        "{ id: ID name: String lives: Int friends: [Cat] tags: [String] } type Dog { name: String tricks: Int }",
        {},
    ),
    "b": (_LINK + 'type Cat @key(fields: "id") { id: ID toys: [Toy] best: Toy } type Toy { name: String }', {}),
})  # fmt: skip
QUERY = """{ me { id name friends { name lives } tags toys { name } best { name } }
  pets { ... on Cat { name lives friends { name } } ... on Dog { name tricks } } }"""
SUPERGRAPH = NETWORK.supergraph


def decoder(request: Request) -> AnswerDecoder:
    return DecoderWriter(SUPERGRAPH, AnswerShapes(SUPERGRAPH, no_codes)).decoder(request)


ROOT, ENTITIES = map(decoder, NETWORK.plan(QUERY).requests)
names = st.sampled_from(["", "Tom", 'a "b" , {c} [d]', "\\", "é"]) | st.none()
wrong = st.sampled_from([True, {}, [], 1.5, "x"])
toys = st.none() | st.fixed_dictionaries({"name": names}, optional={"more": wrong})
cats = st.none() | st.fixed_dictionaries(
    {"name": names, "lives": st.integers(0, 9) | st.none()}, optional={"__typename": st.just("Cat"), "more": wrong}
)
pets = cats | st.fixed_dictionaries({"__typename": st.just("Dog"), "name": names, "tricks": st.integers(0, 9)})
mine = st.fixed_dictionaries({
    "id": st.just("1"), "name": names, "friends": st.lists(cats, max_size=6) | st.none(),
    "tags": st.lists(names, max_size=6),
})  # fmt: skip
roots = st.fixed_dictionaries(
    {"me": mine | st.none() | wrong, "pets": st.lists(st.lists(pets, max_size=4) | st.none(), max_size=4)}
)
entities = st.fixed_dictionaries({
    "_entities": st.none() | wrong | st.lists(st.none() | st.fixed_dictionaries(
        {"toys": st.lists(toys, max_size=6) | st.none() | wrong, "best": toys}
    ), max_size=4)
})  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(roots | st.none() | wrong, st.sampled_from([1, 10, 40, 10_000]))
def test_a_root_s_answer_is_the_same_in_pieces(data: Any, piece: int) -> None:
    same(ROOT, data, piece)


@settings(max_examples=300, deadline=None)
@given(entities, st.sampled_from([1, 10, 40, 10_000]))
def test_entities_are_the_same_in_pieces(data: Any, piece: int) -> None:
    same(ENTITIES, data, piece)


def same(by: AnswerDecoder, data: Any, piece: int) -> None:
    body = orjson.dumps({"data": data})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "PIECE", piece)
        assert asyncio.run(by.decode_in_pieces(body)) == by.decode(body)


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"data":{"me":null,"pets":null},"errors":[]}', b'{"data":{"me":'])
async def test_what_is_no_answer_or_has_errors_is_none(body: bytes) -> None:
    assert ROOT.decode(body) is None
    assert await ROOT.decode_in_pieces(body) is None


async def test_others_are_served_between_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    friends = [{"name": "x" * 100, "lives": 9}] * 20_000
    me = {"id": "1", "name": "Tom", "friends": friends, "tags": []}
    body = orjson.dumps({"data": {"me": me, "pets": None}})
    decoded = asyncio.ensure_future(ROOT.decode_in_pieces(body))
    turns = 0
    while not decoded.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await decoded) == {"me": me, "pets": None}
    assert turns >= len(body) // decoding.PIECE
