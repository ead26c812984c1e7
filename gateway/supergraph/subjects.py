"""The people whom the data is about: which fields may be fetched only once it is known of whom they are.

A type marked `@subject(facts: ...)` is such a person. What is under one is decided by the nearest person above. A type
that can be reached without passing by one is decided by all of those that its own fields lead to.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.supergraph.model import CompositeType, Supergraph

DECIDING: Final = ("shielded", "relationships")
"""The facts that a standing is made of."""

SENSITIVE_HOLDERS: Final = "sensitiveHolders"
"""The fact by which a subject's authority says which services hold a record, of which that is itself sensitive."""


class Subjects:
    """What one supergraph says of its subjects. Without `facts` nothing is decided by the person."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._supergraph = supergraph

    @cached_property
    def types(self) -> frozenset[str]:
        """The subject types that have facts."""
        return frozenset(type_.name for type_ in self._supergraph.types.values() if type_.subject and type_.facts)

    def facts(self, type_name: str) -> SelectionSet:
        """The facts of a subject by which it is decided."""
        stated = self._supergraph.types[type_name].facts
        return tuple(fact for fact in stated if isinstance(fact, Field) and fact.name in DECIDING)

    @cached_property
    def authorities(self) -> frozenset[str]:
        """The subgraphs (ids) that give the facts of subjects: what they hold is the partnership's own."""
        return frozenset(
            owner.graph
            for name in self.types
            for fact in self.facts(name)
            if isinstance(fact, Field)
            for owner in self._supergraph.types[name].fields[fact.name].owners
            if not owner.external
        )

    def coded_keys(self, type_name: str) -> frozenset[str]:
        """Return the fields of a type whose values begin with the code of the agency that gives them.

        Of a record under a subject its keys of one plain field: by them it is told who holds it. Of a subject the
        references that agencies have to it, which are such keys too, but for its regional id.
        """
        type_ = self._supergraph.types[type_name]
        if type_.subject and type_.facts:
            regional = regional_key(type_)
            return frozenset(name for name in _plain_keys(type_) if name != regional)
        if type_name in self.loose or not any(
            self._supergraph.access(type_name, name).policies for name in type_.fields
        ):
            return frozenset()
        return frozenset(_plain_keys(type_))

    def records_of(self, graphs: Collection[str]) -> Mapping[str, str]:
        """Return the types of records that these subgraphs (ids) have, each with the field of its id."""
        return {
            type_.name: name
            for type_ in self._supergraph.types.values()
            if self.types and not type_.subject
            for name in sorted(self.coded_keys(type_.name), reverse=True)
            if any(owner.graph in graphs and not owner.external for owner in type_.fields[name].owners)
        }

    def taken(self) -> list[str]:
        """Return the ids and facts of subjects (`Child.id`) that more than one subgraph gives, or none does."""
        found: list[str] = []
        for name in sorted(self.types):
            type_ = self._supergraph.types[name]
            facts = [fact.name for fact in type_.facts if isinstance(fact, Field)]
            fields = [(name, field) for field in dict.fromkeys([regional_key(type_) or "", *facts])]
            fields += [
                (value, field)
                for fact in facts
                if (value := named_type(type_.fields[fact].type)) in self._supergraph.types
                for field in self._supergraph.types[value].fields
            ]
            for owner, field in fields:
                definition = self._supergraph.types[owner].fields.get(field)
                graphs = {o.graph for o in definition.owners if not o.external} if definition else set()
                if len(graphs) != 1:
                    found.append(f"`{owner}.{field}`")
        return found

    def coded_fields(self) -> list[tuple[str, str]]:
        """Return the fields that begin with agencies' codes, each with a subgraph (id) that gives it."""
        return [
            (f"{type_.name}.{name}", owner.graph)
            for type_ in self._supergraph.types.values()
            if self.types
            for name in sorted(self.coded_keys(type_.name))
            for owner in type_.fields[name].owners
            if not owner.external and owner.graph not in self.authorities
        ]

    @cached_property
    def loose(self) -> frozenset[str]:
        """The types that a query can come to without passing by a subject."""
        found: set[str] = set()
        pending = [name for name in self._supergraph.roots.values() if self.types]
        while pending:
            name = pending.pop()
            if name in found or name in self.types or name not in self._supergraph.types:
                continue
            found.add(name)
            pending += sorted(self._supergraph.object_types(name))
            pending += [named_type(field.type) for field in self._supergraph.types[name].fields.values()]
        return frozenset(found)

    def about(self, type_name: str) -> tuple[str, ...]:
        """The fields of a loose type that lead to the subjects by whom its protected fields are decided."""
        type_ = self._supergraph.types[type_name]
        if type_name not in self.loose or type_name in self._supergraph.roots.values():
            return ()
        return tuple(
            field.name
            for field in type_.fields.values()
            if named_type(field.type) in self.types and not field.arguments
        )

    def is_governed(self, type_name: str) -> bool:
        """Whether fields of a type are decided by a subject."""
        return bool(self.types) and (type_name not in self.loose or bool(self.about(type_name)))

    def is_guarded(self, type_name: str, field_name: str) -> bool:
        """Whether a field is fetched only once the facts of its subjects are known.

        Of a subject, all but its keys and its facts; of a type that names its subjects, what is protected.
        """
        type_ = self._supergraph.types[type_name]
        field = type_.fields.get(field_name)
        if field is None or field_name == TYPENAME:
            return False
        protected = bool(self._supergraph.access(type_name, field_name).policies)
        if type_name in self.types:
            known = field_name in _keys(type_) or any(
                isinstance(fact, Field) and fact.name == field_name for fact in type_.facts
            )
            return not known
        return protected and bool(self.about(type_name))


def _plain_keys(type_: CompositeType) -> list[str]:
    """Return the fields that are a key by themselves, in the order of subgraphs and keys."""
    found = [
        key.fields[0].name
        for membership in type_.memberships.values()
        for key in membership.keys
        if len(key.fields) == 1 and isinstance(key.fields[0], Field) and not key.fields[0].selections
    ]
    return list(dict.fromkeys(found))


def regional_key(type_: CompositeType) -> str | None:
    """Return the field that identifies a subject: the first key that is one plain field, and that clients may see."""
    if not type_.subject:
        return None
    plain = _plain_keys(type_)
    return next((name for name in plain if not type_.fields[name].inaccessible), plain[0] if plain else None)


def _keys(type_: CompositeType) -> frozenset[str]:
    return frozenset(
        field.name
        for membership in type_.memberships.values()
        for key in membership.keys
        for field in key.fields
        if isinstance(field, Field)
    )
