"""What the log keeps beside requests: what is served, and sign-ins that failed, added up."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gateway.audit import Sealer, Tokeniser
from gateway.edge import Acts, Auditing, GraphQLEndpoint
from gateway.edge import acts as acts_module
from gateway.edge.acts import MAX_REASONS
from gateway.errors import AuditUnavailable
from tests.access.partnership import somebody
from tests.authz.stub import StubProvider
from tests.edge.network import MemoryLog


def auditing(log: MemoryLog) -> Auditing:
    return Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32))


async def test_what_is_served_is_written_down() -> None:
    log = MemoryLog()
    await Acts(auditing(log)).served("schema", "policies")
    (entry,) = log.entries
    assert (entry.outcome, entry.schema_version, entry.policy_version) == ("SCHEMA_SERVED", "schema", "policies")


async def test_failed_sign_ins_are_one_entry_a_while() -> None:
    log = MemoryLog()
    acts = Acts(auditing(log), seconds=0.05)
    for reason in ("it has expired", "no token", "it has expired"):
        acts.sign_in_failed(reason)
    assert log.entries == []
    await asyncio.sleep(0.2)
    (entry,) = log.entries
    assert (entry.outcome, entry.errors) == ("SIGN_IN_FAILED", ("2 x it has expired", "1 x no token"))
    acts.sign_in_failed("no token")
    await acts.close()
    assert log.entries[1].errors == ("1 x no token",)
    await acts.close()
    assert len(log.entries) == 2


async def test_limits_reached_are_one_entry_of_each_person_a_while() -> None:
    log = MemoryLog()
    acts = Acts(auditing(log), seconds=0.05)
    one, other = (
        somebody("social_worker", "380", subject="one"),
        somebody("police_public_protection", "13", subject="x"),
    )
    for who, code in ((one, "A"), (other, "A"), (one, "B"), (one, "A")):
        acts.limited(who, code)
    assert log.entries == []
    await asyncio.sleep(0.2)
    found = [(entry.outcome, entry.subject, entry.issuer, entry.agency, entry.errors) for entry in log.entries]
    assert found == [
        ("LIMITED", "one", one.issuer, "380", ("2 x A", "1 x B")),
        ("LIMITED", "x", other.issuer, "13", ("1 x A",)),
    ]
    await acts.close()
    assert len(log.entries) == 2
    Acts(None).limited(one, "A")


async def test_people_are_bounded_and_those_beyond_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts_module, "MAX_PEOPLE", 3)
    log = MemoryLog()
    acts = Acts(auditing(log))
    for number in (0, 1, 2, 3, 4, 0, 4):
        acts.limited(somebody("social_worker", "380", subject=f"s{number}"), "A")
    await acts.close()
    found = {entry.subject: (entry.agency, entry.errors) for entry in log.entries}
    assert found == {
        "s0": ("380", ("2 x A",)),
        "s1": ("380", ("1 x A",)),
        "s2": ("380", ("1 x A",)),
        "": ("", ("3 x A",)),
    }


async def test_a_reason_that_is_known_counts_on_by_itself_when_there_are_too_many() -> None:
    log = MemoryLog()
    acts = Acts(auditing(log))
    for number in (*range(MAX_REASONS), 7, MAX_REASONS + 1, 7):
        acts.sign_in_failed(f"reason {number}")
    await acts.close()
    assert "3 x reason 7" in log.entries[0].errors
    assert "1 x for other reasons" in log.entries[0].errors


async def test_reasons_are_bounded_and_a_log_that_fails_stops_nothing() -> None:
    log = MemoryLog()
    acts = Acts(auditing(log))
    for number in range(MAX_REASONS + 5):
        acts.sign_in_failed(f"reason {number}")
    await acts.close()
    assert len(log.entries[0].errors) == MAX_REASONS + 1
    assert "5 x for other reasons" in log.entries[0].errors
    log.failure = AuditUnavailable("the disk is full")
    acts.sign_in_failed("no token")
    await acts.close()
    await Acts(None).served("schema", "policies")
    Acts(None).sign_in_failed("no token")


async def test_a_request_without_a_token_that_is_taken_is_counted() -> None:
    failed: list[str] = []
    verifier = StubProvider([]).verifier()
    endpoint = GraphQLEndpoint(lambda: pytest.fail("it was let in"), verifier, None, 1_000, failed.append)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=endpoint), base_url="http://gateway") as client:
        for sent in ({}, {"authorization": "Bearer not-a-token"}):
            answer = await client.post("/graphql", json={"query": "{ a }"}, headers=sent)
            assert answer.status_code == 401
        assert (await client.get("/graphql")).status_code == 405
    assert len(failed) == 2
    assert "not-a-token" not in "".join(failed)
