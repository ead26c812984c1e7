"""Answering the auditors' subgraph, in this process. What it is asked is written down like anything else."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from authz.principal import Role
from gateway.audit.checkpoint import verifier_keys
from gateway.audit.questions import Question, Questions
from gateway.audit.report import as_csv, as_html, report
from gateway.audit.schema import TYPES
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

    def __init__(self, log: AuditedLog, tokeniser: Tokeniser, sealer: Sealer, cases: CaseFiles) -> None:
        self._log = log
        self._questions = Questions(log.where, tokeniser, sealer)
        self._sealer = sealer
        self._cases = cases
        self._schema = executable(TYPES)
        self._verifying = asyncio.Lock()
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
        return source.get(info.field_name)

    async def _accesses(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object] | None:
        question = _question(asking, arguments)
        if question is None:
            return None
        first, after = arguments["first"], arguments.get("after")
        if first < 1 or (after is not None and not after.isdigit()):
            raise RequestError.of("BAD_PAGE", "`first` is 1 or more, and `after` the cursor of an earlier page", 400)
        page = await asyncio.to_thread(self._questions.page, question, first, None if after is None else int(after))
        last = str(page.entries[-1].seq) if page.entries else None
        return {"entries": [_shown(item) for item in page.entries], "more": page.more, "cursor": last}

    async def _counts(self, asking: Asking, arguments: Mapping[str, Any]) -> list[dict[str, object]] | None:
        question = _question(asking, arguments)
        if question is None:
            return None
        found = await asyncio.to_thread(self._questions.counts, question, arguments["by"])
        return [each._asdict() for each in found]

    async def _report(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object] | None:
        question = _question(asking, arguments)
        if question is None:
            return None
        made = await asyncio.to_thread(report, self._questions, question, asking.supergraph)
        lines = [
            {
                "at": line.at,
                "agency": line.agency,
                "roles": line.roles,
                "purpose": line.purpose or None,
                "information": line.information,
                "heldBy": line.held_by,
            }
            for line in made.lines
        ]
        told: dict[str, object] = {"child": made.child, "made": made.made, "whole": made.whole, "accesses": lines}
        return {**told, "html": as_html(made), "csv": as_csv(made)}

    async def _verified(self, asking: Asking, arguments: Mapping[str, Any]) -> dict[str, object] | None:
        if Role.AUDITOR not in asking.principal.roles:
            return None
        async with self._verifying:  # it reads all there is: one at a time
            return await asyncio.to_thread(self._checked, arguments.get("olderHead"))

    def _checked(self, older: str | None) -> dict[str, object]:
        keys = verifier_keys(self._log.signing)
        told: dict[str, object] = {"verifierKey": keys[0], "entries": 0, "pending": 0, "signedHeads": 0}
        try:
            found: Verified = verify(self._log.where, keys, older)
            told |= {"head": self._questions.head() if found.heads else None}
        except Broken as error:
            return {**told, "unaltered": False, "firstWrong": error.index, "why": str(error)}
        except ConfigError as error:
            if older is None:
                raise
            raise RequestError.of("BAD_HEAD", f"the older head: {error}", 400) from error
        sizes = {"entries": found.size, "pending": found.pending, "signedHeads": found.heads}
        return {**told, **sizes, "unaltered": True, "root": found.root}

    async def _listed(self, asking: Asking, arguments: Mapping[str, Any]) -> list[dict[str, object]] | None:
        if Role.AUDITOR not in asking.principal.roles:
            return None
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
        identifier = await asyncio.to_thread(self._opened, token)
        others = await asyncio.to_thread(self._questions.identifiers, token)
        if identifier is not None:
            await asking.note("IDENTITY_REVEALED", identifier, [], case.id)
            await asyncio.to_thread(self._cases.reveal, case, token)
        found = [await asyncio.to_thread(self._opened, other) for other in others] if identifier is not None else []
        also = sorted(each for each in found if each not in (None, identifier))
        return {"pseudonym": token, "identifier": identifier, "alsoAskedBy": also}

    def _opened(self, token: str) -> str | None:
        sealed = self._questions.sealed(token)
        return None if sealed is None else self._sealer.open(token, sealed)


def _auditors_only(asking: Asking) -> None:
    if Role.AUDITOR not in asking.principal.roles:
        raise RequestError.of("NOT_AN_AUDITOR", "case files are for auditors", 403)


def _question(asking: Asking, arguments: Mapping[str, Any]) -> Question | None:
    """What is asked, by whoever may ask: all of it by an auditor, of their own agency by a guardian; else None."""
    principal = asking.principal
    agency = arguments.get("agency")
    if Role.AUDITOR not in principal.roles:
        if Role.GUARDIAN not in principal.roles or not principal.agency:
            return None
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
        raise RequestError.of("BAD_TIME", "a time is as 2026-03-30T09:00:00Z", 400) from None


def _shown(item: Found) -> dict[str, object]:
    body: Mapping[str, Any] = item.body
    told = {**body, **{name: body[kept] for name, kept in _NAMES.items()}}
    told["at"] = _time(body["time"])
    told["operation"] = item.operation
    told["disclosed"] = [{"agency": agency, "fields": fields} for agency, fields in body["fields"].items()]
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
