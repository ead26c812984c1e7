"""The shape that gateways are compared by: four subgraphs, a query that crosses them seven levels deep.

Users write reviews of products; accounts, inventory, products and reviews each know a part. The data is invented.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any

_LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",'
    ' import: ["@key", "@external", "@requires", "@provides", "@shareable", "@authenticated", "@policy"])\n'
)

SDL: Final = {
    "accounts": """
type Query { users: [User] USERS }
type User @key(fields: "id") { id: ID! name: String NAME username: String @shareable }
""",
    "inventory": """
type Product @key(fields: "upc") {
  upc: String!
  weight: Int @external
  price: Int @external
  inStock: Boolean STOCK
  shippingEstimate: Int @requires(fields: "price weight")
}
""",
    "products": """
type Query { topProducts(first: Int = 5): [Product] PRODUCTS }
type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
""",
    "reviews": """
type Review @key(fields: "id") { id: ID! body: String BODY product: Product author: User @provides(fields: "username") }
type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
type Product @key(fields: "upc") { upc: String! reviews: [Review] }
""",
}

_ASKS: Final = {
    "USERS": "@authenticated",
    "PRODUCTS": "@authenticated",
    "NAME": '@policy(policies: [["user.detail"]])',
    "STOCK": '@policy(policies: [["product.detail"]])',
    "BODY": '@policy(policies: [["review.detail"]])',
}

QUERY: Final = """
fragment U on User { id username name }
fragment R on Review { id body }
fragment P on Product { upc name price weight inStock shippingEstimate }
query Standard {
  users { ...U reviews { ...R product { ...P reviews { ...R author { ...U reviews { ...R product { ...P } } } } } } }
  topProducts { ...P reviews { ...R author { ...U reviews { ...R product { ...P } } } } }
}
"""


def sdl(name: str, *, secured: bool) -> str:
    """A subgraph's SDL; `secured` asks for a sign-in and for policies, as `policies/standard.cedar` permits them."""
    text = SDL[name]
    for word, directive in _ASKS.items():
        text = re.sub(rf"\b{word}\b", directive if secured else "", text)
    return _LINK + text


def _text(seed: int, length: int) -> str:
    words = ("lorem", "ipsum", "dolor", "sit", "amet", "elit", "sed", "do", "tempor", "incididunt", "ut", "labore")
    return " ".join(words[(seed + 7 * at) % len(words)] for at in range(length // 4))[:length]


_LENGTHS: Final = (850, 640, 420, 150, 850, 640, 420, 150, 150, 150, 640)
_REVIEWED: Final = (1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4)


def data() -> dict[str, dict[str, Json]]:
    """What each subgraph knows, as the tests' subgraphs take it."""
    users: list[Json] = [{"id": f"{n}", "name": f"User Number {n}", "username": f"user{n}"} for n in range(1, 7)]
    products: list[Json] = [
        {"upc": f"{n}", "name": f"Product {n}", "price": n * 337 % 2_400, "weight": n * 100} for n in range(1, 10)
    ]
    reviews: list[Json] = [
        {
            "id": f"{n}",
            "body": _text(n, length),
            "product": {"$ref": "Product", "upc": f"{upc}"},
            "author": {"$ref": "User", "id": f"{n % 6 + 1}"},
        }
        for n, (upc, length) in enumerate(zip(_REVIEWED, _LENGTHS, strict=True))
    ]
    by_user = {user["id"]: [r for r in reviews if r["author"]["id"] == user["id"]][:2] for user in users}
    by_product = {p["upc"]: [r for r in reviews if r["product"]["upc"] == p["upc"]] for p in products}
    refs = {key: [{"$ref": "Review", "id": r["id"]} for r in found] for key, found in by_user.items()}
    return {
        "accounts": {"Query": {"users": [{"$ref": "User", "id": user["id"]} for user in users]}, "User": users},
        "inventory": {
            "Product": [
                {"upc": p["upc"], "inStock": int(p["upc"]) % 3 != 0, "shippingEstimate": int(p["weight"]) // 2}
                for p in products
            ]
        },
        "products": {
            "Query": {"topProducts": [{"$ref": "Product", "upc": p["upc"]} for p in products[:5]]},
            "Product": products,
        },
        "reviews": {
            "Review": reviews,
            "User": [{"id": user["id"], "username": user["username"], "reviews": refs[user["id"]]} for user in users],
            "Product": [
                {"upc": p["upc"], "reviews": [{"$ref": "Review", "id": r["id"]} for r in by_product[p["upc"]]]}
                for p in products
            ],
        },
    }
