"""The normalised operation: what planning, access and audit work on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from gateway.supergraph.selections import Field, SelectionSet, text


class Variable(NamedTuple):
    """A variable and its type, as text."""

    name: str
    type: str

    def __str__(self) -> str:
        return f"${self.name}: {self.type}"


@dataclass(frozen=True)
class Operation:
    """An operation without fragments, duplicates, literals or defaults. `kind` is `query` or `mutation`.

    Two requests that differ only in values, names of variables, order of arguments, fragments or white space give equal
    operations. `introspection` are the root fields that ask the schema itself (`__schema`, `__type`): they are in no
    plan, and in the log.
    """

    kind: str
    root_type: str
    selections: SelectionSet
    variables: tuple[Variable, ...] = ()
    introspection: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The operation as one line of GraphQL."""
        return self._printed(self.selections)

    @cached_property
    def logged(self) -> str:
        """The operation as the log keeps it: without aliases, so that no word of it is the client's own."""
        asked = tuple(Field(name, name) for name in self.introspection)
        return self._printed((*_without_aliases(self.selections), *asked))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what is logged."""
        return sha256(self.logged.encode()).hexdigest()

    def _printed(self, selections: SelectionSet) -> str:
        variables = f"({', '.join(map(str, self.variables))})" if self.variables else ""
        return f"{self.kind}{variables} {{ {text(selections)} }}"


def _without_aliases(selections: SelectionSet) -> SelectionSet:
    return tuple(
        replace(s, key=s.name, selections=_without_aliases(s.selections))
        if isinstance(s, Field)
        else replace(s, selections=_without_aliases(s.selections))
        for s in selections
    )
