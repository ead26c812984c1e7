"""Where a schema has a subject with facts: no SDL takes over what another decides or owns.

The authority is the subgraph whose SDL says `@subject(facts: ...)`. Of others a stub of the subject is permitted: its
regional id and its facts `@external`, a reference that they give as a key that they don't resolve, and fields of their
own. Anything else is refused, unless the partnership's configuration names the field (`exceptions`).

- SUBJECT_DEFINED_TWICE: two SDLs say of one type that it is a subject.
- SUBJECT_FIELD_TAKEN: another than the authority resolves, shares, overrides or provides a field of the subject's.
- SUBJECT_KEY_TAKEN: another than the authority resolves the subject's references, or has a key that it has not.
- SUBJECT_FACTS_TAKEN: another than the authority resolves a field of a type that facts are made of.
- ROOT_FIELD_TAKEN: another than the authority answers one of its root fields.
- OWNED_FIELD_TAKEN: an SDL overrides or provides another's field, or resolves a field of an entity that another does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.composition.field_sets import named_fields, readable
from gateway.supergraph.links import string
from gateway.supergraph.selections import Field, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph, TypeElement

_ROOTS = ("Query", "Mutation", "Subscription")


class _Subject(NamedTuple):
    """A subject type with the subgraph that is its authority; `facts` as it states them."""

    name: str
    authority: Subgraph
    facts: SelectionSet

    @property
    def type(self) -> TypeElement:
        return self.authority.types[self.name]

    @property
    def references(self) -> frozenset[str]:
        """The keys of one plain field but for the regional id, which is the first that clients may see."""
        sets = (readable(key.fields) for key in self.type.keys)
        plain = [fields[0].name for fields in sets if len(fields) == 1 and isinstance(fields[0], Field)]
        hidden = {name for name in plain if name in self.type.fields and self.type.fields[name].has("inaccessible")}
        regional = next((name for name in plain if name not in hidden), None)
        return frozenset(plain) - {regional}


def check_ownership(collected: Collected) -> None:
    """Check every SDL against what others own. Only where there is a subject with facts."""
    stated = [(s, t, facts) for s in collected.subgraphs for t in s.types.values() if (facts := _facts(s, t))]
    if not stated:
        return
    subjects: dict[str, _Subject] = {}
    for subgraph, type_, facts in stated:
        first = subjects.setdefault(type_.name, _Subject(type_.name, subgraph, facts))
        if first.authority is not subgraph:
            message = f"`{type_.name}` is a subject by the word of `{first.authority.name}` and of `{subgraph.name}`"
            collected.error("SUBJECT_DEFINED_TWICE", message, first.type.place, type_.place)
    for subject in subjects.values():
        _check_subject(subject, collected)
        _check_facts(subject, collected)
        _check_roots(subject, collected)
    _check_owned(set(subjects), collected)


def _facts(subgraph: Subgraph, type_: TypeElement) -> SelectionSet:
    """Return the facts that an SDL states of a type."""
    for directive in type_.directives:
        link = subgraph.composed.get(directive.name.value)
        if link is not None and link.name == "subject" and link.directive("subject") == directive.name.value:
            return readable(string(directive, "facts"))
    return ()


def _check_subject(subject: _Subject, collected: Collected) -> None:
    """Check the stubs of a subject, and of interfaces that it implements where they stand for their objects."""
    known = [readable(key.fields) for key in subject.type.keys]
    references = subject.references
    for subgraph, type_ in _stubs(subject, collected):
        for key in type_.keys if type_.name == subject.name else ():
            fields = readable(key.fields)
            message = None
            if fields not in known:
                message = f"`{subject.authority.name}` has no key `{key.fields}` of `{subject.name}`"
            elif key.resolvable and references.intersection(_names(fields)):
                message = f"only `{subject.authority.name}` resolves `{key.fields}`: say `resolvable: false`"
            if message is not None:
                collected.error("SUBJECT_KEY_TAKEN", f"[{subgraph.name}] {message}", key.place)
        for field in type_.fields.values():
            given = field.name in references and field.override_from is None
            if field.name in subject.type.fields and not field.external and not given:
                how = " in a `type`: in an `extend type` a key is its subgraph's own" if field.extended else ""
                message = f"`{subject.name}.{field.name}` is `{subject.authority.name}`'s: declare it `@external`{how}"
                _refuse("SUBJECT_FIELD_TAKEN", message, subgraph, subject.name, field, collected)


def _stubs(subject: _Subject, collected: Collected) -> Iterator[tuple[Subgraph, TypeElement]]:
    interfaces = dict.fromkeys(i for _, t in collected.having(subject.name) for i in t.interfaces)
    for subgraph in collected.subgraphs:
        if subgraph is not subject.authority:
            if subject.name in subgraph.types:
                yield subgraph, subgraph.types[subject.name]
            for name in interfaces:
                if name in subgraph.types and subgraph.types[name].interface_object:
                    yield subgraph, subgraph.types[name]


def _check_facts(subject: _Subject, collected: Collected) -> None:
    """Check the types of which facts are made: `Holder`, `Relationship`."""
    names = {name for name, _ in named_fields(subject.facts, subject.name, subject.authority)} - {subject.name}
    for subgraph in collected.subgraphs:
        if subgraph is subject.authority:
            continue
        for name in sorted(names & subgraph.types.keys()):
            for field in subgraph.types[name].fields.values():
                if not field.external:
                    message = f"facts of `{subject.name}` are made of `{name}`: declare `{field.name}` `@external`"
                    _refuse("SUBJECT_FACTS_TAKEN", message, subgraph, name, field, collected)


def _check_roots(subject: _Subject, collected: Collected) -> None:
    for root in _ROOTS:
        own = subject.authority.types.get(root)
        for subgraph, type_ in collected.having(root):
            for field in type_.fields.values():
                if own is not None and subgraph is not subject.authority and field.name in own.fields:
                    message = f"`{root}.{field.name}` is answered by `{subject.authority.name}`"
                    _refuse("ROOT_FIELD_TAKEN", message, subgraph, root, field, collected)


def _check_owned(subjects: set[str], collected: Collected) -> None:
    """Check what SDLs say of fields of types that are no subjects, and what they provide."""
    entities = {t.name for s in collected.subgraphs for t in s.types.values() if t.keys} | subjects
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            keys = {name for key in type_.keys for name in _names(readable(key.fields))}
            for field in type_.fields.values():
                if type_.name not in subjects and field.override_from is not None:
                    message = f"`{type_.name}.{field.name}` is `{field.override_from}`'s"
                    _refuse("OWNED_FIELD_TAKEN", message, subgraph, type_.name, field, collected)
                elif type_.name in entities - subjects and field.shareable and field.name not in keys:
                    _check_shared(subgraph, type_, field, collected)
                if field.provides and field.type is not None:
                    _check_provided(subgraph, field, entities, subjects, collected)


def _check_shared(subgraph: Subgraph, type_: TypeElement, field: FieldElement, collected: Collected) -> None:
    others = [
        other.name
        for other, theirs in collected.having(type_.name)
        if other is not subgraph and field.name in theirs.fields and not theirs.fields[field.name].external
    ]
    if others and not field.external:
        message = f"`{type_.name}.{field.name}` is also `{others[0]}`'s: of an entity each field has one owner"
        _refuse("OWNED_FIELD_TAKEN", message, subgraph, type_.name, field, collected)


def _check_provided(
    subgraph: Subgraph, field: FieldElement, entities: set[str], subjects: set[str], collected: Collected
) -> None:
    assert field.type is not None
    for name, provided in named_fields(readable(field.provides), named_type(field.type), subgraph):
        element = subgraph.types[name].fields.get(provided) if name in subgraph.types else None
        if element is not None and element.external and name in entities:
            code = "SUBJECT_FIELD_TAKEN" if name in subjects else "OWNED_FIELD_TAKEN"
            message = f"`{field.name}` provides `{name}.{provided}`, which is another's"
            _refuse(code, message, subgraph, name, element, collected)


def _names(fields: SelectionSet) -> Iterator[str]:
    return (field.name for field in fields if isinstance(field, Field))


def _refuse(
    code: str, message: str, subgraph: Subgraph, type_name: str, field: FieldElement, collected: Collected
) -> None:
    """Report it, unless the configuration lets this subgraph have the field."""
    if f"{type_name}.{field.name}" not in subgraph.exceptions:
        collected.error(code, f"[{subgraph.name}] {message}", field.place)
