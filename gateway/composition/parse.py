"""SDL -> `Subgraph`."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    EnumValueNode,
    FieldDefinitionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ListValueNode,
    NameNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    parse,
    print_ast,
)
from graphql.language import Node, TypeDefinitionNode, TypeExtensionNode

from gateway.composition.result import CompositionError, Place
from gateway.composition.specification import COST, DIRECTIVES, FEDERATION
from gateway.composition.subgraph import (
    Element,
    FieldElement,
    InputElement,
    KeyElement,
    Subgraph,
    SubgraphSource,
    TypeElement,
    Types,
)
from gateway.errors import SupergraphError
from gateway.supergraph.links import Link, argument, links, string
from gateway.supergraph.selections import Field, parse_field_set
from gateway.supergraph.typeref import ListOf, Named, NonNull, TypeRef, from_node

if TYPE_CHECKING:
    from collections.abc import Iterable

_KINDS = {
    "object": "type",
    "interface": "interface",
    "union": "union",
    "enum": "enum",
    "input": "input",
    "scalar": "scalar",
}
_ROOT_NAMES = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_MACHINERY = frozenset(("_Entity", "_Any", "_Service", "_FieldSet", "FieldSet"))


MAX_TOKENS: Final = 200_000
"""Of all SDLs together. A large partnership's have some 20,000; what composition takes grows with them."""


def parse_subgraph(source: SubgraphSource, graph_id: str, tokens: int = MAX_TOKENS) -> Subgraph | CompositionError:
    """Parse one subgraph of so many tokens at most; INVALID_GRAPHQL where its SDL is none, or has more."""
    try:
        document = parse(source.sdl, max_tokens=max(tokens, 1))
    except GraphQLError as error:
        if "tokens. Parsing aborted" in error.message:
            said = f"the SDLs have over {MAX_TOKENS:,} tokens together: this is the one where there are too many"
            return CompositionError("INVALID_GRAPHQL", f"[{source.name}] {said}", (Place(source.name, 1, 1),))
        places = tuple(Place(source.name, p.line, p.column) for p in error.locations or ())
        return CompositionError("INVALID_GRAPHQL", f"[{source.name}] {error.message}", places)
    return _Parser(source.name, document).subgraph(source, graph_id)


def graph_id(name: str, taken: Iterable[str]) -> str:
    """The value of `join__Graph` for a subgraph's name (join specification, v0.3, section on `join__Graph`)."""
    wanted = re.sub(r"[^A-Z0-9_]", "_", name.upper())
    wanted = f"_{wanted}" if wanted[:1].isdigit() else wanted
    found, number = wanted, 0
    while found in taken:
        number += 1
        found = f"{wanted}_{number}"
    return found


