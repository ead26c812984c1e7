"""What is external is declared as those have it who resolve it.

EXTERNAL_TYPE_MISMATCH, EXTERNAL_ARGUMENT_MISSING, EXTERNAL_ARGUMENT_TYPE_MISMATCH, EXTERNAL_ARGUMENT_DEFAULT_MISMATCH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge.types import is_subtype

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph


def check_external_signatures(collected: Collected) -> None:
    for coordinate, external, bases in _externals(collected):
        subgraph, field = external
        if all(field.type != base.type for _, base in bases):
            found = ", ".join(f"`{base.type}` in `{s.name}`" for s, base in bases)
            message = f"[{subgraph.name}] `{coordinate}` is external, of type `{field.type}`, and is {found}"
            collected.error("EXTERNAL_TYPE_MISMATCH", message, field.place)
        for code, problem in _argument_problems(field, bases, collected):
            collected.error(code, f"[{subgraph.name}] `{coordinate}` is external, and {problem}", field.place)


def _externals(
    collected: Collected,
) -> Iterator[tuple[str, tuple[Subgraph, FieldElement], list[tuple[Subgraph, FieldElement]]]]:
    """Each external field with the fields of those subgraphs that resolve it, where there are any."""
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        having = collected.having(name)
        for field in dict.fromkeys(f for _, t in having for f in t.fields):
            elements = [(s, t.fields[field]) for s, t in having if field in t.fields]
            bases = [(s, e) for s, e in elements if not e.external]
            for external in elements:
                if external[1].external and bases:
                    yield f"{name}.{field}", external, bases


def _argument_problems(
    field: FieldElement, bases: list[tuple[Subgraph, FieldElement]], collected: Collected
) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(name for _, base in bases for name in base.arguments):
        own = field.arguments.get(name)
        theirs = [base.arguments[name] for _, base in bases if name in base.arguments]
        if own is None:
            yield "EXTERNAL_ARGUMENT_MISSING", f"lacks the argument `{name}`"
        elif own.type is not None and not any(
            other.type is not None and is_subtype(other.type, own.type, collected) for other in theirs
        ):
            yield "EXTERNAL_ARGUMENT_TYPE_MISMATCH", f"its argument `{name}` is of another type"
        elif own.default is not None and all(own.default != other.default for other in theirs):
            yield "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", f"its argument `{name}` has another default"
