"""The same query as several practitioners, and as one before and after a claim: what each received, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import httpx
from rich.table import Table

from gateway.cli.demo.network import sign_in
from gateway.cli.demo.people import (
    ACCESS,
    CLAIM,
    COMPARED,
    FRONT_DOOR,
    ID_QUERY,
    PRACTITIONERS,
    QUERY,
    VARIABLES,
    WHY,
    Practitioner,
)
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.cli.demo.network import Network

BEFORE: Final = "before a claim"
AFTER: Final = "after a claim"
_ROWS = (
    ("name", "child.forename"),
    ("known to", "child.knownTo.name"),
    ("social worker", "child.socialCare.leadWorker"),
    ("protection plan", "child.socialCare.plans.category"),
    ("sibling", "child.socialCare.siblings.forename"),
    ("police: officer", "child.police.notices.officer"),
    ("police: grade", "child.police.notices.grade"),
    ("police: narrative", "child.police.notices.narrative"),
    ("A&E: department", "child.acute.attendances.department"),
    ("A&E: reason", "child.acute.attendances.reason"),
    ("health visitor", "child.community.healthVisitor"),
    ("school", "child.education.school"),
    ("attendance %", "child.education.attendancePercent"),
)


class Received(NamedTuple):
    practitioner: Practitioner
    answer: Mapping[str, object]

    @property
    def report(self) -> Mapping[str, object]:
        extensions = self.answer.get("extensions")
        cps = extensions.get("cps") if isinstance(extensions, dict) else None
        return cps if isinstance(cps, dict) else {}


def ask(
    network: Network,
    practitioner: Practitioner,
    query: str = QUERY,
    variables: Mapping[str, object] = VARIABLES,
) -> Received:
    """Ask the gateway as this practitioner, for the purpose that is theirs."""
    headers = {"authorization": f"Bearer {sign_in(network, practitioner)}", "cps-purpose": practitioner.purpose}
    answer = httpx.post(
        f"{network.gateway}/graphql",
        json={"query": query, "variables": dict(variables)},
        headers=headers,
        timeout=15.0,
    )
    payload = answer.json()
    if not isinstance(payload, dict):
        raise ConfigError(f"the gateway's answer to `{practitioner.subject}` is not a GraphQL response")
    return Received(practitioner, payload)


def ask_all(network: Network) -> list[Received]:
    """Return what each received; the front door's before a claim, and after it."""
    known = {practitioner.subject: practitioner for practitioner in PRACTITIONERS}
    received = [ask(network, known[subject]) for subject in COMPARED]
    return [*received, *claim(network, known[FRONT_DOOR])]


def claim(network: Network, practitioner: Practitioner) -> list[Received]:
    """Return what somebody receives before and after they claim a relationship with the child.

    Where the claim of an earlier demonstration is in force still, there is no before.
    """
    (child,) = values_at(ask(network, practitioner, ID_QUERY).answer.get("data"), ["child", "id"])
    about = {"child": child, "purpose": practitioner.purpose}
    already = values_at(ask(network, practitioner, ACCESS, about).answer.get("data"), ["access", "claimed"]) == [True]
    before = [] if already else [ask(network, practitioner._replace(note=BEFORE))]
    made = ask(network, practitioner, CLAIM, {"child": child, "reason": WHY})
    after = ask(network, practitioner._replace(note=AFTER))
    if errors := made.answer.get("errors"):
        after = Received(after.practitioner, {**after.answer, "errors": errors})
    return [*before, after]


def side_by_side(received: Sequence[Received]) -> Table:
    """A column for each practitioner; what was withheld says why, what is not held says so."""
    table = Table(title="The same query, what each received", show_lines=True)
    table.add_column("field", style="bold", no_wrap=True)
    for item in received:
        table.add_column(item.practitioner.title, overflow="fold")
    for label, path in _ROWS:
        table.add_row(label, *(_cell(item, path) for item in received))
    table.add_row("audit entry", *(str(item.report.get("auditId", "-")) for item in received))
    return table


def _cell(received: Received, path: str) -> str:
    for word, key in (("withheld", "withheld"), ("unavailable", "unavailable")):
        parts = received.report.get(key)
        for part in parts if isinstance(parts, list) else []:
            at = str(part.get("path"))
            if path == at or path.startswith(f"{at}."):
                return f"[{word}: {part.get('reason')}]".replace("[", "\\[")
    if received.answer.get("errors"):
        return "\\[error]"
    values = [str(value) for value in values_at(received.answer.get("data"), path.split("."))]
    return "; ".join(dict.fromkeys(values)) or "none held"


def values_at(data: object, path: Sequence[str]) -> list[object]:
    """Every value at a path, through lists."""
    if isinstance(data, list):
        return [value for item in data for value in values_at(item, path)]
    if not path:
        return [] if data is None else [data]
    return values_at(data.get(path[0]), path[1:]) if isinstance(data, dict) else []


def problems(received: Sequence[Received]) -> list[str]:
    """What the demonstration promises and did not show; empty where all is well."""
    by_subject = {item.practitioner.subject: item for item in received}
    before = [item for item in received if item.practitioner.note == BEFORE]
    (after,) = [item for item in received if item.practitioner.note == AFTER]

    def reads(item: Received, path: str) -> bool:
        return bool(values_at(item.answer.get("data"), path.split(".")))

    def has(subject: str, path: str) -> bool:
        return bool(values_at(by_subject[subject].answer.get("data"), path.split(".")))

    narrative, officer = "child.police.notices.narrative", "child.police.notices.officer"
    expected = (
        (has("sw-1", narrative), "the child's social worker reads the police narrative"),
        (has("police-1", narrative), "the child's police unit reads its narrative"),
        (has("police-2", "child.forename"), "another police unit may know who the child is"),
        (not has("police-2", narrative), "another police unit gets no narrative"),
        (not has("police-2", "child.socialCare.plans.category"), "another police unit gets no plan"),
        (has("dsl-1", officer), "the school lead reads the officer's name"),
        (not has("dsl-1", narrative), "the school lead gets no narrative"),
        (not has("ae-1", officer), "the clinician gets no police notice"),
        (has("ae-1", "child.acute.attendances.department"), "the clinician sees the own hospital's attendances"),
        (not has("ae-1", "child.acute.attendances.reason"), "and of a child who is not there now no reason"),
        (not has("auditor-1", "child.forename"), "the auditor gets none of it"),
        (all(reads(item, "child.forename") for item in before), "the front door may know who the child is"),
        (not any(reads(item, officer) for item in before), "before a claim the front door gets no officer's name"),
        (reads(after, officer), "after a claim the front door reads who dealt with it at the police"),
        (not reads(after, narrative), "and still no narrative, as its cell for triage is a summary"),
        (not reads(after, "child.acute.attendances.reason"), "and a claim gives it no reason of an attendance"),
    )
    found = [f"not so: {promise}" for kept, promise in expected if not kept]
    found += [
        f"an error for {item.practitioner.title}: {errors}"
        for item in received
        if (errors := item.answer.get("errors"))
    ]
    return found
