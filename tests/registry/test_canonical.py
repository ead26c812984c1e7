"""What counts as the same SDL, and what as another."""

from __future__ import annotations

import pytest

from gateway.errors import ConfigError
from gateway.registry.canonical import canonical, canonical_hash

SDL = '''
extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@policy", "@requires"])
"""A child."""
type Child @key(fields: "id") @key(fields: "ref", resolvable: false) {
  "Theirs."
  id: ID!
  ref: ID!
  notes(first: Int = 5, after: String): [Note!] @policy(policies: [["case.detail"], ["case.owner"]])
  all: String @requires(fields: "holders { agency recordId }")
}
type Note { text: String }
enum Grade { HIGH LOW }
union Any = Child | Note
'''
SAME = [
    SDL.replace('"""A child."""', "").replace('"Theirs."', ""),
    SDL.replace("  id: ID!\n  ref: ID!", "  ref: ID!\n\n  id: ID!"),
    SDL.replace('(fields: "ref", resolvable: false)', '(resolvable: false, fields: "ref")'),
    SDL.replace('type Child @key(fields: "id")', "type Child").replace("false) {", 'false) @key(fields: "id") {'),
    SDL.replace('"@key", "@policy"', '"@policy", "@key"'),
    SDL.replace("first: Int = 5, after: String", "after: String, first: Int = 5"),
    SDL.replace("HIGH LOW", "LOW HIGH").replace("Child | Note", "Note | Child"),
    SDL.replace('"holders { agency recordId }"', '"""\n  holders  {\n agency\n recordId }\n"""'),
    "# said\n" + SDL.replace("type Note { text: String }", "") + "type Note { text: String }",
]  # fmt: skip
OTHER = [
    SDL.replace("case.detail", "case.summary"),
    SDL.replace('[["case.detail"], ["case.owner"]]', '[["case.detail", "case.owner"]]'),
    SDL.replace("id: ID!", "id: ID! @external"),
    SDL.replace(", resolvable: false", ""),
    SDL.replace("[Note!]", "[Note]"),
    SDL.replace("= 5", "= 6"),
    SDL.replace("HIGH LOW", "HIGH"),
    SDL.replace("type Note", "interface Note"),
    SDL.replace("[Note!] ", '[Note!] @deprecated(reason: "a  b") '),
]


@pytest.mark.parametrize("sdl", SAME)
def test_what_means_the_same_has_one_hash(sdl: str) -> None:
    assert sdl != SDL
    assert canonical_hash(sdl) == canonical_hash(SDL)


@pytest.mark.parametrize("sdl", OTHER)
def test_what_means_another_thing_has_another(sdl: str) -> None:
    assert sdl != SDL
    assert canonical_hash(sdl) != canonical_hash(SDL)


def test_the_canonical_form_is_its_own() -> None:
    assert canonical(canonical(SDL)) == canonical(SDL)
    assert "A child" not in canonical(SDL)


@pytest.mark.parametrize("sdl", ["", "type", "type A { a: " + "[" * 5_000 + "Int" + "]" * 5_000 + " }"])
def test_what_is_no_sdl_is_said(sdl: str) -> None:
    with pytest.raises(ConfigError, match="the SDL is"):
        canonical_hash(sdl)


def test_spaces_count_where_they_are_no_field_set_s() -> None:
    one, two = (SDL.replace("[Note!] ", f'[Note!] @deprecated(reason: "{why}") ') for why in ("a b", "a  b"))
    assert canonical_hash(one) != canonical_hash(two)


@pytest.mark.parametrize(("directive", "argument"), [("link", "order"), ("other", "import"), ("other", "order")])
def test_the_order_of_a_list_counts_where_it_is_no_link_s_import(directive: str, argument: str) -> None:
    defined = f"directive @{directive}({argument}: [String]) on OBJECT"
    one, two = (
        f"{defined} type Query @{directive}({argument}: {order}) {{ a: Int }}" for order in ('["a", "b"]', '["b", "a"]')
    )
    assert canonical_hash(one) != canonical_hash(two)
