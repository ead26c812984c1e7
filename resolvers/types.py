"""Declared classes to strawberry's federation types: directives, descriptions, paged lists, the Child stub.

A class is made into a type in place and once: the objects that `loaders` makes are its instances.
"""

import inspect
import types
import typing
from collections.abc import Callable
from typing import Any, Final, cast

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.types.base import has_object_definition

from resolvers.access import READ_SCOPE, Subject, policies
from resolvers.declare import ChildrenField, DerivedField, Field, RowsField, graphql_name, mapping_of
from resolvers.errors import BadRepresentation, ClientError, DeclarationError
from resolvers.guard import LastWord
from resolvers.plans import DEFAULT_FIRST, Page
from resolvers.request import Request
from resolvers.vocabulary import Sector

RECORDS: Final = "_records"


@strawberry.federation.type(inaccessible=True, description="That an agency holds a record of a child.")
class Holder:
    """In a sector's subgraph: what the index says, and the gateway passes on."""

    agency: str = strawberry.federation.field(external=True)
    record_id: str = strawberry.federation.field(external=True)


def publish(declared: type, child: type | None, keys: tuple[str | Key, ...] = (), *, subject: str = "") -> type:
    """Make a declared class, and the items under it, into GraphQL types. `child`: the type of children it points at;
    `subject`: what decisions about one of these people depend on, a selection set.

    Raises DeclarationError if a field under a policy could not be null: what is withheld must have somewhere to go.
    """
    if has_object_definition(declared):
        return declared
    mapping = mapping_of(declared)
    hints = typing.get_type_hints(declared, include_extras=True)
    for name, field in mapping.fields.items():
        if field.hidden:
            delattr(declared, name)
            del declared.__annotations__[name]
            continue
        if isinstance(field, RowsField):
            publish(field.item, child)
        hint = typing.get_type_hints(field.resolver)["return"] if isinstance(field, DerivedField) else hints[name]
        if field.policy is not None and type(None) not in typing.get_args(hint):
            raise DeclarationError(f"`{mapping.name}.{name}` is under a policy, so it must be nullable: add `| None`")
        if isinstance(field, ChildrenField):
            if child is None:
                raise DeclarationError(f"`{mapping.name}.{name}` points at children: the subgraph needs `refers`")
            hint = list[child] | None  # type: ignore[valid-type]  # made at run time
        setattr(declared, name, _published(name, field, hint))
    return strawberry.federation.type(
        declared,
        name=mapping.name,
        description=inspect.cleandoc(declared.__doc__) if declared.__doc__ else None,
        keys=keys or (("id",) if mapping.entity else ()),
        directives=[Subject(facts=subject)] if subject else [],
        authenticated=not subject,
        requires_scopes=[] if subject else [[READ_SCOPE]],
    )


def child_stub(
    sector: Sector,
    field_name: str,
    record: type,
    *,
    refers: bool,
    last_word: LastWord | None = None,
    sensitive: bool = False,
) -> type:
    """A sector's Child: its one field, made from the holders that the index knows; `refers` adds the key `ref`.

    A record that the agency's `last_word` keeps back is not among them, and an error at the field says so. `sensitive`:
    that it holds a record of a child is itself sensitive; the index says so of it.
    """
    holders_field = "sensitive_holders" if sensitive else "holders"

    def holders(sector: Sector | None = strawberry.UNSET) -> list[Holder]:
        raise BadRepresentation(f"`{graphql_name(holders_field)}` is resolved by the index alone")

    def records(root: object, info: strawberry.Info[Request, None]) -> list[object]:
        found: list[object] | None = vars(root).get(RECORDS)
        if found is None:
            raise BadRepresentation(
                f"`{graphql_name(field_name)}` needs a Child with its `{graphql_name(holders_field)}`"
            )
        if last_word is None:
            return found
        context = info.context
        reasons = [last_word(context.asserted, each) for each in found]
        path = [part for part in info.path.as_list() if isinstance(part, str | int)]
        context.withheld += [(path, reason) for reason in dict.fromkeys(reasons) if reason is not None]
        return [each for each, reason in zip(found, reasons, strict=True) if reason is None]

    annotations: dict[str, object] = {"id": strawberry.ID}
    members: dict[str, object] = {
        "__annotations__": annotations,
        "id": strawberry.federation.field(external=True),  # it is the index's: an agency never says who a child is
        holders_field: strawberry.federation.field(resolver=holders, external=True),
        field_name: strawberry.federation.field(
            resolver=cast("Callable[..., Any]", records),
            graphql_type=list[record] | None,  # type: ignore[valid-type]  # made at run time
            requires=[f"{graphql_name(holders_field)}(sector: {sector.value}) {{ agency recordId }}"],
            policy=policies("sensitive.summary" if sensitive else "locator.summary") or [],
        ),
    }
    keys: list[str | Key] = ["id"]
    if refers:
        annotations["ref"] = strawberry.ID
        members["ref"] = strawberry.federation.field(inaccessible=True)
        keys.append(Key(fields=FieldSet("ref"), resolvable=False))
    made: type = types.new_class("Child", (), {}, lambda namespace: namespace.update(members))
    return strawberry.federation.type(made, keys=keys)


def _published(name: str, field: Field, hint: object) -> object:
    policy = policies(field.policy) or []
    if isinstance(field, DerivedField):
        return strawberry.federation.field(
            resolver=cast("Callable[..., Any]", field.resolver),
            policy=policy,
            inaccessible=field.inaccessible,
            description=field.description,
        )
    called = graphql_name(name)
    if isinstance(field, RowsField) and field.paged:
        return strawberry.federation.field(
            resolver=cast("Callable[..., Any]", _pages(name)),
            graphql_type=hint,
            name=called,
            policy=policy,
            description=field.description,
        )
    return strawberry.federation.field(graphql_type=hint, name=called, policy=policy, description=field.description)


def _pages(name: str) -> Callable[..., object]:
    def page(root: object, first: int | None = DEFAULT_FIRST, after: str | None = strawberry.UNSET) -> object:
        asked = Page.of(first, after if after is not strawberry.UNSET else None)
        pages: dict[Page, object] = vars(root)[name]
        found = pages[asked]
        if isinstance(found, ClientError):
            raise found
        return found

    return page
