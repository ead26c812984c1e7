"""Field sets: `@key`, `@requires` and `@provides` name fields that are there, and of kinds that they may name.

KEY_INVALID_FIELDS, KEY_INVALID_FIELDS_TYPE, KEY_FIELDS_HAS_ARGS, KEY_FIELDS_SELECT_INVALID_TYPE,
KEY_DIRECTIVE_IN_FIELDS_ARG, and their like for the others (Federation, "Composition errors").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphql import FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode, parse
from graphql.language import OperationDefinitionNode

from gateway.composition.field_sets import readable
from gateway.supergraph.selections import Field
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected
    from gateway.composition.result import Place
    from gateway.composition.subgraph import Subgraph
    from gateway.supergraph.selections import SelectionSet

_COMPOSITE = ("type", "interface", "union")
_BUILT_IN = frozenset(("skip", "include", "deprecated", "specifiedBy", "oneOf"))


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
            for code, message in _problems(item, subgraph):
                collected.error(f"{item.directive}_{code}", f"[{subgraph.name}] {item.where}: {message}", item.place)


def check_leaves(collected: Collected) -> None:
    """What a key ends in is a leaf."""
    for subgraph in collected.subgraphs:
        for item in _sets(subgraph):
            open_end = _open_end(readable(item.text), item.type_name, subgraph) if item.directive == "KEY" else None
            if open_end is not None:
                message = f"[{subgraph.name}] {item.where}: `{open_end}` has fields to be selected"
                collected.error(f"{item.directive}_INVALID_FIELDS", message, item.place)


def _open_end(selections: SelectionSet, type_name: str, subgraph: Subgraph) -> str | None:
    for selection in selections:
        if not isinstance(selection, Field):
            found = _open_end(selection.selections, selection.type_name, subgraph)
        else:
            field = subgraph.types[type_name].fields.get(selection.name) if type_name in subgraph.types else None
            value = named_type(field.type) if field is not None and field.type is not None else ""
            composite = value in subgraph.types and subgraph.types[value].kind in _COMPOSITE
            if composite and not selection.selections:
                return f"{type_name}.{selection.name}"
            found = _open_end(selection.selections, value, subgraph)
        if found is not None:
            return found
    return None


def is_field_set(directive: str, text: str | None, type_name: str, subgraph: Subgraph) -> bool:
    """Whether nothing is wrong with a field set by itself."""
    return not _problems(_Set(directive, text, type_name, "", None), subgraph)


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


def _problems(item: _Set, subgraph: Subgraph) -> list[tuple[str, str]]:
    """What is wrong in a field set: that it is none, or each kind of fault once, in the order of its fields."""
    if item.text is None:
        return [("INVALID_FIELDS_TYPE", "`fields` is a string")]
    type_ = subgraph.types.get(item.type_name)
    if item.directive == "PROVIDES" and (type_ is None or type_.kind not in _COMPOSITE):
        return [("ON_NON_OBJECT_FIELD", "the field has no fields that could be provided")]
    try:
        definition = parse(f"{{ {item.text} }}", no_location=True).definitions[0]
    except GraphQLError as error:
        return [("INVALID_FIELDS", f"`{item.text}` is not a field set: {error.message}")]
    assert isinstance(definition, OperationDefinitionNode)
    if not definition.selection_set.selections:
        return [("INVALID_FIELDS", "`fields` names nothing")]
    found: dict[str, str] = {}
    for code, message in _check(item, definition.selection_set, item.type_name, subgraph):
        found.setdefault(code, message)
    invalid = found.get("INVALID_FIELDS")
    return [("INVALID_FIELDS", invalid)] if invalid is not None else list(found.items())


def _check(item: _Set, selections: SelectionSetNode, type_name: str, subgraph: Subgraph) -> Iterator[tuple[str, str]]:
    type_ = subgraph.types.get(type_name)
    if type_ is None:
        yield "INVALID_FIELDS", f"there is no type `{type_name}`"
        return
    defined = subgraph.directives()
    for node in selections.selections:
        for directive in node.directives or ():
            name = directive.name.value
            if name not in defined.keys() | subgraph.canonical.keys() | _BUILT_IN:
                yield "INVALID_FIELDS", f"there is no directive `@{name}`"
            yield "DIRECTIVE_IN_FIELDS_ARG", f"a field set holds no directives, found `@{name}`"
        if isinstance(node, InlineFragmentNode):
            inner = node.type_condition.name.value if node.type_condition else type_name
            yield from _check(item, node.selection_set, inner, subgraph)
        elif isinstance(node, FieldNode):
            yield from _check_field(item, node, type_name, subgraph)
        else:
            yield "INVALID_FIELDS", "a field set spreads no named fragment"


def _check_field(item: _Set, node: FieldNode, type_name: str, subgraph: Subgraph) -> Iterator[tuple[str, str]]:
    name = node.name.value
    if name == "__typename":
        return
    field = subgraph.types[type_name].fields.get(name)
    coordinate = f"{type_name}.{name}"
    if field is None or field.type is None:
        yield "INVALID_FIELDS", f"`{coordinate}` is not there"
        return
    value = subgraph.types.get(named_type(field.type))
    if node.selection_set is not None and (value is None or value.kind not in _COMPOSITE):
        yield "INVALID_FIELDS", f"`{coordinate}` has no fields"
        return
    if node.selection_set is None and value is not None and value.kind in _COMPOSITE and item.directive != "KEY":
        yield "INVALID_FIELDS", f"`{coordinate}` has fields to be selected"
        return
    if item.directive != "REQUIRES" and field.arguments:
        yield "FIELDS_HAS_ARGS", f"`{coordinate}` takes arguments"
    if item.directive == "KEY" and value is not None and value.kind in ("interface", "union"):
        yield "FIELDS_SELECT_INVALID_TYPE", f"`{coordinate}` is an interface or a union"
    if node.selection_set:
        yield from _check(item, node.selection_set, named_type(field.type), subgraph)
