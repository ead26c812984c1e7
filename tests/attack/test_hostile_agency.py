"""One agency of a partnership lies: no other's data leaves or arrives that the table does not give, no decision
changes, and no other agency's value does. What the liar says of itself is its own affair.

`CPS_ATTACK_EXAMPLES=N` looks at that many, chosen anew each time. `python -m tests.attack.planted` shows that each of
ten planted faults is found.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import orjson
from hypothesis import given, note
from hypothesis import strategies as st

from authz.principal import Principal, Purpose, Role
from gateway.audit import Sealer, Tokeniser
from gateway.edge.settings import Auditing
from gateway.execution import Answer, Target
from tests.access.agencies import FIELDS_OF
from tests.access.oracle import may_have
from tests.access.partnership import HOSTED, Partnership, Person, Recording, Tie
from tests.access.test_property import _VALUE, AGENCIES, KINDS, names, people, practitioners, queries
from tests.attack.forging import FORGERIES, Forgery, Vocabulary, add_all_keys, add_keys, forge_ids, keys_of
from tests.attack.test_hostile_federation import attack_settings
from tests.edge.network import MemoryLog

LIARS = ("care", "police", "health", "board", "schools", "heads", "rota")
OF_LIARS = {**HOSTED, "rota": frozenset(("X",))}
"""The agencies whose records each gives. The rota points at records of the police, and may not: they are never had."""

_OWN = {
    "board": frozenset(("minutes", "room", "review")),
    "schools": frozenset(("name", "phone")),
    "heads": frozenset(("name", "phone")),
    "rota": frozenset(("locality",)),
    **{name: frozenset(fields) for name, fields in FIELDS_OF.items()},
}
"""The fields by whose values each agency speaks of itself."""

_LOG = MemoryLog()
_LOOP = asyncio.new_event_loop()


class Lying(Recording):
    """Agencies of which one forges its answers."""

    liar = ""
    forgery: Forgery
    vocabulary: Vocabulary

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        honest = await super().answer(to, body, headers)
        if to.host != self.liar:
            return honest
        answer = orjson.loads(honest.body)
        self.forgery(answer, random.Random(body), self.vocabulary)  # noqa: S311 - to be had again
        return Answer(200, "application/json", orjson.dumps(answer))


def vocabulary_for(who: Principal, liar: str, queries_asked: list[str]) -> Vocabulary:
    """Return what somebody would forge who wants this reader to be given what is not theirs."""
    everybody = [{"agency": code, "recordId": name} for codes in AGENCIES.values() for code in codes for name in names]
    ties = [Tie(kind, who.agency, practitioner=who.registration or who.subject).told() for kind in KINDS]
    own = OF_LIARS[liar]
    children = list(names)
    records = [f"{code}:{name}" for codes in AGENCIES.values() for code in codes for name in names]
    values: dict[str, list[Any]] = {
        "holders": [everybody],
        "__cps_fact_relationships": [ties],
        "relationships": [ties],
        "__cps_fact_shielded": [False],
        "shielded": [False],
        "__cps_subject": children,
        "id": [*children, *records],
        "ref": records,
        "care": [[], [{"__typename": "CareRecord", "id": "380:b"}]],
        "police": [[], [{"__typename": "PoliceRecord", "id": "13:b"}]],
        "health": [[], [{"__typename": "HealthRecord", "id": "RAE:b"}]],
        "forename": ["<forged>"],
        "surname": ["<forged>"],
    }
    codes = [code for codes in AGENCIES.values() for code in codes] + ["X", "990001"]
    types = ["Child", "CareRecord", "PoliceRecord", "HealthRecord", "Agency", "Meeting", "Holder"]
    return Vocabulary(sorted({*values, *keys_of(queries_asked)}), types, values, codes, children, own)


@attack_settings(100)
@given(
    people(),
    st.sets(st.sampled_from(names), max_size=3),
    practitioners(),
    queries(of_a_child=("", "latestPolice { officer narrative }")),
    st.sampled_from((*LIARS, "rota", "rota")),
    st.sampled_from((*FORGERIES, forge_ids, forge_ids)),  # they matter for few readers and queries
)
def test_what_one_agency_forges_opens_and_changes_nothing_of_another(
    known: dict[str, Person],
    attending: set[str],
    asking: tuple[Principal, Purpose],
    query: str,
    liar: str,
    forgery: Forgery,
) -> None:
    who, why = asking
    meetings = {"m": tuple(sorted(attending))}
    network = _network(known, meetings)
    honest = _LOOP.run_until_complete(network.ask(query, who, why))
    lying = network.transport
    lying.vocabulary = vocabulary_for(who, liar, [each.query for each in lying.exchanged])
    lying.forgery, lying.liar = forgery, liar
    note(f"{query}\n{liar} lies: {forgery.__name__}")
    lied = _LOOP.run_until_complete(network.ask(query, who, why))
    note(f"honest {honest}\nlied {lied}")
    others = b"\n".join(each.answer for each in lying.exchanged if each.agency != liar).decode()
    data = orjson.dumps(lied["data"]).decode()
    for text in sorted({*_VALUE.findall(others), *_VALUE.findall(data)}):
        if text.strip("<>").split("|")[0] not in _OWN[liar]:
            assert may_have(text, who, why, known, meetings), text
    if Role.SHIELD_STEWARD not in who.roles:
        for person in known.values():
            assert not person.shielded or f'"id":"{person.id}"' not in data
    assert "FORGED" not in orjson.dumps(lied).decode()
    assert "<forged> secret" not in orjson.dumps(lied).decode()
    if forgery in (add_keys, add_all_keys):
        assert _whole(lied) == _whole(honest)
        before, after = _LOG.entries[-2:]
        for part in ("children", "relationships", "given", "not_given", "requested", "withheld", "asked", "outcome"):
            assert getattr(after, part) == getattr(before, part), part
    assert _of_others(lied["data"], liar) == _of_others(honest["data"], liar)


def _whole(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what is another each time."""
    told = {key: value for key, value in answer["extensions"]["cps"].items() if key != "auditId"}
    return {**answer, "extensions": {"cps": told}}


def _network(known: dict[str, Person], meetings: dict[str, tuple[str, ...]]) -> Any:
    lying = _lying()
    for agency in lying.transport.agencies.values():
        agency.people, agency.meetings = known, meetings
    lying.transport.liar = ""
    return lying


_MADE: list[Any] = []


def _lying() -> Any:
    """The one network of all examples, which share its caches."""
    if not _MADE:
        auditing = Auditing(_LOG, Tokeniser(b"k" * 32), Sealer(b"k" * 32))
        made = Partnership.of(auditing=auditing, hosted=OF_LIARS)
        transport = Lying(list(made.transport.agencies.values()))
        made.pipeline._transport = transport
        made.pipeline._facts._transport = transport
        made.transport = transport
        _MADE.append(made)
    return _MADE[0]


_FIELDS_OF = {"care": {"care"}, "police": {"police", "y"}, "health": {"health"}, "board": {"review"},
              "schools": {"school"}, "heads": {"school"}, "rota": {"latestPolice", "locality"}}  # fmt: skip


def _of_others(data: dict[str, Any], liar: str) -> list[Any]:
    """Return what an answer has of the children that were asked for, but for what is the liar's own at any depth."""

    def kept(value: Any) -> Any:
        if isinstance(value, list):
            return [kept(item) for item in value]
        if isinstance(value, dict):
            return {key: kept(item) for key, item in value.items() if key not in _FIELDS_OF[liar]}
        return value

    return [kept(data.get("one")), kept(data.get("found"))]
