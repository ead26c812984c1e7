"""One subgraph's SDL -> `Subgraph`: its types, whole, with what Federation's directives say about them.

Directives are known by their canonical names from here on (`key`, `requires`), whatever a `@link` calls them; types'
extensions are one with their types; `@shareable` and `@external` on a type have gone to its fields; root types have
their usual names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from graphql import DirectiveDefinitionNode, DirectiveNode, DocumentNode

from gateway.composition.result import Place
from gateway.composition.specification import FEDERATION
from gateway.supergraph.links import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.supergraph.typeref import TypeRef


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """What composition is given of a subgraph.

    `exceptions` are the fields (`Type.field`) of other owners that it may resolve, as the partnership has agreed.
    """

    name: str
    url: str
    sdl: str
    exceptions: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Element:
    """What everything in a schema has: a description, the directives that are carried along, and a place."""

    name: str
    description: str | None = None
    directives: list[DirectiveNode] = field(default_factory=list)
    place: Place | None = None

    def applied(self, name: str) -> list[DirectiveNode]:
        return [d for d in self.directives if d.name.value == name]

    def has(self, name: str) -> bool:
        return any(d.name.value == name for d in self.directives)


@dataclass(slots=True, eq=False)
class InputElement(Element):
    """An argument or an input field; `default` is its text, `from_context` what `@fromContext` names."""

    type: TypeRef | None = None
    default: str | None = None
    from_context: str | None = None

    @property
    def required(self) -> bool:
        return str(self.type).endswith("!") and self.default is None


@dataclass(slots=True, eq=False)
class FieldElement(Element):
    """A field; `requires` and `provides` are None where they are no strings.

    `extended`: it comes with an extension;
    `used`: its subgraph needs it to be there, for a key, a requirement, a provision or an interface.
    """

    type: TypeRef | None = None
    arguments: dict[str, InputElement] = field(default_factory=dict)
    external: bool = False
    shareable: bool = False
    has_requires: bool = False
    has_provides: bool = False
    requires: str | None = None
    provides: str | None = None
    override_from: str | None = None
    override_label: str | None = None
    extended: bool = False
    used: bool = False


@dataclass(slots=True, eq=False)
class KeyElement:
    """A `@key`; `fields` is None where it is no string."""

    fields: str | None
    resolvable: bool
    place: Place | None = None


@dataclass(slots=True, eq=False)
class TypeElement(Element):
    """A type of one subgraph; `kind` is the word that SDL uses for it.

    `extension`: it is extended here and defined elsewhere.
    """

    kind: str = "type"
    fields: dict[str, FieldElement] = field(default_factory=dict)
    inputs: dict[str, InputElement] = field(default_factory=dict)
    values: dict[str, Element] = field(default_factory=dict)
    members: dict[str, None] = field(default_factory=dict)
    interfaces: dict[str, None] = field(default_factory=dict)
    contexts: dict[str, None] = field(default_factory=dict)
    keys: list[KeyElement] = field(default_factory=list)
    extension: bool = False
    interface_object: bool = False


Types: TypeAlias = dict[str, TypeElement]


@dataclass(slots=True, eq=False)
class Subgraph:
    """A subgraph that has been parsed. `id` is its value of `join__Graph`.

    `canonical` says which of Federation's directives a local name means, `renamed` which usual name a root type has
    taken,
    `defined` the names that its SDL defines, `exported` what `@composeDirective` names and `composed` where that is
    from. `exceptions` are fields of other owners that it may resolve.
    """

    name: str
    id: str
    url: str
    document: DocumentNode
    types: Types
    roots: dict[str, str]
    links: list[Link]
    federation_1: bool
    canonical: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    exported: tuple[str, ...] = ()
    composed: dict[str, Link] = field(default_factory=dict)
    exceptions: frozenset[str] = frozenset()

    def elements(self) -> Iterator[Element]:
        """Everything that a directive can stand at."""
        for type_ in self.types.values():
            yield type_
            yield from type_.inputs.values()
            yield from type_.values.values()
            for element in type_.fields.values():
                yield element
                yield from element.arguments.values()

    def directives(self) -> dict[str, DirectiveDefinitionNode]:
        """The directives that its SDL defines."""
        nodes = (node for node in self.document.definitions if isinstance(node, DirectiveDefinitionNode))
        return {node.name.value: node for node in nodes}

    @property
    def version(self) -> tuple[int, int] | None:
        """The version of Federation 2 that it links, None in Federation 1."""
        return next((link.version for link in self.links if link.identity == FEDERATION), None)

    def place(self, of: Link | DirectiveDefinitionNode) -> Place | None:
        """Where a link, or the definition of a directive, stands."""
        if isinstance(of, Link):
            return Place(self.name, *of.place) if of.place else None
        return Place(self.name, of.loc.start_token.line, of.loc.start_token.column) if of.loc else None
