"""Paths, and the tree that the chosen ones make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from gateway.querygraph import cost
from gateway.supergraph.selections import Conditions, Field, SelectionSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.querygraph.graph import Node


class Select(NamedTuple):
    """Select a field (its own sub-selections left out) in the same subgraph."""

    field: Field


class Narrow(NamedTuple):
    """Go on with the values that are a `type`."""

    type: str


class Enter(NamedTuple):
    """Enter a subgraph with a key, and with what the field behind it requires."""

    node: Node
    key: SelectionSet
    requires: SelectionSet = ()
    conditions: Conditions = ()


Move: TypeAlias = Select | Narrow | Enter


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A way from the start to a node, as a linked list. `node` is None behind a leaf."""

    node: Node | None
    parent: Path | None = None
    move: Move | None = None
    need: Tree | None = None
    cost: int = 0

    def then(self, move: Move, node: Node | None, need: Tree | None = None) -> Path:
        price = cost.FIELD if isinstance(move, Select) else 0
        if isinstance(move, Enter):
            price = cost.FETCH + (need.cost() if need else 0)
        return Path(node, self, move, need, self.cost + price)

    def moves(self) -> list[Path]:
        """The path's links from the start on, without the start itself."""
        links: list[Path] = []
        link: Path | None = self
        while link is not None and link.move is not None:
            links.append(link)
            link = link.parent
        links.reverse()
        return links


@dataclass(slots=True, eq=False)
class Branch:
    """An edge of the tree; `need` comes with an `Enter`, `tree` is None at a leaf."""

    move: Move
    tree: Tree | None
    need: Tree | None = None


@dataclass(slots=True, eq=False)
class Tree:
    """The chosen paths of one start, merged: equal moves from equal nodes are one branch."""

    node: Node
    branches: dict[Move, Branch] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        tree = self
        for link in path.moves():
            assert link.move is not None
            branch = tree.branches.get(link.move)
            if branch is None:
                below = Tree(link.node) if link.node is not None else None
                branch = tree.branches[link.move] = Branch(link.move, below, link.need)
            if branch.tree is None:
                return
            tree = branch.tree

    def added_cost(self, path: Path) -> int:
        """What `path` would add to the tree's cost."""
        tree: Tree | None = self
        total = 0
        for link in path.moves():
            assert link.move is not None
            branch = tree.branches.get(link.move) if tree else None
            if branch is None:
                total += self._price(tree, link)
                tree = None
            else:
                tree = branch.tree
        return total

    @staticmethod
    def _price(tree: Tree | None, link: Path) -> int:
        if not isinstance(link.move, Enter):
            return cost.FIELD
        again = tree is not None and any(
            isinstance(move, Enter) and move.node == link.move.node for move in tree.branches
        )
        return (cost.FETCH_AGAIN if again else cost.FETCH) + (link.need.cost() if link.need else 0)

    def cost(self) -> int:
        total = 0
        for branch in self.branches.values():
            total += cost.FETCH if isinstance(branch.move, Enter) else cost.FIELD
            total += branch.need.cost() if branch.need else 0
            total += branch.tree.cost() if branch.tree else 0
        return total

    def describe(self, indent: str = "") -> Iterator[str]:
        for move, branch in self.branches.items():
            yield f"{indent}{_line(move)}"
            if branch.need:
                yield f"{indent}  needs"
                yield from branch.need.describe(indent + "    ")
            if branch.tree:
                yield from branch.tree.describe(indent + "  ")


def _line(move: Move) -> str:
    if isinstance(move, Select):
        return str(move.field)
    if isinstance(move, Narrow):
        return f"... on {move.type}"
    return f"enter {move.node}"
