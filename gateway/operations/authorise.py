"""Before planning: what this reader may not have is taken out of the operation, and said.

A field asks for what its own directives, its type's and its value's ask (`@authenticated`, `@requiresScopes`,
`@policy`). What is taken out is never planned, so it is never fetched. Where it depends on the child, a field is taken
out if it is denied of every child that there could be; else it is decided when it is known of whom it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from authz.policy import Decision, Outlook, Reason
from gateway.supergraph.selections import TYPENAME, Field, Selection, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.policy import Policies
    from authz.principal import Principal, Purpose
    from gateway.supergraph import Access, Supergraph


class Withheld(NamedTuple):
    """A field that was taken out. `path` is its place in the response without indices.

    `agency` is the name of the subgraph that alone resolves it, "" where several do.
    """

    path: str
    coordinate: str
    agency: str
    policy: str
    reason: str


@dataclass(frozen=True, slots=True)
class Authorised:
    selections: SelectionSet
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, why, and by which policies; `agencies` are the codes of subgraphs that are one agency's.

    `break_glass`: the reader has broken the glass for a child; `claimed`: has claimed a relationship with one.
    """

    principal: Principal | None
    purpose: Purpose | None
    policies: Policies
    agencies: Mapping[str, str]
    break_glass: bool = False
    claimed: bool = False

    def allows(self, access: Access, holder: str | None, *, by_subject: bool = False) -> tuple[str, Reason] | None:
        """None where the demand is met, or `by_subject` could be; else what is not, a policy or directive, and why."""
        if not access:
            return None
        if self.principal is None:
            return "authenticated", Reason.NOT_SIGNED_IN
        if access.scopes and not any(self.principal.scopes.issuperset(row) for row in access.scopes):
            return f"scope {' '.join(access.scopes[0])}", Reason.SCOPE_MISSING
        first: tuple[str, Reason] | None = None
        for row in access.policies:
            denied = self._denied(row, holder, by_subject=by_subject)
            if denied is None:
                return None
            first = first or denied
        return first

    def _denied(self, row: tuple[str, ...], holder: str | None, *, by_subject: bool) -> tuple[str, Reason] | None:
        assert self.principal is not None
        for name in row:
            if by_subject:
                outlook = self.policies.outlook(
                    self.principal, self.purpose, name, break_glass=self.break_glass, claimed=self.claimed
                )
                if outlook is not Outlook.DENIED:
                    continue
            decision: Decision = self.policies.decide(self.principal, self.purpose, name, holder)
            if not decision.permitted:
                return name, decision.reason or Reason.ROLE_DOES_NOT_PERMIT
        return None


def authorise(selections: SelectionSet, root_type: str, supergraph: Supergraph, reader: Reader) -> Authorised:
    """Take out what the reader may not have."""
    worker = _Authoriser(supergraph, reader)
    kept = worker.selections(selections, root_type, (), above=False)
    return Authorised(kept, tuple(worker.withheld))


class _Authoriser:
    def __init__(self, supergraph: Supergraph, reader: Reader) -> None:
        self.supergraph = supergraph
        self.reader = reader
        self.withheld: dict[Withheld, None] = {}

    def selections(
        self, selections: SelectionSet, type_name: str, path: tuple[str, ...], *, above: bool
    ) -> SelectionSet:
        """`above`: the position is a subject's, or under one."""
        out: list[Selection] = []
        for selection in selections:
            if isinstance(selection, Field):
                kept = self._field(selection, type_name, path, above=above)
                if kept is not None:
                    out.append(kept)
            else:
                inner = self.selections(selection.selections, selection.type_name, path, above=above)
                if inner:
                    out.append(replace(selection, selections=inner))
        return tuple(out)

    def _field(self, selection: Field, type_name: str, path: tuple[str, ...], *, above: bool) -> Field | None:
        if selection.name == TYPENAME:
            return selection
        here = (*path, selection.key)
        agency = self._agency(type_name, selection.name)
        holder = self.reader.agencies.get(agency)
        value_type = named_type(self.supergraph.types[type_name].fields[selection.name].type)
        crosses = above or self._is_subject(value_type)
        by_subject = crosses or self._is_subject(type_name) or self._is_about(type_name)
        if type_name == self.supergraph.roots.get("mutation"):
            by_subject = False  # what it does is done before it is known of whom: it is for whoever needs no more
        for object_type in self._types(type_name, selection.name):
            asked = self.supergraph.access(object_type, selection.name)
            denied = self.reader.allows(asked, holder, by_subject=by_subject)
            if denied is not None:
                coordinate = f"{type_name}.{selection.name}"
                self.withheld[Withheld(".".join(here), coordinate, agency, denied[0], denied[1].value)] = None
                return None
        if not selection.selections:
            return selection
        inner = self.selections(selection.selections, value_type, here, above=crosses)
        if not inner:  # nothing below may be had: whether the object exists may, as the field itself is permitted
            inner = (Field(TYPENAME, TYPENAME),)
        return replace(selection, selections=inner)

    def _is_subject(self, type_name: str) -> bool:
        subjects = self.supergraph.subjects.types
        return (
            bool(subjects)
            and type_name in self.supergraph.types
            and bool(subjects & self.supergraph.object_types(type_name))
        )

    def _is_about(self, type_name: str) -> bool:
        return bool(self.supergraph.subjects.types) and bool(self.supergraph.subjects.about(type_name))

    def _types(self, type_name: str, name: str) -> list[str]:
        """The type, and for an interface each object type behind it: the strictest of them counts."""
        behind = [t for t in sorted(self.supergraph.object_types(type_name)) if t != type_name]
        return [type_name, *(t for t in behind if name in self.supergraph.types[t].fields)]

    def _agency(self, type_name: str, name: str) -> str:
        """The subgraph whose the field is, where one alone resolves it."""
        owners = [o for o in self.supergraph.types[type_name].fields[name].owners if not o.external]
        return self.supergraph.graphs[owners[0].graph].name if len(owners) == 1 else ""
