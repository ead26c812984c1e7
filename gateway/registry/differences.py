"""What a new SDL changes, as whoever approves it reads it: policy by policy, then all else, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphql import (
    DirectiveNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    parse,
    print_ast,
)

from gateway.registry.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ACCESS = ("authenticated", "policy", "requiresScopes", "routine")
NOTHING = "nothing"


class Difference(NamedTuple):
    """One change. `kind` is `access` or `schema`; `before` and `after` are None where there was or is nothing."""

    kind: str
    coordinate: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.coordinate}: {self.after}"
        if self.after is None:
            return f"- {self.coordinate}: {self.before}"
        return f"~ {self.coordinate}: {self.before} -> {self.after}"


def differences(before: str | None, after: str) -> list[Difference]:
    """Return what differs between two SDLs, access first, each in the order of coordinates.

    Without an SDL before, all of the new one is a difference.
    """
    found: list[Difference] = []
    for kind in ("access", "schema"):
        old = _parts(before, kind) if before is not None else {}
        new = _parts(after, kind)
        found += [
            Difference(kind, coordinate, old.get(coordinate), new.get(coordinate))
            for coordinate in sorted(old.keys() | new.keys())
            if old.get(coordinate) != new.get(coordinate)
        ]
    return found


def _parts(sdl: str, kind: str) -> Mapping[str, str]:
    """Return by coordinate what is said of each element: what its reader needs, or all else."""
    found: dict[str, str] = {}
    for coordinate, node in _elements(sdl):
        directives = [
            d for d in getattr(node, "directives", None) or () if (d.name.value in _ACCESS) is (kind == "access")
        ]
        told = _told(directives) if kind == "access" else _shape(node, directives)
        if kind == "access" and not directives:
            told = NOTHING if isinstance(node, FieldDefinitionNode) else ""
        if told:
            found[coordinate] = "; ".join(filter(None, (found.get(coordinate), told)))
    return found


def _elements(sdl: str) -> Iterator[tuple[str, Node]]:
    for definition in parse(canonical(sdl), no_location=True).definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield "schema", definition
            continue
        name = definition.name.value  # type: ignore[attr-defined] # all others have one
        coordinate = f"@{name}" if "directive" in definition.kind else name
        yield coordinate, definition
        for field in getattr(definition, "fields", None) or ():
            yield f"{name}.{field.name.value}", field
        if isinstance(definition, EnumTypeDefinitionNode | EnumTypeExtensionNode):
            for value in definition.values or ():
                yield f"{name}.{value.name.value}", value


def _told(directives: list[DirectiveNode]) -> str:
    return " ".join(map(print_ast, directives))


def _shape(node: Node, directives: list[DirectiveNode]) -> str:
    """Return an element's own words, without its fields and what its reader needs."""
    if isinstance(node, FieldDefinitionNode):
        arguments = ", ".join(map(print_ast, node.arguments or ()))
        head = f"({arguments}) " if arguments else ""
        return f"{head}{print_ast(node.type)} {_told(directives)}".strip()
    interfaces = ", ".join(map(print_ast, getattr(node, "interfaces", None) or ()))
    members = ", ".join(map(print_ast, getattr(node, "types", None) or ()))
    type_ = getattr(node, "type", None)
    parts = [node.kind.replace("_", " "), interfaces, members, print_ast(type_) if type_ else "", _told(directives)]
    return " ".join(filter(None, parts))
