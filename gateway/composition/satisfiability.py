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
from gateway.querygraph import Enter, Node, Path, QueryGraph, Search
from gateway.supergraph.selections import TYPENAME, Field
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected
    from gateway.supergraph import Owner, Supergraph

MAX_ERRORS = 20


class _State(NamedTuple):
    type_name: str
    nodes: tuple[Node, ...]
    contexts: frozenset[str] = frozenset()


def check_satisfiability(supergraph: Supergraph, collected: Collected) -> None:
    """SATISFIABILITY_ERROR for each field that some query reaches where no subgraph can be asked for it."""
    labels = frozenset(o.override_label for o in _owners(supergraph) if o.override_label is not None)
    for in_force in dict.fromkeys((frozenset[str](), labels)):
        graph = QueryGraph(supergraph, in_force)
        found = _Witnesses()
        for kind, root in supergraph.roots.items():
            try:
                _walk(graph, kind, _State(root, (Node("", root),)), found)
            except (PlanningError, RecursionError) as error:
                collected.error("SATISFIABILITY_ERROR", f"not every {kind} could be checked: {error}")
        collected.errors += [unsatisfiable(witness, graph, collected) for witness in found.first[:MAX_ERRORS]]
        if collected.errors:
            return


def _owners(supergraph: Supergraph) -> Iterator[Owner]:
    for type_ in supergraph.types.values():
        for field in type_.fields.values():
            yield from field.owners


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
    set_by = _set_by(graph.supergraph)
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
            inside = f"... on {object_type}" if object_type != state.type_name else None
            for name, definition in graph.supergraph.types[object_type].fields.items():
                if definition.inaccessible:
                    continue  # no query can ask for it; what requires it is checked with what requires it
                here = (*route, inside, name) if inside else (*route, name)
                value_type = named_type(definition.type)
                composite = value_type in graph.supergraph.types
                below = (Field(TYPENAME, TYPENAME),) if composite else ()
                asked = Field(name, name, selections=below)
                options = [
                    path for path in search.options(paths, reach, asked) if _is_met(path, search, state.contexts)
                ]
                if not options:
                    found.add(Witness(kind, here, object_type, name, composite, tuple(reach)))
                elif composite:
                    targets = dict.fromkeys(path.node for path in options if path.node is not None)
                    contexts = state.contexts | set_by.get(object_type, frozenset())
                    following = _State(value_type, tuple(sorted(targets)), contexts)
                    if following not in seen:
                        seen.add(following)
                        queue.append((following, here))


def _is_met(path: Path, search: Search, contexts: frozenset[str]) -> bool:
    """Whether an object above sets each context, and what is required can be had from the subgraph that requires it.

    A root has no key to be sent with what is required. A plan can do without the way back, where it has passed what is
    required before; a supergraph must not depend on it. But a subject is known by the key by which it is entered: that
    is its authority's to say, and external wherever else it is.
    """
    entry = path.parent.move if path.parent is not None else None
    if not isinstance(entry, Enter):
        return True
    if any(argument.context not in contexts for argument in entry.contexts):
        return False
    known = entry.node.type in search.graph.supergraph.subjects.types
    node = entry.node._replace(provided=entry.key) if known else entry.node
    return not entry.requires or (bool(entry.key) and search.can_meet(node, entry.requires))


def _set_by(supergraph: Supergraph) -> dict[str, frozenset[str]]:
    """The contexts that objects of a type set, by themselves or by what they are one of; none of other types."""
    found: dict[str, frozenset[str]] = {}
    for type_ in supergraph.types.values():
        for name in supergraph.object_types(type_.name) if type_.contexts else ():
            found[name] = found.get(name, frozenset()) | type_.contexts
    return found


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
        nodes = [node]
        if graph.is_interface_object(node):  # its values are looked up where they can be told apart
            nodes = [other for other in Search(graph).reach([Path(node)]) if graph.tells_type(other)]
            if not nodes:
                found.setdefault(state.type_name, []).append(node)
        for each in nodes:
            for object_type in sorted(graph.supergraph.object_types_in(each.graph, each.type)):
                narrowed = each if object_type == each.type else graph.narrowed(each, object_type)
                found.setdefault(object_type, []).extend((narrowed,) if each is node else (narrowed, node))
    return list(found.items())
