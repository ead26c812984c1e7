"""Directives that go into the supergraph (Federation, "Managing schema elements" and "Access control")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import DirectiveNode, ListValueNode, StringValueNode, print_ast

from gateway.supergraph.links import argument
from gateway.supergraph.model import Access

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.composition.subgraph import Element, Subgraph

_UNION = ("inaccessible", "tag")
_ACCESS = ("authenticated", "requiresScopes", "policy")
_COSTS = ("cost", "listSize")
FEATURES = (*_UNION, *_ACCESS, *_COSTS)


def carried(elements: Sequence[tuple[Subgraph, Element]]) -> list[str]:
    """The directives of an element that several subgraphs define, as text: each once, access demands all together."""
    out: dict[str, None] = {}
    for name in _UNION:
        for _, element in elements:
            out.update(dict.fromkeys(print_ast(d) for d in element.applied(name)))
    out.update(dict.fromkeys(access(elements)))
    for subgraph, element in elements:
        for directive in element.directives:
            if directive.name.value in subgraph.composed:
                out[print_ast(directive)] = None
    for name in ("specifiedBy", "deprecated"):
        first = next((d for _, element in elements for d in element.applied(name)), None)
        if first is not None:
            out[print_ast(first)] = None
    return list(out)


def demand(elements: Sequence[tuple[Subgraph, Element]]) -> Access:
    """All that any subgraph demands is demanded: conjunctions of the disjunctions of each."""
    found = Access()
    for _, element in elements:
        found = found.and_also(
            Access(
                element.has("authenticated"),
                _rows(element.applied("requiresScopes"), "scopes"),
                _rows(element.applied("policy"), "policies"),
            )
        )
    return found


def access(elements: Sequence[tuple[Subgraph, Element]]) -> list[str]:
    """The same as directives."""
    found = demand(elements)
    out = ["@authenticated"] if found.authenticated else []
    if found.scopes:
        out.append(f"@requiresScopes(scopes: {_text(found.scopes)})")
    if found.policies:
        out.append(f"@policy(policies: {_text(found.policies)})")
    return out


def used_features(elements: Iterable[Element]) -> list[str]:
    """The features among `FEATURES` that any of these elements uses."""
    names = {d.name.value for element in elements for d in element.directives}
    return [feature for feature in FEATURES if feature in names]


def description(elements: Sequence[tuple[Subgraph, Element]]) -> str | None:
    return next((element.description for _, element in elements if element.description), None)


def _rows(directives: Sequence[DirectiveNode], name: str) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for directive in directives:
        value = argument(directive, name)
        rows += [
            tuple(sorted(v.value for v in row.values if isinstance(v, StringValueNode)))
            for row in (value.values if isinstance(value, ListValueNode) else ())
            if isinstance(row, ListValueNode)
        ]
    return tuple(rows)


def _text(rows: tuple[tuple[str, ...], ...]) -> str:
    return "[" + ", ".join("[" + ", ".join(f'"{name}"' for name in row) + "]" for row in rows) + "]"
