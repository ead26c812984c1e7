"""Reading supergraphs that others wrote (join specification, v0.3), with every name as they might choose it."""

from __future__ import annotations

import pytest
from graphql import print_schema

from gateway.errors import SupergraphError
from gateway.supergraph import Access, Kind, Supergraph, read_supergraph
from gateway.supergraph.selections import parse_field_set, text

HEAD = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
{ query: Query }

directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT
scalar join__FieldSet
scalar link__Import
enum join__Graph {
  LEFT @join__graph(name: "left", url: "http://left/")
  RIGHT_2 @join__graph(name: "right-2", url: "http://right/")
}
"""


def read(body: str, head: str = HEAD) -> Supergraph:
    return read_supergraph(head + body)


def test_graphs_have_ids_names_and_urls() -> None:
    found = read("type Query @join__type(graph: LEFT) { a: Int }").graphs
    assert {g.id: (g.name, g.url) for g in found.values()} == {
        "LEFT": ("left", "http://left/"),
        "RIGHT_2": ("right-2", "http://right/"),
    }


def test_a_field_without_a_join_belongs_to_every_graph_of_its_type() -> None:
    type_ = read(
        """type Query @join__type(graph: LEFT) @join__type(graph: RIGHT_2) {
             both: Int
             one: Int @join__field(graph: RIGHT_2)
             none: Int @join__field
           }"""
    ).types["Query"]
    owners = {name: [owner.graph for owner in f.owners] for name, f in type_.fields.items()}
    assert owners == {"both": ["LEFT", "RIGHT_2"], "one": ["RIGHT_2"], "none": []}


def test_keys_are_kept_by_graph_with_whether_they_resolve() -> None:
    type_ = read(
        """type Query @join__type(graph: LEFT) { t: T }
           type T @join__type(graph: LEFT, key: "id") @join__type(graph: LEFT, key: "a { b }", resolvable: false)
                  @join__type(graph: RIGHT_2) { id: ID! a: A }
           type A @join__type(graph: LEFT) { b: ID! }"""
    ).types["T"]
    keys = {graph: [(text(k.fields), k.resolvable) for k in m.keys] for graph, m in type_.memberships.items()}
    assert keys == {"LEFT": [("id", True), ("a { b }", False)], "RIGHT_2": []}


def test_what_a_graph_says_of_a_field() -> None:
    field = (
        read(
            """type Query @join__type(graph: LEFT) { t: T }
           type T @join__type(graph: LEFT, key: "id") @join__type(graph: RIGHT_2, key: "id") {
             id: ID!
             w: Int @join__field(graph: LEFT) @join__field(graph: RIGHT_2, external: true)
             s: T @join__field(graph: RIGHT_2, requires: "w", provides: "id", type: "T!", override: "left",
                               overrideLabel: "percent(5)")
             o: Int @join__field(graph: LEFT, usedOverridden: true)
           }"""
        )
        .types["T"]
        .fields
    )
    assert [(o.graph, o.external) for o in field["w"].owners] == [("LEFT", False), ("RIGHT_2", True)]
    (owner,) = field["s"].owners
    assert owner.requires == parse_field_set("w")
    assert owner.provides == parse_field_set("id")
    assert (str(owner.type), owner.override_from, owner.override_label) == ("T!", "left", "percent(5)")
    assert field["o"].owners[0].used_overridden


def test_interfaces_unions_and_interface_objects_by_graph() -> None:
    found = read(
        """type Query @join__type(graph: LEFT) { i: I  u: U }
           interface I @join__type(graph: LEFT, key: "id")
             @join__type(graph: RIGHT_2, key: "id", isInterfaceObject: true)
             { id: ID!  more: Int @join__field(graph: RIGHT_2) }
           type A implements I @join__implements(graph: LEFT, interface: "I") @join__type(graph: LEFT, key: "id")
             @join__type(graph: RIGHT_2) { id: ID!  more: Int @join__field }
           type B implements I @join__implements(graph: LEFT, interface: "I") @join__type(graph: LEFT, key: "id")
             { id: ID!  more: Int @join__field }
           union U @join__type(graph: LEFT) @join__type(graph: RIGHT_2) @join__unionMember(graph: LEFT, member: "A")
             @join__unionMember(graph: LEFT, member: "B") @join__unionMember(graph: RIGHT_2, member: "A") = A | B"""
    )
    assert (found.types["I"].kind, found.types["U"].kind) == (Kind.INTERFACE, Kind.UNION)
    assert found.types["I"].memberships["RIGHT_2"].interface_object
    assert not found.types["I"].memberships["LEFT"].interface_object
    assert found.object_types("I") == {"A", "B"}
    assert found.object_types_in("LEFT", "U") == {"A", "B"}
    assert found.object_types_in("RIGHT_2", "U") == {"A"}
    assert found.object_types_in("RIGHT_2", "I") == set()


def test_a_root_type_of_another_name_is_the_root() -> None:
    found = read("type Root @join__type(graph: LEFT) { a: Int }", HEAD.replace("query: Query", "query: Root"))
    assert found.roots == {"query": "Root"}


def test_hidden_parts_are_not_in_the_api_schema() -> None:
    found = read(
        """type Query @join__type(graph: LEFT) {
             seen(kept: Int, gone: Int @inaccessible): Colour
             unseen: Int @inaccessible
             thing: Thing
           }
           type Thing @join__type(graph: LEFT) { secret: Secret @inaccessible  other: Int }
           type Secret @join__type(graph: LEFT) @inaccessible { a: Int }
           enum Colour @join__type(graph: LEFT) { RED @join__enumValue(graph: LEFT)
                                                 BLUE @join__enumValue(graph: LEFT) @inaccessible }
           input In @join__type(graph: LEFT) { a: Int  b: Int @inaccessible }"""
    )
    printed = print_schema(found.api_schema)
    assert "seen(kept: Int): Colour" in printed
    assert "RED" in printed
    for hidden in ("gone", "unseen", "secret", "Secret", "BLUE", "b: Int", "join__", "link__", "inaccessible"):
        assert hidden not in printed, hidden
    assert found.hidden_values == {"Colour": {"BLUE"}}
    assert found.types["Query"].fields["unseen"].inaccessible
    assert found.types["Secret"].inaccessible


def test_links_may_give_other_names() -> None:
    head = """
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.3", as: "j", for: EXECUTION)
      @link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden", for: SECURITY)
      @link(url: "https://specs.apollo.dev/policy/v0.1", import: [{name: "@policy", as: "@needs"}], for: SECURITY)
    { query: Query }
    scalar j__FieldSet
    enum j__Graph { LEFT @j__graph(name: "left", url: "http://left/") }
    """
    found = read(
        """type Query @j__type(graph: LEFT) {
             a: Int @needs(policies: [["x.detail"]])  b: Int @hidden  c: T }
           type T @j__type(graph: LEFT, key: "id") { id: ID! }""",
        head,
    )
    assert list(found.graphs) == ["LEFT"]
    assert found.types["Query"].fields["a"].access == Access(policies=(("x.detail",),))
    assert found.types["Query"].fields["b"].inaccessible
    assert [text(key.fields) for key in found.types["T"].memberships["LEFT"].keys] == ["id"]
    printed = print_schema(found.api_schema)
    assert "b: Int" not in printed
    assert "j__" not in printed


def test_access_is_that_of_the_type_the_field_and_its_value_together() -> None:
    found = read(
        """directive @authenticated on OBJECT | FIELD_DEFINITION
           type Query @join__type(graph: LEFT) { t: T @policy(policies: [["a.b"], ["c.d", "e.f"]]) plain: Int }
           type T @join__type(graph: LEFT) @authenticated @policy(policies: [["g.h"]])
             { x: Int @requiresScopes(scopes: [["s"]]) }"""
    )
    assert found.access("Query", "t") == Access(True, (), (("a.b", "g.h"), ("c.d", "e.f", "g.h")))
    assert found.access("T", "x") == Access(True, (("s",),), (("g.h",),))
    assert not found.access("Query", "plain")


def test_the_version_is_the_texts() -> None:
    body = "type Query @join__type(graph: LEFT) { a: Int }"
    assert read(body).version == read(body).version
    assert read(body).version != read(body + "\n").version
    assert len(read(body).version) == 64


@pytest.mark.parametrize(
    "sdl",
    [
        "",
        "type Query {",
        "type Query { a: Int }",
        HEAD + 'type Query @join__type(key: "id") { a: Int }',
        HEAD + 'type Query @join__type(graph: "LEFT") { a: Int }',
        HEAD + 'type Query @join__type(graph: LEFT, key: "id {") { a: Int }',
        HEAD + "type Query @join__type(graph: LEFT) { a: Missing }",
    ],
    ids=["empty", "no SDL", "not composed", "no graph", "graph a string", "no field set", "unknown type"],
)
def test_what_is_no_supergraph_is_refused(sdl: str) -> None:
    with pytest.raises(
        SupergraphError, match=r"does not parse|has no enum|needs `graph`|is not a field set|is no valid schema"
    ):
        read_supergraph(sdl)
