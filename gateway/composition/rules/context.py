"""`@context` and `@fromContext` (Federation v2.8): an argument that takes its value from an object further up.

CONTEXT_NAME_INVALID, CONTEXT_NOT_SET, NO_CONTEXT_IN_SELECTION, CONTEXT_INVALID_SELECTION, CONTEXT_NO_RESOLVABLE_KEY.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphql import FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode, parse
from graphql.language import OperationDefinitionNode

from gateway.composition.contexts import from_context
from gateway.composition.merge.types import is_subtype
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, InputElement, Subgraph, TypeElement


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def check_contexts(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for name in type_.contexts:
                if not _NAME.fullmatch(name):
                    message = f"[{subgraph.name}] `{type_.name}`: the name of a context is letters and digits: `{name}`"
                    collected.error("CONTEXT_NAME_INVALID", message, type_.place)
            for field in type_.fields.values():
                for argument in field.arguments.values():
                    if argument.from_context is not None:
                        _check_argument(subgraph, type_, field, argument, collected)
        local = next((name for name, known in subgraph.canonical.items() if known == "fromContext"), None)
        for name, node in subgraph.directives().items():
            if any(d.name.value == local for a in node.arguments or () for d in a.directives or ()):
                message = f"[{subgraph.name}] `@{name}`: a directive's argument has no context"
                collected.error("CONTEXT_NOT_SET", message, subgraph.place(node))


def _check_argument(
    subgraph: Subgraph, type_: TypeElement, field: FieldElement, argument: InputElement, collected: Collected
) -> None:
    here = f"[{subgraph.name}] `{type_.name}.{field.name}({argument.name}:)`"
    interfaces = [i for i in type_.interfaces if i in subgraph.types and field.name in subgraph.types[i].fields]
    if type_.kind == "interface":
        collected.error("CONTEXT_NOT_SET", f"{here} is an interface's", argument.place)
        return
    if interfaces:
        message = f"{here}: the field is `{interfaces[0]}`'s too, which knows no such context"
        collected.error("CONTEXT_NOT_SET", message, argument.place)
        return
    if argument.default is not None:
        collected.error("CONTEXT_NOT_SET", f"{here} comes from a context, and has a default", argument.place)
        return
    source = from_context(argument.from_context)
    if source is None:
        message = f"{here}: `{argument.from_context}` is not `$context {{ field }}`"
        collected.error("NO_CONTEXT_IN_SELECTION", message, argument.place)
        return
    setting = [t for t in subgraph.types.values() if source.context in t.contexts]
    if not setting:
        message = f"{here}: no type of the subgraph sets the context `{source.context}`"
        collected.error("CONTEXT_NOT_SET", message, argument.place)
    elif problem := _selection_problem(source.selection, argument, setting, subgraph, collected):
        collected.error("CONTEXT_INVALID_SELECTION", f"{here}: {problem}", argument.place)
    if not any(key.resolvable for key in type_.keys):
        message = f"{here} comes from a context, and `{type_.name}` has no resolvable key"
        collected.error("CONTEXT_NO_RESOLVABLE_KEY", message, argument.place)


def _selection_problem(
    text: str, argument: InputElement, setting: list[TypeElement], subgraph: Subgraph, collected: Collected
) -> str | None:
    try:
        definition = parse(text, no_location=True).definitions[0]
    except GraphQLError as error:
        return error.message
    assert isinstance(definition, OperationDefinitionNode)
    chosen = definition.selection_set
    cases = [node for node in chosen.selections if isinstance(node, InlineFragmentNode)]
    for type_ in setting:
        if cases:
            fitting = [c for c in cases if c.type_condition is None or _covers(c, type_, subgraph)]
            if not fitting:
                return f"no type condition fits `{type_.name}`"
            nodes = fitting[0].selection_set
        else:
            nodes = chosen
        problem = _path_problem(nodes, type_, argument, subgraph, collected)
        if problem is not None:
            return problem
    return None


def _covers(case: InlineFragmentNode, type_: TypeElement, subgraph: Subgraph) -> bool:
    assert case.type_condition is not None
    name = case.type_condition.name.value
    condition = subgraph.types.get(name)
    member = condition is not None and type_.name in condition.members
    return name == type_.name or name in type_.interfaces or member


def _path_problem(
    nodes: SelectionSetNode, type_: TypeElement, argument: InputElement, subgraph: Subgraph, collected: Collected
) -> str | None:
    """A selection is one way down to one leaf, whose value can be the argument's."""
    found: TypeRef | None = None
    wrap: list[type] = []
    current: TypeElement | None = type_
    selections: SelectionSetNode | None = nodes
    while selections is not None:
        if len(selections.selections) != 1:
            return "several fields are selected"
        node = selections.selections[0]
        if not isinstance(node, FieldNode):
            return "a fragment stands inside"
        if node.alias is not None or node.directives or node.arguments:
            return "aliases, arguments and directives are not taken"
        field = current.fields.get(node.name.value) if current is not None else None
        if field is None or field.type is None:
            return f"`{node.name.value}` is not there"
        found = field.type
        if node.selection_set is not None and isinstance(found.of if isinstance(found, NonNull) else found, ListOf):
            wrap.append(ListOf)
        current = subgraph.types.get(named_type(field.type))
        selections = node.selection_set
    assert found is not None
    if current is not None and current.kind in ("type", "interface", "union"):
        return "it ends in an object"
    for _ in wrap:
        found = ListOf(found)
    if argument.type is None or not is_subtype(found, argument.type, collected):
        return f"the selection is of type `{found}`, the argument of `{argument.type}`"
    return None
