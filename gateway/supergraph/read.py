"""Supergraph SDL -> `Supergraph` (join specification, v0.3 to v0.5)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    GraphQLError,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    ListValueNode,
    ObjectTypeDefinitionNode,
    ObjectValueNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    StringValueNode,
    UnionTypeDefinitionNode,
    parse,
)

from gateway.errors import SupergraphError
from gateway.supergraph.api_schema import api_schema
from gateway.supergraph.costs import read_costs
from gateway.supergraph.links import argument, links, string
from gateway.supergraph.model import (
    Access,
    CompositeType,
    ContextArgument,
    FieldDef,
    Graph,
    Key,
    Kind,
    Membership,
    Owner,
    Supergraph,
)
from gateway.supergraph.selections import SelectionSet, parse_field_set
from gateway.supergraph.typeref import TypeRef, from_node, from_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACCESS_FEATURES = ("authenticated", "requiresScopes", "policy", "inaccessible", "subject", "routine", "cacheControl")
_CompositeNode: TypeAlias = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode


def read_supergraph(sdl: str) -> Supergraph:
    """Read a supergraph SDL; raises `SupergraphError` where it isn't one."""
    try:
        document = parse(sdl, no_location=True)
    except GraphQLError as error:
        raise SupergraphError(f"the supergraph does not parse: {error.message}") from error
    reader = _Reader(document)
    if not reader.graphs:
        raise SupergraphError("the supergraph has no enum `join__Graph`: was it composed?")
    types = {t.name: t for t in map(reader.composite, reader.composites)}
    return Supergraph(
        sdl=sdl,
        graphs=reader.graphs,
        types=types,
        leaf_access=reader.leaf_access(),
        hidden_values=reader.hidden_values(),
        roots=reader.roots(),
        api_schema=api_schema(document, reader.names["inaccessible"], reader.machinery),
        costs=read_costs(document, links(document)),
    )


class _Reader:
    """Reads one document's nodes; holds the names that its links give to directives."""

    def __init__(self, document: DocumentNode) -> None:
        self.document = document
        linked = {link.name: link for link in links(document)}
        join = linked.get("join")
        self.join = join.namespace if join else "join"
        self.names = {f: linked[f].directive(f) if f in linked else f for f in _ACCESS_FEATURES}
        self.context = linked["context"].directive("context") if "context" in linked else "context"
        self.enums = {d.name.value: d for d in document.definitions if isinstance(d, EnumTypeDefinitionNode)}
        self.machinery = (*(f"{link.namespace}__" for link in links(document)), f"{self.join}__", "link__", "core__")
        self.composites: list[_CompositeNode] = [
            d
            for d in document.definitions
            if isinstance(d, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode)
            and not d.name.value.startswith(self.machinery)
        ]
        self.graphs = self._graphs()

    def _graphs(self) -> dict[str, Graph]:
        found: dict[str, Graph] = {}
        enum = self.enums.get(f"{self.join}__Graph")
        for value in enum.values or () if enum else ():
            for node in _named(value.directives, f"{self.join}__graph"):
                name = string(node, "name") or value.name.value
                found[value.name.value] = Graph(value.name.value, name, string(node, "url") or "")
        return found

    def roots(self) -> dict[str, str]:
        known = {node.name.value for node in self.composites}
        roots: dict[str, str] = {word.lower(): word for word in ("Query", "Mutation", "Subscription") if word in known}
        for definition in self.document.definitions:
            if isinstance(definition, SchemaDefinitionNode):
                return {o.operation.value: o.type.name.value for o in definition.operation_types}
        return roots

    def leaf_access(self) -> dict[str, Access]:
        """What scalars and enums ask of whoever reads a field of theirs."""
        found = {
            d.name.value: self._access(d.directives)
            for d in self.document.definitions
            if isinstance(d, ScalarTypeDefinitionNode | EnumTypeDefinitionNode)
        }
        return {name: access for name, access in found.items() if access}

    def hidden_values(self) -> dict[str, frozenset[str]]:
        """For each enum, the values that a client may not see."""
        hidden = self.names["inaccessible"]
        found = {
            name: frozenset(v.name.value for v in enum.values or () if list(_named(v.directives, hidden)))
            for name, enum in self.enums.items()
        }
        return {name: values for name, values in found.items() if values}

    def composite(self, node: _CompositeNode) -> CompositeType:
        memberships = self._memberships(node)
        interfaces: dict[str, set[str]] = defaultdict(set)
        members: dict[str, set[str]] = defaultdict(set)
        for directive in _named(node.directives, f"{self.join}__implements"):
            interfaces[_enum(directive, "graph")].add(string(directive, "interface") or "")
        for directive in _named(node.directives, f"{self.join}__unionMember"):
            members[_enum(directive, "graph")].add(string(directive, "member") or "")
        if isinstance(node, UnionTypeDefinitionNode):
            kind = Kind.UNION
            if not members:
                members = defaultdict(set, {g: {t.name.value for t in node.types or ()} for g in memberships})
            fields = {}
        else:
            kind = Kind.INTERFACE if isinstance(node, InterfaceTypeDefinitionNode) else Kind.OBJECT
            fields = {f.name.value: self._field(f, memberships) for f in node.fields or ()}
            if not interfaces:
                declared = {i.name.value for i in node.interfaces or ()}
                interfaces = defaultdict(set, dict.fromkeys(memberships, declared)) if declared else interfaces
        return CompositeType(
            kind=kind,
            name=node.name.value,
            fields=fields,
            memberships=memberships,
            interfaces={g: frozenset(names) for g, names in interfaces.items()},
            members={g: frozenset(names) for g, names in members.items()},
            access=self._access(node.directives),
            inaccessible=self._marked(node.directives, "inaccessible"),
            subject=self._marked(node.directives, "subject"),
            facts=self._facts(node.directives),
            contexts=frozenset(string(d, "name") or "" for d in _named(node.directives, self.context)),
        )

    def _memberships(self, node: _CompositeNode) -> dict[str, Membership]:
        keys: dict[str, list[Key]] = {}
        interface_objects: set[str] = set()
        for directive in _named(node.directives, f"{self.join}__type"):
            graph = _enum(directive, "graph")
            found = keys.setdefault(graph, [])
            fields = string(directive, "key")
            if fields is not None:
                found.append(Key(parse_field_set(fields), _flag(directive, "resolvable", True)))
            if _flag(directive, "isInterfaceObject", False):
                interface_objects.add(graph)
        if not keys:  # join v0.1 and hand-written supergraphs: a type without `join__type` is everywhere
            return dict.fromkeys(self.graphs, Membership())
        return {g: Membership(tuple(found), g in interface_objects) for g, found in keys.items()}

    def _field(self, node: FieldDefinitionNode, memberships: dict[str, Membership]) -> FieldDef:
        joins = list(_named(node.directives, f"{self.join}__field"))
        owners = tuple(self._owner(join) for join in joins if argument(join, "graph") is not None)
        if not joins:
            owners = tuple(Owner(graph) for graph in memberships)
        return FieldDef(
            name=node.name.value,
            type=from_node(node.type),
            arguments={a.name.value: from_node(a.type) for a in node.arguments or ()},
            owners=owners,
            access=self._access(node.directives),
            inaccessible=self._marked(node.directives, "inaccessible"),
            public_seconds=self._public_seconds(node),
            routine=self._marked(node.directives, "routine"),
        )

    def _facts(self, directives: Iterable[DirectiveNode] | None) -> SelectionSet:
        stated = [string(node, "facts") for node in _named(directives, self.names["subject"])]
        return next((_fields_of(text) for text in stated if text), ())

    def _public_seconds(self, node: FieldDefinitionNode) -> int:
        """By `@cacheControl(scope: PUBLIC, maxAge:)`: both are said, as nothing is public by default."""
        for directive in _named(node.directives, self.names["cacheControl"]):
            scope, age = argument(directive, "scope"), argument(directive, "maxAge")
            if isinstance(scope, EnumValueNode) and scope.value == "PUBLIC" and isinstance(age, IntValueNode):
                return max(0, int(age.value))
        return 0

    def _owner(self, node: DirectiveNode) -> Owner:
        type_ = string(node, "type")
        return Owner(
            graph=_enum(node, "graph"),
            type=_type(type_) if type_ else None,
            requires=_fields(node, "requires"),
            provides=_fields(node, "provides"),
            external=_flag(node, "external", False),
            used_overridden=_flag(node, "usedOverridden", False),
            override_label=string(node, "overrideLabel"),
            override_from=string(node, "override"),
            contexts=_context_arguments(node),
        )

    def _marked(self, directives: Iterable[DirectiveNode] | None, feature: str) -> bool:
        return any(_named(directives, self.names[feature]))

    def _access(self, directives: Iterable[DirectiveNode] | None) -> Access:
        directives = tuple(directives or ())
        scopes = [_disjunction(d, "scopes") for d in _named(directives, self.names["requiresScopes"])]
        policies = [_disjunction(d, "policies") for d in _named(directives, self.names["policy"])]
        return Access(
            self._marked(directives, "authenticated"),
            scopes[0] if scopes else (),
            policies[0] if policies else (),
        )


