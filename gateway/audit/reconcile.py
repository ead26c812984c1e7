"""The agencies' receipts against the gateway's log: what is in one and not in the other.

A receipt is known by the gateway's id of the request, which is the entry's audit id. The two were written by different
organisations, so that whoever alters one has to alter the other too.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import orjson

from gateway.audit.database import Connection, Failure, connect
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from gateway.audit.database import Row, Where

SKEW: Final = 60.0
"""Seconds by which clocks may differ, and that a request may be under way."""

_RECEIPTS: Final = (
    "SELECT request_id, min(time), subgraph, subject, agency, purpose, group_concat(protected, ' ') FROM receipt"
    " GROUP BY request_id, subgraph, subject, agency, purpose ORDER BY min(number)"
)


class Finding(NamedTuple):
    """`what`: NO_ENTRY (a receipt that the log knows nothing of), NOT_ASKED (its entry says that this agency was not
    asked), SOMEBODY_ELSE (another practitioner, agency or purpose), MORE_FIELDS (the log does not list all
    that was asked and is under a policy), NO_RECEIPT (the log says that the agency answered).
    """

    what: str
    request_id: str
    subgraph: str
    time: float
    detail: str


class Reconciled(NamedTuple):
    receipts: int
    entries: int
    findings: list[Finding]


MOST_FINDINGS: Final = 10_000


def reconcile(
    log: Where,
    receipts: Path,
    during: tuple[float | None, float | None] = (None, None),
    subgraph: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Reconciled:
    """Hold one agency's receipts of a time (Unix seconds, of all time where None) against the log.

    The time is the log's, and not the receipts': where receipts are missing at an end, or all of them, that is found.
    What is younger than `SKEW` may be under way. `subgraph` is whose they are, where the file does not say. Memory does
    not grow with either; raises `ConfigError`.
    """
    try:
        with (
            contextlib.closing(connect(log, readonly=True)) as entries,
            contextlib.closing(connect(receipts, readonly=True)) as kept,
        ):
            since, until = during
            ends = min(until if until is not None else float("inf"), time.time() - SKEW)
            return _reconciled(entries, kept, (since or 0.0, ends), subgraph, progress)
    except Failure as error:
        raise ConfigError(f"the log or the receipts can't be read: {error}") from error


def _reconciled(
    log: Connection,
    kept: Connection,
    during: tuple[float, float],
    subgraph: str | None,
    progress: Callable[[int], None] | None,
) -> Reconciled:
    names = {subgraph} if subgraph else {row[0] for row in kept.rows("SELECT DISTINCT subgraph FROM receipt")}
    if not names:
        raise ConfigError("the file has no receipts: say by --subgraph whose it is")
    findings: list[Finding] = []
    count = several = 0
    for row in kept.rows(_RECEIPTS):
        if during[0] - SKEW <= row[1] <= min(during[1] + SKEW, time.time() - SKEW):
            count += 1
            findings += _held(log, row)
            _check_bound(findings)
            if progress is not None and count % 1_000 == 0:
                progress(count)
    log.begin(reading=True)
    first, last = (float(end) for end in during)
    where = f"WHERE time >= {first!r} AND time <= {last!r}"
    for audit_id, moment, body in log.rows(f"SELECT audit_id, time, body FROM entry {where} ORDER BY time"):  # noqa: S608 - numbers
        for name in names.intersection(_answered(orjson.loads(body))):
            several += 1
            receipt = "SELECT 1 FROM receipt WHERE request_id = ? AND subgraph = ?"
            if kept.one(receipt, (audit_id, name)) is None:
                findings.append(Finding("NO_RECEIPT", audit_id, name, moment, ""))
                _check_bound(findings)
    return Reconciled(count, several, findings)


def _answered(entry: Mapping[str, Any]) -> Iterable[str]:
    """The subgraphs that answered; entries of before what was requested was written down have it otherwise."""
    requested = entry.get("requested")
    if requested is None:
        return cast("list[str]", entry["answered"])
    return [name for name, fields in requested.items() if fields is not None]


def _held(log: Connection, row: Row) -> Iterator[Finding]:
    """What is wrong with a receipt."""
    request_id, moment, subgraph, subject, agency, purpose, fields = row
    found = log.one("SELECT body FROM entry WHERE audit_id = ?", (request_id,))
    if found is None:
        yield Finding("NO_ENTRY", request_id, subgraph, moment, "")
        return
    entry: Mapping[str, Any] = orjson.loads(found[0])
    requested = entry.get("requested")
    if subgraph not in (entry["asked"] if requested is None else requested):
        yield Finding("NOT_ASKED", request_id, subgraph, moment, "")
    if (entry["subject"], entry["agency"], entry["purpose"]) != (subject, agency, purpose):
        yield Finding("SOMEBODY_ELSE", request_id, subgraph, moment, f"{subject} of {agency} for {purpose}")
    asked = entry["fields"] if requested is None else requested
    known = set(asked.get(subgraph) or ())
    known |= {field for each in entry.get("given", ()) if each["subgraph"] == subgraph for field in each["fields"]}
    more = sorted(set(fields.split()) - known)
    if more and subgraph in asked:
        yield Finding("MORE_FIELDS", request_id, subgraph, moment, " ".join(more))


def _check_bound(findings: list[Finding]) -> None:
    if len(findings) > MOST_FINDINGS:
        raise ConfigError(
            f"there are over {MOST_FINDINGS} differences: these are receipts of another gateway's requests"
        )
