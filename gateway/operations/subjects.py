"""Wherever an operation reaches a subject (a type marked `@subject`), its regional id is fetched with it.

The audit names the children that an answer disclosed by this id, whether or not the client asked for it. Where access
is decided by the child, the facts that decide are fetched with the id, and where a type names its subjects, they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import orjson

from gateway.supergraph import Kind
from gateway.supergraph.selections import HIDDEN, Argument, Field, SelectionSet, TypeCase
from gateway.supergraph.subjects import regional_key
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.supergraph import CompositeType, Supergraph

AGENCY: Final = "agency"
"""The argument of a fact by which only what concerns one agency is given."""

SUBJECT_KEY: Final = f"{HIDDEN}subject"
"""The response key under which a subject's id is fetched."""

RECORD_KEY: Final = f"{HIDDEN}record"
"""The response key under which a record's id is fetched, where it tells which of several agencies holds it."""


def fact_key(name: str) -> str:
    """The response key under which a fact of a subject is fetched."""
    return f"{HIDDEN}fact_{name}"


def about_key(name: str) -> str:
    """The response key under which a type's own subjects are fetched."""
    return f"{HIDDEN}about_{name}"


def with_subject_keys(
    selections: SelectionSet,
    type_name: str,
    supergraph: Supergraph,
    *,
    guarding: bool = False,
    agency: str = "",
    records: Mapping[str, str] | None = None,
) -> SelectionSet:
    """The selections with the hidden id added to each subject; `guarding`, with what decides about it too.

    Only relationships of the reader's own `agency` decide anything: where the index takes it, no others are fetched.
    `records` are the types, with their ids' names, of records of several agencies that one subgraph has.
    """
    return _Adding(supergraph, guarding, agency, records or {}).below(selections, type_name)


@dataclass(frozen=True, slots=True)
class _Adding:
    supergraph: Supergraph
    guarding: bool
    agency: str
    records: Mapping[str, str]

    def below(self, selections: SelectionSet, type_name: str) -> SelectionSet:
        return tuple(
            self._field(selection, type_name)
            if isinstance(selection, Field)
            else replace(selection, selections=self._case(selection))
            for selection in selections
        )

    def _case(self, case: TypeCase) -> SelectionSet:
        """What is added to a position counts for all types that its values can have."""
        return (*self.below(case.selections, case.type_name), *self._subjects_of(case.selections, case.type_name))

    def _field(self, selection: Field, type_name: str) -> Field:
        if not selection.selections:
            return selection
        value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
        inner = self.below(selection.selections, value)
        added = (*self._hidden(value), *self._subjects_of(selection.selections, value))
        return replace(selection, selections=(*inner, *added))

    def _hidden(self, type_name: str) -> SelectionSet:
        """The id and the facts of a subject; of an abstract type, those of each object type that is one."""
        type_ = self.supergraph.types[type_name]
        if type_.kind is not Kind.OBJECT:
            behind = sorted(self.supergraph.object_types(type_name)) if self.guarding or self.records else ()
            cases = ((name, self._hidden(name)) for name in behind)
            return tuple(TypeCase(name, hidden) for name, hidden in cases if hidden)
        if type_name in self.records:
            return (Field(RECORD_KEY, self.records[type_name]),)
        key = regional_key(type_)
        if key is None:
            return ()
        facts = self.supergraph.subjects.facts(type_name) if self.guarding else ()
        return (
            Field(SUBJECT_KEY, key),
            *(self._fact(type_, fact) for fact in facts if isinstance(fact, Field)),
        )

    def _fact(self, type_: CompositeType, fact: Field) -> Field:
        takes = type_.fields[fact.name].arguments.get(AGENCY)
        given = (Argument(AGENCY, orjson.dumps(self.agency).decode(), ()),) if str(takes) == "String" else ()
        return replace(fact, key=fact_key(fact.name), arguments=given)

    def _subjects_of(self, selections: SelectionSet, type_name: str) -> SelectionSet:
        """The subjects of an object whose type names them, where something is asked of it that they decide."""
        subjects = self.supergraph.subjects
        guarded = self.guarding and any(
            isinstance(selection, Field) and subjects.is_guarded(type_name, selection.name) for selection in selections
        )
        if not guarded:
            return ()
        return tuple(self._about(type_name, name) for name in subjects.about(type_name))

    def _about(self, type_name: str, name: str) -> Field:
        value = named_type(self.supergraph.types[type_name].fields[name].type)
        return Field(about_key(name), name, selections=self._hidden(value))
