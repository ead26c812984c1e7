"""What is written down of a request. Whoever answers it sends nothing before it is."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from blake3 import blake3

from gateway.audit import MAX_IDENTIFIERS, Entry
from gateway.audit.sealing import NOBODY
from gateway.edge.disclosed import NOTHING
from gateway.errors import RequestError
from gateway.operations.subjects import SUBJECT_KEY
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from authz.principal import Principal, Purpose
    from gateway.audit import Tokeniser
    from gateway.edge.disclosed import Given, Legend, NotGiven
    from gateway.edge.prepared import Planned
    from gateway.edge.settings import Auditing
    from gateway.edge.withheld import KeptBack, WithheldEntry
    from gateway.execution import Outcome
    from gateway.operations import Operation


def digest(body: bytes) -> str:
    """What binds an entry to the bytes that left: BLAKE3 of 256 bits, in hexadecimal (`b3sum` gives the same).

    An answer has many kilobytes: SHA-256 of it would take a seventh of a request where processors have no instructions
    for it, and this takes a hundredth.
    """
    return f"blake3:{blake3(body).hexdigest()}"


class Recorder:
    """Begins the records of requests under one schema and one set of policies; without `auditing` they do nothing."""

    def __init__(
        self,
        auditing: Auditing | None,
        schema_version: str,
        policy_version: str,
        code_of: Callable[[str], str] = str,
    ) -> None:
        """`code_of` gives the code of the agency whose a subgraph (name) is; "" where it is not one agency's."""
        self.auditing = auditing
        self.code_of = code_of
        self.schema_version = schema_version
        self.policy_version = policy_version

    def begin(self, principal: Principal | None, purpose: Purpose | None) -> Record:
        return Record(self, principal, purpose)


