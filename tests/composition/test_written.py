"""What the supergraph says of less usual things, so that others than our own reader take it too."""

from __future__ import annotations

import re

import pytest

from gateway.composition import SubgraphSource, compose
from gateway.supergraph import read_supergraph
from tests.composition.composed import FEDERATION_1, exporting, supergraph
from tests.composition.test_merge import api


def test_arguments_keep_their_descriptions() -> None:
    found = api('type Query { q("how many" x: Int): Int @shareable }', "type Query { q(x: Int): Int @shareable }")
    assert '"""how many"""\n    x: Int' in found


def test_directives_of_operations_are_what_all_subgraphs_say() -> None:
    found = api(
        "directive @both(n: Int, m: Int) on FIELD | QUERY directive @one on FIELD type Query { q: Int }",
        "directive @both(n: Int!) on FIELD | MUTATION type Query { p: Int }",
    )
    assert "directive @both(n: Int!) on FIELD\n" in found
    assert "@one" not in found


def test_an_exported_directive_is_also_one_of_operations() -> None:
    begun = exporting("mine/v1.0").replace("on OBJECT", "on FIELD | OBJECT")
    found = read_supergraph(supergraph(begun + "type Query @mine { q: Int }"))
    assert found.api_schema.get_directive("mine") is not None


def test_an_exported_directive_stands_wherever_any_subgraph_has_it() -> None:
    begun = exporting("mine/v1.0")
    written = supergraph(
        begun + "type Query @mine { q: Int }",
        begun.replace("on OBJECT", "on FIELD_DEFINITION") + "type Query { p: Int @mine }",
    )
    assert "directive @mine on OBJECT | FIELD_DEFINITION" in written
    assert written.count(" @mine") >= 2


@pytest.mark.parametrize(
    "used",
    ['type T @key(fields: "id") @key(fields: "x")', 'interface I { x: Int } type T implements I @key(fields: "id")'],
    ids=["in a key", "by an interface"],
)
def test_a_field_that_is_overridden_and_used_is_kept(used: str) -> None:
    written = supergraph(
        f"type Query {{ t: T }} {used} {{ id: ID! x: Int }}",
        'type T @key(fields: "id") { id: ID! x: Int @override(from: "a") }',
    )
    assert "@join__field(graph: A, usedOverridden: true)" in written
    assert '@join__field(graph: B, override: "a")' in written


def test_a_field_that_is_overridden_and_not_used_goes() -> None:
    written = supergraph(
        'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
        'type T @key(fields: "id") { id: ID! x: Int @override(from: "a") }',
    )
    assert "usedOverridden: true" not in written
    (type_,) = re.findall(r"type T\n.*?^}", written, re.DOTALL | re.MULTILINE)
    assert re.findall(r"@join__field\(.*\)", type_) == ['@join__field(graph: B, override: "a")']


def test_a_scalar_is_specified_once() -> None:
    written = supergraph(
        'type Query { q: S } scalar S @specifiedBy(url: "https://one.example")',
        'type Query { p: S } scalar S @specifiedBy(url: "https://two.example")',
    )
    assert written.count("@specifiedBy(url:") == 1


def test_keys_of_interfaces_are_none_in_federation_1() -> None:
    written = supergraph(
        f'{FEDERATION_1}type Query {{ i: I }} interface I @key(fields: "id") {{ id: ID! }} '
        'type A implements I @key(fields: "id") { id: ID! }'
    )
    assert written.count('key: "id"') == 1


@pytest.mark.parametrize("name", ["ID", "Boolean"])
def test_scalars_that_are_built_in_are_not_written(name: str) -> None:
    assert f"scalar {name}" not in supergraph(f"type Query {{ q: {name} }} scalar {name}")
    assert f"scalar {name}" not in supergraph(f"type Query {{ q: String }} scalar {name} @inaccessible")


def test_an_argument_with_a_default_in_some_subgraphs_has_none() -> None:
    assert "q(x: Int): Int" in api(
        "type Query { q(x: Int = 1): Int @shareable }", "type Query { q(x: Int): Int @shareable }"
    )


def test_which_subgraph_says_that_a_type_implements_an_interface_is_kept() -> None:
    """Join specification v0.3, section 4.5."""
    written = supergraph(
        "type Query { a: T } interface I { x: Int } interface J { x: Int }"
        " type T implements I & J { x: Int @shareable }",
        "type Query { b: T } interface I { x: Int } type T implements I { x: Int @shareable }",
    )
    found = re.findall(r'@join__implements\(graph: (\w+), interface: "(\w+)"\)', written)
    assert sorted(found) == [("A", "I"), ("A", "J"), ("B", "I")]
    assert "type T implements I & J" in " ".join(written.split())


def test_fields_of_a_subscription_are_nobody_else_s_to_share() -> None:
    errors = [
        error.code
        for error in compose(
            [
                SubgraphSource("a", "http://a/", "type Query { a: Int } type Subscription { s: Int }"),
                SubgraphSource("b", "http://b/", "type Query { b: Int } type Subscription { s: Int }"),
            ]
        ).errors
    ]
    assert errors == ["INVALID_FIELD_SHARING"]
