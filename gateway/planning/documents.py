"""The GraphQL text of a request."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.supergraph.selections import Field, SelectionSet, text

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


def narrowed(request: Request, step: Step) -> Request:
    """The request with one of its steps alone, or what is left of it."""
    used = mentioned(step.selections)
    chosen = [(name, type_) for name, type_ in zip(request.variables, request.declared, strict=True) if name in used]
    declared = tuple(type_ for _, type_ in chosen)
    return replace(
        request,
        steps=(step,),
        query=document(request.kind, (step,), declared),
        variables=tuple(name for name, _ in chosen),
        declared=declared,
        apart=None,
    )


def mentioned(selections: SelectionSet) -> set[str]:
    """The operation's variables in a selection set."""
    found: set[str] = set()
    for selection in selections:
        if isinstance(selection, Field):
            found.update(condition.variable for condition in selection.conditions)
            found.update(variable for argument in selection.arguments for variable in argument.variables)
        found |= mentioned(selection.selections)
    return found
