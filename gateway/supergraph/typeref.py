"""References to types, as SDL writes them: `Name`, `[T]`, `T!` (GraphQL specification, section 3.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode, parse_type


@dataclass(frozen=True, slots=True)
class Named:
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf:
    of: TypeRef

    def __str__(self) -> str:
        return f"[{self.of}]"


@dataclass(frozen=True, slots=True)
class NonNull:
    of: Named | ListOf

    def __str__(self) -> str:
        return f"{self.of}!"


TypeRef: TypeAlias = Named | ListOf | NonNull


def from_node(node: TypeNode) -> TypeRef:
    """The reference that a parsed type stands for."""
    if isinstance(node, NonNullTypeNode):
        inner = from_node(node.type)
        assert not isinstance(inner, NonNull)
        return NonNull(inner)
    if isinstance(node, ListTypeNode):
        return ListOf(from_node(node.type))
    assert isinstance(node, NamedTypeNode)
    return Named(node.name.value)


def from_text(text: str) -> TypeRef:
    return from_node(parse_type(text, no_location=True))


def named_type(ref: TypeRef) -> str:
    """The name under all wrappers."""
    while not isinstance(ref, Named):
        ref = ref.of
    return ref.name


def is_list(ref: TypeRef) -> bool:
    return isinstance(ref.of if isinstance(ref, NonNull) else ref, ListOf)


def nullable(ref: TypeRef) -> Named | ListOf:
    return ref.of if isinstance(ref, NonNull) else ref
