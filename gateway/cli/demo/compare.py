"""The same query as five practitioners: what each received, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import httpx
from rich.table import Table

from gateway.cli.demo.network import sign_in
from gateway.cli.demo.people import COMPARED, PRACTITIONERS, QUERY, VARIABLES, Practitioner
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.cli.demo.network import Network

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


def ask(network: Network, practitioner: Practitioner, query: str = QUERY) -> Received:
    """Ask the gateway as this practitioner, for the purpose that is theirs."""
    headers = {"authorization": f"Bearer {sign_in(network, practitioner)}", "cps-purpose": practitioner.purpose}
    answer = httpx.post(
        f"{network.gateway}/graphql", json={"query": query, "variables": VARIABLES}, headers=headers, timeout=15.0
    )
    payload = answer.json()
    if not isinstance(payload, dict):
        raise ConfigError(f"the gateway's answer to `{practitioner.subject}` is not a GraphQL response")
    return Received(practitioner, payload)


def ask_all(network: Network) -> list[Received]:
    known = {practitioner.subject: practitioner for practitioner in PRACTITIONERS}
    return [ask(network, known[subject]) for subject in COMPARED]


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

    def has(subject: str, path: str) -> bool:
        return bool(values_at(by_subject[subject].answer.get("data"), path.split(".")))

    narrative = "child.police.notices.narrative"
    expected = (
        (has("sw-1", narrative), "the child's social worker reads the police narrative"),
        (has("police-1", narrative), "the child's police unit reads its narrative"),
        (has("police-2", "child.forename"), "another police unit may know who the child is"),
        (not has("police-2", narrative), "another police unit gets no narrative"),
        (not has("police-2", "child.socialCare.plans.category"), "another police unit gets no plan"),
        (has("dsl-1", "child.police.notices.officer"), "the school lead reads the officer's name"),
        (not has("dsl-1", narrative), "the school lead gets no narrative"),
        (not has("ae-1", "child.police.notices.officer"), "the clinician gets no police notice"),
        (has("ae-1", "child.acute.attendances.department"), "the clinician sees the own hospital's attendances"),
        (not has("ae-1", "child.acute.attendances.reason"), "and of a child who is not there now no reason"),
        (not has("auditor-1", "child.forename"), "the auditor gets none of it"),
    )
    found = [f"not so: {promise}" for kept, promise in expected if not kept]
    found += [
        f"an error for {item.practitioner.title}: {errors}"
        for item in received
        if (errors := item.answer.get("errors"))
    ]
    return found
