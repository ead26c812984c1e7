"""`@cost` and `@listSize` in the supergraph: under any name, from any subgraph, the dearest of what they say."""

from __future__ import annotations

import pytest

from gateway.composition import Hint
from gateway.supergraph import Costs, ListSize, read_supergraph
from tests.composition.composed import composed, supergraph


def link(imports: str) -> str:
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{imports}])\n'


LINK = link('"@key", "@shareable", "@cost", "@listSize"')


def costs(*sdls: str) -> Costs:
    return read_supergraph(supergraph(*(sdl if "@link(" in sdl else LINK + sdl for sdl in sdls))).costs


@pytest.mark.parametrize(
    ("imports", "cost", "list_size"),
    [
        ('"@cost", "@listSize"', "cost", "listSize"),
        ('{name: "@cost", as: "@price"}, {name: "@listSize", as: "@long"}', "price", "long"),
        ("", "federation__cost", "federation__listSize"),
    ],
    ids=["imported", "renamed", "namespaced"],
)
def test_each_place_is_carried_under_any_name(imports: str, cost: str, list_size: str) -> None:
    found = costs(
        link(imports)
        + f"""
        type Query {{
          all(first: Int @{cost}(weight: 2), by: By): [T]
            @{cost}(weight: 3) @{list_size}(assumedSize: 50, slicingArguments: ["first"])
        }}
        type T @{cost}(weight: 4) {{ e: E s: S }}
        enum E @{cost}(weight: 5) {{ A }}
        scalar S @{cost}(weight: 6)
        input By {{ text: String @{cost}(weight: -7) }}
        """
    )
    assert found == Costs(
        types={"T": 4, "E": 5, "S": 6},
        fields={("Query", "all"): 3},
        arguments={("Query", "all", "first"): 2},
        inputs={("By", "text"): -7},
        sizes={("Query", "all"): ListSize(50, {"first": None}, (), True)},
    )


def test_the_specification_is_linked_once_with_what_is_used_and_only_then() -> None:
    cost = "directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION"
    url = "https://specs.apollo.dev/cost/v0.1"
    both = supergraph(LINK + "type Query { a: Int @cost(weight: 1) b: [Int] @listSize(assumedSize: 1) }")
    assert f'  @link(url: "{url}", import: ["@cost", "@listSize"])\n' in both
    assert cost in both
    assert "directive @listSize(assumedSize: Int, slicingArguments: [String!]" in both
    one = supergraph(LINK + "type Query { a: Int @cost(weight: 1) }")
    assert f'  @link(url: "{url}")\n' in one
    assert "@listSize" not in one
    other = supergraph(LINK + "type Query { a: [Int] @listSize(assumedSize: 1) }")
    assert f'  @link(url: "{url}", import: ["@listSize"])\n' in other
    assert "@cost" not in other
    assert url not in supergraph(LINK + "type Query { a: Int }")


def test_the_largest_weight_wins() -> None:
    one = """type Query { a(x: Int @cost(weight: 1), i: I): S @shareable @cost(weight: 9) }
             scalar S @cost(weight: 2) input I { n: Int }"""
    other = """type Query { a(x: Int @cost(weight: 5), i: I): S @shareable @cost(weight: 8) }
               scalar S input I { n: Int @cost(weight: 3) }"""
    for order in ((one, other), (other, one)):
        found = costs(*order)
        assert found.fields == {("Query", "a"): 9}
        assert found.arguments == {("Query", "a", "x"): 5}
        assert found.types == {"S": 2}
        assert found.inputs == {("I", "n"): 3}


def test_sizes_are_the_largest_with_all_slicing_arguments_that_are_left() -> None:
    value = "type T { u: [Int] @shareable v: [Int] @shareable }"
    one = (
        "type Query { a(first: Int = 5, last: Int): T @shareable"
        ' @listSize(assumedSize: 3, slicingArguments: ["first", "last"], sizedFields: ["u"]) }' + value
    )
    other = (
        "type Query { a(first: Int = 5): T @shareable"
        ' @listSize(assumedSize: 7, slicingArguments: ["first"], sizedFields: ["v"]) }' + value
    )
    expected = ListSize(7, {"first": 5}, ("u", "v"), True)
    assert costs(one, other).sizes == {("Query", "a"): expected}
    assert costs(other, one).sizes == {("Query", "a"): expected._replace(sized=("v", "u"))}
    assert '@listSize(assumedSize: 7, slicingArguments: ["first"], ' in supergraph(LINK + one, LINK + other)


@pytest.mark.parametrize(
    ("one", "other", "merged"), [("", "", True), ("", "false", False), ("true", "false", False), ("true", "", True)]
)
def test_one_slicing_argument_is_required_where_all_require_it(one: str, other: str, merged: bool) -> None:
    sdls = [
        "type Query { a(first: Int): [Int] @shareable @listSize(slicingArguments: "
        f'["first"]{f", requireOneSlicingArgument: {said}" if said else ""}) }}'
        for said in (one, other)
    ]
    assert costs(*sdls).sizes["Query", "a"].require_one is merged


def test_a_subgraph_that_says_nothing_changes_nothing_and_is_no_hint() -> None:
    one = "type Query { a: [Int] @shareable @cost(weight: 4) @listSize(assumedSize: 3) }"
    for other in ("type Query { a: [Int] @shareable }", one):
        result = composed(LINK + one, LINK + other)
        assert result.hints == ()
        assert result.supergraph is not None
        assert read_supergraph(result.supergraph).costs.fields == {("Query", "a"): 4}


def test_what_differs_is_a_hint() -> None:
    result = composed(
        LINK + "type Query { a(x: Int @cost(weight: 1)): [Int] @shareable @cost(weight: 4) @listSize(assumedSize: 3) }",
        LINK + "type Query { a(x: Int @cost(weight: 2)): [Int] @shareable @cost(weight: 5) @listSize(assumedSize: 4) }",
    )
    code = "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"
    size = "the largest `assumedSize` holds, with all `slicingArguments` and `sizedFields`"
    assert result.hints == (
        Hint(code, "INFO", "subgraphs differ in `@cost`: the largest `weight` holds", "Query.a(x:)"),
        Hint(code, "INFO", "subgraphs differ in `@cost`: the largest `weight` holds", "Query.a"),
        Hint(code, "INFO", f"subgraphs differ in `@listSize`: {size}", "Query.a"),
    )


def test_what_an_interface_object_adds_is_sized_in_its_implementations() -> None:
    found = costs(
        'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
        'type A implements I @key(fields: "id") { id: ID! }',
        link('"@key", "@listSize", "@interfaceObject"')
        + 'type I @interfaceObject @key(fields: "id") { id: ID! more: [Int] @listSize(assumedSize: 2) }',
    )
    assert set(found.sizes) == {("I", "more"), ("A", "more")}
