"""A subgraph in this process: an SDL and its data, answered by graphql-core (Federation, "Subgraph specification")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
)

from gateway.supergraph.links import argument, string
from gateway.supergraph.selections import Field, SelectionSet, TypeCase, parse_field_set
from tests.federation.values import Data, Json, Record

_FEDERATION = """
scalar _Any
type _Service { sdl: String! }
extend type Query { _service: _Service! }
"""


class Subgraph:
    """One subgraph. `invalid` collects what was wrong with the requests that it got."""

    def __init__(self, name: str, sdl: str, data: Mapping[str, Json]) -> None:
        self.name = name
        self.sdl = sdl
        self.data = Data(data)
        self.invalid: list[str] = []
        document = parse(sdl)
        self.keys = _keys(document)
        self.schema = _executable(document, self.keys)

    def answer(self, query: str, variables: dict[str, Json]) -> dict[str, Json]:
        """The answer's JSON to one request."""
        document = parse(query)
        errors = validate(self.schema, document)
        if errors:
            self.invalid += [error.message for error in errors]
            return {"errors": [{"message": error.message} for error in errors]}
        result = execute_sync(
            self.schema,
            document,
            variable_values=variables,
            field_resolver=self._resolve_field,
            type_resolver=self.data.resolve_type,
        )
        answer: dict[str, Json] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return answer

    def _resolve_field(self, source: Json, info: GraphQLResolveInfo[Any], **arguments: Json) -> Json:
        if source is None and info.field_name == "_entities":
            sent = arguments["representations"]
            if len({repr(item) for item in sent}) != len(sent):
                self.invalid.append("a representation was sent twice")
            return [self._entity(item) for item in sent]
        if source is None and info.field_name == "_service":
            return {"sdl": self.sdl}
        return self.data.resolve_field(source, info, **arguments)

    def _entity(self, sent: Record) -> Record | None:
        """The entity that a representation speaks of, with what it sent: it counts over what the record says."""
        name = sent["__typename"]
        keys = [key for key in self.keys.get(name, ()) if _complete(key, sent)]
        if not keys:
            self.invalid.append(f"a representation of {name} has no whole key: {sorted(sent)}")
            raise GraphQLError(f"no key of {name} was sent")
        records = self.data.records(name)
        if records is None:
            return dict(sent)
        for key in keys:
            for record in records:
                if project(key, record) == project(key, sent):
                    more = {n: v for n, v in sent.items() if n != "__typename" and not _shorter(v, record.get(n))}
                    return {**record, **more}
        return None


def _shorter(sent: Json, known: Json) -> bool:
    """Whether what was sent is only the key fields of an object that the record knows whole."""
    return isinstance(sent, dict) and isinstance(known, dict) and set(sent) < set(known)


def _complete(key: SelectionSet, sent: Json) -> bool:
    for selection in key:
        if isinstance(selection, TypeCase):
            continue
        value = sent.get(selection.name) if isinstance(sent, dict) else None
        if value is None or (selection.selections and not _complete(selection.selections, value)):
            return False
    return True


def project(key: SelectionSet, value: Json) -> Json:
    """The fields of a key out of an object, comparable."""
    if isinstance(value, list):
        return [project(key, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        s.name: project(s.selections, value.get(s.name)) if s.selections else value.get(s.name)
        for s in key
        if isinstance(s, Field)
    }


def _keys(document: DocumentNode) -> dict[str, list[SelectionSet]]:
    """The resolvable keys of each type."""
    found: dict[str, list[SelectionSet]] = {}
    for node in document.definitions:
        if not isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode):
            continue
        for directive in node.directives or ():
            resolvable = argument(directive, "resolvable")
            if directive.name.value == "key" and getattr(resolvable, "value", True):
                found.setdefault(node.name.value, []).append(parse_field_set(string(directive, "fields") or ""))
    return found


def _executable(document: DocumentNode, keys: Mapping[str, object]) -> GraphQLSchema:
    """The SDL as a schema that runs: without its links, extensions one with their types, and `_entities`."""
    text = _FEDERATION
    interfaces = {n.name.value for n in document.definitions if isinstance(n, InterfaceTypeDefinitionNode)}
    if keys:
        text += f"union _Entity = {' | '.join(name for name in keys if name not in interfaces)}\n"
        text += "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
    objects: dict[str, ObjectTypeDefinitionNode] = {}
    kept: list[DefinitionNode] = []
    for node in (*document.definitions, *parse(text).definitions):
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            known = objects.get(node.name.value)
            objects[node.name.value] = ObjectTypeDefinitionNode(
                name=node.name,
                interfaces=(*(known.interfaces or () if known else ()), *(node.interfaces or ())),
                fields=(*(known.fields or () if known else ()), *(node.fields or ())),
            )
        elif not isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            kept.append(node)
    return build_ast_schema(DocumentNode(definitions=(*objects.values(), *kept)), assume_valid_sdl=True)
