"""The GraphQL text of a request."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.supergraph.selections import text

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
