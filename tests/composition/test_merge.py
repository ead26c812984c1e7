"""Merging: what the supergraph says of elements that several subgraphs define, and that it reads back as written."""

from __future__ import annotations

import itertools

import pytest
from graphql import print_schema

from gateway.composition import compose
from gateway.supergraph import Access, read_supergraph
from gateway.supergraph.selections import text
from tests.composition.composed import composed, sources, supergraph


def api(*sdls: str) -> str:
    return print_schema(read_supergraph(supergraph(*sdls)).api_schema)


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ("Int!", "Int", "Int"),
        ("[Int!]!", "[Int]", "[Int]"),
        ("A", "I", "I"),
        ("A!", "I", "I"),
        ("[A!]!", "[I]", "[I]"),
        ("A", "U", "U"),
    ],
)
def test_an_output_is_of_the_widest_type(one: str, other: str, merged: str) -> None:
    more = "interface I { x: Int } type A implements I @shareable { x: Int } union U = A"
    sdls = [f"type Query {{ f: {type_} @shareable i: I @shareable u: U @shareable }} {more}" for type_ in (one, other)]
    for order in (sdls, sdls[::-1]):
        written = supergraph(*order)
        assert f"\n  f: {merged}\n" in api(*order)
        field = read_supergraph(written).types["Query"].fields["f"]
        assert sorted(str(owner.type) for owner in field.owners) == sorted((one, other))


def test_an_input_is_of_the_narrowest_type_and_of_what_all_take() -> None:
    found = api(
        "type Query { f(a: Int!, b: [Int!], i: I): Int @shareable } input I { x: Int y: Int }",
        "type Query { f(a: Int, b: [Int], i: I): Int @shareable } input I { x: Int! }",
    )
    assert "f(a: Int!, b: [Int!], i: I): Int" in found
    assert "input I {\n  x: Int!\n}" in found


@pytest.mark.parametrize("feature", ["inaccessible", "tag", "authenticated", "requiresScopes", "policy"])
def test_a_directive_may_be_linked_by_its_own_specification(feature: str) -> None:
    """As by Federation's, and under another name too."""
    given = {"tag": '(name: "a")', "requiresScopes": '(scopes: [["a"]])', "policy": '(policies: [["a"]])'}.get(
        feature, ""
    )
    own = (
        f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6")'
        f' @link(url: "https://specs.apollo.dev/{feature}/v0.1", as: "mine", import: ["@{feature}"])'
        f" type Query {{ a: Int b: Int @{feature}{given} }}"
    )
    federation = (
        f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@{feature}"])'
        f" type Query {{ a: Int b: Int @{feature}{given} }}"
    )
    both = own.replace('federation/v2.6")', f'federation/v2.6", import: ["@{feature}"])')
    assert supergraph(own) == supergraph(federation) == supergraph(both)
    assert f"b: Int @{feature}{given}" in " ".join(supergraph(own).split())


def test_graphql_s_own_directives_are_not_defined_again() -> None:
    """Old SDLs print them too."""
    defined = "directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT directive @own on FIELD "
    written = supergraph(defined + "type Query { a: Int }", defined + "type Query { b: Int }")
    assert "directive @own on FIELD" in written
    assert "@skip" not in written


@pytest.mark.parametrize(
    ("use", "values"),
    [("f(e: E): Int", ["B"]), ("f: E", ["A", "B", "C"])],
    ids=["input: what all have", "output: what any has"],
)
def test_enums_by_their_use(use: str, values: list[str]) -> None:
    found = api(f"type Query {{ {use} }} enum E {{ A B }}", "enum E { B C }")
    assert "enum E {\n" + "".join(f"  {value}\n" for value in values) + "}" in found


def test_objects_and_unions_are_all_that_any_says() -> None:
    found = api(
        'type Query { u: U } type A @key(fields: "id") { id: ID! a: Int } union U = A',
        'type A @key(fields: "id") { id: ID! b: Int } type B { x: Int } union U = A | B',
    )
    assert "type A {\n  id: ID!\n  a: Int\n  b: Int\n}" in found
    assert "union U = A | B" in found


def test_who_owns_a_field_is_said_where_not_all_do() -> None:
    read = read_supergraph(
        supergraph(
            'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int o: Int }',
            'type T @key(fields: "id") @key(fields: "x", resolvable: false) '
            '{ id: ID! x: ID! w: Int @external r: Int @requires(fields: "w") o: Int @override(from: "a") '
            'p: T @provides(fields: "w") }',
        )
    )
    type_ = read.types["T"]
    owners = {
        name: [(o.graph, o.external, text(o.requires), text(o.provides)) for o in f.owners]
        for name, f in type_.fields.items()
    }
    assert owners == {
        "id": [("A", False, "", ""), ("B", False, "", "")],
        "w": [("A", False, "", ""), ("B", True, "", "")],
        "x": [("B", False, "", "")],
        "r": [("B", False, "w", "")],
        "p": [("B", False, "", "w")],
        "o": [("B", False, "", "")],
    }
    assert [(text(k.fields), k.resolvable) for k in type_.memberships["B"].keys] == [("id", True), ("x", False)]
    assert [o.graph for o in read.types["Query"].fields["t"].owners] == ["A"]


def test_hidden_in_one_subgraph_is_hidden() -> None:
    found = api(
        "type Query { seen: Int @shareable gone: Int @shareable }",
        "type Query { seen: Int @shareable gone: Int @shareable @inaccessible }",
    )
    assert "seen" in found
    assert "gone" not in found


