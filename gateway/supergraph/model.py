"""The supergraph: types, fields, and who resolves what (the join specification, v0.3 to v0.5).

Everything here is immutable once read, and is all that planning knows about subgraphs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from graphql import GraphQLEnumType

from gateway.supergraph.costs import Costs
from gateway.supergraph.subjects import Subjects
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

    from gateway.supergraph.selections import SelectionSet
    from gateway.supergraph.typeref import TypeRef


class Graph(NamedTuple):
    """A subgraph: `id` is its value of `join__Graph`, `name` what people call it."""

    id: str
    name: str
    url: str


class Kind(Enum):
    OBJECT = "OBJECT"
    INTERFACE = "INTERFACE"
    UNION = "UNION"


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key` of a type in one subgraph."""

    fields: SelectionSet
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class Membership:
    """What `join__type` says of a type in one subgraph."""

    keys: tuple[Key, ...] = ()
    interface_object: bool = False


class ContextArgument(NamedTuple):
    """An argument whose value is taken from an object further up that sets `context` (`@fromContext`)."""

    name: str
    type: str
    context: str
    selection: SelectionSet


@dataclass(frozen=True, slots=True)
class Owner:
    """What `join__field` says of a field in one subgraph."""

    graph: str
    type: TypeRef | None = None
    requires: SelectionSet = ()
    provides: SelectionSet = ()
    external: bool = False
    used_overridden: bool = False
    override_label: str | None = None
    override_from: str | None = None
    contexts: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """What a field or a type asks of its reader: `@authenticated`, `@requiresScopes`, `@policy`.

    `scopes` and `policies` are in disjunctive form: one inner set is enough, and of it every member is needed.
    """

    authenticated: bool = False
    scopes: tuple[tuple[str, ...], ...] = ()
    policies: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return self.authenticated or bool(self.scopes) or bool(self.policies)

    def and_also(self, other: Access) -> Access:
        """Both demands at once: the product of the disjunctions."""
        return Access(
            self.authenticated or other.authenticated,
            _both(self.scopes, other.scopes),
            _both(self.policies, other.policies),
        )


def _both(left: tuple[tuple[str, ...], ...], right: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    if not left or not right:
        return left or right
    return tuple(dict.fromkeys(tuple(sorted({*a, *b})) for a in left for b in right))


@dataclass(frozen=True, slots=True)
class FieldDef:
    """`public_seconds` is for how long its value may be kept for everyone, as `@cacheControl(scope: PUBLIC)` says.

    A `routine` one is under no policy though it is about a person, as its agency says.
    """

    name: str
    type: TypeRef
    arguments: Mapping[str, TypeRef]
    owners: tuple[Owner, ...]
    access: Access = Access()
    inaccessible: bool = False
    public_seconds: int = 0
    routine: bool = False


@dataclass(frozen=True, slots=True)
class CompositeType:
    """An object, interface or union type. `interfaces` and `members` say which, for each subgraph (by graph id).

    `facts` are what decisions about a subject depend on, as its `@subject(facts:)` says.
    """

    kind: Kind
    name: str
    fields: Mapping[str, FieldDef]
    memberships: Mapping[str, Membership]
    interfaces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    access: Access = Access()
    inaccessible: bool = False
    subject: bool = False
    facts: SelectionSet = ()
    contexts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Supergraph:
    """A supergraph that has been read; `version` is the SHA-256 of its SDL."""

    sdl: str
    graphs: Mapping[str, Graph]
    types: Mapping[str, CompositeType]
    leaf_access: Mapping[str, Access]
    hidden_values: Mapping[str, frozenset[str]]
    roots: Mapping[str, str]
    api_schema: GraphQLSchema
    costs: Costs = field(default_factory=Costs)

    @cached_property
    def version(self) -> str:
        return sha256(self.sdl.encode()).hexdigest()

    @cached_property
    def context_arguments(self) -> Mapping[ContextArgument, int]:
        """Every argument that a context gives, each with a number of its own."""
        found = (
            argument
            for type_ in self.types.values()
            for definition in type_.fields.values()
            for owner in definition.owners
            for argument in owner.contexts
        )
        return {argument: number for number, argument in enumerate(dict.fromkeys(found))}

    @cached_property
    def subjects(self) -> Subjects:
        return Subjects(self)

    @cached_property
    def visible_values(self) -> Mapping[str, frozenset[str]]:
        """For each enum, the values that a client may see."""
        types = self.api_schema.type_map.values()
        return {t.name: frozenset(t.values) for t in types if isinstance(t, GraphQLEnumType)}

    @cached_property
    def implementations(self) -> Mapping[str, frozenset[str]]:
        """Object types by abstract type, over the whole supergraph."""
        found: dict[str, set[str]] = {}
        for type_ in self.types.values():
            if type_.kind is Kind.UNION:
                found.setdefault(type_.name, set()).update(*type_.members.values())
            elif type_.kind is Kind.OBJECT:
                for interface in frozenset[str]().union(*type_.interfaces.values()):
                    found.setdefault(interface, set()).add(type_.name)
        return {name: frozenset(objects) for name, objects in found.items()}

    def object_types(self, name: str) -> frozenset[str]:
        """The object types that a value of this type can have at run time."""
        if self.types[name].kind is Kind.OBJECT:
            return frozenset((name,))
        return self.implementations.get(name, frozenset())

    def object_types_in(self, graph: str, name: str) -> frozenset[str]:
        """The same, as one subgraph knows it."""
        type_ = self.types[name]
        if type_.kind is Kind.OBJECT:
            return frozenset((name,))
        if type_.kind is Kind.UNION:
            return type_.members.get(graph, frozenset())
        return frozenset(
            other.name
            for other in self.types.values()
            if other.kind is Kind.OBJECT and name in other.interfaces.get(graph, frozenset())
        )

    def has_field(self, type_name: str, field_name: str) -> bool:
        """Return whether there is a type of that name with such a field."""
        type_ = self.types.get(type_name)
        return type_ is not None and field_name in type_.fields

    def access(self, type_name: str, field_name: str) -> Access:
        """All that selecting this field asks for: its own, its type's and its value's (Federation, @policy)."""
        type_ = self.types[type_name]
        found = type_.fields.get(field_name)
        if found is None:
            return type_.access
        name = named_type(found.type)
        value = self.types[name].access if name in self.types else self.leaf_access.get(name, Access())
        return type_.access.and_also(found.access).and_also(value)
