"""The merged schema, ready to be written: directives are already text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.composition.result import CompositionError, Hint
from gateway.composition.subgraph import FieldElement

if TYPE_CHECKING:
    from gateway.composition.result import Place
    from gateway.composition.subgraph import Element, Subgraph, TypeElement
    from gateway.supergraph.links import Link
    from gateway.supergraph.typeref import TypeRef


@dataclass(slots=True)
class Collected:
    """The errors and hints of a composition, and the subgraphs that they speak of."""

    subgraphs: list[Subgraph]
    errors: list[CompositionError] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)

    def error(self, code: str, message: str, *places: Place | None) -> None:
        self.errors.append(CompositionError(code, message, tuple(p for p in places if p is not None)))

    def hint(self, code: str, level: str, message: str, coordinate: str) -> None:
        self.hints.append(Hint(code, level, message, coordinate))

    def places(self, type_name: str, *names: str) -> list[Place | None]:
        """Where subgraphs define a type, or in it a field, value or input field, or an argument of a field."""
        found: list[Place | None] = []
        for _, type_ in self.having(type_name):
            element: Element | None = type_
            for depth, name in enumerate(names):
                inner: dict[str, Element] = {**type_.fields, **type_.inputs, **type_.values}
                if depth:
                    inner = {**element.arguments} if isinstance(element, FieldElement) else {}
                element = inner.get(name)
            found += [element.place] if element is not None else []
        return found

    def having(self, name: str) -> list[tuple[Subgraph, TypeElement]]:
        """The subgraphs that define a type, in their order, each with its definition."""
        return [(s, s.types[name]) for s in self.subgraphs if name in s.types]


@dataclass(slots=True)
class MergedInput:
    name: str
    type: TypeRef
    default: str | None
    description: str | None
    directives: list[str]


@dataclass(slots=True)
class MergedField:
    name: str
    type: TypeRef
    arguments: dict[str, MergedInput]
    description: str | None
    directives: list[str]


@dataclass(slots=True)
class MergedValue:
    name: str
    description: str | None
    directives: list[str]


@dataclass(slots=True)
class MergedType:
    kind: str
    name: str
    description: str | None = None
    directives: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, MergedField] = field(default_factory=dict)
    inputs: dict[str, MergedInput] = field(default_factory=dict)
    values: dict[str, MergedValue] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MergedSchema:
    """`features` are the specifications that it links; `composed` the definitions of exported directives,
    `executable` those of directives that operations may use.
    """

    types: dict[str, MergedType]
    roots: dict[str, str]
    features: list[str]
    composed_links: list[Link]
    composed: list[str]
    executable: list[str]
