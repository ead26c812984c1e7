"""Answering the auditors' subgraph, in this process. What it is asked is written down like anything else."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from authz.principal import Role
from gateway.audit.checkpoint import verifier_keys
from gateway.audit.given import disclosed, given_by, not_given
from gateway.audit.questions import MAX_COUNTS, Question, Questions
from gateway.audit.report import BREAK_GLASS, Words, as_csv, as_html, report
from gateway.audit.schema import MAX_FIRST, REFUSALS, TYPES
from gateway.audit.verify import Broken, Verified, verify
from gateway.errors import ConfigError, RequestError
from gateway.inside import answered, executable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from graphql import GraphQLResolveInfo

    from gateway.audit.cases import CaseFile, CaseFiles
    from gateway.audit.database import Where
    from gateway.audit.questions import Found
    from gateway.audit.sealing import Sealer
    from gateway.audit.tokens import Tokeniser
    from gateway.inside import Asking

CHECKED_SECONDS: Final = 60.0
"""For how long it is not checked again whether the log is unaltered."""

_CURSOR: Final = re.compile(r"[0-9]{1,18}")
_NAMES: Final = {
    "practitioner": "subject",
    "auditId": "audit_id",
    "policyVersion": "policy_version",
    "schemaVersion": "schema_version",
    "responseDigest": "response_digest",
    "durationMs": "duration_ms",
}
"""Fields of `Access` that an entry has under another name."""


class AuditedLog(NamedTuple):
    """Where a log is, and the file of the key of its heads."""

    where: Where
    signing: Path


class AuditSubgraph:
    """The log, for auditors; for a guardian what their own agency's people did."""

    refusals = REFUSALS

    def __init__(
        self,
        log: AuditedLog,
        tokeniser: Tokeniser,
        sealer: Sealer,
        cases: CaseFiles,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """`names` are those of agencies by their codes, for reports."""
        self._log = log
        self._names = names or {}
        self._questions = Questions(log.where, tokeniser, sealer)
        self._sealer = sealer
        self._cases = cases
        self._schema = executable(TYPES)
        self._verifying = asyncio.Lock()
        self._checks: dict[str | None, dict[str, object]] = {}
        self._checked_at = float("-inf")
        self._roots: Mapping[str, Callable[[Asking, Mapping[str, Any]], Any]] = {
            "accesses": self._accesses,
            "accessCounts": self._counts,
            "subjectAccessReport": self._report,
            "auditLog": self._verified,
            "caseFiles": self._listed,
            "openCaseFile": self._open,
            "revealIdentity": self._reveal,
        }

    async def answer(self, asking: Asking, body: bytes) -> bytes:
        """The answer's JSON to one request of a plan."""
        return await answered(self._schema, asking, body, self._resolve)

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if source is None:
            return self._roots[info.field_name](info.context, arguments)
        found = source.get(info.field_name)
        return asyncio.to_thread(found) if callable(found) else found

    async def _accesses(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        question = _question(asking, arguments)
        first, after = arguments["first"], arguments.get("after")
        if first < 1 or (after is not None and not _CURSOR.fullmatch(after)):
            raise RequestError.of("BAD_PAGE", "`first` is 1 or more, and `after` the cursor of an earlier page")
        before = None if after is None else int(after)
        page = await asyncio.to_thread(self._questions.page, question, min(first, MAX_FIRST), before)
        last = str(page.entries[-1].seq) if page.entries else None
        known = None  # to a guardian nothing is told of what other agencies were given
        if question.child is not None and Role.AUDITOR in asking.principal.roles:
            known = bool(await asyncio.to_thread(self._questions.children, question.child))
        entries = [_shown(item) for item in page.entries]
        return {"entries": entries, "more": page.more, "cursor": last, "childKnown": known}

    async def _counts(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        question = _question(asking, arguments)
        found = await asyncio.to_thread(self._questions.counts, question, arguments["by"])
        return {"counts": [each._asdict() for each in found[:MAX_COUNTS]], "more": len(found) > MAX_COUNTS}

    async def _report(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        _auditors_only(asking)  # what one agency's people were given is not what was given
        question = _question(asking, arguments)
        made = await asyncio.to_thread(report, self._questions, question, Words(asking.supergraph, self._names))
        lines = [
            {
                "at": line.at.isoformat(timespec="seconds"),
                "agency": line.agency,
                "roles": line.roles,
                "purpose": line.purpose or None,
                "grounds": line.grounds,
                "isBreakGlass": BREAK_GLASS in line.grounds,
                "information": line.information,
                "heldBy": line.held_by,
            }
            for line in made.lines
        ]
        told: dict[str, object] = {
            "child": made.child,
            "made": made.made.isoformat(timespec="seconds"),
            "whole": made.whole,
            "accesses": lines,
        }
        return {**told, "html": partial(as_html, made), "csv": partial(as_csv, made)}

    async def _verified(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        _auditors_only(asking)
        older = arguments.get("olderHead")
        async with self._verifying:  # it reads all there is: one at a time, and not again at once
            if older not in self._checks or time.monotonic() - self._checked_at > CHECKED_SECONDS:
                self._checks = {older: await asyncio.to_thread(self._checked, older)}
                self._checked_at = time.monotonic()
            return self._checks[older]

    def _checked(self, older: str | None) -> dict[str, object]:
        keys = verifier_keys(self._log.signing)
        told: dict[str, object] = {
            "verifierKey": keys[0],
            "entries": 0,
            "pending": 0,
            "signedHeads": 0,
            "olderThanSigned": 0,
        }
        try:
            found: Verified = verify(self._log.where, keys, older)
            told |= {"head": self._questions.head() if found.heads else None}
        except Broken as error:
            return {**told, "unaltered": False, "firstWrong": error.index, "why": str(error)}
        except ConfigError as error:
            if older is None:
                raise
            raise RequestError.of("BAD_HEAD", f"the older head: {error}") from error
        sizes = {"entries": found.size, "pending": found.pending, "signedHeads": found.heads}
        return {**told, **sizes, "unaltered": True, "root": found.root, "olderThanSigned": found.older}

    async def _listed(self, asking: Asking, arguments: Mapping[str, Any]) -> list[dict[str, object]]:
        _auditors_only(asking)
        found = await asyncio.to_thread(self._cases.newest, max(0, arguments["first"]))
        return [_case(each) for each in found]

    async def _open(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        _auditors_only(asking)
        made = self._cases.made(asking.principal, arguments["reason"], arguments["reference"])
        # the event is durable before the case file is open: a crash between leaves one that opens nothing
        await asking.note("CASE_OPENED", "", [], made.id)
        await asyncio.to_thread(self._cases.open, made)
        return _case(made)

    async def _reveal(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object]:
        _auditors_only(asking)
        token = arguments["pseudonym"]
        case = await asyncio.to_thread(self._cases.mine, arguments["caseFile"], asking.principal)
        sealed = await asyncio.to_thread(self._questions.sealed, token)
        if sealed is None:
            return {"pseudonym": token, "identifier": None, "alsoAskedBy": []}
        others = await asyncio.to_thread(self._questions.identifiers, token)
        tokens = list(dict.fromkeys([token, *others]))
        await asyncio.to_thread(self._cases.reveal, case, tokens)
        found = [each for each in [await asyncio.to_thread(self._opened, one) for one in tokens] if each is not None]
        for each in found:
            await asking.note("IDENTITY_REVEALED", each, [], case.id)
        return {"pseudonym": token, "identifier": found[0], "alsoAskedBy": sorted(set(found[1:]) - {found[0]})}

    def _opened(self, token: str) -> str | None:
        sealed = self._questions.sealed(token)
        return None if sealed is None else self._sealer.open(token, sealed)


def _auditors_only(asking: Asking) -> None:
    if Role.AUDITOR not in asking.principal.roles:
        raise RequestError.of("NOT_AN_AUDITOR", "this is for auditors")


def _question(asking: Asking, arguments: Mapping[str, Any]) -> Question:
    """What is asked: of all agencies by an auditor, of their own by a guardian; raises `RequestError` for others."""
    principal = asking.principal
    agency = arguments.get("agency")
    if Role.AUDITOR not in principal.roles:
        if Role.GUARDIAN not in principal.roles or not principal.agency:
            raise RequestError.of("NOT_AN_AUDITOR", "this is for auditors, and for guardians of an agency")
        agency = principal.agency
    return Question(
        child=arguments.get("child"),
        practitioner=arguments.get("practitioner"),
        agency=agency,
        purpose=arguments.get("purpose"),
        outcome=arguments.get("outcome"),
        field=arguments.get("field"),
        refused=arguments.get("refused", False),
        unrelated=arguments.get("withoutRelationship", False),
        claimed=arguments.get("claimed", False),
        since=_moment(arguments.get("since")),
        until=_moment(arguments.get("until")),
    )


def _moment(text: str | None) -> float | None:
    """Unix seconds; a time without an offset is UTC."""
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError):
        raise RequestError.of("BAD_TIME", "a time is as 2026-03-30T09:00:00Z") from None


def _shown(item: Found) -> dict[str, object]:
    body: Mapping[str, Any] = item.body
    told = {**body, **{name: body[kept] for name, kept in _NAMES.items()}}
    told["at"] = _time(body["time"])
    told["operation"] = item.operation
    told["disclosed"] = [{"agency": agency, "fields": fields} for agency, fields in disclosed(body).items()]
    told["given"] = told["notGiven"] = None
    if "given" in body:
        told["given"] = [each._asdict() for each in given_by(body)]
        told["notGiven"] = [{"children": named, "withheld": withheld} for named, withheld in not_given(body)]
    return told


def _case(case: CaseFile) -> dict[str, object]:
    return {
        "id": case.id,
        "openedBy": case.subject,
        "reason": case.reason,
        "reference": case.reference,
        "openedAt": _time(case.opened),
        "expiresAt": _time(case.expires),
        "revealed": list(case.revealed),
    }


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
