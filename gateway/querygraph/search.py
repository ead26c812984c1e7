"""The search: for each leaf of an operation, the path that adds least to those chosen before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.errors import PlanningError
from gateway.querygraph import cost
from gateway.querygraph.choose import Leaf, choose
from gateway.querygraph.graph import Entry, FieldMove, Node, QueryGraph
from gateway.querygraph.tree import Enter, Narrow, Path, Select, Tree
from gateway.supergraph import Kind
from gateway.supergraph.selections import HIDDEN, Argument, Conditions, Field, SelectionSet, TypeCase
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.supergraph import Owner


class Unreachable(PlanningError):
    """No path leads to a field; `missing` is its coordinate."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"no subgraph can be reached that resolves `{missing}` here, with what is required followed "
            f"{cost.MAX_NEED_DEPTH} deep"
        )
        self.missing = missing


@dataclass(slots=True)
class Search:
    """One search over one query graph. `expansions` counts the moves tried for it alone.

    `depth` is how many needs may stand inside each other: at depth 0 no subgraph is entered with a key, and at depth n
    only with needs that are met at a depth below n. So no need can ask for itself, and each is searched once a depth:
    the cost is the number of nodes times their keys times the depth, never exponential.
    """

    graph: QueryGraph
    expansions: int = 0
    _of_graph: int = 0

    def tree(self, start: Node, selections: SelectionSet, depth: int = cost.MAX_NEED_DEPTH) -> Tree:
        """The tree of cheapest paths from `start` to every leaf; raises `Unreachable`."""
        return choose(start, self._leaves([Path(start)], start.type, selections, depth))

    def mutation(self, start: Node, selections: tuple[Field, ...]) -> Tree:
        """The tree of one mutation: entered at one subgraph only, as it may be carried out once; the cheapest such.

        `selections` are all those of one response key, which differ in their conditions.
        """
        name = selections[0].name
        found: list[Tree] = []
        missing: Unreachable | None = None
        for entry in self.graph.entries(start.type):
            if self.graph.field(entry.node, name) is None:
                continue
            path = Path(start).then(Enter(entry.node, ()), entry.node)
            try:
                leaves = self._leaves([path], start.type, selections, cost.MAX_NEED_DEPTH)
            except Unreachable as error:
                missing = error
            else:
                found.append(choose(start, leaves))
        if not found:
            raise missing or Unreachable(f"{start.type}.{name}")
        return min(found, key=Tree.cost)

    def _leaves(
        self,
        paths: Sequence[Path],
        type_name: str,
        selections: SelectionSet,
        depth: int,
        only: frozenset[str] | None = None,
    ) -> list[Leaf]:
        """The leaves of one position, which `paths` reach; `only` these types of values count."""
        reach = self.reach(paths, depth)
        leaves: list[Leaf] = []
        for selection in selections:
            if isinstance(selection, TypeCase):
                leaves += self._case(list(reach.values()), selection, depth, only) or []
            else:
                leaves += self._field(paths, reach, type_name, selection, depth)
        return leaves

    def _field(
        self, paths: Sequence[Path], reach: dict[Node, Path], type_name: str, selection: Field, depth: int
    ) -> list[Leaf]:
        options = tuple(self.options(paths, reach, selection, depth))
        if not options:
            return self._by_type(list(reach.values()), type_name, selection, depth)
        if not selection.selections:
            return [options if len(paths) == 1 else self._from_each(paths, selection, depth) or options]
        value_type = named_type(self.graph.supergraph.types[type_name].fields[selection.name].type)
        return self._leaves(options, value_type, selection.selections, depth, self._common(value_type, options))

    def _from_each(self, paths: Sequence[Path], selection: Field, depth: int) -> Leaf:
        """The ways to a leaf from each of its position's paths: which is cheapest depends on what else is chosen."""
        direct = [path for path in paths if path.node is not None and self.graph.resolves(path.node, selection.name)]
        return tuple(
            option
            for path in direct or paths
            for option in self.options([path], self.reach([path], depth), selection, depth)
        )

    def _by_type(self, paths: Sequence[Path], type_name: str, selection: Field, depth: int) -> list[Leaf]:
        """A field that no subgraph resolves on an interface: on each object type that the values of one path can have.

        All of them from the same path, as a position's values come from one place; the cheapest path that can do it.
        """
        best: tuple[int, list[Leaf]] | None = None
        for path in paths if self.graph.is_abstract(type_name) else ():
            node = path.node
            assert node is not None
            types = self.graph.supergraph.object_types_in(node.graph, node.type) if node.graph else ()
            if not types or not self.graph.tells_type(node):
                continue
            try:
                leaves = self._expand([path], sorted(types), (selection,), depth) or []
            except Unreachable:
                continue
            price = choose(path.node or node, leaves).cost() + path.cost
            if best is None or price < best[0]:
                best = (price, leaves)
        if best is None:
            raise Unreachable(f"{type_name}.{selection.name}")
        return best[1]

    def options(
        self, paths: Sequence[Path], reach: dict[Node, Path], selection: Field, depth: int = cost.MAX_NEED_DEPTH
    ) -> Iterator[Path]:
        """Paths that end behind the field: directly, by entering, and by entering with what it requires."""
        bare = replace(selection, selections=())
        direct = False
        for path in paths:
            assert path.node is not None
            move = self._move(path.node, selection)
            if move and move.free:
                direct = True
                yield path.then(Select(bare), move.target)
        if direct and not selection.selections:
            return
        asked = {path.node for path in paths}
        for node, path in reach.items():
            move = self._move(node, selection)
            if node not in asked and move and move.free:
                yield self._under(path, selection.conditions).then(Select(bare), move.target)
        yield from self._required(reach, bare, depth)

    def _move(self, node: Node, selection: Field) -> FieldMove | None:
        """What selecting a field means; what the gateway itself needs to know for a decision waits for none."""
        move = self.graph.field(node, selection.name)
        decides = selection.key.startswith(HIDDEN) and move is not None and move.guarded
        return move._replace(guarded=False) if decides and move is not None else move

    def _required(self, reach: dict[Node, Path], bare: Field, depth: int) -> Iterator[Path]:
        """Enter the subgraphs whose resolver of the field requires others, once those can be had."""
        types = dict.fromkeys(node.type for node in reach)
        for type_name in types:
            for owner in self.graph.owners(type_name, bare.name):
                guarded = self.graph.is_guarded(type_name, bare.name) and not bare.key.startswith(HIDDEN)
                contexts = owner.contexts and depth == cost.MAX_NEED_DEPTH  # inside a need no object above is known
                if not owner.requires and not contexts and not guarded:
                    continue
                best: Path | None = None
                for entry in self.graph.entries(type_name):
                    if entry.node.graph != owner.graph:
                        continue
                    for path in reach.values():  # the cheapest first
                        if best is not None and path.cost + cost.FETCH >= best.cost:
                            break
                        found = self._enter(path, entry, owner, bare.conditions, depth, guarded=guarded)
                        if found and (best is None or found.cost < best.cost):
                            best = found
                if best is not None:
                    assert best.node is not None
                    move = self.graph.field(best.node, bare.name)
                    assert move is not None
                    yield best.then(Select(self._with_contexts(bare, owner)), move.target)

    def _with_contexts(self, bare: Field, owner: Owner) -> Field:
        """The field with the arguments that contexts give."""
        numbers = self.graph.supergraph.context_arguments
        given = tuple(Argument(c.name, f"$_context_{numbers[c]}", ()) for c in owner.contexts)
        return replace(bare, arguments=bare.arguments + given) if given else bare

    def reach(self, paths: Sequence[Path], depth: int = cost.MAX_NEED_DEPTH) -> dict[Node, Path]:
        """The cheapest path to every node of this position, by entering subgraphs from `paths`, cheapest first."""
        best: dict[Node, tuple[int, Path, Path]] = {}
        for path in paths:
            assert path.node is not None
            for node, onward in self._reach_from(path.node, depth).items():
                self._count()
                total = path.cost + onward.cost
                if node not in best or total < best[node][0]:
                    best[node] = (total, path, onward)
        in_order = sorted(best.items(), key=lambda item: item[1][0])
        return {node: path.onward(onward) for node, (_, path, onward) in in_order}

    def _reach_from(self, start: Node, depth: int) -> dict[Node, Path]:
        """The same from one node. It does not depend on how one came there, so it is kept with the query graph."""
        known = self.graph.reached
        if (start, depth) in known:
            return known[start, depth]
        self._of_graph += 1
        try:
            known[start, depth] = self._settled_from(start, depth)
        finally:
            self._of_graph -= 1
        return known[start, depth]

    def _settled_from(self, start: Node, depth: int) -> dict[Node, Path]:
        best: dict[Node, Path] = {start: Path(start)}
        settled: dict[Node, Path] = {}
        while len(settled) < len(best):
            path = min((p for n, p in best.items() if n not in settled), key=lambda p: p.cost)
            assert path.node is not None
            settled[path.node] = path
            for entry in self.graph.entries(path.node.type):
                if entry.node in settled or entry.node.graph == path.node.graph:
                    continue
                earlier = best.get(entry.node)
                if earlier is not None and earlier.cost <= path.cost + cost.FETCH:
                    continue
                found = self._enter(path, entry, None, (), depth)
                if found and (earlier is None or found.cost < earlier.cost):
                    best[entry.node] = found
        return settled

    def _count(self) -> None:
        """Count one move tried; an operation whose search goes on for too long is refused.

        What is kept with the query graph is tried once for all operations, and counted with it.
        """
        if self._of_graph:
            self.graph.expansions += 1
            if self.graph.expansions > cost.MAX_OF_GRAPH:
                raise PlanningError("the schema needs too long a search for its plans: its keys or needs are too many")
            return
        self.expansions += 1
        if self.expansions > cost.MAX_EXPANSIONS:
            raise PlanningError("the operation needs too long a search for its plan")

    def _enter(
        self,
        path: Path,
        entry: Entry,
        owner: Owner | None,
        conditions: Conditions,
        depth: int,
        *,
        guarded: bool = False,
    ) -> Path | None:
        """The path that enters a subgraph for a field of `owner`, or None where its need can't be met from `path`."""
        node = path.node
        assert node is not None
        self._count()
        requires, contexts = (owner.requires, owner.contexts) if owner else ((), ())
        move = Enter(entry.node, entry.key, requires, conditions, contexts, guarded)
        wanted = entry.key + requires
        if not wanted:  # a root type: entered from the start, and the query type from anywhere
            free = not node.graph or node.type == self.graph.supergraph.roots.get("query")
            return path.then(move, entry.node) if free else None
        if not node.graph:
            return None
        for shallower in range(self.graph.least_depth(wanted), depth):
            need = self._need(node, wanted, shallower)
            if need is not None:
                return path.then(move, entry.node, need)
        return None

    def can_meet(self, node: Node, wanted: SelectionSet) -> bool:
        """Whether these fields can be had from a node."""
        return self._need(node, wanted, cost.MAX_NEED_DEPTH - 1) is not None

    def _need(self, node: Node, wanted: SelectionSet, depth: int) -> Tree | None:
        known = self.graph.needs
        slot = (node, wanted, depth)
        if slot not in known:
            try:
                known[slot] = self.tree(node, wanted, depth)
            except Unreachable:
                known[slot] = None
        return known[slot]

    @staticmethod
    def _under(path: Path, conditions: Conditions) -> Path:
        """The same path with its last entering under a condition: it serves nothing else."""
        if not conditions or not isinstance(path.move, Enter) or path.parent is None:
            return path
        return path.parent.then(path.move._replace(conditions=conditions), path.node, path.need)

    def _case(
        self, paths: Sequence[Path], case: TypeCase, depth: int, only: frozenset[str] | None = None
    ) -> list[Leaf] | None:
        """The leaves behind narrowing a position's paths to one of its types; None where no value here can be one.

        `only` are the types that count at this position. Values that no subgraph here can have ask for nothing.
        """
        supergraph = self.graph.supergraph
        meant = supergraph.object_types(case.type_name)
        if only is not None and not meant <= only:
            return self._expand(paths, sorted(meant & only), case.selections, depth)
        narrowed: list[Path] = []
        for path in paths:
            node = path.node
            assert node is not None
            here = supergraph.object_types_in(node.graph, node.type)
            if here <= meant and not self.graph.is_abstract(node.type):
                narrowed.append(path)
            elif node.graph in supergraph.types[case.type_name].memberships:
                known = supergraph.object_types_in(node.graph, case.type_name)
                if here & meant and (here & meant) <= known:
                    narrowed.append(path.then(Narrow(case.type_name), self.graph.narrowed(node, case.type_name)))
        if narrowed:
            return self._leaves(narrowed, case.type_name, case.selections, depth)
        if self.graph.is_abstract(case.type_name):
            return self._expand(paths, sorted(meant), case.selections, depth)
        return None

    def _expand(
        self, paths: Sequence[Path], types: Sequence[str], selections: SelectionSet, depth: int
    ) -> list[Leaf] | None:
        """Selections on an abstract type, on each of these object types instead; None where no value here is of one."""
        found = [self._case(paths, TypeCase(name, selections), depth) for name in types]
        return (
            [leaf for leaves in found if leaves is not None for leaf in leaves]
            if any(leaves is not None for leaves in found)
            else None
        )

    def _common(self, value_type: str, options: Sequence[Path]) -> frozenset[str] | None:
        """Where several places give a union, the members that all of them know; None where that restricts nothing.

        A value that only some of them can give is not one that the others would agree to: its fields stay null.
        """
        nodes = dict.fromkeys(path.node for path in options if path.node is not None)
        if len(nodes) < 2 or self.graph.supergraph.types[value_type].kind is not Kind.UNION:
            return None
        return frozenset.intersection(*(self.graph.supergraph.object_types_in(n.graph, n.type) for n in nodes))
