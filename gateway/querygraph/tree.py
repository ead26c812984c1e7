"""Paths, and the tree that the chosen ones make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from gateway.querygraph import cost
from gateway.supergraph.selections import Conditions, Field, SelectionSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.querygraph.graph import Node
    from gateway.supergraph.model import ContextArgument


class Select(NamedTuple):
    """Select a field (its own sub-selections left out) in the same subgraph."""

    field: Field


class Narrow(NamedTuple):
    """Go on with the values that are a `type`."""

    type: str


class Enter(NamedTuple):
    """Enter a subgraph with a key, and with what the field behind it requires.

    `guarded`: once the facts of the object's subject are known.
    """

    node: Node
    key: SelectionSet
    requires: SelectionSet = ()
    conditions: Conditions = ()
    contexts: tuple[ContextArgument, ...] = ()
    guarded: bool = False


Move: TypeAlias = Select | Narrow | Enter


def price(move: Move, need: Tree | None) -> int:
    """What a move costs by itself: the fetch behind an entry is counted apart, as other entries may share it."""
    if isinstance(move, Enter):
        return cost.ENTRY + (need.settled_cost if need else 0)
    return cost.FIELD if isinstance(move, Select) else 0


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A way from the start to a node, as a linked list. `node` is None behind a leaf."""

    node: Node | None
    parent: Path | None = None
    move: Move | None = None
    need: Tree | None = None
    cost: int = 0

    def then(self, move: Move, node: Node | None, need: Tree | None = None) -> Path:
        fetch = cost.FETCH if isinstance(move, Enter) else 0
        return Path(node, self, move, need, self.cost + price(move, need) + fetch)

    def onward(self, other: Path) -> Path:
        """This path, and from its end the moves of one that starts there."""
        path = self
        for link in other.moves():
            assert link.move is not None
            path = path.then(link.move, link.node, link.need)
        return path

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
    _cost: int | None = None
    _waves: int | None = None

    @property
    def settled_cost(self) -> int:
        """What a tree costs that nothing is added to any more: needs stand inside each other, and share others."""
        if self._cost is None:
            self._cost = self.cost()
        return self._cost

    @property
    def settled_waves(self) -> int:
        """As `waves`, of a tree that nothing is added to any more."""
        if self._waves is None:
            self._waves = self.waves()
        return self._waves

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

    def cost(self) -> int:
        """What the tree costs, each of its entries a fetch."""
        total = 0
        for move, branch in self.branches.items():
            total += price(move, branch.need) + (cost.FETCH if isinstance(move, Enter) else 0)
            total += branch.tree.cost() if branch.tree else 0
        return total

    def waves(self) -> int:
        """How many fetches of the tree wait for each other."""
        return max(
            (
                (1 if isinstance(move, Enter) else 0)
                + (branch.need.settled_waves if branch.need else 0)
                + (branch.tree.waves() if branch.tree else 0)
                for move, branch in self.branches.items()
            ),
            default=0,
        )

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
