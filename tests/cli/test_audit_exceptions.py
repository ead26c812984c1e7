"""`cps audit break-glass`, `cps audit claims` and `cps audit list --claimed`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import orjson
import pytest

from authz.principal import Purpose
from gateway.access import BreakGlass, ClaimStore
from gateway.access.claims import ClaimReview
from gateway.access.grants import BreakGlassReason, ReviewFinding
from gateway.access.selection import Selection
from gateway.audit.database import connect
from tests.access.partnership import somebody
from tests.audit.entries import TOKENISER, entry
from tests.cli.run import Cps, Result
from tests.cli.test_audit import write

WORKER = somebody("social_worker", "380", subject="worker")
NOW = dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "data", entry(audit_id="first"))


def lines(result: Result) -> list[dict[str, object]]:
    assert result.status == 0
    return [orjson.loads(line) for line in result.out.splitlines()]


def readings(data: Path) -> list[str]:
    """What entries say of readings of the log."""
    connection = connect(data / "audit.sqlite", readonly=True)
    bodies = [orjson.loads(row[0]) for row in connection.rows("SELECT body FROM entry ORDER BY seq")]
    connection.close()
    return [body["outcome"] + " " + " ".join(body["errors"]) for body in bodies if body["audit_id"] != "first"]


async def test_grants_are_listed_by_pseudonym_and_the_reading_is_an_entry(cps: Cps, data: Path) -> None:
    grants = BreakGlass(data / "access.sqlite", lambda: NOW)
    why = "She is on the ward now and the other child is missing."
    made = await grants.grant(WORKER, Purpose.S47, "child", BreakGlassReason.CHILD_MISSING, why, ["13"], "audit-1")
    (told,) = lines(cps("audit", "break-glass", "--data", data))
    assert told == {
        "id": made.id,
        "child": TOKENISER.token("child"),
        "practitioner": "worker",
        "agency": "380",
        "reason": "CHILD_MISSING",
        "granted": "2026-11-25T10:00:00+00:00",
        "review_due": "2026-11-26T23:59:59+00:00",
        "reviewed": None,
    }
    assert why not in str(told)
    (reading,) = readings(data)
    assert "break-glass" in reading
    await grants.review(
        somebody("caldicott_guardian", "380", subject="g"), made.id, ReviewFinding.JUSTIFIED, "rang the ward"
    )
    (reviewed,) = lines(cps("audit", "break-glass", "--data", data))
    assert reviewed["reviewed"] == "JUSTIFIED"
    assert lines(cps("audit", "break-glass", "--data", data, "--overdue")) == []


def test_claims_are_listed_by_pseudonym_and_the_reading_is_an_entry(cps: Cps, data: Path) -> None:
    store = ClaimStore(data / "access.sqlite", lambda: NOW)
    why = "Took over the visit from a colleague who is ill."
    plain = store.add(WORKER, Purpose.S47, "a", why, (), "audit-1", 20)
    chosen = store.add(WORKER, Purpose.CIN, "b", why, (Selection.SAMPLE, Selection.OUT_OF_HOURS), "audit-2", 20)
    found = {each["id"]: each for each in lines(cps("audit", "claims", "--data", data))}
    assert set(found) == {plain.id, chosen.id}
    assert found[chosen.id] == {
        "id": chosen.id,
        "child": TOKENISER.token("b"),
        "practitioner": "worker",
        "agency": "380",
        "purpose": "CIN",
        "claimed": "2026-11-25T10:00:00+00:00",
        "expires": "2026-11-26T10:00:00+00:00",
        "selected": ["SAMPLE", "OUT_OF_HOURS"],
        "suspended": False,
        "reviewed": None,
    }
    assert why not in str(found)
    (reading,) = readings(data)
    assert "claims" in reading
    assert [each["id"] for each in lines(cps("audit", "claims", "--data", data, "--to-review"))] == [chosen.id]
    assert lines(cps("audit", "claims", "--data", data, "--reviewed")) == []
    store.review(chosen.id, ClaimReview("g", 1.0, ReviewFinding.FOLLOW_UP, ""))
    store.suspend(chosen, "g", "no reason")
    (reviewed,) = lines(cps("audit", "claims", "--data", data, "--reviewed"))
    assert (reviewed["reviewed"], reviewed["suspended"]) == ("FOLLOW_UP", True)
    assert lines(cps("audit", "claims", "--data", data, "--to-review")) == []
    assert len(lines(cps("audit", "claims", "--data", data, "--limit", 1))) == 1


def test_entries_of_claimed_children_are_found(cps: Cps, data: Path) -> None:
    claimed, related = entry(audit_id="claimed", children=("c",)), entry(audit_id="related", children=("c",))
    claimed.relationships, related.relationships = ("claimed",), ("team",)
    write(data, claimed, related)
    assert [each["audit_id"] for each in lines(cps("audit", "list", "--data", data, "--json", "--claimed"))] == [
        "claimed"
    ]
    assert lines(cps("audit", "list", "--data", data, "--json", "--no-relationship")) == []
