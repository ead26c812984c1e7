"""Nodes and moves of the query graph, computed from the supergraph as they are asked for, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.querygraph.depths import depth_of, least_depths
from gateway.supergraph import Kind
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet, TypeCase, text
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.querygraph.tree import Path, Tree
    from gateway.supergraph import Owner, Supergraph
    from gateway.supergraph.model import ContextArgument


class Node(NamedTuple):
    """A place where data is: values of `type` as subgraph `graph` gives them.

    `provided` are the fields that this place has beyond what the subgraph resolves everywhere (`@provides`). The place
    before any subgraph has been asked has the graph "".
    """

    graph: str
    type: str
    provided: SelectionSet = ()

    def __str__(self) -> str:
        provided = f" provided {{ {text(self.provided)} }}" if self.provided else ""
        return f"{self.type}@{self.graph or '-'}{provided}"


class FieldMove(NamedTuple):
    """Selecting a field at a node. `target` is None at a leaf; `requires` and what `contexts` give is sent.

    A `guarded` one is asked for apart, once the facts of its subject are known.
    """

    name: str
    target: Node | None
    requires: SelectionSet = ()
    contexts: tuple[ContextArgument, ...] = ()
    guarded: bool = False

    @property
    def free(self) -> bool:
        """Whether it can be selected by whoever is there."""
        return not self.requires and not self.contexts and not self.guarded


class Entry(NamedTuple):
    """A way into a subgraph: `_entities` by a key, or its root type where `key` is empty."""

    node: Node
    key: SelectionSet


class QueryGraph:
    """The query graph of one supergraph. All answers are deterministic, in the supergraph's declared order.

    `needs` and `reached` are what searches have learnt: which needs can be met from a node, and where one gets from it,
    by how deep needs may stand in each other. They depend on the schema alone, and are bounded by it. `expansions`
    counts the moves that were tried for them.
    """

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset(), *, guarding: bool = False) -> None:
        """`labels` are those of progressive overrides (`@override(label:)`) that are in force.

        `guarding`: what a subject decides about is asked for once its facts are known.
        """
        self.supergraph = supergraph
        self.guarding = guarding
        self.labels = labels
        self._depths = least_depths(supergraph)
        self.needs: dict[tuple[Node, SelectionSet, int], Tree | None] = {}
        self.reached: dict[tuple[Node, int], dict[Node, Path]] = {}
        self.expansions = 0
        self._fields: dict[tuple[Node, str], FieldMove | None] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}

    def field(self, node: Node, name: str) -> FieldMove | None:
        """What selecting `name` at `node` means, or None where this subgraph can't resolve it here."""
        slot = (node, name)
        if slot not in self._fields:
            self._fields[slot] = self._field(node, name)
        return self._fields[slot]

    def resolves(self, node: Node, name: str) -> bool:
        """Whether a field can be had at a node as it is."""
        move = self.field(node, name)
        return move is not None and move.free

    def owners(self, type_name: str, name: str) -> tuple[Owner, ...]:
        """The subgraphs that resolve a field of a type for whoever enters there, with what they require."""
        definition = self.supergraph.types[type_name].fields.get(name)
        return tuple(o for o in definition.owners if self._resolves(o)) if definition else ()

    def _resolves(self, owner: Owner) -> bool:
        """Whether a subgraph resolves a field by itself, as overrides stand."""
        if owner.external or owner.used_overridden:
            return False
        if owner.override_label is None:
            return True
        return (owner.override_label in self.labels) is (owner.override_from is not None)

    def _field(self, node: Node, name: str) -> FieldMove | None:
        type_ = self.supergraph.types[node.type]
        if not node.graph or node.graph not in type_.memberships:
            return None
        if name == TYPENAME:
            return None if type_.memberships[node.graph].interface_object else FieldMove(name, None)
        definition = type_.fields.get(name)
        if definition is None:
            return None
        owner = next((o for o in definition.owners if o.graph == node.graph), None)
        value_type = named_type(owner.type if owner and owner.type else definition.type)
        composite = value_type in self.supergraph.types
        guarded = self.is_guarded(node.type, name)
        given = None if guarded else _provided(node.provided, name)
        if given is not None:
            return FieldMove(name, Node(node.graph, value_type, given) if composite else None)
        if owner is None or not self._resolves(owner) or not self._by_all(node, name):
            return None
        target = Node(node.graph, value_type, owner.provides) if composite else None
        return FieldMove(name, target, owner.requires, owner.contexts, guarded)

    def is_guarded(self, type_name: str, name: str) -> bool:
        """Whether a field is asked for apart, by the key of its object, once the facts of its subject are known."""
        return self.guarding and self.supergraph.subjects.is_guarded(type_name, name)

    def _by_all(self, node: Node, name: str) -> bool:
        """Whether each object type behind an interface resolves the field here, and needs nothing for it."""
        if not self.tells_type(node):
            return True
        moves = (
            self.field(self.narrowed(node, object_type), name)
            for object_type in self.supergraph.object_types_in(node.graph, node.type)
        )
        return all(move is not None and move.free for move in moves)

    def narrowed(self, node: Node, type_name: str) -> Node:
        """The node for those values at `node` that are a `type_name`."""
        provided: list[Field | TypeCase] = []
        for selection in node.provided:
            if isinstance(selection, Field):
                provided.append(selection)
            elif type_name in self.supergraph.object_types(selection.type_name) | {selection.type_name}:
                provided.extend(selection.selections)
        return Node(node.graph, type_name, tuple(provided))

    def entries(self, type_name: str) -> tuple[Entry, ...]:
        """Every way into a subgraph for a type: its resolvable keys, or the type itself where it is a root."""
        if type_name not in self._entries:
            self._entries[type_name] = tuple(self._find_entries(type_name))
        return self._entries[type_name]

    def _find_entries(self, type_name: str) -> Iterator[Entry]:
        type_ = self.supergraph.types[type_name]
        root = type_name in self.supergraph.roots.values()
        for graph, membership in type_.memberships.items():
            if root:
                yield Entry(Node(graph, type_name), ())
            for key in membership.keys:
                if key.resolvable:
                    yield Entry(Node(graph, type_name), key.fields)
        for interface in sorted(frozenset[str]().union(*type_.interfaces.values())):
            for entry in self.entries(interface):
                if self.is_interface_object(entry.node):
                    yield entry

    def least_depth(self, selections: SelectionSet) -> int:
        """How deep at least the needs of these fields go."""
        return depth_of(selections, self._depths)

    def is_abstract(self, type_name: str) -> bool:
        return self.supergraph.types[type_name].kind is not Kind.OBJECT

    def is_interface_object(self, node: Node) -> bool:
        """Whether the subgraph has the interface as an object type, and so can't tell what its values really are."""
        membership = self.supergraph.types[node.type].memberships.get(node.graph)
        return membership is not None and membership.interface_object

    def tells_type(self, node: Node) -> bool:
        """Whether values at this node can be of several types, and the subgraph says of which each is."""
        return self.is_abstract(node.type) and not self.is_interface_object(node)

    def describe(self) -> Iterator[str]:
        """Every node and its moves, a line each."""
        for name, type_ in self.supergraph.types.items():
            for graph in type_.memberships:
                node = Node(graph, name)
                for field in type_.fields:
                    move = self.field(node, field)
                    if move:
                        needs = f" requires {{ {text(move.requires)} }}" if move.requires else ""
                        yield f"{node} --{field}{needs}--> {move.target or 'leaf'}"
            for entry in self.entries(name):
                yield f"{name} --key {{ {text(entry.key)} }}--> {entry.node}"


def _provided(selections: SelectionSet, name: str) -> SelectionSet | None:
    """What is provided below field `name`, or None where it is not provided."""
    found: SelectionSet | None = None
    for selection in selections:
        if isinstance(selection, Field) and selection.name == name:
            found = (found or ()) + selection.selections
    return found
