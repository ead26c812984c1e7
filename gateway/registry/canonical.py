"""An SDL in a form in which what means the same is the same text: sorted, and without descriptions."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any, Final

from graphql import ArgumentNode, DirectiveNode, GraphQLError, ListValueNode, Node, StringValueNode, parse, print_ast

from gateway.errors import ConfigError

MAX_TOKENS: Final = 200_000
_FIELD_SETS: Final = ("fields", "facts", "field")
_SPACE: Final = re.compile(r"\s+")


def canonical(sdl: str) -> str:
    """Return the SDL with its definitions, fields and directives sorted and its descriptions left out.

    Raises `ConfigError` where it is no GraphQL.
    """
    try:
        document = parse(sdl, no_location=True, max_tokens=MAX_TOKENS)
        return "\n\n".join(sorted(print_ast(_plain(definition)) for definition in document.definitions)) + "\n"
    except GraphQLError as error:
        raise ConfigError(f"the SDL is no GraphQL: {error.message}") from error
    except RecursionError as error:
        raise ConfigError("the SDL is nested too deeply") from error


def canonical_hash(sdl: str) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal; raises `ConfigError` as `canonical` does."""
    return sha256(canonical(sdl).encode()).hexdigest()


def _plain(node: Node) -> Node:
    """Return a node without descriptions, with what has no order sorted: all but the items of a list of values."""
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if each.name == "description":
            changed[each.name] = None
        elif isinstance(value, Node):
            changed[each.name] = _plain(value)
        elif isinstance(value, tuple | list) and value and isinstance(value[0], Node):
            parts = tuple(_plain(part) for part in value)
            changed[each.name] = parts if isinstance(node, ListValueNode) else tuple(sorted(parts, key=print_ast))
    plain: Node = replace(node, **changed)
    if isinstance(plain, DirectiveNode) and plain.arguments:
        return replace(plain, arguments=tuple(_normalised(plain.name.value, each) for each in plain.arguments))
    return plain


def _normalised(directive: str, argument: ArgumentNode) -> ArgumentNode:
    """Return an argument with a link's imports sorted, and one space where a field set has any."""
    value = argument.value
    if directive == "link" and argument.name.value == "import" and isinstance(value, ListValueNode):
        return replace(argument, value=replace(value, values=tuple(sorted(value.values, key=print_ast))))
    if argument.name.value in _FIELD_SETS and isinstance(value, StringValueNode):
        return replace(argument, value=StringValueNode(value=_SPACE.sub(" ", value.value).strip(), block=False))
    return argument
