"""Branch and bound: of all ways to all leaves, those that together make the cheapest tree.

Leaves that can be had in the same ways (the fields of one object, most often) choose together, as one *group*. A first
answer comes greedily, the groups with the fewest ways first, so that those with more can go along. Then other choices
are tried, for each group its cheapest way first; a line of choices is left as soon as it can't end below the best tree
so far. What a tree costs only grows as ways are added, so nothing better is left behind. The number of tries is bounded
(`cost.MAX_CHOICES`): beyond it the best tree so far is taken, so that the time stays linear in the operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from gateway.querygraph import cost
from gateway.querygraph.tree import Enter, Path, Tree, price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.querygraph.graph import Node

Leaf: TypeAlias = tuple[Path, ...]
"""The ways to one leaf of an operation: paths that end behind it."""

_Links: TypeAlias = tuple[int, ...]
_Group: TypeAlias = list[_Links]
"""For each way of a group, what it adds to a tree: the links of all its leaves."""


def choose(start: Node, leaves: Sequence[Leaf]) -> Tree:
    """One path for each leaf, so that the tree they make is cheap; it has the leaves in the operation's order."""
    ways = _Choice(leaves).ways() if any(len(leaf) > 1 for leaf in leaves) else [0] * len(leaves)
    tree = Tree(start)
    for leaf, way in zip(leaves, ways, strict=True):
        tree.add(leaf[way])
    return tree


class _Ledger:
    """What a tree costs, as paths come and go. A *link* is anything that is paid for once, by number."""

    def __init__(self) -> None:
        self.total = 0
        self._numbers: dict[object, int] = {}
        self._prices: list[int] = []
        self._uses: list[int] = []

    def links(self, path: Path) -> _Links:
        """The links of a path: its moves, equal ones from one place being one, and the fetches that it takes."""
        found: dict[int, None] = {}
        at = -1
        wave = 0
        for link in path.moves():
            assert link.move is not None
            at = self._number((at, link.move), price(link.move, link.need))
            found[at] = None
            if isinstance(link.move, Enter):
                wave += 1 + (link.need.waves() if link.need else 0)
                found[self._number((link.move.node.graph, wave), cost.FETCH)] = None
        return tuple(found)

    def _number(self, what: object, price: int) -> int:
        number = self._numbers.get(what)
        if number is None:
            number = self._numbers[what] = len(self._prices)
            self._prices.append(price)
            self._uses.append(0)
        return number

    def added(self, links: _Links) -> int:
        """What these links would add."""
        uses, prices = self._uses, self._prices
        return sum(prices[link] for link in links if not uses[link])

    def add(self, links: _Links) -> None:
        for link in links:
            if not self._uses[link]:
                self.total += self._prices[link]
            self._uses[link] += 1

    def remove(self, links: _Links) -> None:
        for link in links:
            self._uses[link] -= 1
            if not self._uses[link]:
                self.total -= self._prices[link]


class _Choice:
    """The search over one operation's groups."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self.ledger = _Ledger()
        self.groups: list[_Group] = []
        self.group_of: list[int] = []
        known: dict[tuple[_Links, ...], int] = {}
        for leaf in leaves:
            links = [self.ledger.links(path) for path in leaf]
            slot = tuple(each[:-1] for each in links)
            number = known.setdefault(slot, len(self.groups))
            if number == len(self.groups):
                self.groups.append([()] * len(leaf))
            self.group_of.append(number)
            group = self.groups[number]
            group[:] = [tuple(dict.fromkeys(old + new)) for old, new in zip(group, links, strict=True)]
        self.tries = 0

    def ways(self) -> list[int]:
        """The way that each leaf takes."""
        order = sorted(range(len(self.groups)), key=lambda number: len(self.groups[number]))
        best = self._greedily(order)
        open_ = [number for number in order if len(self.groups[number]) > 1]
        if len(open_) <= cost.MAX_OPEN_GROUPS:
            best = self._better(open_, best)
        return [best[number] for number in self.group_of]

    def _greedily(self, order: Sequence[int]) -> dict[int, int]:
        """Each group takes the way that adds least to what was taken before; their links stay in the ledger."""
        taken: dict[int, int] = {}
        for number in order:
            group = self.groups[number]
            taken[number] = min(range(len(group)), key=lambda way: self.ledger.added(group[way]))
            self.ledger.add(group[taken[number]])
        return taken

    def _better(self, order: Sequence[int], known: dict[int, int]) -> dict[int, int]:
        """The best choice for these groups that the bound on tries lets one find, no worse than the one known."""
        best, best_total = known, self.ledger.total
        for number in order:
            self.ledger.remove(self.groups[number][known[number]])
        taken = dict(known)

        def go(place: int) -> None:
            nonlocal best, best_total
            if place == len(order):
                if self.ledger.total < best_total:
                    best, best_total = dict(taken), self.ledger.total
                return
            group = self.groups[order[place]]
            for way in sorted(range(len(group)), key=lambda way: self.ledger.added(group[way])):
                self.tries += 1
                if self.tries > cost.MAX_CHOICES or self.ledger.total + self.ledger.added(group[way]) >= best_total:
                    return
                self.ledger.add(group[way])
                taken[order[place]] = way
                go(place + 1)
                self.ledger.remove(group[way])

        go(0)
        return best
