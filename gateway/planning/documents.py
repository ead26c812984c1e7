"""The GraphQL text of a request."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.supergraph.selections import TYPENAME, Field, SelectionSet, TypeCase, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.planning.plan import Request, Step

_CONTEXT = re.compile(r"\$_context_(\d+)\b")


def document(kind: str, steps: Sequence[Step], declared: Sequence[str]) -> str:
    """`declared` are the operation's variables that the steps use, each with its type."""
    if steps[0].entity is None:
        variables = f"({', '.join(declared)})" if declared else ""
        return f"{kind}{variables} {{ {text(steps[0].selections)} }}"
    given = [f"$_r{i}: [_Any!]!" for i in range(len(steps))]
    given += [f"$_c{i}_{value.number}: {value.type}" for i, step in enumerate(steps) for value in step.contexts]
    fields = [
        ("" if len(steps) == 1 else f"_{i}: ")
        + f"_entities(representations: $_r{i}) {{ ... on {step.entity} {{ {_selected(step, i)} }} }}"
        for i, step in enumerate(steps)
    ]
    return f"query({', '.join([*given, *declared])}) {{ {' '.join(fields)} }}"


def _selected(step: Step, index: int) -> str:
    selected = text(step.selections)
    return _CONTEXT.sub(lambda match: f"$_c{index}_{match[1]}", selected) if step.contexts else selected


def repeated(request: Request, steps: Sequence[Step]) -> Request:
    """The request with these steps, as many times each as there are different values of its contexts."""
    return replace(request, steps=tuple(steps), query=document(request.kind, steps, request.declared))


def narrowed(request: Request, *steps: Step) -> Request:
    """The request with these steps alone, of one of its own or what is left of it."""
    used = frozenset[str]().union(*(mentioned(step.selections) for step in steps))
    chosen = [(name, type_) for name, type_ in zip(request.variables, request.declared, strict=True) if name in used]
    declared = tuple(type_ for _, type_ in chosen)
    return replace(
        request,
        steps=steps,
        query=document(request.kind, steps, declared),
        variables=tuple(name for name, _ in chosen),
        declared=declared,
        apart=None,
    )


def asks(selections: SelectionSet) -> bool:
    """Whether there is anything to ask but of what type the objects are."""
    return any(
        selection.name != TYPENAME if isinstance(selection, Field) else asks(selection.selections)
        for selection in selections
    )


def within(selections: SelectionSet, others: SelectionSet) -> SelectionSet:
    """What of some selections is also among others, by their keys and types."""
    fields = {other.key: other for other in others if isinstance(other, Field)}
    cases = {other.type_name: other for other in others if isinstance(other, TypeCase)}
    found: list[Field | TypeCase] = []
    for selection in selections:
        if isinstance(selection, TypeCase):
            case = cases.get(selection.type_name)
            inner = within(selection.selections, case.selections) if case else ()
            if inner:
                found.append(TypeCase(selection.type_name, inner))
        elif selection.key in fields:
            inner = within(selection.selections, fields[selection.key].selections)
            if inner or not selection.selections:
                found.append(replace(selection, selections=inner))
    return tuple(found)


def mentioned(selections: SelectionSet) -> set[str]:
    """The operation's variables in a selection set."""
    found: set[str] = set()
    for selection in selections:
        if isinstance(selection, Field):
            found.update(condition.variable for condition in selection.conditions)
            found.update(variable for argument in selection.arguments for variable in argument.variables)
        found |= mentioned(selection.selections)
    return found
