"""For random people, practitioners, purposes and queries: nothing leaves an agency, or reaches anyone, that the
partnership's table does not give; and what it gives of a child that was asked for arrives.

`CPS_ACCESS_EXAMPLES=N` looks at that many, chosen anew each time.

That this can fail was seen by taking the guard away in one place, each time with all else as it was:
- `judge.Judge.admit` admits every object: fails at once, at an agency's answer;
- `judge.Desk.denied` takes each holder for the own agency: fails, as a clinician reads what another trust holds;
- `guards.set_guards` gives no guard where `up < len(draft.path)`: fails, at the board's review of a record;
- `Subjects.is_guarded` returns False: fails, as names come with the facts;
- `Plan.parts_places` is False: fails, as a head's phone is given under a child for whom it may not be had.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from authz.principal import Principal, Purpose, Role, may_ask_for
from tests.access.agencies import FIELDS_OF
from tests.access.oracle import may_have, permits
from tests.access.partnership import Partnership, Person, Tie, value

EXAMPLES = os.environ.get("CPS_ACCESS_EXAMPLES")
_VALUE = re.compile(r"<[a-zA-Z]+\|[a-z0-9]+\|[A-Z0-9a-z]*>")
_LOOP = asyncio.new_event_loop()
_NETWORK = Partnership.of()
AGENCIES = {"CARE": ("380", "381"), "POLICE": ("13", "14"), "HEALTH": ("RAE", "RR8")}
EMPLOYERS = ("380", "381", "13", "RAE", "990001")
KINDS = ("ALLOCATED", "CORE_GROUP", "CONFERENCE_INVITEE", "ON_ROLL", "REGISTERED", "ATTENDANCE", "POLICE_OCCURRENCE")

ties = st.builds(
    Tie,
    st.sampled_from(KINDS),
    st.sampled_from(EMPLOYERS),
    st.sampled_from((None, None, "East", "West")),
    st.sampled_from((None, None, "me", "R-1", "another")),
    st.sampled_from(("2020-01-01", "2020-01-01", "2999-01-01")),
    st.sampled_from((None, None, "2020-06-01", "2999-06-01")),
    st.sampled_from((None, None, None, "COORDINATION", "381")),
)
names = ("a", "b", "c", "d")


@st.composite
def people(draw: st.DrawFn) -> dict[str, Person]:
    found = {}
    for name in names:
        held = {
            sector: tuple(sorted(draw(st.sets(st.sampled_from(agencies), max_size=2))))
            for sector, agencies in AGENCIES.items()
        }
        siblings = tuple(sorted(draw(st.sets(st.sampled_from(names), max_size=2)) - {name}))
        shielded = draw(st.sampled_from((False, False, False, True)))
        school = draw(st.sampled_from(("990001:s1", "990001:s1", "990001:s2")))
        found[name] = Person(name, "Smith", shielded, tuple(draw(st.lists(ties, max_size=3))), held, siblings, school)
    return found


@st.composite
def practitioners(draw: st.DrawFn) -> tuple[Principal, Purpose]:
    roles = tuple(role for role in Role if role in draw(st.sets(st.sampled_from(Role), min_size=1, max_size=2)))
    purposes = [purpose for purpose in Purpose if may_ask_for(roles, purpose)]
    if not purposes:
        roles, purposes = (Role.SOCIAL_WORKER,), [Purpose.CIN]
    agency, team = draw(st.sampled_from(EMPLOYERS)), draw(st.sampled_from(("", "East")))
    registration = draw(st.sampled_from(("", "R-1")))
    principal = Principal("me", "https://idp.example", "c", roles, agency, team, registration)
    return principal, draw(st.sampled_from(purposes))


@st.composite
def selections(draw: st.DrawFn, depth: int = 2, more: tuple[str, ...] = ("",)) -> str:
    """What is asked of a child; one of `more` is among it."""
    parts = ["id", draw(st.sampled_from(more))]
    for name in draw(st.lists(st.sampled_from(("forename", "surname")), max_size=2, unique=True)):
        parts += [draw(st.sampled_from((name, f"x{name}: {name}", f"... on Child {{ {name} }}")))]
    for sector, fields in FIELDS_OF.items():
        chosen = draw(st.lists(st.sampled_from(fields), max_size=3, unique=True))
        below = [draw(st.sampled_from((name, name, f"{name} @include(if: true)"))) for name in chosen]
        if sector == "care" and depth and draw(st.booleans()):
            below.append(f"siblings {{ {draw(selections(depth - 1))} }}")
        if below:
            alias = draw(st.sampled_from(("", "", "y: " if sector == "police" else "")))
            parts.append(f"{alias}{sector} {{ {' '.join(below)} }}")
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(("school { head { name phone } }", "school { h: head { name n: phone } }"))))
    return " ".join(parts)


@st.composite
def queries(draw: st.DrawFn, of_a_child: tuple[str, ...] = ("",)) -> str:
    roots = []
    if draw(st.booleans()):
        child = draw(st.sampled_from(names))
        by = draw(st.sampled_from((f'id: "{child}"', f'nhs: "nhs-{child}"')))
        roots.append(f"one: child({by}) {{ {draw(selections(more=of_a_child))} }}")
    if not roots or draw(st.booleans()):
        roots.append(f'found: findChildren(surname: "Smith") {{ {draw(selections(more=of_a_child))} }}')
    if draw(st.booleans()):
        roots.append('meeting(id: "m") { room minutes children { forename } }')
    return f"{{ {' '.join(roots)} }}"


def access_settings(fixed: int) -> settings:
    return settings(
        max_examples=int(EXAMPLES or fixed),
        deadline=None,
        database=None,
        derandomize=EXAMPLES is None,
        suppress_health_check=list(HealthCheck),
    )


def run(
    known: dict[str, Person], meetings: dict[str, tuple[str, ...]], query: str, who: Principal, why: Purpose
) -> dict[str, Any]:
    """One query of one gateway, whose caches the examples share."""
    for agency in _NETWORK.transport.agencies.values():
        agency.people, agency.meetings = known, meetings
    return _LOOP.run_until_complete(_NETWORK.ask(query, who, why))


@access_settings(500)
@given(people(), st.sets(st.sampled_from(names), max_size=3), practitioners(), queries())
@seed(1)
def test_nothing_leaves_an_agency_or_arrives_that_the_table_does_not_give(
    known: dict[str, Person], attending: set[str], asking: tuple[Principal, Purpose], query: str
) -> None:
    who, why = asking
    meetings = {"m": tuple(sorted(attending))}
    answer = run(known, meetings, query, who, why)
    arrived = orjson.dumps(answer).decode()
    for text in sorted({*_VALUE.findall(arrived), *_VALUE.findall(_NETWORK.moved.decode())}):
        assert may_have(text, who, why, known, meetings), text
    if Role.SHIELD_STEWARD not in who.roles:
        hidden = [person.id for person in known.values() if person.shielded]
        told = orjson.dumps(answer["data"]).decode()
        for identifier in hidden:
            assert f'"id":"{identifier}"' not in told
            assert f"|{identifier}|" not in told
    _complete(answer, known, who, why)


def _complete(answer: dict[str, Any], known: dict[str, Person], who: Principal, why: Purpose) -> None:
    """What is null of a child that was told of is what the table does not give."""
    found = [answer["data"].get("one"), *(answer["data"].get("found") or [])]
    for child in _children(found):
        for key, name in (("forename", "forename"), ("xforename", "forename"), ("surname", "surname")):
            if key in child:
                text = f"<{name}|{child['id']}|>"
                assert (child[key] == text) is may_have(text, who, why, known, {}), text
        for sector in ("care", "health"):
            for record in child.get(sector) or ():
                holders = known[child["id"]].held[sector.upper()]
                for name in FIELDS_OF[sector] if len(holders) == 1 else ():
                    if name in record:
                        text = f"<{name}|{child['id']}|{holders[0]}>"
                        assert (record[name] == text) is may_have(text, who, why, known, {}), text
        if "school" in child:
            _of_head(child, known[child["id"]], who, why)


def _children(found: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Those of an answer, with their siblings at any depth."""
    for child in found:
        if child is not None:
            yield child
            for record in child.get("care") or ():
                yield from _children(record.get("siblings") or ())


def _of_head(child: dict[str, Any], person: Person, who: Principal, why: Purpose) -> None:
    """What several children share is given under each as the table gives it of that child."""
    school = child["school"]
    assert (school is not None) is permits(who, why, "locator.summary", "", person)
    if school is not None:
        head = school.get("head") or school["h"]
        phone = head["phone"] if "phone" in head else head["n"]
        assert head["name"] == value("name", person.school)
        assert (phone == value("phone", person.school)) is permits(who, why, "plan.detail", "", person)
