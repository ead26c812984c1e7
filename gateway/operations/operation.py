"""The normalised operation: what planning, access and audit work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from gateway.supergraph.selections import SelectionSet, text


class Variable(NamedTuple):
    """A declared variable: its type and default as text (`None` where there is none)."""

    name: str
    type: str
    default: str | None = None

    def __str__(self) -> str:
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


@dataclass(frozen=True)
class Operation:
    """An operation without fragments, duplicates or literals. `kind` is `query` or `mutation`.

    Two requests that differ only in values, order of arguments, fragments or white space give equal operations.
    """

    kind: str
    root_type: str
    selections: SelectionSet
    variables: tuple[Variable, ...] = ()
    name: str | None = field(default=None, compare=False)

    @cached_property
    def text(self) -> str:
        """The operation as one line of GraphQL; holds no value that came with a request."""
        variables = f"({', '.join(map(str, self.variables))})" if self.variables else ""
        return f"{self.kind}{variables} {{ {text(self.selections)} }}"

    @cached_property
    def hash(self) -> str:
        return sha256(self.text.encode()).hexdigest()
