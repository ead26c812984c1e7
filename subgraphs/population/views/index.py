"""The partnership's index, made from what the agencies' rows hold and from nothing else.

Records are linked by exact identifiers only: the same NHS number with a birthday that doesn't disagree, or the same
UPN. A record with neither is not linked, nor is one whose NHS number comes with another birthday than most records of
that number: those are for a practitioner to match. So one child may be two here: what no agency's record joins stays
apart.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time

from subgraphs.index import tables as t
from subgraphs.population.views.community import SUBSTANCE_SERVICE
from subgraphs.population.views.sheet import Identity, Sheet, Tie
from subgraphs.population.world import World

_NIGHTLY = time(2, 15)
_NAMES = (
    ("380", "Bradford Children's Services", "SOCIAL_CARE"),
    ("13", "West Yorkshire Police", "POLICE"),
    ("RAE", "Bradford Teaching Hospitals NHS Foundation Trust", "ACUTE"),
    ("TAD", "Bradford District Care NHS Foundation Trust", "COMMUNITY"),
)
SENSITIVE = (SUBSTANCE_SERVICE, "Bradford Young People's Substance Service", "COMMUNITY")
_CONTACT = "Partnership safeguarding desk, 01274 960100"
_COORDINATION = "COORDINATION"
_LEADS = "Safeguarding"
_IN_CORE_GROUPS = ("ON_ROLL", "REGISTERED")
# Whose spelling of a name the index takes first.
_AUTHORITY = ("SOCIAL_CARE", "COMMUNITY", "EDUCATION", "ACUTE", "POLICE")


def write(world: World, identities: Iterable[Identity]) -> Sheet:
    sheet = Sheet(t.metadata)
    for code, name, sector in _NAMES:
        _agency(sheet, code, name, sector)
    for school in world.partners.schools:
        _agency(sheet, school.urn, school.name, "EDUCATION")
    _agency(sheet, *SENSITIVE, contact=_CONTACT)
    as_of = datetime.combine(world.today, _NIGHTLY)
    for records in link(identities):
        _child(sheet, world.seed, as_of, records)
    return sheet


def _agency(sheet: Sheet, code: str, name: str, sector: str, contact: str | None = None) -> None:
    """Add an agency; one with another's `contact` is sensitive."""
    sensitive = contact is not None
    sheet.add(t.agency, code=code, name=name, sector=sector, sensitive=sensitive, named=False, contact=contact)


def codes(world: World) -> dict[str, list[str]]:
    """Return the codes of the agencies of each sector."""
    found = {sector.lower(): [code] for code, _, sector in _NAMES}
    return {**found, "education": [school.urn for school in world.partners.schools]}


def names(world: World) -> dict[str, str]:
    """Return the names of the agencies by their codes, and of the index by its own."""
    found = {"index": "the partnership's index"} | {code: name for code, name, _ in (*_NAMES, SENSITIVE)}
    return found | {school.urn: school.name for school in world.partners.schools}


def link(identities: Iterable[Identity]) -> list[list[Identity]]:
    """The records of each child that exact identifiers join, in the order of the agencies' authority (union-find)."""
    ordered = _agreeing(sorted(identities, key=lambda identity: _AUTHORITY.index(identity.sector)))
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while parents.setdefault(key, key) != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    keyed: list[tuple[str, Identity]] = []
    for identity in ordered:
        keys = _keys(identity)
        if not keys:
            continue
        for key in keys[1:]:
            parents[root(key)] = root(keys[0])
        keyed.append((keys[0], identity))
    children: dict[str, list[Identity]] = {}
    for key, identity in keyed:
        children.setdefault(root(key), []).append(identity)
    return list(children.values())


def _agreeing(identities: list[Identity]) -> list[Identity]:
    """The same, without the NHS numbers whose birthday isn't the one that most records of the number have."""
    votes: dict[str, dict[date, int]] = {}
    for identity in identities:
        if identity.nhs is not None and identity.born is not None:
            counts = votes.setdefault(identity.nhs, {})
            counts[identity.born] = counts.get(identity.born, 0) + 1
    birthdays = {number: max(counts, key=lambda day: counts[day]) for number, counts in votes.items()}
    return [
        identity
        if identity.nhs is None or identity.born in (None, birthdays.get(identity.nhs))
        else replace(identity, nhs=None)
        for identity in identities
    ]


def _keys(identity: Identity) -> list[str]:
    return [f"{kind} {number}" for kind, number in (("nhs", identity.nhs), ("upn", identity.upn)) if number is not None]


def _regional_id(seed: int, name: str) -> str:
    digest = hashlib.blake2b(name.encode(), digest_size=16, key=f"index {seed}".encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _child(sheet: Sheet, seed: int, as_of: datetime, records: list[Identity]) -> None:
    nhs = next((record.nhs for record in records if record.nhs is not None), None)
    upn = next((record.upn for record in records if record.upn is not None), None)
    votes = [record.born for record in records if record.born is not None]
    regional = _regional_id(seed, f"{nhs}/{upn}")
    sheet.add(
        t.child,
        id=regional,
        nhs=nhs,
        upn=upn,
        forename=next((record.forename for record in records if record.forename is not None), None),
        surname=records[0].surname,
        dob=max(votes, key=votes.count) if votes else None,
        shielded=any(record.restricted for record in records),
    )
    for record in records:
        sheet.add(
            t.holding,
            agency=record.agency,
            record_id=record.record,
            child_id=regional,
            sector=record.sector,
            as_of=as_of,
        )
        for tie in _ties(record, protected=any(record.protected for record in records)):
            sheet.add(
                t.relationship,
                number=len(sheet.rows(t.relationship)) + 1,
                child_id=regional,
                kind=tie.kind,
                asserted_by=_COORDINATION if tie.kind == "CORE_GROUP" else record.agency,
                agency=record.agency,
                team=tie.team,
                practitioner=tie.practitioner,
                since=tie.since.isoformat(),
                until=tie.until.isoformat() if tie.until else None,
            )


def _ties(record: Identity, *, protected: bool) -> list[Tie]:
    """The record's own, and that its school's lead and its health visitor are in the core group of a child with a plan.

    A core group is made of people: of a school it is those who lead its safeguarding.
    """
    grouped = [tie for tie in record.ties if protected and tie.kind in _IN_CORE_GROUPS and tie.until is None]
    return [*record.ties, *(replace(tie, kind="CORE_GROUP", team=tie.team or _LEADS) for tie in grouped)]
