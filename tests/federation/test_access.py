"""What a reader may not have never reaches them, however it is asked for (design: denied is never planned)."""

from __future__ import annotations

from typing import Final

import pytest

from authz.policy import Policies
from authz.principal import Principal
from tests.federation.harness import Network, Run

LINK: Final = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.5"
  import: ["@key", "@requires", "@external", "@requiresScopes", "@authenticated", "@shareable"]
)
"""
A: Final = (
    LINK
    + """
    type Query { product: Product  item: Item  items: [Item] }
    interface Item { id: ID!  price: Int }
    type Product implements Item @key(fields: "code") {
      id: ID!
      code: ID @requiresScopes(scopes: [["codes"]])
      name: String
      price: Int
      cost: Int @requiresScopes(scopes: [["costs"]])
      secret: Secret
    }
    type Gift implements Item { id: ID!  price: Int @requiresScopes(scopes: [["gifts"]]) }
    type Secret @requiresScopes(scopes: [["secrets"]]) { word: String }
    """,
    {
        "Query": {
            "product": {"$ref": "Product", "id": "1"},
            "item": {"$ref": "Product", "id": "1"},
            "items": [{"__typename": "Gift", "id": "2", "price": 5}],
        },
        "Product": [{"id": "1", "code": "4242", "name": "Pot", "price": 20, "cost": 12, "secret": {"word": "hush"}}],
    },
)
B: Final = (
    LINK
    + """
    type Product @key(fields: "code") { code: ID  stock: Int }
    """,
    {"Product": [{"code": "4242", "stock": 7}]},
)


def network() -> Network:
    made = Network.of({"a": A, "b": B})
    made.policies = Policies.partnership()
    return made


async def ask(query: str, *scopes: str) -> Run:
    return await network().run(query, None, Principal("s", "i", "c", scopes=frozenset(scopes)))


def withheld(run: Run) -> list[tuple[str, str]]:
    return [(item["path"], item["reason"]) for item in run.withheld]


async def test_what_is_permitted_is_answered() -> None:
    run = await ask("{ product { name cost } }", "costs")
    assert run.data == {"product": {"name": "Pot", "cost": 12}}
    assert withheld(run) == []


async def test_a_denied_field_is_null_never_fetched_and_said() -> None:
    run = await ask("{ product { name cost } }")
    assert run.data == {"product": {"name": "Pot", "cost": None}}
    assert withheld(run) == [("product.cost", "SCOPE_MISSING")]
    assert not any("cost" in request.query for request in run.asked)


async def test_a_denied_type_is_denied_with_its_field() -> None:
    run = await ask("{ product { name secret { word } } }")
    assert run.data == {"product": {"name": "Pot", "secret": None}}
    assert withheld(run) == [("product.secret", "SCOPE_MISSING")]
    assert not any("secret" in request.query for request in run.asked)


async def test_one_not_signed_in_is_told_so() -> None:
    run = await network().run("{ product { cost } }")
    assert run.data == {"product": {"cost": None}}
    assert withheld(run) == [("product.cost", "NOT_SIGNED_IN")]


async def test_an_object_whose_every_field_is_denied_still_says_that_it_is_there() -> None:
    run = await ask("{ product { cost } }")
    assert run.data == {"product": {"cost": None}}


@pytest.mark.parametrize(
    "query",
    [
        "{ product { code stock } }",
        "{ product { stock code } }",
        "{ product { stock name: code } }",
        "{ product { code: name stock id: code } }",
        "query($v: Boolean = true) { product { code @include(if: $v) stock } }",
    ],
)
async def test_a_denied_field_that_joins_subgraphs_stays_hidden(query: str) -> None:
    run = await ask(query)
    assert run.graphs == ["a", "b"]
    assert run.data["product"]["stock"] == 7
    assert "4242" not in str(run.answer)
    assert len(run.withheld) == 1


async def test_an_interface_field_is_as_strict_as_its_strictest_implementation() -> None:
    run = await ask("{ items { price } }")
    assert run.data == {"items": [{"price": None}]}
    run = await ask("{ item { ... on Product { price } } }")
    assert run.data == {"item": {"price": 20}}
    run = await ask("{ items { price } }", "gifts")
    assert run.data == {"items": [{"price": 5}]}


async def test_a_plan_made_for_one_reader_never_serves_another() -> None:
    gateway = network().gateway()
    answers = []
    for scopes in (frozenset[str](), frozenset({"costs"}), frozenset[str](), frozenset({"costs", "more"})):
        run = await gateway.run("{ product { cost } }", None, Principal("s", "i", "c", scopes=scopes))
        answers.append(run.data["product"]["cost"])
    assert answers == [None, 12, None, 12]
