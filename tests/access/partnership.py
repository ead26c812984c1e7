"""A small partnership in this process, each of whose values says whose it is, with all that its agencies were asked.

Its index hides nothing: that nobody learns of a shielded child is the gateway's doing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLResolveInfo

from authz.policy import Policies
from authz.principal import Principal, Purpose, Role
from gateway import access, audit
from gateway.access import BreakGlass, ClaimsInForce, ClaimStore
from gateway.audit.auditors import AuditSubgraph
from gateway.composition import SubgraphSource, compose
from gateway.edge import Pipeline, Settings
from gateway.edge.request import GraphQLRequest
from gateway.edge.settings import Auditing
from gateway.execution import Answer, Target
from gateway.inside import Inside
from gateway.operations import Limits
from gateway.rate_limits import PersonLimits
from gateway.supergraph import Supergraph, read_supergraph
from tests.access.agencies import SDLS
from tests.federation.subgraph import Subgraph
from tests.transport.scripted import ScriptedTransport

TODAY = date(2026, 6, 1)
HOSTED = {
    "care": frozenset(("380", "381", "382")),
    "police": frozenset(("13", "14")),
    "health": frozenset(("RAE", "RR8", "RWY")),
    "refuge": frozenset(("REF",)),
    "board": frozenset(("X",)),
    "rota": frozenset(("X", "13")),
    "schools": frozenset(("990001",)),
    "heads": frozenset(("990001",)),
}
"""The agencies whose records each subgraph gives: their ids begin with these codes."""


@dataclass(frozen=True, slots=True)
class Tie:
    kind: str
    agency: str
    team: str | None = None
    practitioner: str | None = None
    since: str = "2026-01-01"
    until: str | None = None
    by: str | None = None

    @property
    def asserted_by(self) -> str:
        """Who states it: the agency itself, where nobody else is named."""
        return self.by if self.by is not None else self.agency

    def told(self) -> dict[str, str | None]:
        """Return it as the index tells it."""
        return {
            "kind": self.kind,
            "assertedBy": self.asserted_by,
            "agency": self.agency,
            "team": self.team,
            "practitioner": self.practitioner,
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Person:
    """A child. `held` are the agencies that hold a record, by sector; one `school` may be many children's.

    `sensitive` are the sensitive services that hold one. Of the fields in `nothing` the index has no value.
    """

    id: str
    surname: str = "Smith"
    shielded: bool = False
    ties: tuple[Tie, ...] = ()
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    siblings: tuple[str, ...] = ()
    school: str = "990001:s1"
    sensitive: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()

    @property
    def nhs(self) -> str:
        return f"nhs-{self.id}"


def value(field_name: str, child: str, agency: str = "") -> str:
    """The one value that a field has for a child at an agency: nothing else is that text."""
    return f"<{field_name}|{child}|{agency}>"


class Agency(Subgraph):
    """A subgraph over the partnership's people. `answers` are the bytes that left it."""

    def __init__(self, name: str, sdl: str, people: Mapping[str, Person], meetings: Mapping[str, tuple[str, ...]]):
        super().__init__(name, sdl, {})
        self.people = people
        self.meetings = meetings

    def _resolve_field(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if source is None and info.field_name == "_entities":
            return [self._entity(item) for item in arguments["representations"]]
        if source is None:
            return self._root(info.field_name, arguments)
        return self._of(source, info.field_name, arguments)

    def _root(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name == "meeting":
            known = arguments["id"] in self.meetings
            return {"__typename": "Meeting", "id": arguments["id"]} if known else None
        if name == "visit":
            return {"__typename": "Visit", "id": arguments["id"]}
        if name == "refer":
            return {"__typename": "Child", "id": arguments["child"], "ref": f"X:{arguments['child']}"}
        if name in ("findChildren", "caseload"):
            return [_child(p) for p in self.people.values() if p.surname == arguments["surname"]]
        found = [p for p in self.people.values() if arguments.get("id") == p.id or arguments.get("nhs") == p.nhs]
        if name == "anyone":
            return [*map(_child, found), {"__typename": "Agency", "code": "380"}]
        return _child(found[0]) if found else None

    def _entity(self, sent: Mapping[str, Any]) -> Any:
        if sent["__typename"] != "Child":
            return dict(sent)
        identifier = sent["id"] if "id" in sent else str(sent["ref"]).partition(":")[2]
        if self.name == "index" and identifier not in self.people:
            return None
        return {**sent, "__typename": "Child", "id": identifier}

    def _of(self, source: Mapping[str, Any], name: str, arguments: Mapping[str, Any]) -> Any:
        kind = source["__typename"]
        if kind == "Child":
            return self._of_child(source, name, arguments)
        if kind == "Meeting":
            values: dict[str, Any] = {
                "room": "12",
                "minutes": value("minutes", source["id"]),
                "children": [{"__typename": "Child", "ref": f"X:{each}"} for each in self.meetings[source["id"]]],
            }
            return source[name] if name in source else values[name]
        if name in source:
            return source[name]
        if kind in ("School", "Head"):
            return {"__typename": "Head", "id": source["id"]} if name == "head" else value(name, source["id"])
        if kind == "Visit":
            found = {"__typename": "Child", "ref": f"X:{source['id']}", "id": source["id"]}
            return found if name == "child" else value("text", source["id"])
        agency, _, child = str(source["id"]).partition(":")
        if name == "siblings":
            return [{"__typename": "Child", "ref": f"{agency}:{each}"} for each in self.people[child].siblings]
        return value(name, child, agency)

    def _of_child(self, source: Mapping[str, Any], name: str, arguments: Mapping[str, Any]) -> Any:
        if name in ("id", "ref") and name in source:
            return source[name]
        if name == "refuge":
            sent = source["sensitiveHolders"]
            return [{"__typename": "RefugeRecord", "id": f"{each['agency']}:{each['recordId']}"} for each in sent]
        if name in ("care", "police", "health"):
            record = {"care": "CareRecord", "police": "PoliceRecord", "health": "HealthRecord"}[name]
            if "holders" not in source:
                raise GraphQLError("the holders were not sent")
            return [
                {"__typename": record, "id": f"{holder['agency']}:{holder['recordId']}"} for holder in source["holders"]
            ]
        if name == "school":
            return {"__typename": "School", "id": self.people[source["id"]].school}
        if name == "latestPolice":
            return {"__typename": "PoliceRecord", "id": f"13:{source['id']}"}
        if name in ("locality", "alert", "grade", "latest", "digest"):
            return value(name, source["id"])
        person = self.people[source["id"]]
        if name == "holders":
            wanted = arguments.get("sector")
            return [
                {"__typename": "Holder", "agency": agency, "recordId": person.id}
                for sector, agencies in person.held.items()
                if wanted in (None, sector)
                for agency in agencies
            ]
        if name == "sensitiveHolders":
            return [{"__typename": "Holder", "agency": each, "recordId": person.id} for each in person.sensitive]
        if name == "relationships":
            return [
                {"__typename": "Relationship", **tie.told()}
                for tie in person.ties
                if arguments.get("agency") in (None, tie.agency)
            ]
        if name == "surnames":
            return [person.surname]
        if name == "shielded":
            return person.shielded
        return None if name in person.nothing else value(name, person.id)


def _child(person: Person) -> dict[str, Any]:
    return {"__typename": "Child", "id": person.id}


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request to an agency, with its answer."""

    agency: str
    query: str
    variables: dict[str, Any]
    headers: bytes
    answer: bytes

    @property
    def asked_about(self) -> set[str]:
        """The children whom it speaks of."""
        found: set[str] = set()
        for name, sent in self.variables.items():
            if name.startswith("_r"):
                found.update(each["id"] if "id" in each else each["ref"].partition(":")[2] for each in sent)
        return found


class Recording(ScriptedTransport):
    def __init__(self, agencies: Sequence[Agency]) -> None:
        super().__init__()
        self.agencies = {agency.name: agency for agency in agencies}
        self.exchanged: list[Exchanged] = []
        self.broken: dict[str, Callable[[], Answer]] = {}

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        agency = self.agencies[to.host]
        sent = orjson.loads(body)
        if agency.name in self.broken:
            return self.broken[agency.name]()
        answer = orjson.dumps(agency.answer(sent["query"], sent["variables"]))
        self.exchanged.append(Exchanged(agency.name, sent["query"], sent["variables"], headers, answer))
        return Answer(200, "application/json", answer)


@lru_cache(maxsize=1)
def composed() -> Supergraph:
    agencies = [SubgraphSource(name, f"http://{name}/", sdl) for name, sdl in SDLS.items()]
    result = compose([*agencies, *(SubgraphSource(own.NAME, own.URL, own.SDL) for own in (access, audit))])
    assert result.supergraph is not None, "\n".join(map(str, result.errors))
    return read_supergraph(result.supergraph)


@lru_cache(maxsize=1)
def partnership_policies() -> Policies:
    return Policies.partnership()


@dataclass(slots=True)
class Partnership:
    """A gateway over these people."""

    people: Mapping[str, Person]
    transport: Recording
    pipeline: Pipeline

    @classmethod
    def of(
        cls,
        *people: Person,
        meetings: Mapping[str, tuple[str, ...]] | None = None,
        policies: Policies | None = None,
        grants: BreakGlass | None = None,
        claims: ClaimStore | None = None,
        limits: PersonLimits | None = None,
        auditing: Auditing | None = None,
        log: AuditSubgraph | None = None,
        agencies: Mapping[str, str] | None = None,
        hosted: Mapping[str, frozenset[str]] = HOSTED,
        **settings: Any,
    ) -> Partnership:
        known = {person.id: person for person in people}
        transport = Recording([Agency(name, sdl, known, meetings or {}) for name, sdl in SDLS.items()])
        inside: dict[str, Inside] = {audit.URL: log} if log is not None else {}
        if grants is not None:
            token = auditing.tokeniser.token if auditing else None
            inside[access.URL] = access.AccessSubgraph(grants, token, claims, limits)
        chosen = Settings(
            policies or partnership_policies(),
            auditing,
            agencies or {},
            Limits(estimated_cost=None),
            hosted={name: codes for name, codes in hosted.items() if name not in (agencies or {})},
            grants=grants,
            claims=ClaimsInForce(claims) if claims is not None else None,
            inside=inside,
            **settings,
        )
        return cls(known, transport, Pipeline(composed(), transport, chosen))

    async def ask(
        self,
        query: str,
        principal: Principal,
        purpose: Purpose | None = Purpose.S47,
        break_glass: str | None = None,
        **variables: Any,
    ) -> dict[str, Any]:
        """One query, answered; what the agencies were asked for it alone is in `transport.exchanged`."""
        self.transport.exchanged.clear()
        request = GraphQLRequest(query, None, variables, purpose, break_glass=break_glass)
        response = await self.pipeline.answer(request, principal)
        answer: dict[str, Any] = orjson.loads(response.body)
        invalid = [f"{a.name}: {message}" for a in self.transport.agencies.values() for message in a.invalid]
        assert not invalid
        return answer

    def asked(self, agency: str) -> list[Exchanged]:
        return [each for each in self.transport.exchanged if each.agency == agency]

    @property
    def moved(self) -> bytes:
        """All that left the agencies."""
        return b"\n".join(each.answer for each in self.transport.exchanged)


def somebody(role: str, agency: str = "380", team: str = "", subject: str = "someone", **more: Any) -> Principal:
    return Principal(subject, "https://idp.example", "console", (Role(role),), agency, team, **more)


def withheld(answer: Mapping[str, Any]) -> dict[str, str]:
    """Why, by path."""
    return {item["path"]: item["reason"] for item in answer["extensions"]["cps"]["withheld"]}
