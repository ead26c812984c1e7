"""What a schema about people must keep to, where one of its types is marked `@subject(facts: ...)`.

- SUBJECT_FACTS_INVALID: the facts are hidden fields of the type, `shielded: Boolean!` among them.
- UNKNOWN_POLICY: a policy's name is `category.level`, of the partnership's categories.
- PROTECTED_FIELD_NON_NULL: what may be withheld must be able to be null.
- UNTAGGED_FIELD_UNDER_SUBJECT: each field of a type under a subject says what policy it is under, or is `@routine`.
- SENSITIVE_HOLDERS_OPEN: what is made from `sensitiveHolders` is under a policy of the category `sensitive`: it is
  never asked for whoever may not know of such a service.
- SUBJECT_UNREACHABLE: a protected type that can be reached without passing by a subject has a field that leads to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.policy.names import CATEGORIES, PolicyName
from gateway.supergraph import Kind
from gateway.supergraph.selections import Field, SelectionSet
from gateway.supergraph.subjects import SENSITIVE_HOLDERS
from gateway.supergraph.typeref import NonNull, named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.supergraph import Supergraph
    from gateway.supergraph.model import CompositeType, FieldDef


def check_subjects(supergraph: Supergraph, collected: Collected) -> None:
    """Only where there is a subject that decisions depend on: any other schema is as it likes."""
    if not supergraph.subjects.types:
        return
    for name in sorted(supergraph.subjects.types):
        _check_facts(supergraph.types[name], supergraph, collected)
    for type_ in supergraph.types.values():
        protected = False
        for field in type_.fields.values():
            protected |= bool(_policies(type_.name, field, supergraph))
            _check_field(type_, field, supergraph, collected)
        rootless = type_.name not in supergraph.roots.values() and type_.name in supergraph.subjects.loose
        if protected and rootless and not supergraph.subjects.about(type_.name):
            message = f"`{type_.name}` is protected, and no field of it leads to the subject whom it is about"
            collected.error("SUBJECT_UNREACHABLE", message, *collected.places(type_.name))


def _check_field(type_: CompositeType, field: FieldDef, supergraph: Supergraph, collected: Collected) -> None:
    policies = _policies(type_.name, field, supergraph)
    coordinate = f"{type_.name}.{field.name}"
    places = collected.places(type_.name, field.name)
    for name in sorted({name for row in policies for name in row}):
        if PolicyName.parse(name) is None:
            known = f"categories are {', '.join(CATEGORIES)}"
            collected.error("UNKNOWN_POLICY", f"`{coordinate}` is under `{name}`, which is no policy: {known}", *places)
    subjects = supergraph.subjects
    under = type_.name in subjects.types or type_.name not in subjects.loose
    if policies and type_.name in subjects.loose and subjects.about(type_.name):
        graphs = [owner.graph for owner in field.owners if not owner.external]
        if not any(key.resolvable for graph in graphs for key in type_.memberships[graph].keys):
            message = f"`{coordinate}` is protected, and its type has no key by which it could be asked for apart"
            collected.error("SUBJECT_UNREACHABLE", message, *places)
    if policies and isinstance(field.type, NonNull):
        message = f"`{coordinate}` is under a policy and can't be null: what is withheld must have somewhere to go"
        collected.error("PROTECTED_FIELD_NON_NULL", message, *places)
    if type_.name in subjects.types and _needs_sensitive_holders(field) and not _is_sensitive(policies):
        message = f"`{coordinate}` is made from `{SENSITIVE_HOLDERS}`, and is under no policy `sensitive.*`"
        collected.error("SENSITIVE_HOLDERS_OPEN", message, *places)
    if under and not policies and not _is_open(type_, field, supergraph):
        message = f"`{coordinate}` is about a person and under no policy: say which, or that it is `@routine`"
        collected.error("UNTAGGED_FIELD_UNDER_SUBJECT", message, *places)


def _needs_sensitive_holders(field: FieldDef) -> bool:
    return any(
        isinstance(part, Field) and part.name == SENSITIVE_HOLDERS
        for owner in field.owners
        for part in owner.requires or ()
    )


def _is_sensitive(policies: tuple[tuple[str, ...], ...]) -> bool:
    """Return whether each row of a demand asks for something sensitive."""
    return bool(policies) and all(any(name.startswith("sensitive.") for name in row) for row in policies)


def _policies(type_name: str, field: FieldDef, supergraph: Supergraph) -> tuple[tuple[str, ...], ...]:
    return supergraph.access(type_name, field.name).policies


def _is_open(type_: CompositeType, field: FieldDef, supergraph: Supergraph) -> bool:
    """Whether a field needs no policy: a key, what clients can't see, what is routine, what objects say again."""
    if field.inaccessible or type_.inaccessible or field.routine or type_.kind is not Kind.OBJECT:
        return True
    if named_type(field.type) in supergraph.types and supergraph.types[named_type(field.type)].inaccessible:
        return True
    keys = (key.fields for membership in type_.memberships.values() for key in membership.keys)
    return any(isinstance(part, Field) and part.name == field.name for fields in keys for part in fields)


def _check_facts(type_: CompositeType, supergraph: Supergraph, collected: Collected) -> None:
    def wrong(message: str) -> None:
        text = f"the facts of `{type_.name}`: {message}"
        collected.error("SUBJECT_FACTS_INVALID", text, *collected.places(type_.name))

    names = [fact.name for fact in type_.facts if isinstance(fact, Field)]
    shielded = type_.fields.get("shielded")
    if "shielded" not in names or shielded is None or str(shielded.type) != "Boolean!":
        wrong("`shielded: Boolean!` is one of them")
    for name in names:
        field = type_.fields.get(name)
        if field is not None and not (field.inaccessible or supergraph.access(type_.name, name)):
            wrong(f"`{name}` is `@inaccessible`: clients do not see what decides")
    missing = _missing(type_.facts, type_.name, supergraph)
    if missing:
        wrong(f"there is no `{missing}`")


def _missing(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> str | None:
    """The first field that a selection names and its type does not have."""
    for selection in selections:
        if not isinstance(selection, Field):
            return selection.type_name
        field = supergraph.types[type_name].fields.get(selection.name)
        if field is None:
            return f"{type_name}.{selection.name}"
        value = named_type(field.type)
        if bool(selection.selections) is not (value in supergraph.types):
            return f"{type_name}.{selection.name} {{ ... }}"
        found = _missing(selection.selections, value, supergraph) if selection.selections else None
        if found:
            return found
    return None
