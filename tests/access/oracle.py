"""Who may have what, worked out from the partnership's signed table and from nothing of the gateway's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from authz.policy.table import gives, read_table
from authz.principal import Principal, Purpose, Role
from tests.access.agencies import POLICY_OF
from tests.access.partnership import Person

_OF_PROTOCOL = frozenset(("core_group", "conference_invitee", "front_door_contact", "strategy_discussion", "enquiry"))


@lru_cache(maxsize=1)
def _cells() -> tuple[tuple[str, ...], dict[tuple[Role, Purpose, str], tuple[str, ...]]]:
    text = (files("authz.policy") / "partnership" / "expected.txt").read_text(encoding="utf-8")
    table = read_table(text)
    return table.columns, table.expected()


def permits(
    principal: Principal, purpose: Purpose | None, name: str, holder: str, person: Person, *, broken: bool = False
) -> bool:
    """Whether the table gives information of this name, of this child, held by this agency."""
    columns, cells = _cells()
    category, level = name.split(".")
    if purpose is None or category not in columns:
        return False
    own = bool(holder) and holder == principal.agency
    return any(
        gives(cells[role, purpose, word][columns.index(category)], level, own=own)
        for role in principal.roles
        for word in _words(principal, person, broken=broken)
    )


def _words(principal: Principal, person: Person, *, broken: bool) -> Iterator[str]:
    if person.shielded:
        yield "shielded"
        return
    today = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    found = {"none"}
    for tie in person.ties:
        if tie.agency != principal.agency or today < tie.since or (tie.until is not None and tie.until < today):
            continue
        kind = tie.kind.lower()
        if tie.asserted_by != tie.agency and not (tie.asserted_by == "COORDINATION" and kind in _OF_PROTOCOL):
            continue
        own_team = tie.team is not None and tie.team == principal.team
        if tie.practitioner is None:
            if own_team or (tie.team is None and kind in ("on_roll", "attendance")):
                found.add(kind)
        elif tie.practitioner in (principal.subject, principal.registration):
            found.add(kind)
        if own_team:
            found.add("team")
    if {"core_group", "on_roll"} <= found:
        found.add("core_group&on_roll")
    if broken:
        found.add("break_glass")
    yield from sorted(found)


def may_have(text: str, principal: Principal, purpose: Purpose | None, people: dict[str, Person],
             meetings: dict[str, tuple[str, ...]], broken: str | None = None) -> bool:  # fmt: skip
    """Whether one value (`partnership.value`) may reach this principal, or leave its agency for them."""
    field, subject, holder = text.strip("<>").split("|")
    if field == "minutes":
        about = [people[each] for each in meetings[subject]]
        names = [(person, "case.detail") for person in about]
        return bool(names) and all(permits(principal, purpose, n, holder, p, broken=broken == p.id) for p, n in names)
    if field in ("name", "phone"):  # of a head: it is had under each child of the school to whom the table gives it
        pupils = [person for person in people.values() if person.school == subject]
        return any(permits(principal, purpose, POLICY_OF[field], holder, p, broken=broken == p.id) for p in pupils)
    person = people[subject]
    return permits(principal, purpose, POLICY_OF[field], holder, person, broken=broken == subject)
