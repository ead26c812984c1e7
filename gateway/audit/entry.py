"""An audit entry: who asked what, why, about whom, and what they were given."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Entry:
    """One request. Times are Unix seconds; `children` and `identifiers` are tokens, never the identifiers themselves.

    `given` is what is true for each child: what a `subgraph` gave, by the codes of `agencies` (one, or one for each
    child), of which `fields` (`Type.field`) a value was returned, the `children` of whom that is true (by their numbers
    in the entry's), with the practitioner's `relationships` with each of them. Without children it is about nobody; a
    child of whom nothing was given has no subgraph. `not_given` is what was `withheld` of which `children`. The entry's
    `withheld` and `relationships` are those of all together; of the last `none` is one where there was a child with
    whom there was none, `claimed` where there was but a claimed one.

    `asked` are agencies, `answered` those of which a value was returned: by their codes, or by the subgraph's name
    where it has the records of several. `requested` are the subgraphs that were asked, with the fields of which none
    had a value; None where it did not answer.

    `links` are pairs of an identifier and the child that it led to. `operation` is the normalised text without
    aliases, in which every literal is a variable; the store keeps each text once, by its hash. `sealed` are tokens with
    what they stand for, encrypted, for case files.
    """

    audit_id: str
    time: float
    subject: str
    issuer: str
    client: str
    agency: str
    roles: tuple[str, ...]
    purpose: str | None
    outcome: str
    operation_hash: str = ""
    operation: str = ""
    variables: Mapping[str, object] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    relationships: tuple[str, ...] = ()
    given: tuple[Mapping[str, object], ...] = ()
    not_given: tuple[Mapping[str, object], ...] = ()
    requested: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    withheld: tuple[Mapping[str, str], ...] = ()
    asked: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    unavailable: tuple[Mapping[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    policy_version: str = ""
    schema_version: str = ""
    response_digest: str = ""
    duration_ms: float = 0.0
    sealed: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_act(cls, what: str, why: tuple[str, ...], *, subject: str = "", issuer: str = "", client: str) -> Entry:
        """What was done beside requests: `what` is its outcome, `why` what is to be said of it."""
        return cls(
            audit_id=secrets.token_urlsafe(16),
            time=time.time(),
            subject=subject,
            issuer=issuer,
            client=client,
            agency="",
            roles=(),
            purpose=None,
            outcome=what,
            errors=why,
        )

    def body(self) -> bytes:
        """The entry as canonical JSON: keys sorted, the operation by its hash, and of what is sealed the digests."""
        content = dict(zip(_NAMES, _VALUES(self), strict=True))
        if self.sealed:
            content["sealed"] = [[token, sealed_digest(value)] for token, value in self.sealed]
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def sealed_digest(value: str) -> str:
    """Return what binds a sealed value to the entry that brought it: 128 bits of its SHA-256, in hexadecimal."""
    return sha256(value.encode()).hexdigest()[:32]


_NAMES: Final = tuple(sorted(each.name for each in fields_of(Entry) if each.name != "operation"))
_VALUES: Final = attrgetter(*_NAMES)
CLOCK_STEPPED: Final = "CLOCK_STEPPED"
"""The outcome of the entry by which it is written down that the clock was set."""

REFUSED: Final = "refused"
"""The mark of an entry by which something, or all, was refused."""

REFUSALS: Final = frozenset((
    "BREAK_GLASS_NOT_YOURS", "CASE_EXHAUSTED", "CLAIMS_SUSPENDED", "CLAIM_NOT_YOURS", "NOT_AN_AUDITOR",
    "NOT_A_GUARDIAN", "NO_SUCH_CASE", "NO_SUCH_CHILD", "NO_SUCH_CLAIM", "NO_SUCH_GRANT", "OWN_CLAIM", "OWN_GRANT",
    "PURPOSE_NOT_YOURS", "TOO_MANY_CASES", "TOO_MANY_CLAIMS", "TOO_MANY_GRANTS",
))  # fmt: skip
"""Codes by which the gateway's own subgraphs refuse what somebody may not do."""

_MARKING: Final = ("outcome", "withheld", "children", "relationships", "errors")
UNRELATED: Final = "unrelated"
"""The mark of an entry about a child with whom the practitioner had no relationship."""

CLAIMED: Final = "claimed"
"""The mark of an entry about a child with whom the practitioner had no relationship but a claimed one."""


def marks(content: Mapping[str, Any]) -> tuple[str, ...]:
    """By which of auditors' questions an entry's content is found, whoever and whatever it is about."""
    refused = content["outcome"] == "REFUSED" or bool(content["withheld"] or REFUSALS.intersection(content["errors"]))
    unrelated = bool(content["children"]) and "none" in content["relationships"]
    claimed = bool(content["children"]) and CLAIMED in content["relationships"]
    return tuple(mark for mark, has in ((REFUSED, refused), (UNRELATED, unrelated), (CLAIMED, claimed)) if has)


class Row(NamedTuple):
    """An entry as the store takes it: what it is found by, and its canonical JSON."""

    audit_id: str
    time: float
    subject: str
    agency: str
    purpose: str | None
    outcome: str
    operation_hash: str
    operation: str
    children: tuple[str, ...]
    identifiers: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    marks: tuple[str, ...]
    sealed: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def of(cls, entry: Entry) -> Row:
        """Raises `AuditUnavailable` where the entry holds what can't be written."""
        try:
            body = entry.body().decode()
            entry.operation.encode()
            if "\\u0000" in body:  # what no database of texts keeps, and only a made-up token has
                raise ValueError
        except (TypeError, ValueError) as error:
            raise AuditUnavailable(f"the entry can't be written: {type(error).__name__}") from error
        return cls(
            entry.audit_id,
            entry.time,
            entry.subject,
            entry.agency,
            entry.purpose,
            entry.outcome,
            entry.operation_hash,
            entry.operation,
            entry.children,
            entry.identifiers,
            entry.links,
            marks({name: getattr(entry, name) for name in _MARKING}),
            entry.sealed,
            body,
        )
