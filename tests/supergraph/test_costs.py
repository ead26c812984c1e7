"""Costs of supergraphs that others wrote, under the names that they chose (cost specification, v0.1)."""

from __future__ import annotations

import pytest

from gateway.supergraph import Costs, ListSize, read_supergraph

COST = "https://specs.apollo.dev/cost/v0.1"


def costs(link: str, body: str) -> Costs:
    return read_supergraph(
        f"""
        schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5")
          {link} {{ query: Query }}
        scalar join__FieldSet
        enum join__Graph {{ A @join__graph(name: "a", url: "http://a/") }}
        type Query @join__type(graph: A) {{ {body} }}
        """
    ).costs


@pytest.mark.parametrize(
    ("link", "cost", "list_size"),
    [
        (f'@link(url: "{COST}", import: ["@cost", "@listSize"])', "cost", "listSize"),
        (f'@link(url: "{COST}")', "cost", "cost__listSize"),
        (f'@link(url: "{COST}", as: "dear")', "dear", "dear__listSize"),
        (
            f'@link(url: "{COST}", import: [{{name: "@cost", as: "@a"}}, {{name: "@listSize", as: "@b"}}])',
            "a",
            "b",
        ),
        ("", "federation__cost", "federation__listSize"),
        (f'@link(url: "{COST}")', "federation__cost", "federation__listSize"),
    ],
    ids=["imported", "by default", "as", "renamed", "namespaced", "namespaced beside a link"],
)
def test_names_are_the_links(link: str, cost: str, list_size: str) -> None:
    found = costs(link, f"a: [Int] @{cost}(weight: 2) @{list_size}(assumedSize: 4, requireOneSlicingArgument: false)")
    assert found == Costs(fields={("Query", "a"): 2}, sizes={("Query", "a"): ListSize(4, {}, (), False)})


@pytest.mark.parametrize("url", ["https://example.com/cost/v1.0", "https://specs.apollo.dev.example.com/cost/v0.1"])
def test_another_specifications_directive_of_the_name_is_no_cost(url: str) -> None:
    assert costs(f'@link(url: "{url}", import: ["@cost"])', "a: Int @cost(weight: 2)") == Costs()


def test_slicing_arguments_have_their_defaults_and_those_that_are_none_are_left_out() -> None:
    found = costs(
        f'@link(url: "{COST}", import: ["@listSize"])',
        'a(first: Int = 5, last: Int, x: String = "9"): Int '
        '@listSize(slicingArguments: ["last", "first", "x", "gone"], sizedFields: ["b", "c"])',
    )
    assert found.sizes["Query", "a"] == ListSize(None, {"last": None, "first": 5, "x": None}, ("b", "c"), True)


def test_weights_beyond_counting_are_read() -> None:
    found = costs(f'@link(url: "{COST}")', f"a: Int @cost(weight: {'9' * 5_000}) b: Int @cost(weight: -{'9' * 5_000})")
    assert found.fields == {("Query", "a"): 10**18 - 1, ("Query", "b"): 1 - 10**18}
