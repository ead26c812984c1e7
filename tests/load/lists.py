"""A list of many entities from two subgraphs: what a large answer costs."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Json: TypeAlias = Any

COUNT: Final = 50_000

_LINK: Final = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
SDL: Final = {
    "list-a": _LINK
    + 'type Query { items: [Item!]! }\ntype Item @key(fields: "id") { id: ID! name: String! size: Int }',
    "list-b": _LINK + 'type Item @key(fields: "id") { id: ID! note: String open: Boolean }',
}
QUERY: Final = "{ items { id name size note open } }"


def answer(request: Json) -> Json:
    """Both subgraphs' answers, told apart by what is asked."""
    sent = next((value for value in (request.get("variables") or {}).values() if isinstance(value, list)), None)
    if sent is None:
        return {
            "data": {
                "items": [
                    {"__typename": "Item", "id": f"{n}", "name": f"item {n}", "size": n % 97} for n in range(COUNT)
                ]
            }
        }
    found = [{"note": f"note on {one['id']}, some words long", "open": len(one["id"]) % 2 == 0} for one in sent]
    return {"data": {"_entities": [{"__typename": "Item", **one} for one in found]}}