def _named(directives: Iterable[DirectiveNode] | None, name: str) -> Iterable[DirectiveNode]:
    return (d for d in directives or () if d.name.value == name)


def _enum(node: DirectiveNode, name: str) -> str:
    value = argument(node, name)
    if not isinstance(value, EnumValueNode):
        raise SupergraphError(f"`@{node.name.value}` needs `{name}`, a value of `join__Graph`")
    return value.value


def _flag(node: DirectiveNode, name: str, default: bool) -> bool:
    value = argument(node, name)
    return value.value if isinstance(value, BooleanValueNode) else default


def _fields(node: DirectiveNode, name: str) -> SelectionSet:
    fields = string(node, name)
    return parse_field_set(fields) if fields and fields.strip() else ()


def _context_arguments(node: DirectiveNode) -> tuple[ContextArgument, ...]:
    value = argument(node, "contextArguments")
    out: list[ContextArgument] = []
    for item in value.values if isinstance(value, ListValueNode) else ():
        if isinstance(item, ObjectValueNode):
            given = {f.name.value: f.value.value for f in item.fields if isinstance(f.value, StringValueNode)}
            selection = parse_field_set(given.get("selection", ""))
            out.append(ContextArgument(given["name"], given["type"], given["context"], selection))
    return tuple(out)


def _type(text: str) -> TypeRef:
    return from_text(text)


def _disjunction(node: DirectiveNode, name: str) -> tuple[tuple[str, ...], ...]:
    value = argument(node, name)
    rows = value.values if isinstance(value, ListValueNode) else ()
    return tuple(
        tuple(sorted(item.value for item in row.values if isinstance(item, StringValueNode)))
        for row in rows
        if isinstance(row, ListValueNode)
    )


def _fields_of(text: str) -> SelectionSet:
    """A selection set in a directive's argument; raises `SupergraphError` where it is none."""
    try:
        return parse_field_set(text)
    except GraphQLError as error:
        raise SupergraphError(f"the facts of a subject do not parse: {error.message}") from error
