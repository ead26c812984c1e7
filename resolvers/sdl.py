"""The SDL as it is published: what strawberry prints, corrected in this one place.

Strawberry prints the machinery of the federation protocol (`_entities`, `_service`, `_Any`, `_Entity`, `_Service`)
with the schema. Federation subgraph specification, `_service`: a subgraph's SDL leaves these out, for the composer
adds them itself. A schema whose only queries were those has then no Query at all, and its links stand on an extension
of the schema.
"""

from typing import Final, cast

from graphql import (
    DefinitionNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

_MACHINERY: Final = frozenset({"_Any", "_Entity", "_Service", "_entities", "_service"})


def published(printed: str) -> str:
    """Leave out the machinery; the rest stands as it was printed, in its order."""
    kept: list[DefinitionNode] = []
    for definition in parse(printed, no_location=True).definitions:
        if isinstance(definition, SchemaDefinitionNode):
            extension = SchemaExtensionNode(directives=definition.directives, operation_types=())
            kept.append(cast("DefinitionNode", extension))  # graphql-core's types know a document without extensions
        elif isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value == "Query":
            fields = tuple(each for each in definition.fields or () if each.name.value not in _MACHINERY)
            if fields:
                kept.append(
                    ObjectTypeDefinitionNode(
                        description=definition.description,
                        name=definition.name,
                        directives=definition.directives,
                        fields=fields,
                    )
                )
        elif not (
            isinstance(definition, (ObjectTypeDefinitionNode, ScalarTypeDefinitionNode, UnionTypeDefinitionNode))
            and definition.name.value in _MACHINERY
        ):
            kept.append(definition)
    return print_ast(DocumentNode(definitions=tuple(kept))) + "\n"
