"""Entries to append, made short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import count

import orjson

from gateway.audit import Entry, Sealer, Tokeniser
from gateway.audit.entry import Row

KEY = bytes(range(32))
TOKENISER = Tokeniser(KEY)
SEALER = Sealer(KEY)
_numbers = count()


def given(
    agency: str, fields: Sequence[str], *children: int, ties: Sequence[str] = (), subgraph: str = ""
) -> dict[str, object]:
    """Return what an agency gave of these of an entry's children."""
    told = {"subgraph": subgraph or agency, "agencies": [agency], "children": children}
    return {**told, "relationships": ties, "fields": fields}


def earlier(made: Entry, fields: Mapping[str, Sequence[str]] | None = None) -> Row:
    """Return an entry as it was written before it was told of each child what was given of it.

    `fields` are those that were asked for, by agency.
    """
    body = {
        name: value
        for name, value in orjson.loads(made.body()).items()
        if name not in ("given", "not_given", "requested")
    }
    body["fields"] = fields or {}
    return Row.of(made)._replace(body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode())


def entry(
    *,
    asked: tuple[str, ...] = (),
    children: tuple[str, ...] = (),
    subject: str = "worker-7",
    time: float = 1_000.0,
    audit_id: str | None = None,
    operation: str = "query { agencies }",
    variables: Mapping[str, object] | None = None,
) -> Entry:
    """An entry that was asked by these identifiers and disclosed these children; one of each belong together."""
    alone = len(asked) == 1 and len(children) == 1
    kept, identifiers = TOKENISER.variables(
        variables if variables is not None else {str(n): a for n, a in enumerate(asked)}
    )
    return Entry(
        audit_id=audit_id or f"id-{next(_numbers)}",
        time=time,
        subject=subject,
        issuer="https://idp.example",
        client="console",
        agency="380",
        roles=("social_worker",),
        purpose="S47",
        outcome="ANSWERED",
        operation_hash=sha256(operation.encode()).hexdigest(),
        operation=operation,
        variables=kept,
        identifiers=tuple(identifiers),
        children=tuple(map(TOKENISER.token, children)),
        links=((TOKENISER.token(asked[0]), TOKENISER.token(children[0])),) if alone else (),
        asked=("index",),
    )
