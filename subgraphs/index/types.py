"""The index's types: a child as the partnership knows one, and the agencies that hold a record.

A shielded child has a row here for the shield's steward alone (`lookup`): no other path leads to one.
"""

import datetime as dt
from enum import Enum

import strawberry

from resolvers.access import READ_SCOPE
from resolvers.declare import column, derived, hidden, hidden_list, identifier, item, record, through
from resolvers.mapping import DATE, TRUTH, codes
from resolvers.types import publish
from resolvers.vocabulary import Sector
from subgraphs.index import tables as t


@strawberry.federation.enum(inaccessible=True, description="How somebody, a team or an agency comes to know a child.")
class RelationshipKind(Enum):
    ALLOCATED = "ALLOCATED"
    CORE_GROUP = "CORE_GROUP"
    CONFERENCE_INVITEE = "CONFERENCE_INVITEE"
    ATTENDANCE = "ATTENDANCE"
    ON_ROLL = "ON_ROLL"
    REGISTERED = "REGISTERED"
    POLICE_OCCURRENCE = "POLICE_OCCURRENCE"
    FRONT_DOOR_CONTACT = "FRONT_DOOR_CONTACT"
    STRATEGY_DISCUSSION = "STRATEGY_DISCUSSION"
    ENQUIRY = "ENQUIRY"


KIND = codes({each.value: each for each in RelationshipKind})
SECTOR = codes({each.value: each for each in Sector})

held = t.holding.select().with_only_columns(t.holding.c.child_id, t.holding.c.agency).distinct().subquery("held")
"""Which agencies hold a record of which child, each once."""


@strawberry.federation.type(inaccessible=True, description="That an agency holds a record of a child.")
class Holder:
    """For the gateway: a record's id in its agency, without the agency's code."""

    agency: str = strawberry.federation.field(shareable=True)
    record_id: str = strawberry.federation.field(shareable=True)


@strawberry.federation.type(inaccessible=True, description="That an agency, or somebody of it, works with a child.")
class Relationship:
    """For the gateway. `assertedBy` states it; `agency` benefits, and where given the team or the practitioner.

    `since` and `until` are each a day, England's and whole, or an instant.
    """

    kind: RelationshipKind
    asserted_by: str
    agency: str
    team: str | None
    practitioner: str | None
    since: str
    until: str | None


@strawberry.type(description="A member of the partnership.")
class Agency:
    code: str
    name: str
    sector: Sector


@strawberry.federation.type(
    authenticated=True,
    requires_scopes=[[READ_SCOPE]],
    description="A service of which it is itself sensitive that it holds a record of a child.",
)
class SensitiveService:
    """`name` is null unless it consents to be named; `contact` is whom to ring, the partnership's own."""

    name: str | None = strawberry.federation.field(policy=[["sensitive.summary"]])
    contact: str | None = strawberry.federation.field(policy=[["sensitive.summary"]])


@item(
    table=t.holding,
    key=(t.holding.c.agency, t.holding.c.record_id),
    joins=[through(t.agency, t.agency.c.code == t.holding.c.agency)],
)
class Holding:
    """A row of `holding`; not in the schema."""

    agency: str | None = hidden(t.holding.c.agency)
    record_id: str | None = hidden(t.holding.c.record_id)
    sector: Sector | None = hidden(t.holding.c.sector, SECTOR)
    sensitive: bool | None = hidden(t.agency.c.sensitive, TRUTH)


@item(table=t.relationship, key=t.relationship.c.number)
class Relation:
    """A row of `relationship`; not in the schema."""

    kind: RelationshipKind | None = hidden(t.relationship.c.kind, KIND)
    asserted_by: str | None = hidden(t.relationship.c.asserted_by)
    agency: str | None = hidden(t.relationship.c.agency)
    team: str | None = hidden(t.relationship.c.team)
    practitioner: str | None = hidden(t.relationship.c.practitioner)
    since: str | None = hidden(t.relationship.c.since)
    until: str | None = hidden(t.relationship.c.until)


@item(table=t.agency, key=t.agency.c.code, joins=[through(held, t.agency.c.code == held.c.agency)])
class HoldingAgency:
    """An agency that holds a record of a child; not in the schema."""

    code: str | None = hidden(t.agency.c.code)
    name: str | None = hidden(t.agency.c.name)
    sector: Sector | None = hidden(t.agency.c.sector, SECTOR)
    sensitive: bool | None = hidden(t.agency.c.sensitive, TRUTH)
    named: bool | None = hidden(t.agency.c.named, TRUTH)
    contact: str | None = hidden(t.agency.c.contact)


