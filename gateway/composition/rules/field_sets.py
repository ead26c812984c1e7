"""Field sets: `@key`, `@requires` and `@provides` name fields that are there, and of kinds that they may name.

KEY_INVALID_FIELDS, KEY_INVALID_FIELDS_TYPE, KEY_FIELDS_HAS_ARGS, KEY_FIELDS_SELECT_INVALID_TYPE,
KEY_DIRECTIVE_IN_FIELDS_ARG, and their like for the others (Federation, "Composition errors").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphql import DirectiveNode, FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode, parse
from graphql.language import OperationDefinitionNode

from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected
    from gateway.composition.result import Place
    from gateway.composition.subgraph import Subgraph

_COMPOSITE = ("type", "interface", "union")


class _Set(NamedTuple):
    """One field set: `directive` is KEY, REQUIRES or PROVIDES, `text` None where the argument is no string."""

    directive: str
    text: str | None
    type_name: str
    where: str
    place: Place | None


def check_field_sets(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for item in _sets(subgraph):
            problem = _problem(item, subgraph)
            if problem is not None:
                code, message = problem
                collected.error(f"{item.directive}_{code}", f"[{subgraph.name}] {item.where}: {message}", item.place)


def _sets(subgraph: Subgraph) -> Iterator[_Set]:
    for type_ in subgraph.types.values():
        for key in type_.keys:
            yield _Set("KEY", key.fields, type_.name, f"a key of `{type_.name}`", key.place)
        for field in type_.fields.values():
            where = f"`{type_.name}.{field.name}`"
            if field.has_requires:
                yield _Set("REQUIRES", field.requires, type_.name, where, field.place)
            if field.has_provides and field.type is not None:
                yield _Set("PROVIDES", field.provides, named_type(field.type), where, field.place)


def _problem(item: _Set, subgraph: Subgraph) -> tuple[str, str] | None:
    if item.text is None:
        return "INVALID_FIELDS_TYPE", "`fields` is a string"
    type_ = subgraph.types.get(item.type_name)
    if item.directive == "PROVIDES" and (type_ is None or type_.kind not in _COMPOSITE):
        return "ON_NON_OBJECT_FIELD", "the field has no fields that could be provided"
    try:
        definition = parse(f"{{ {item.text} }}", no_location=True).definitions[0]
    except GraphQLError as error:
        return "INVALID_FIELDS", f"`{item.text}` is not a field set: {error.message}"
    assert isinstance(definition, OperationDefinitionNode)
    return _check(item, definition.selection_set, item.type_name, subgraph)


def _check(item: _Set, selections: SelectionSetNode, type_name: str, subgraph: Subgraph) -> tuple[str, str] | None:
    """The first thing that is wrong in a selection set on a type."""
    type_ = subgraph.types.get(type_name)
    if type_ is None:
        return "INVALID_FIELDS", f"there is no type `{type_name}`"
    for node in selections.selections:
        if node.directives:
            return "DIRECTIVE_IN_FIELDS_ARG", f"a field set holds no directives, found `@{_first(node.directives)}`"
        if isinstance(node, InlineFragmentNode):
            inner = node.type_condition.name.value if node.type_condition else type_name
            found = _check(item, node.selection_set, inner, subgraph)
        elif isinstance(node, FieldNode):
            found = _check_field(item, node, type_name, subgraph)
        else:
            return "INVALID_FIELDS", "a field set spreads no named fragment"
        if found is not None:
            return found
    return None


def _check_field(item: _Set, node: FieldNode, type_name: str, subgraph: Subgraph) -> tuple[str, str] | None:
    name = node.name.value
    if name == "__typename":
        return None
    field = subgraph.types[type_name].fields.get(name)
    coordinate = f"{type_name}.{name}"
    if field is None or field.type is None:
        return "INVALID_FIELDS", f"`{coordinate}` is not there"
    if item.directive != "REQUIRES" and field.arguments:
        return "FIELDS_HAS_ARGS", f"`{coordinate}` takes arguments"
    value = subgraph.types.get(named_type(field.type))
    composite = value is not None and value.kind in _COMPOSITE
    abstract = value is not None and value.kind in ("interface", "union")
    if item.directive == "KEY" and abstract:
        return "FIELDS_SELECT_INVALID_TYPE", f"`{coordinate}` is an interface or a union"
    if composite != (node.selection_set is not None):
        return "INVALID_FIELDS", f"`{coordinate}` has {'fields to be selected' if composite else 'no fields'}"
    return _check(item, node.selection_set, named_type(field.type), subgraph) if node.selection_set else None


def _first(directives: tuple[DirectiveNode, ...]) -> str:
    return directives[0].name.value