def test_access_is_what_all_ask_together() -> None:
    read = read_supergraph(
        supergraph(
            'type Query { f: Int @shareable @policy(policies: [["a"], ["b"]]) @authenticated }',
            'type Query { f: Int @shareable @policy(policies: [["c"]]) @requiresScopes(scopes: [["s", "r"]]) }',
        )
    )
    assert read.access("Query", "f") == Access(True, (("r", "s"),), (("a", "c"), ("b", "c")))


def test_descriptions_deprecations_and_tags_are_carried() -> None:
    written = supergraph(
        '"""What is "asked"."""\ntype Query { "a \\" quote" f(x: Int = 3): Int @shareable @tag(name: "t") }',
        'type Query { f(x: Int = 3): Int @shareable @deprecated(reason: "old") @tag(name: "u") }',
    )
    found = print_schema(read_supergraph(written).api_schema)
    assert '"""What is "asked"."""\ntype Query' in found
    assert '"""a " quote"""' in found
    assert 'f(x: Int = 3): Int @deprecated(reason: "old")' in found
    assert '@tag(name: "t")' in written
    assert '@tag(name: "u")' in written


def test_an_exported_directive_is_carried_with_its_definition_and_its_link() -> None:
    written = supergraph(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: '
        '["@key", "@composeDirective", "@inaccessible"]) '
        '@link(url: "https://example.org/cps/v1.0", import: ["@subject"]) @composeDirective(name: "@subject") '
        "directive @subject(facts: String) on OBJECT directive @other on OBJECT type Query { t: T } "
        'type T @key(fields: "id") @subject(facts: "shielded") @other { id: ID! shielded: Boolean! @inaccessible }'
    )
    assert "directive @subject(facts: String) on OBJECT" in written
    assert '@link(url: "https://example.org/cps/v1.0", import: ["@subject"])' in written
    assert '@subject(facts: "shielded")' in written
    assert "@other" not in written
    assert read_supergraph(written).types["T"].subject


def test_root_types_take_their_usual_names() -> None:
    found = api(
        "schema { query: Ask mutation: Do } type Ask { q: Int me: Ask } type Do { m: Int }".replace(
            "schema {", 'schema @link(url: "https://specs.apollo.dev/federation/v2.7") {'
        ),
        "type Query { r: Int }",
    )
    assert "type Query {\n  q: Int\n  me: Query\n  r: Int\n}" in found
    assert "type Mutation {\n  m: Int\n}" in found


SDLS = (
    'type Query { t: T s: S u: U } type T @key(fields: "id") { id: ID! a: Int } '
    "type S @shareable { x: Int } union U = T | S scalar Date enum E { A B } input I { a: Int b: E }",
    'type Query { o(i: I): E } type T @key(fields: "id") { id: ID! b(d: Date): E } scalar Date enum E { A B } '
    "input I { a: Int! b: E } type S @shareable { x: Int }",
    'type Mutation { m: T } type T @key(fields: "id") { id: ID! a: Int @external c: Int @requires(fields: "a") }',
)


def test_the_same_bytes_for_any_order_of_subgraphs() -> None:
    given = sources(*SDLS)
    found = {compose(list(order)).supergraph for order in itertools.permutations(given)}
    assert len(found) == 1
    assert None not in found


def test_what_is_written_reads_back_as_it_was_meant() -> None:
    read = read_supergraph(supergraph(*SDLS))
    assert [(g.id, g.name, g.url) for g in read.graphs.values()] == [
        (name.upper(), name, f"http://{name}/") for name in "abc"
    ]
    assert read.roots == {"query": "Query", "mutation": "Mutation"}
    assert {g: [text(k.fields) for k in m.keys] for g, m in read.types["T"].memberships.items()} == {
        "A": ["id"], "B": ["id"], "C": ["id"]
    }  # fmt: skip
    assert read.object_types("U") == {"T", "S"}
    api_types = set(read.api_schema.type_map) - {"Int", "ID", "String", "Boolean"}
    assert {name for name in api_types if not name.startswith("__")} == {
        "Query", "Mutation", "T", "S", "U", "Date", "E", "I"
    }  # fmt: skip


def test_names_that_are_no_enum_values_become_some() -> None:
    from gateway.composition import SubgraphSource

    link = sources("type Query { a: Int }")[0].sdl
    made = [
        SubgraphSource(n, "http://x/", link.replace("a: Int", f"f{i}: Int"))
        for i, n in enumerate(("child-health", "child_health", "9th"))
    ]
    result = compose(made)
    assert result.supergraph is not None, result.errors
    graphs = read_supergraph(result.supergraph).graphs
    assert {g.name for g in graphs.values()} == {"child-health", "child_health", "9th"}
    assert set(graphs) == {"CHILD_HEALTH", "CHILD_HEALTH_1", "_9TH"}


def test_federation_1_shares_and_extends_by_default() -> None:
    found = api(
        '# Federation 1\ntype Query { t: T } type T @key(fields: "id") { id: ID! a: V } type V { x: Int }',
        '# Federation 1\nextend type T @key(fields: "id") { id: ID! @external b: V } type V { x: Int }',
    )
    assert "type T {\n  id: ID!\n  a: V\n  b: V\n}" in found


def test_subgraphs_machinery_is_left_out() -> None:
    written = supergraph(
        "type Query { q: Int _service: _Service! _entities(representations: [_Any!]!): [_Entity]! } "
        'type T @key(fields: "id") { id: ID! } type _Service { sdl: String } scalar _Any union _Entity = T'
    )
    assert "_Entity" not in written
    assert "_service" not in written


def test_nothing_comes_of_what_does_not_parse_beside_what_does() -> None:
    result = composed("type Query { a: Int }", "type {")
    assert result.supergraph is None
    assert [error.code for error in result.errors] == ["INVALID_GRAPHQL"]
    assert result.errors[0].locations[0].subgraph == "b"
