"""What one person may leave in the log within a minute."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from authz.principal import Principal
from gateway.edge import PersonLimiter
from gateway.edge.person_limiter import FEW_VALUES, VALUES_A_MINUTE
from gateway.errors import TooManyRequests
from gateway.rate_limits import LocalCounter, PersonLimits
from tests.edge.network import Edge


async def test_nobody_fills_the_log_with_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request holds fewer than an entry takes, but one person's of a minute are too many together."""
    now = [1_000.0]
    monkeypatch.setattr("gateway.edge.person_limiter.time.monotonic", lambda: now[0])
    told: list[tuple[str, str]] = []
    limiter = PersonLimiter(PersonLimits(), LocalCounter(), lambda who, code: told.append((who.subject, code)))
    one, other = (Principal(name, "https://idp.example", "app") for name in ("one", "other"))
    for _ in range(VALUES_A_MINUTE // 500):
        limiter.take_values(one, 500)
    now[0] += 20
    with pytest.raises(TooManyRequests, match="at most 10000 values a minute") as caught:
        limiter.take_values(one, 11)
    assert (caught.value.retry_after, caught.value.problems[0].code) == (40, "TOO_MANY_VALUES")
    limiter.take_values(one, FEW_VALUES)  # as nearly all requests have
    limiter.take_values(other, 500)
    assert told == [("one", "TOO_MANY_VALUES")]
    now[0] += 40
    limiter.take_values(one, 500)


async def test_values_of_a_request_are_counted_before_anything_is_asked(gateway: Edge) -> None:
    limiter = PersonLimiter(PersonLimits(), LocalCounter())
    pipeline = gateway.pipeline
    pipeline.settings = replace(pipeline.settings, limiter=limiter)
    days = [str(dt.date(2000, 1, 1) + dt.timedelta(days=number)) for number in range(500)]
    answers = [await gateway.post("query($m: [Date]) { born(more: $m) }", {"m": days}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) in range(30, 61)
    assert len(gateway.stub.asked) == 20
    assert len(gateway.log.entries) == 20