def _holders(holdings: list[Holding], sector: Sector | None, *, sensitive: bool) -> list[Holder]:
    """Return the records; whatever is not surely an ordinary agency's is a sensitive one's."""
    return [
        Holder(agency=each.agency, record_id=each.record_id)
        for each in holdings
        if each.agency
        and each.record_id
        and (each.sensitive is not False) is sensitive
        and (not sector or each.sector is sector)
    ]


def member(code: str | None, name: str | None, sector: Sector | None) -> Agency | None:
    """An agency as the schema has it; None for a row that is not whole (its sector is none of ours)."""
    return Agency(code=code, name=name, sector=sector) if code and name and sector else None


@record(table=t.child, key=t.child.c.id, where=t.visible)
class Child:
    """A child whom agencies of the partnership know."""

    id: strawberry.ID = identifier(description="Random: it means nothing outside the partnership.")
    nhs_number: str | None = column(t.child.c.nhs, policy="identity.detail")
    upn: str | None = column(t.child.c.upn, policy="identity.detail")
    forename: str | None = column(t.child.c.forename, policy="identity.detail")
    surname: str | None = column(t.child.c.surname, policy="identity.detail")
    date_of_birth: dt.date | None = column(t.child.c.dob, DATE, policy="identity.detail")

    hidden_from_all: bool | None = hidden(t.child.c.shielded, TRUTH)
    relations: list[Relation] = hidden_list(Relation, by=t.relationship.c.child_id)
    holdings: list[Holding] = hidden_list(Holding, by=t.holding.c.child_id)
    holding_agencies: list[HoldingAgency] = hidden_list(HoldingAgency, by=held.c.child_id)

    @derived(needs=["holdings"], inaccessible=True, description="A reference that an agency may have to this child.")
    def ref(self) -> strawberry.ID:
        first = next(iter(_holders(self.holdings, None, sensitive=False)), None) or self.holdings[0]
        return strawberry.ID(f"{first.agency}:{first.record_id}")

    @derived(needs=["hidden_from_all"], inaccessible=True, description="Whether the child's existence is hidden.")
    def shielded(self) -> bool:
        return self.hidden_from_all is not False

    @derived(needs=["surname"], inaccessible=True, description="All surnames that are known: for the review of claims.")
    def surnames(self) -> list[str]:
        return [self.surname] if self.surname else []

    @derived(needs=["relations"], inaccessible=True, description="Who works with this child, and who says so.")
    def relationships(self, agency: str | None = strawberry.UNSET) -> list[Relationship]:
        return [
            Relationship(
                kind=each.kind,
                asserted_by=each.asserted_by,
                agency=each.agency,
                team=each.team,
                practitioner=each.practitioner,
                since=each.since,
                until=each.until,
            )
            for each in self.relations
            if each.kind
            and each.asserted_by
            and each.agency
            and each.since
            and agency in (None, strawberry.UNSET, each.agency)
        ]

    @derived(
        needs=["holdings"],
        inaccessible=True,
        description="The records that agencies hold of this child, but for those of sensitive services.",
    )
    def holders(self, sector: Sector | None = strawberry.UNSET) -> list[Holder]:
        return _holders(self.holdings, sector or None, sensitive=False)

    @derived(
        needs=["holdings"], inaccessible=True, description="The records that sensitive services hold of this child."
    )
    def sensitive_holders(self, sector: Sector | None = strawberry.UNSET) -> list[Holder]:
        return _holders(self.holdings, sector or None, sensitive=True)

    @derived(
        needs=["holding_agencies"],
        policy="locator.summary",
        description="The agencies that hold a record of this child, but for sensitive services.",
    )
    def known_to(self) -> list[Agency] | None:
        ordinary = [each for each in self.holding_agencies if each.sensitive is False]
        members = [member(each.code, each.name, each.sector) for each in ordinary]
        return [each for each in members if each is not None]

    @derived(
        needs=["holding_agencies"],
        policy="sensitive.summary",
        description="The services that hold a record of this child, and of which that is itself sensitive.",
    )
    def sensitive_services(self) -> list[SensitiveService] | None:
        return [
            SensitiveService(name=each.name if each.named else None, contact=each.contact)
            for each in self.holding_agencies
            if each.sensitive is not False
        ]


FACTS = (
    "shielded relationships { kind assertedBy agency team practitioner since until } holders { agency recordId }"
    " sensitiveHolders { agency recordId }"
)
publish(Child, None, ("id", "ref"), subject=FACTS)
