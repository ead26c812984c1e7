"""Taking out what a reader may not have."""

from __future__ import annotations

from functools import cache
from typing import Final

import pytest

from authz.policy import Policies
from authz.principal import Principal, Purpose, Role
from gateway.composition import SubgraphSource, compose
from gateway.operations import Limits, Reader, Withheld, authorise, normalise, read_document
from gateway.supergraph import Supergraph, read_supergraph
from gateway.supergraph.selections import text

LINK: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.6"
  import: ["@key", "@authenticated", "@requiresScopes", "@policy", "@shareable"])
"""
AGENCY: Final = (
    LINK
    + """
type Query {
  open: Int
  signedIn: Int @authenticated
  child: Child
  mine: Mine
  items: [Item]
  scoped: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
  either: Int @policy(policies: [["nothing.known"], ["status.summary"]])
  both: Int @policy(policies: [["nothing.known", "status.summary"]])
  grade: Grade
  notes: Notes
  unknown: Int @policy(policies: [["nothing.known"]])
}
enum Grade @requiresScopes(scopes: [["grades"]]) { HIGH LOW }
scalar Notes @policy(policies: [["status.summary"]])
type Child { name: String  plan: Boolean @policy(policies: [["status.summary"]])  nested: Nested }
type Nested { x: Int @requiresScopes(scopes: [["never"]])  y: Int @requiresScopes(scopes: [["never"]]) }
type Mine @authenticated { id: ID! }
interface Item { id: ID!  label: String }
type Plain implements Item { id: ID!  label: String }
type Guarded implements Item @requiresScopes(scopes: [["guard"]]) { id: ID!  label: String }
"""
)


@cache
def supergraph() -> Supergraph:
    result = compose([SubgraphSource("agency", "http://a/", AGENCY)])
    assert result.supergraph is not None, result.errors
    return read_supergraph(result.supergraph)


WORKER: Final = Principal("s", "i", "c", roles=(Role.SOCIAL_WORKER,), agency="380")


def run(
    query: str, principal: Principal | None = WORKER, purpose: Purpose | None = Purpose.S47
) -> tuple[str, list[Withheld]]:
    document = read_document(query, None, supergraph().api_schema, Limits())
    operation = normalise(document, supergraph()).operation
    reader = Reader(principal, purpose, Policies.partnership(), {"agency": "380"})
    done = authorise(operation.selections, operation.root_type, supergraph(), reader)
    return text(done.selections), list(done.withheld)


def scoped(*scopes: str) -> Principal:
    return Principal("s", "i", "c", scopes=frozenset(scopes))


def test_what_asks_for_nothing_is_anyones() -> None:
    assert run("{ open child { name } }", None) == ("open child { name }", [])


def test_a_denied_field_goes_and_its_parent_stays() -> None:
    kept, withheld = run("{ child { name plan } }", scoped())
    assert kept == "child { name }"
    assert [(w.path, w.coordinate, w.policy, w.agency) for w in withheld] == [
        ("child.plan", "Child.plan", "status.summary", "agency")
    ]


def test_a_parent_whose_every_field_is_denied_still_says_that_it_is_there() -> None:
    kept, withheld = run("{ child { nested { x y } } }")
    assert kept == "child { nested { __typename } }"
    assert [w.path for w in withheld] == ["child.nested.x", "child.nested.y"]


def test_paths_are_the_clients_own() -> None:
    _, withheld = run("{ kid: child { p: plan } }", scoped())
    assert [w.path for w in withheld] == ["kid.p"]


@pytest.mark.parametrize(
    ("query", "principal", "purpose", "reason"),
    [
        ("{ signedIn }", None, None, "NOT_SIGNED_IN"),
        ("{ mine { id } }", None, None, "NOT_SIGNED_IN"),
        ("{ scoped }", scoped("a"), None, "SCOPE_MISSING"),
        ("{ child { plan } }", WORKER, None, "PURPOSE_MISSING"),
        ("{ child { plan } }", scoped(), Purpose.S47, "ROLE_DOES_NOT_PERMIT"),
        ("{ unknown }", WORKER, Purpose.S47, "POLICY_UNKNOWN"),
        ("{ both }", WORKER, Purpose.S47, "POLICY_UNKNOWN"),
    ],
)
def test_each_reason(query: str, principal: Principal | None, purpose: Purpose | None, reason: str) -> None:
    _, withheld = run(query, principal, purpose)
    assert [w.reason for w in withheld] == [reason]


@pytest.mark.parametrize(
    ("query", "principal"),
    [
        ("{ signedIn }", scoped()),
        ("{ mine { id } }", scoped()),
        ("{ scoped }", scoped("a", "b")),
        ("{ scoped }", scoped("c")),
        ("{ child { plan } }", WORKER),
        ("{ either }", WORKER),
    ],
)
def test_what_is_permitted_stays(query: str, principal: Principal) -> None:
    kept, withheld = run(query, principal)
    assert withheld == []
    assert f"{{ {kept} }}" == query


def test_a_field_of_an_interface_is_as_strict_as_its_strictest_type() -> None:
    kept, withheld = run("{ items { id label } }")
    assert kept == "items { __typename }"
    assert {w.coordinate for w in withheld} == {"Item.id", "Item.label"}
    assert run("{ items { ... on Plain { id } } }") == ("items { ... on Plain { id } }", [])
    assert run("{ items { id } }", scoped("guard")) == ("items { id }", [])


def test_the_type_of_an_object_is_no_secret_of_its_fields() -> None:
    kept, withheld = run("{ items { __typename id } }")
    assert kept == "items { __typename }"
    assert [w.path for w in withheld] == ["items.id"]


def test_a_scalar_or_an_enum_guards_every_field_that_returns_it() -> None:
    kept, withheld = run("{ open grade notes }", scoped())
    assert kept == "open"
    assert {w.path for w in withheld} == {"grade", "notes"}
