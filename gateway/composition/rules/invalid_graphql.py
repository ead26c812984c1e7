"""INVALID_GRAPHQL: each subgraph is a valid schema once Federation's definitions are added to it.

Checked by graphql-core's own rules for SDL (GraphQL specification, section 3), and the values of directives'
arguments by their types. What a `@link` does not bring is not there: an unknown directive is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Source,
    TypeDefinitionNode,
    TypeExtensionNode,
    Undefined,
    VisitorAction,
    build_ast_schema,
    parse,
    specified_scalar_types,
    validate_schema,
    value_from_ast,
    visit,
)
from graphql.language import Visitor
from graphql.validation.validate import validate_sdl

from gateway.composition.result import Place
from gateway.composition.rules.defaults import default_errors
from gateway.composition.specification import COST, DIRECTIVES, FEDERATION, LINK, TYPES

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import Subgraph

_FIELD_SETS = frozenset(("key", "requires", "provides"))
_NOT_HERE = (
    "Query root type must be provided",
    "Type Query must define",
    "Mutation root type must",
    "Subscription root type must",
)
"""Said of a subgraph without queries of its own, as most are, and of a type that only looks like a root by its name."""

_BASE = {
    "object_type_extension": "object_type_definition",
    "interface_type_extension": "interface_type_definition",
    "union_type_extension": "union_type_definition",
    "enum_type_extension": "enum_type_definition",
    "input_object_type_extension": "input_object_type_definition",
    "scalar_type_extension": "scalar_type_definition",
}


def check_graphql(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for error in _errors(subgraph):
            places = [Place(subgraph.name, p.line, p.column) for p in error.locations or () if _is_own(error)]
            collected.error("INVALID_GRAPHQL", f"[{subgraph.name}] {error.message}", *places)


def _errors(subgraph: Subgraph) -> list[GraphQLError]:
    document = _whole(subgraph)
    errors = [
        GraphQLError(f"`{d.name.value}` is a scalar of the specification's own, and no other kind of type", d)
        for d in subgraph.document.definitions
        if isinstance(d, TypeDefinitionNode | TypeExtensionNode)
        and d.name.value in specified_scalar_types
        and not d.kind.startswith("scalar")
    ]
    errors += validate_sdl(document)
    if errors:
        return errors
    try:
        schema = build_ast_schema(document, assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        return [error if isinstance(error, GraphQLError) else GraphQLError(str(error))]
    try:
        found = validate_schema(schema)
    except TypeError as error:  # graphql-core holds a default to its type before it knows that to be an input type
        return [GraphQLError(str(error))]
    errors = [e for e in found if not e.message.startswith(_NOT_HERE) and not _is_lenient(e)]
    errors += default_errors(document, schema)
    if errors:
        return errors
    visitor = _Arguments(schema, subgraph)
    visit(subgraph.document, visitor)
    return visitor.errors


def _is_lenient(error: GraphQLError) -> bool:
    """Whether Federation does not mind: it has its own rules for defaults, and none for deprecated implementations."""
    return "default" in error.message or "is not deprecated" in error.message


def _is_own(error: GraphQLError) -> bool:
    return error.source is not None and error.source.name != _ADDED


_ADDED = "federation"


def _whole(subgraph: Subgraph) -> DocumentNode:
    """The subgraph's document with what Federation brings, and with bases for types that it only extends."""
    own = subgraph.document.definitions
    types = {d.name.value for d in own if isinstance(d, TypeDefinitionNode)}
    directives = {d.name.value for d in own if isinstance(d, DirectiveDefinitionNode)}
    added = parse(Source(_added(subgraph, types, directives), _ADDED)).definitions
    bases: list[DefinitionNode] = []
    for definition in own:
        if isinstance(definition, TypeExtensionNode) and definition.name.value not in types:
            types.add(definition.name.value)
            kind = next(k for k in TypeDefinitionNode.__subclasses__() if k.kind == _BASE[definition.kind])
            bases.append(kind(name=definition.name, loc=definition.loc))
    return DocumentNode(definitions=(*own, *bases, *added))


def _added(subgraph: Subgraph, types: set[str], directives: set[str]) -> str:
    federation = next((link for link in subgraph.links if link.identity == FEDERATION), None)
    namespace = federation.namespace if federation else "federation"
    version = federation.version if federation else (1, 0)
    out = [f"scalar {namespace}__{name}" for name in TYPES]
    out += ["scalar link__Import", "enum link__Purpose { SECURITY EXECUTION }"]
    out += ["scalar _Any", "scalar _FieldSet", "scalar FieldSet", "scalar _Entity", "type _Service { sdl: String }"]
    if "link" not in directives:
        out.append(LINK)
    for name, directive in DIRECTIVES.items():
        local = federation.directive(name) if federation else name
        if directive.since <= version and local not in directives:
            out.append(f"directive @{local}{directive.definition(version).replace('%S', namespace)}")
    for link in subgraph.links:
        if link is not federation and link.identity.startswith("https://specs.apollo.dev/"):
            for name in ("cost", "listSize") if link.identity == COST else (link.name,):
                known = DIRECTIVES.get(name)
                local = link.directive(name)
                if known and local not in directives and not any(f"@{local}" in line for line in out):
                    out.append(f"directive @{local}{known.text.replace('%S', namespace)}")
    kept = [line for line in out if not (line.startswith(("scalar ", "enum ", "type ")) and line.split()[1] in types)]
    if "_Service" in types or "_Entity" in types:
        kept = [line for line in kept if line.split()[1] not in types]
    return "\n".join(kept)


class _Arguments(Visitor):
    """Holds the values of directives' arguments to their types; field sets have rules of their own."""

    def __init__(self, schema: GraphQLSchema, subgraph: Subgraph) -> None:
        super().__init__()
        self.schema = schema
        self.errors: list[GraphQLError] = []
        self.field_sets = {local for local, name in subgraph.canonical.items() if name in _FIELD_SETS}

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction | None:
        definition = self.schema.get_directive(node.name.value)
        if definition is None or node.name.value in self.field_sets or node.name.value == "link":
            return None
        for argument in node.arguments or ():
            known = definition.args.get(argument.name.value)
            if known is not None and value_from_ast(argument.value, known.type) is Undefined:
                message = f"`@{node.name.value}({argument.name.value}:)` needs a value of type `{known.type}`"
                self.errors.append(GraphQLError(message, argument))
        return None
