"""One small supergraph for the tests of operations, and the short ways to it."""

from __future__ import annotations

from functools import cache
from typing import Final

from gateway.composition import SubgraphSource, compose
from gateway.operations import Limits, Normalised, normalise, read_document
from gateway.supergraph import Supergraph, read_supergraph

SDL: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])

type Query {
  me: User
  users(first: Int, after: ID, filter: Filter, tags: [String!]): [User!]
  search: [Result]
  nodes: [Node]
  tagged(raw: Raw): Int
}
scalar Raw
type Mutation { rename(name: String!): User }
type Subscription { tick: Int }
interface Node { id: ID! }
type User implements Node @key(fields: "id") { id: ID!  name: String  age: Int  friends(first: Int): [User] }
type Pet implements Node { id: ID!  name: String }
union Result = User | Pet
input Filter { name: String  ages: [Int]  not: Filter }
"""


@cache
def supergraph() -> Supergraph:
    result = compose([SubgraphSource("a", "http://a/", SDL)])
    assert result.supergraph is not None, result.errors
    return read_supergraph(result.supergraph)


def normalised(query: str, name: str | None = None) -> Normalised:
    return normalise(read_document(query, name, supergraph().api_schema, Limits()), supergraph())


def text(query: str) -> str:
    """The normalised operation as one line."""
    return normalised(query).operation.text
