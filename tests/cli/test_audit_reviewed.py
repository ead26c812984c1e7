"""What each command of `cps audit` prints of one log, as it was reviewed in `audit_reviewed.txt`.

The log's keys, times and random bytes are the test's, so that its leaves, heads and proofs are the same each time.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from gateway.audit import Entry
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.entry import Row
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store
from tests.audit.entries import KEY, entry, given
from tests.audit.logs import SEED
from tests.cli.run import Cps
from tests.composition.composed import supergraph
from tests.reviewed import expect

FILE = Path(__file__).parent / "audit_reviewed.txt"
NHS, CHILD, OTHER = "9990000018", "kQ3vX9pLm2Zt7RbYc5WdNg", "aQ3vX9pLm2Zt7RbYc5WdNg"
BEGAN = 1_774_861_200.0
"""2026-03-30 09:00."""

BEFORE = ("--until", "2026-06-01")
SDL = """type Query { child: Child } type Child {
  surname: String @policy(policies: [["identity.detail"]]) care: String @policy(policies: [["case.detail"]])
}"""
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("list", *BEFORE),
    ("list", *BEFORE, "--json"),
    ("list", *BEFORE, "--limit", "2", "--child", NHS),
    ("list", *BEFORE, "--json", "--refused"),
    ("list", *BEFORE, "--json", "--no-relationship"),
    ("list", *BEFORE, "--json", "--claimed"),
    ("list", *BEFORE, "--field", "Child.surname", "--purpose", "CPP"),
    ("list", *BEFORE, "--agency", "13", "--outcome", "PARTIAL"),
    ("list", *BEFORE, "--practitioner", "officer"),
    ("list", *BEFORE, "--child", "9990000042"),
    *(("count", *BEFORE, "--by", by) for by in ("practitioner", "agency", "purpose", "outcome", "day", "field")),
    ("count", "--by", "outcome", "--child", CHILD, "--since", "2026-03-30T09:30"),
    ("report", "--child", NHS, "--format", "csv", "--out", "{out}/report.csv", *BEFORE),
    ("report", "--child", CHILD, "--out", "{out}/report.html", "--supergraph", "{out}/supergraph.graphql", *BEFORE),
    ("report", "--child", CHILD, "--out", "{out}/later.html", "--since", "2026-03-30T09:30", *BEFORE),
    ("report", "--child", CHILD, "--format", "csv", "--out", "{out}/early.csv", "--until", "2026-03-30T09:05"),
    ("break-glass",),
    ("claims", "--to-review"),
)  # fmt: skip
OF_THE_FILE: tuple[tuple[str, ...], ...] = (
    ("verify",),
    ("export", "--out", "{out}/log.ndjson"),
    ("export", "--out", "{out}/log.csv", "--format", "csv", "--since", "2026-03-30T09:20"),
    ("verify", "--export", "{out}/log.ndjson"),
    ("verify", "--export", "{out}/log.csv"),
    ("head",),
    ("head", "--key"),
    ("verify", "--head", "{out}/head.note"),
)


def of(fields: Fields, tie: str, child: int = 0) -> tuple[dict[str, object], ...]:
    """Return what was given of one child."""
    return tuple(given(agency, names, child, ties=[tie]) for agency, names in fields.items())


def entries() -> list[Entry]:
    """Return entries that have every part that one may have."""
    asked = entry(audit_id="asked", subject="worker", time=BEGAN, asked=(NHS,), children=(CHILD,))
    withheld = ({"path": "child.police", "agency": "police", "policy": "police.detail", "reason": "NO_RELATIONSHIP"},)
    unavailable = ({"path": "child.health", "agency": "health", "reason": "TIMEOUT"},)
    return [
        replace(
            asked,
            relationships=("allocated",),
            given=of({"380": ("Child.care",), "index": ("Child.surname",)}, "allocated"),
            requested={"care": ("Child.care",), "index": ("Child.surname", "Query.child")},
            asked=("380", "index"),
            answered=("380", "index"),
            policy_version="p1",
            schema_version="s1",
            response_digest="d1",
            duration_ms=12.5,
        ),
        replace(
            entry(audit_id="partial", subject="officer", time=BEGAN + 600, children=(CHILD, OTHER)),
            agency="13",
            roles=("police_public_protection", "administrator"),
            purpose="CPP",
            outcome="PARTIAL",
            relationships=("break_glass", "none"),
            given=(
                *of({"index": ("Child.dateOfBirth", "Child.surname")}, "break_glass"),
                *of({"index": ("Child.surname",)}, "none", 1),
            ),
            not_given=({"children": (1,), "withheld": withheld},),
            requested={"index": ("Child.dateOfBirth", "Child.surname"), "health": None},
            withheld=withheld,
            unavailable=unavailable,
            errors=("TIMEOUT",),
        ),
        replace(
            entry(audit_id="claimed", subject="door", time=BEGAN + 1_200, children=(CHILD,)),
            relationships=("claimed",),
            given=of({"index": ("Child.surname",)}, "claimed"),
        ),
        replace(
            entry(audit_id="refused", subject="door", time=BEGAN + 90_000, asked=("9990000026",)),
            outcome="REFUSED",
            purpose=None,
            agency="",
            roles=(),
            errors=("PURPOSE_NOT_YOURS",),
        ),
        replace(
            entry(audit_id="act", subject="=1+1", time=BEGAN + 90_001, operation="mutation { note }"),
            outcome="BREAK_GLASS",
            errors=("OWN_GRANT",),
            children=(entry(children=(OTHER,)).children),
        ),
    ]


Fields: TypeAlias = dict[str, tuple[str, ...]]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for name, secret in (("audit.key", KEY), ("audit.signing", SEED)):
        (folder / name).touch(0o600)
        (folder / name).write_bytes(secret)
    monkeypatch.setattr("gateway.audit.sequencer.os.urandom", lambda count: bytes(range(count)))
    store = Store(folder / "audit.sqlite")
    clock = iter((BEGAN + 1_300, BEGAN + 90_100))
    ordering = Sequencer(store, HeadSigner(ORIGIN, SEED), lambda: next(clock))
    for written in (entries()[:3], entries()[3:]):
        store.write(map(Row.of, written))
        ordering.sequence(closing=True)
    store.close()
    monkeypatch.undo()
    return folder


def test_what_is_printed_of_a_log(cps: Cps, data: Path, tmp_path: Path) -> None:
    (tmp_path / "supergraph.graphql").write_text(supergraph(SDL))
    found: list[str] = []

    def run(begins: str, command: tuple[str, ...], *where: str) -> str:
        result = cps("audit", begins, *where, *(each.format(out=tmp_path) for each in command[1:]))
        found.extend((f"## audit {' '.join(command)}: {result.status}", result.out, result.err))
        return result.out

    store = ("--store", str(data / "audit.sqlite"))
    for command in OF_THE_FILE:  # first of all: reading is written down too
        told = run(command[0], command, *store, *(("--data", str(data)) if "export" not in command[0] else ()))
        if command == ("head",):
            (tmp_path / "head.note").write_text(told)
    for command in COMMANDS:
        run(command[0], command, "--data", str(data))
    for name in (
        "log.ndjson",
        "log.ndjson.proof",
        "log.csv",
        "log.csv.proof",
        "report.csv",
        "early.csv",
        "report.html",
        "later.html",
    ):
        found += [f"## {name}", (tmp_path / name).read_text()]
    text = re.sub(r"Made on [^.]+ at \d\d:\d\d\.", "Made <now>.", "\n".join(found))
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    expect(FILE, text)
