"""`@link`: which specifications a schema uses, and what it names their elements (link specification, v1.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import (
    DirectiveNode,
    DocumentNode,
    ListValueNode,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL = re.compile(r"^(?P<identity>https?://.+?)/v(?P<major>\d{1,9})\.(?P<minor>\d{1,9})/?$")


@dataclass(frozen=True, slots=True)
class Link:
    """One linked specification: `identity` is its URL without the version; `imports` maps its names to local ones.

    `place` is its line and column, where the document keeps them.
    """

    identity: str
    version: tuple[int, int]
    namespace: str
    imports: Mapping[str, str]
    place: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return self.identity.rsplit("/", 1)[-1]

    def directive(self, name: str) -> str:
        """The local name of this specification's directive `name`, without the `@`."""
        local = self.imports.get(f"@{name}")
        if local:
            return local.removeprefix("@")
        return self.namespace if name == self.name else f"{self.namespace}__{name}"

    def type(self, name: str) -> str:
        return self.imports.get(name) or f"{self.namespace}__{name}"


def argument(node: DirectiveNode, name: str) -> object:
    """The value node of a directive's argument, or None."""
    return next((a.value for a in node.arguments or () if a.name.value == name), None)


def string(node: DirectiveNode, name: str) -> str | None:
    value = argument(node, name)
    return value.value if isinstance(value, StringValueNode) else None


def _imports(node: DirectiveNode) -> dict[str, str]:
    value = argument(node, "import")
    out: dict[str, str] = {}
    for item in value.values if isinstance(value, ListValueNode) else ():
        if isinstance(item, StringValueNode):
            out[item.value] = item.value
        elif isinstance(item, ObjectValueNode):
            pair = {f.name.value: f.value.value for f in item.fields if isinstance(f.value, StringValueNode)}
            if "name" in pair:
                out[pair["name"]] = pair.get("as", pair["name"])
    return out


def links(document: DocumentNode) -> list[Link]:
    """Every `@link` (or `@core`) of a document's schema definition and its extensions, in their order.

    A URL without a version, which the specification allows for a local name, gives the version (0, 0).
    """
    out: list[Link] = []
    for definition in document.definitions:
        if not isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            continue
        for node in definition.directives or ():
            if node.name.value not in ("link", "core"):
                continue
            url = string(node, "url") or string(node, "feature")
            if url is None:
                continue
            match = _URL.match(url)
            identity = match["identity"] if match else url.rstrip("/")
            version = (int(match["major"]), int(match["minor"])) if match else (0, 0)
            name = identity.rsplit("/", 1)[-1]
            place = (node.loc.start_token.line, node.loc.start_token.column) if node.loc else None
            out.append(Link(identity, version, string(node, "as") or name, _imports(node), place))
    return out
