"""Satisfiability: every query that the supergraph allows can be answered by its subgraphs.

The walk goes through the supergraph's fields from its roots, breadth first, so that the first query that can't be
answered is the shortest. A state is a type together with the nodes of the query graph at which its values can have
been reached; each is visited once. Cost: states times fields, each a search over the entries of one type.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from gateway.composition.witness import Witness, unsatisfiable
from gateway.errors import PlanningError
from gateway.querygraph import Node, Path, QueryGraph, Search
from gateway.supergraph.selections import TYPENAME, Field
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.supergraph import Supergraph

MAX_ERRORS = 20


class _State(NamedTuple):
    type_name: str
    nodes: tuple[Node, ...]


def check_satisfiability(supergraph: Supergraph, collected: Collected) -> None:
    """SATISFIABILITY_ERROR for each field that some query reaches where no subgraph can be asked for it."""
    graph = QueryGraph(supergraph)
    found = _Witnesses()
    for kind, root in supergraph.roots.items():
        try:
            _walk(graph, kind, _State(root, (Node("", root),)), found)
        except PlanningError as error:
            collected.error("SATISFIABILITY_ERROR", f"not every {kind} could be checked: {error}")
    collected.errors += [unsatisfiable(witness, graph, collected) for witness in found.first[:MAX_ERRORS]]


class _Witnesses:
    """The first witness against each field: the walk meets the shortest first."""

    def __init__(self) -> None:
        self.first: list[Witness] = []
        self._known: set[tuple[str, str]] = set()

    def add(self, witness: Witness) -> None:
        coordinate = (witness.type_name, witness.field)
        if coordinate not in self._known:
            self._known.add(coordinate)
            self.first.append(witness)


def _walk(graph: QueryGraph, kind: str, start: _State, found: _Witnesses) -> None:
    queue: deque[tuple[_State, tuple[str, ...]]] = deque([(start, ())])
    seen = {start}
    while queue:
        state, route = queue.popleft()
        if _hides_type(graph, state):
            found.add(Witness(kind, (*route, TYPENAME), state.type_name, TYPENAME, False, state.nodes))
        for object_type, nodes in _narrowed(graph, state):
            search = Search(graph)
            paths = [Path(node) for node in nodes]
            reach = search.reach(paths)
            inside = f"... on {object_type}" if graph.is_abstract(state.type_name) else None
            for name, definition in graph.supergraph.types[object_type].fields.items():
                if definition.inaccessible:
                    continue  # no query can ask for it; what requires it is checked with what requires it
                here = (*route, inside, name) if inside else (*route, name)
                value_type = named_type(definition.type)
                composite = value_type in graph.supergraph.types
                below = (Field(TYPENAME, TYPENAME),) if composite else ()
                options = list(search.options(paths, reach, Field(name, name, selections=below)))
                if not options:
                    found.add(Witness(kind, here, object_type, name, composite, tuple(reach)))
                elif composite:
                    targets = dict.fromkeys(path.node for path in options if path.node is not None)
                    following = _State(value_type, tuple(sorted(targets)))
                    if following not in seen:
                        seen.add(following)
                        queue.append((following, here))


def _hides_type(graph: QueryGraph, state: _State) -> bool:
    """Whether values of an interface are reached of which no subgraph can say what they are (`@interfaceObject`)."""
    if not graph.is_abstract(state.type_name) or not any(node.graph for node in state.nodes):
        return False
    search = Search(graph)
    paths = [Path(node) for node in state.nodes]
    return not any(search.options(paths, search.reach(paths), Field(TYPENAME, TYPENAME)))


def _narrowed(graph: QueryGraph, state: _State) -> list[tuple[str, list[Node]]]:
    """The object types that values of a state can have, each with the nodes where they can have it."""
    found: dict[str, list[Node]] = {}
    for node in state.nodes:
        if not node.graph:
            found.setdefault(state.type_name, []).append(node)
            continue
        for object_type in sorted(graph.supergraph.object_types_in(node.graph, node.type)):
            narrowed = node if object_type == node.type else graph.narrowed(node, object_type)
            found.setdefault(object_type, []).append(narrowed)
    return list(found.items())