class Record:
    """One request's. `asked` says what is asked as soon as that is known; one of the others ends it.

    They return what is to be awaited until the entry is durable: the entry itself is made at once.
    """

    __slots__ = (
        "_clock",
        "_identifiers",
        "_noted",
        "_operation",
        "_principal",
        "_purpose",
        "_recorder",
        "_time",
        "_tokens",
        "_values",
        "id",
    )

    def __init__(self, recorder: Recorder, principal: Principal | None, purpose: Purpose | None) -> None:
        self.id = secrets.token_urlsafe(16)
        self._recorder = recorder
        self._principal = principal
        self._purpose = purpose
        self._operation: Operation | None = None
        self._values: Mapping[str, object] = {}
        self._identifiers: Mapping[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._noted = 0
        if recorder.auditing is not None:
            self._time = time.time()
            self._clock = time.perf_counter()

    def asked(self, operation: Operation) -> None:
        """What is asked; of variables nothing is kept before they are known to fit the schema."""
        self._operation = operation

    def asked_with(self, values: Mapping[str, object]) -> None:
        """Raises `RequestError` where there is more than an entry holds: nothing of it is kept then."""
        auditing = self._recorder.auditing
        if auditing is None or not values:
            return
        kept, identifiers = auditing.tokeniser.variables(values)
        if len(identifiers) > MAX_IDENTIFIERS:
            said = f"the variables hold over {MAX_IDENTIFIERS} different values"
            raise RequestError.of("OPERATION_TOO_LARGE", f"{said}: ask for fewer at once")
        self._values, self._identifiers = kept, identifiers

    @property
    def pseudonyms(self) -> Mapping[str, object]:
        """The values of the request's variables, as the log keeps them; empty without a log."""
        return self._values

    @property
    def count(self) -> int:
        """How many values that may be identifiers the request has: each is kept in the log."""
        return len(self._identifiers)

    @property
    def is_mutation(self) -> bool:
        return self._operation is not None and self._operation.kind == "mutation"

    def tokens(self, children: Iterable[str]) -> list[str]:
        """Return the pseudonyms of children (regional ids); without a log their ids."""
        auditing = self._recorder.auditing
        if auditing is None:
            return list(children)
        known, token = self._tokens, auditing.tokeniser.token
        return [known[child] if child in known else known.setdefault(child, token(child)) for child in children]

    def refused(
        self, error: RequestError, outcome: Outcome | None = None, planned: Planned | None = None
    ) -> Awaitable[None]:
        """Write that the request is refused; where agencies were asked, the `outcome` and the plan say what of whom."""
        codes = tuple(sorted({problem.code for problem in error.problems}))
        auditing = self._recorder.auditing
        if outcome is None or planned is None or auditing is None:
            return self._write(outcome="REFUSED", errors=codes)
        children = dict(zip(self.tokens(outcome.subjects), outcome.subjects, strict=True))
        return self._write(
            outcome="REFUSED",
            errors=codes,
            children=tuple(children),
            sealed=self._sealed(auditing, children),
            asked=self._coded(outcome.asked),
            requested=_requested(outcome, planned),
        )

    def intended(self) -> Awaitable[None]:
        """What may be carried out is written down before it is."""
        return self._write(audit_id=f"{self.id}.intent", outcome="INTENT")

    def noted(self, what: str, child: str, agencies: Sequence[str], why: str) -> Awaitable[None]:
        """An event of this request's: what was done about a child (or "" for none), whom it concerns, and why."""
        auditing = self._recorder.auditing
        if auditing is None:
            return _nothing()
        self._noted += 1
        children = {auditing.tokeniser.token(child): child} if child else {}
        return self._write(
            audit_id=f"{self.id}.{what.lower()}.{self._noted}",
            outcome=what,
            children=tuple(children),
            sealed=self._sealed(auditing, children),
            asked=tuple(agencies),
            errors=(why,),
        )

    def failed(self, outcome: Outcome, planned: Planned) -> Awaitable[None]:
        return self._write(outcome="FAILED", asked=self._coded(outcome.asked), requested=_requested(outcome, planned))

    def answered(
        self,
        outcome: Outcome,
        planned: Planned,
        variables: Mapping[str, object],
        withheld: Sequence[WithheldEntry],
        given: Given,
        not_given: Iterable[NotGiven],
        legend: Legend,
        body: bytes,
    ) -> Awaitable[None]:
        """`withheld` is all that was said of what was not given; `legend` has the names of what was."""
        auditing = self._recorder.auditing
        if auditing is None:
            return _nothing()
        children = dict(zip(self.tokens(outcome.subjects), outcome.subjects, strict=True))
        return self._write(
            outcome="PARTIAL" if outcome.unavailable or withheld or outcome.errors else "ANSWERED",
            children=tuple(children),
            sealed=self._sealed(auditing, children),
            links=_links(self._operation, variables, outcome, auditing.tokeniser) if outcome.subjects else (),
            relationships=given.relationships,
            given=given.given,
            not_given=tuple(self._not_given(each) for each in not_given),
            requested=_requested(outcome, planned, given, legend),
            withheld=tuple(self._withheld(planned.kept_back(item)) for item in withheld),
            asked=self._coded(outcome.asked),
            answered=given.agencies,
            unavailable=tuple(
                {"path": planned.paths.get(item.path, ""), "agency": self._code(item.agency), "reason": item.reason}
                for item in outcome.unavailable
            ),
            errors=tuple(sorted({problem.code for problem in outcome.errors})),
            response_digest=digest(body),
        )

    def _code(self, subgraph: str) -> str:
        """Return the code of whose it is, or its name where it is not one agency's."""
        return self._recorder.code_of(subgraph) or subgraph

    def _coded(self, subgraphs: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({self._code(each) for each in subgraphs}))

    def _withheld(self, item: KeptBack) -> dict[str, str]:
        return {**item._asdict(), "agency": self._code(item.agency)}

    def _not_given(self, of: NotGiven) -> dict[str, object]:
        return {"children": of.children, "withheld": [self._withheld(item) for item in of.withheld]}

    def _sealed(self, auditing: Auditing, children: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        found = {**self._identifiers, **children}
        principal = self._principal
        asker = (principal.issuer, principal.subject) if principal is not None else NOBODY
        return auditing.sealer.seal(found, asker) if found else ()

    def _write(self, *, outcome: str, audit_id: str | None = None, **found: object) -> Awaitable[None]:
        """Make the entry durable; what is awaited raises `AuditUnavailable` where it can't be."""
        recorder = self._recorder
        if recorder.auditing is None:
            return _nothing()
        principal, operation = self._principal, self._operation
        entry = Entry(
            audit_id=audit_id or self.id,
            time=self._time,
            subject=principal.subject if principal else "",
            issuer=principal.issuer if principal else "",
            client=principal.client if principal else "",
            agency=principal.agency if principal else "",
            roles=tuple(role.value for role in principal.roles) if principal else (),
            purpose=self._purpose.value if self._purpose else None,
            outcome=outcome,
            operation_hash=operation.hash if operation else "",
            operation=operation.logged if operation else "",
            variables=self._values,
            identifiers=tuple(self._identifiers),
            policy_version=recorder.policy_version,
            schema_version=recorder.schema_version,
            duration_ms=round((time.perf_counter() - self._clock) * 1_000, 3),
            **found,  # type: ignore[arg-type] # the names of Entry's own fields, given above
        )
        return _appended(entry, recorder.auditing) if entry.sealed else recorder.auditing.log.append(entry)


async def _appended(entry: Entry, auditing: Auditing) -> None:
    await auditing.log.append(entry)
    auditing.sealer.keep(entry.sealed, (entry.issuer, entry.subject))


async def _nothing() -> None:
    """Without a log there is nothing to wait for."""


def _requested(
    outcome: Outcome, planned: Planned, given: Given = NOTHING, legend: Legend | None = None
) -> Mapping[str, tuple[str, ...] | None]:
    """Return what was asked and had no value, by subgraph; None of those that did not answer."""
    fields = planned.fields(outcome)
    found: dict[str, tuple[str, ...] | None] = {}
    for name in sorted(outcome.asked):
        of_graph, bits = fields.get(name, ()), given.bits.get(name, 0)
        others = legend.without(of_graph, bits) if legend is not None and bits else of_graph
        found[name] = None if name in outcome.failed else others
    return found


def _links(
    operation: Operation | None, variables: Mapping[str, object], outcome: Outcome, tokeniser: Tokeniser
) -> tuple[tuple[str, str], ...]:
    """Which identifier led to which child: a root field with one value that found one subject."""
    found: dict[tuple[str, str], None] = {}
    for selection in operation.selections if operation else ():
        if not isinstance(selection, Field):
            continue
        value = (outcome.data or {}).get(selection.key)
        subject = value.get(SUBJECT_KEY) if isinstance(value, dict) else None
        given = [variables.get(name) for argument in selection.arguments for name in argument.variables]
        asked = [item for item in given if isinstance(item, str | int) and not isinstance(item, bool)]
        if isinstance(subject, str) and len(asked) == 1:
            found[tokeniser.token(str(asked[0])), tokeniser.token(subject)] = None
    return tuple(found)
