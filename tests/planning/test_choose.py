"""Of all choices of ways the cheapest is found, and a bound on the tries costs nothing but the best."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.querygraph import Enter, Node, Path, Select, Tree
from gateway.querygraph import cost as costs
from gateway.querygraph.choose import Leaf, choose
from gateway.supergraph.selections import Field

START = Node("", "Query")
_HOPS = st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3, unique=True)
_LEAVES = st.lists(st.lists(_HOPS, min_size=1, max_size=3, unique_by=tuple), min_size=1, max_size=5)


def _path(hops: str, field: str) -> Path:
    """Through these subgraphs one after another to the field."""
    path = Path(START)
    for graph in hops:
        node = Node(graph, "Query")
        path = path.then(Enter(node, ()), node)
    return path.then(Select(Field(field, field)), None)


def _leaves(ways: list[list[str]]) -> list[Leaf]:
    return [tuple(_path(hops, f"f{number}") for hops in leaf) for number, leaf in enumerate(ways)]


def _graphs_entered(tree: Tree, wave: int = 0) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for move, branch in tree.branches.items():
        if isinstance(move, Enter):
            assert branch.tree is not None
            found |= {(wave, move.node.graph)} | _graphs_entered(branch.tree, wave + 1)
    return found


def _price(leaves: list[Leaf], ways: tuple[int, ...]) -> tuple[int, int]:
    """Fetches, then all else, of a choice made by hand."""
    tree = Tree(START)
    for leaf, way in zip(leaves, ways, strict=True):
        tree.add(leaf[way])
    fetches = len(_graphs_entered(tree))
    entries = sum(1 for line in tree.describe() if line.lstrip().startswith("enter"))
    return fetches, entries * costs.ENTRY + len(leaves) * costs.FIELD


@settings(max_examples=150, derandomize=True, deadline=None)
@given(_LEAVES)
def test_the_cheapest_tree_is_chosen(ways: list[list[str]]) -> None:
    leaves = _leaves(ways)
    best = min(_price(leaves, each) for each in product(*(range(len(leaf)) for leaf in leaves)))
    tree = choose(START, leaves)
    entries = sum(1 for line in tree.describe() if line.lstrip().startswith("enter"))
    assert (len(_graphs_entered(tree)), entries * costs.ENTRY + len(leaves) * costs.FIELD) == best


def test_what_costs_least_at_first_is_not_taken_where_another_is_cheapest_for_all() -> None:
    leaves = _leaves([["A", "D"], ["B", "D"], ["C", "D"], ["A", "B"]])
    assert len(_graphs_entered(choose(START, leaves))) == 2


def test_beyond_the_bound_there_is_still_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "MAX_CHOICES", 1)
    leaves = _leaves([["A", "D"], ["B", "D"], ["C", "D"], ["A", "B"]])
    assert sum(1 for line in choose(START, leaves).describe() if "enter" not in line) == len(leaves)
