"""How requests are to be answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gateway.edge.persisted import PersistedDocuments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.assertion import Signer
    from authz.policy import Policies
    from authz.principal import Principal, Purpose
    from gateway.answer_limits import AnswerLimits
    from gateway.audit import Entry, Sealer, Tokeniser
    from gateway.edge.person_limiter import PersonLimiter
    from gateway.execution.reference import ReferenceCache
    from gateway.inside import Inside
    from gateway.operations import Limits


class Log(Protocol):
    """What keeps entries; `append` returns when its entry is durable, and raises `AuditUnavailable` where it is not."""

    async def append(self, entry: Entry) -> None: ...


class Grants(Protocol):
    """Who has broken the glass for whom."""

    async def child_of(self, grant: str, principal: Principal, purpose: Purpose | None) -> str | None:
        """The child (by regional id) for whom this grant of the principal's is in force, for this purpose."""


class Claims(Protocol):
    """Who has claimed a relationship with whom."""

    async def of(self, principal: Principal, purpose: Purpose | None) -> frozenset[str]:
        """Return the children (regional ids) whom the principal has claimed for this purpose, at this moment."""


@dataclass(frozen=True, slots=True)
class Auditing:
    """Where entries go, and how identifiers in them become tokens, and may become identifiers again."""

    log: Log
    tokeniser: Tokeniser
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Settings:
    """What the pipeline is to do. `policies` is None with `--insecure-no-auth`, `auditing` with `--no-audit`.

    `agencies` are the codes of subgraphs that are one agency's, `hosted` those of all whose records one gives;
    `audiences` say for whom the assertions to a subgraph are made, where that is not its name in capitals.
    `pass_messages` names the subgraphs whose own messages reach the client where they err, and `codes` are those of
    errors and reasons that a subgraph may give beyond the standard ones; `labels` are those of
    progressive overrides that are in force whatever is drawn. `reference` keeps what agencies say is for everyone.
    `signer` asserts to subgraphs who asks; `grants` knows who has broken the glass for whom, `claims` who has claimed
    a relationship with whom. `limiter` counts what one person does. `inside` are the gateway's own subgraphs, by the
    URLs that stand for them. `answers` are the limits of answers of subgraphs that have others than is usual.
    """

    policies: Policies | None
    auditing: Auditing | None
    agencies: Mapping[str, str]
    limits: Limits
    pass_messages: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    reference: ReferenceCache | None = None
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hosted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    audiences: Mapping[str, str] = field(default_factory=dict)
    signer: Signer | None = None
    grants: Grants | None = None
    claims: Claims | None = None
    limiter: PersonLimiter | None = None
    inside: Mapping[str, Inside] = field(default_factory=dict)
    answers: Mapping[str, AnswerLimits] = field(default_factory=dict)