class _Parser:
    def __init__(self, name: str, document: DocumentNode) -> None:
        self.name = name
        self.document = document
        self.definitions = document.definitions
        self.types: Types = {}
        self.canonical: dict[str, str] = {}
        self.federation_1 = False
        self.renamed: dict[str, str] = {}

    def subgraph(self, source: SubgraphSource, graph_id: str) -> Subgraph:
        linked = links(self.document)
        federation = next((link for link in linked if link.identity == FEDERATION), None)
        self.federation_1 = federation is None
        self._name_directives(federation, linked)
        self._name_roots()
        for definition in self.definitions:
            if isinstance(definition, TypeDefinitionNode | TypeExtensionNode):
                self._type(definition)
        for machinery in [t for t in self.types if self._is_machinery(t, linked)]:
            del self.types[machinery]
        for root in _ROOT_NAMES.values():
            if root in self.types:
                for internal in ("_entities", "_service"):
                    self.types[root].fields.pop(internal, None)
        for type_ in self.types.values():
            if type_.extension:
                _own_keys(type_)
        roots = {k: name for k, name in _ROOT_NAMES.items() if name in self.types and self.types[name].kind == "type"}
        composed = self._composed(linked)
        return Subgraph(
            source.name,
            graph_id,
            source.url,
            self.document,
            self.types,
            roots,
            linked,
            federation is None,
            canonical=self.canonical,
            renamed=self.renamed,
            exceptions=source.exceptions,
            defined=frozenset(d.name.value for d in self.definitions if isinstance(d, TypeDefinitionNode)),
            exported=tuple(self._exported()),
            composed=composed,
        )

    def _name_directives(self, federation: Link | None, linked: list[Link]) -> None:
        """Which local directive names mean which of Federation's."""
        if federation is None:
            self.canonical = {name: name for name, d in DIRECTIVES.items() if d.since == (1, 0) or name == "override"}
        else:
            known = (name for name, d in DIRECTIVES.items() if d.since <= federation.version)
            self.canonical = {federation.directive(name): name for name in known}
        for link in linked:
            for feature in ("inaccessible", "tag", "authenticated", "requiresScopes", "policy"):
                if link.identity == f"https://specs.apollo.dev/{feature}":
                    self.canonical[link.directive(feature)] = feature
            if link.identity == COST:
                self.canonical |= {link.directive(name): name for name in ("cost", "listSize")}

    def _name_roots(self) -> None:
        for definition in self.definitions:
            if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
                operations: tuple[OperationTypeDefinitionNode, ...] = tuple(definition.operation_types or ())
                for operation in operations:
                    usual = _ROOT_NAMES[operation.operation.value]
                    if operation.type.name.value != usual:
                        self.renamed[operation.type.name.value] = usual

    def _is_machinery(self, name: str, linked: list[Link]) -> bool:
        own = [link for link in linked if link.identity.startswith("https://specs.apollo.dev/")]
        prefixes = tuple(f"{link.namespace}__" for link in own)
        imported = {local for link in own for spec, local in link.imports.items() if not spec.startswith("@")}
        return name in _MACHINERY or name.startswith(("federation__", "link__", *prefixes)) or name in imported

    def _composed(self, linked: list[Link]) -> dict[str, Link]:
        """Directives that `@composeDirective` exports, each with the link that it comes from."""
        found: dict[str, Link] = {}
        for name in self._exported():
            local = name.removeprefix("@")
            for link in linked:
                if f"@{local}" in link.imports.values() or link.namespace == local:
                    found[local] = link
        return found

    def _exported(self) -> list[str]:
        """What `@composeDirective` names."""
        return [
            string(node, "name") or ""
            for definition in self.definitions
            if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode)
            for node in definition.directives or ()
            if self.canonical.get(node.name.value) == "composeDirective"
        ]

    def _field_set(self, node: DirectiveNode) -> str | None:
        """The argument `fields`; Federation 1 took a list of them, and names without quotes."""
        value = argument(node, "fields")
        if self.federation_1 and isinstance(value, ListValueNode):
            return " ".join(item.value for item in value.values if isinstance(item, StringValueNode | EnumValueNode))
        if self.federation_1 and isinstance(value, EnumValueNode):
            return value.value
        fields = string(node, "fields")
        stripped = fields.strip() if fields is not None else ""
        return stripped[1:-1] if stripped.startswith("{") and stripped.endswith("}") else fields

    def _place(self, node: Node) -> Place | None:
        if node.loc is None:
            return None
        return Place(self.name, node.loc.start_token.line, node.loc.start_token.column)

    def _directives(self, node: Node) -> list[DirectiveNode]:
        """The node's directives under their canonical names, without those that only look like Federation's."""
        return [
            DirectiveNode(name=NameNode(value=self.canonical.get(d.name.value, d.name.value)), arguments=d.arguments)
            for d in getattr(node, "directives", None) or ()
            if d.name.value in self.canonical or d.name.value not in DIRECTIVES
        ]

    def _ref(self, ref: TypeRef) -> TypeRef:
        """The reference with root types under their usual names."""
        if isinstance(ref, Named):
            return Named(self.renamed.get(ref.name, ref.name))
        inner = self._ref(ref.of)
        if isinstance(ref, ListOf):
            return ListOf(inner)
        assert not isinstance(inner, NonNull)
        return NonNull(inner)

    def _type(self, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        name = self.renamed.get(node.name.value, node.name.value)
        kind = _KINDS[node.kind.split("_")[0]]
        type_ = self.types.get(name)
        if type_ is None:
            type_ = self.types[name] = TypeElement(name, kind=kind, place=self._place(node), extension=True)
        directives = self._directives(node)
        named = {d.name.value for d in directives}
        if isinstance(node, TypeDefinitionNode):
            type_.description = node.description.value if node.description else type_.description
            type_.extension = "extends" in named
        for directive in directives:
            if directive.name.value == "key":
                type_.keys.append(
                    KeyElement(self._field_set(directive), _flag(directive, "resolvable"), self._place(node))
                )
            elif directive.name.value == "interfaceObject":
                type_.interface_object = True
            elif directive.name.value == "context":
                type_.contexts[string(directive, "name") or ""] = None
            elif directive.name.value not in ("extends", "shareable", "external"):
                type_.directives.append(directive)
        if isinstance(
            node,
            ObjectTypeDefinitionNode
            | ObjectTypeExtensionNode
            | InterfaceTypeDefinitionNode
            | InterfaceTypeExtensionNode,
        ):
            type_.interfaces.update(dict.fromkeys(i.name.value for i in node.interfaces or ()))
            for field in node.fields or ():
                whole = "external" in named and not self.federation_1
                element = self._field(field, "shareable" in named, whole)
                element.extended = isinstance(node, TypeExtensionNode)
                type_.fields[field.name.value] = element
        elif isinstance(node, UnionTypeDefinitionNode | UnionTypeExtensionNode):
            type_.members.update(dict.fromkeys(t.name.value for t in node.types or ()))
        elif isinstance(node, EnumTypeDefinitionNode | EnumTypeExtensionNode):
            for value in node.values or ():
                type_.values[value.name.value] = self._element(Element(value.name.value), value)
        elif isinstance(node, InputObjectTypeDefinitionNode | InputObjectTypeExtensionNode):
            for item in node.fields or ():
                type_.inputs[item.name.value] = self._input(item)
        else:
            assert isinstance(node, ScalarTypeDefinitionNode | ScalarTypeExtensionNode)

    def _element(self, element: Element, node: Node) -> Element:
        description = getattr(node, "description", None)
        element.description = description.value if description else None
        element.directives = self._directives(node)
        element.place = self._place(node)
        return element

    def _input(self, node: InputValueDefinitionNode) -> InputElement:
        element = InputElement(
            node.name.value,
            type=self._ref(from_node(node.type)),
            default=print_ast(node.default_value) if node.default_value is not None else None,
        )
        self._element(element, node)
        for directive in element.applied("fromContext"):
            element.from_context = string(directive, "field") or ""
        return element

    def _field(self, node: FieldDefinitionNode, shareable: bool, external: bool) -> FieldElement:
        element = FieldElement(node.name.value, type=self._ref(from_node(node.type)))
        self._element(element, node)
        element.arguments = {a.name.value: self._input(a) for a in node.arguments or ()}
        element.shareable = shareable or element.has("shareable")
        element.external = external or element.has("external")
        for directive in element.directives:
            if directive.name.value == "requires":
                element.has_requires = True
                element.requires = self._field_set(directive)
            elif directive.name.value == "provides":
                element.has_provides = True
                element.provides = self._field_set(directive)
            elif directive.name.value == "override":
                element.override_from = string(directive, "from")
                element.override_label = string(directive, "label")
        own = ("shareable", "external", "requires", "provides", "override")
        element.directives = [d for d in element.directives if d.name.value not in own]
        return element


def _own_keys(type_: TypeElement) -> None:
    """An extension marks the fields of its keys external to say where they come from; it resolves them all the same."""
    for key in type_.keys:
        with contextlib.suppress(SupergraphError):  # a rule names a field set that can't be read
            for selection in parse_field_set(key.fields or ""):
                if isinstance(selection, Field) and selection.name in type_.fields:
                    type_.fields[selection.name].external = False


def _flag(node: DirectiveNode, name: str) -> bool:
    value = argument(node, name)
    return value.value if isinstance(value, BooleanValueNode) else True
