"""The index's subgraph: who the children are, which agencies hold a record of them, and how to find one."""

import asyncio
import datetime as dt
from collections.abc import Sequence

import strawberry

from resolvers.access import READ_SCOPE
from resolvers.entity import Representation
from resolvers.errors import BadLookup, BadRepresentation
from resolvers.request import Request
from resolvers.selection import Selection
from resolvers.subgraph import Subgraph, SubgraphSchema
from subgraphs.index import lookup, shield
from subgraphs.index.shield_marks import kept_shields
from subgraphs.index.types import Agency, Child

Info = strawberry.Info[Request, None]


async def find_child(
    info: Info,
    id: strawberry.ID | None = strawberry.UNSET,  # noqa: A002 - the argument's name in the schema
    nhs_number: str | None = strawberry.UNSET,
    upn: str | None = strawberry.UNSET,
    record: strawberry.ID | None = strawberry.UNSET,
) -> Child | None:
    """One child by one identifier. BadLookup unless exactly one is given."""
    if sum(1 for each in (id, nhs_number, upn, record) if each) != 1:
        raise BadLookup("give exactly one of `id`, `nhsNumber`, `upn` and `record`")
    ids = [str(id)] if id else []
    if nhs_number:
        ids = await lookup.with_nhs_number(info.context, nhs_number)
    elif upn:
        ids = await lookup.with_upn(info.context, upn)
    elif record:
        ids = list((await lookup.referred_to(info.context, [record])).values())
    found = await lookup.children(info.context, ids, Selection.under(info))
    return next((child for child in found.values() if isinstance(child, Child)), None)


async def find_children(
    info: Info, surname: str, date_of_birth: dt.date, forename: str | None = strawberry.UNSET
) -> list[Child] | None:
    """Children by whole name, without regard to case, and date of birth."""
    ids = await lookup.with_name(info.context, surname, forename or None, date_of_birth)
    found = await lookup.children(info.context, ids, Selection.under(info))
    return [child for child in found.values() if isinstance(child, Child)]


async def list_agencies(info: Info) -> list[Agency]:
    """The members of the partnership."""
    return await lookup.agencies(info.context)


@strawberry.type(description="A search that would have found a shielded child: for the shield's steward.")
class ShieldProbe:
    at: dt.datetime
    request_id: str
    practitioner: str
    agency: str
    roles: str
    purpose: str | None
    child_id: strawberry.ID


async def list_probes(info: Info, first: int = 50) -> list[ShieldProbe] | None:
    """The newest first. None for anyone but the steward, whatever the gateway says."""
    if not shield.is_steward(info.context) or first < 1:
        return None
    found = await asyncio.to_thread(shield.probes().newest, first)
    return [
        ShieldProbe(
            at=each.at,
            request_id=each.request_id,
            practitioner=each.practitioner,
            agency=each.agency,
            roles=each.roles,
            purpose=each.purpose,
            child_id=strawberry.ID(each.child_id),
        )
        for each in found
    ]


@strawberry.type
class Query:
    child: Child | None = strawberry.federation.field(
        resolver=find_child,
        description="A child by exactly one of: the index's id, NHS number, UPN, an agency's record (`CODE:recordId`).",
        authenticated=True,
        requires_scopes=[[READ_SCOPE]],
        policy=[["locator.summary"]],
    )
    find_children: list[Child] | None = strawberry.federation.field(
        resolver=find_children,
        description=f"At most {lookup.MAX_FOUND} children by whole name and date of birth.",
        authenticated=True,
        requires_scopes=[[READ_SCOPE]],
        policy=[["locator.summary"]],
    )
    shield_probes: list[ShieldProbe] | None = strawberry.federation.field(
        resolver=list_probes,
        description=f"Searches that would have found a shielded child, the newest first, {shield.MAX_LISTED} at most.",
        authenticated=True,
        requires_scopes=[[READ_SCOPE]],
        policy=[["shield.detail"]],
    )
    agencies: list[Agency] = strawberry.federation.field(
        resolver=list_agencies, description="The members of the partnership.", authenticated=True
    )


class IndexReference:
    """A child by its id, or by a reference that an agency has to it."""

    async def __call__(
        self, request: Request, representations: Sequence[Representation], selection: Selection
    ) -> Sequence[object]:
        refs = [ref for each in representations if isinstance(ref := each.get("ref"), str) and "id" not in each]
        by_ref = await lookup.referred_to(request, refs)
        ids = [_id(each, by_ref) for each in representations]
        found = await lookup.children(request, [each for each in ids if isinstance(each, str)], selection)
        return [found.get(each) if isinstance(each, str) else each for each in ids]


def _id(given: Representation, by_ref: dict[str, str]) -> str | BadRepresentation | None:
    identifier, ref = given.get("id"), given.get("ref")
    if isinstance(identifier, str):
        return identifier
    if isinstance(ref, str):
        return by_ref.get(ref)
    return BadRepresentation("a representation of `Child` needs its `id` or its `ref`")


def _unreferred(_ref: str) -> object:
    raise AssertionError("the index resolves references; it makes none")


subgraph = Subgraph("index", SubgraphSchema(Query, [Child], {"Child": IndexReference()}), _unreferred, kept_shields)
