"""CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: an argument from a context is one in every subgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_contextual_everywhere(collected: Collected) -> None:
    """Where an argument comes from a context, the subgraphs that do not know so can do without it."""
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        having = collected.having(name)
        for field in dict.fromkeys(f for _, t in having for f in t.fields):
            elements = [(s, t.fields[field]) for s, t in having if field in t.fields]
            contextual = {a.name for _, e in elements for a in e.arguments.values() if a.from_context is not None}
            for subgraph, element in elements:
                for argument in element.arguments.values():
                    if argument.name in contextual and argument.from_context is None and argument.required:
                        here = f"[{subgraph.name}] `{name}.{field}({argument.name}:)`"
                        message = f"{here} is required, and comes from a context in another subgraph"
                        code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
                        collected.error(code, message, argument.place)
