"""A GraphQL request out of an HTTP body (GraphQL over HTTP, section 5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import orjson

from authz.principal import Purpose
from gateway.errors import NotAcceptable
from gateway.nesting import nested_within

if TYPE_CHECKING:
    from collections.abc import Mapping

PURPOSE_HEADER = b"cps-purpose"
BREAK_GLASS_HEADER = b"cps-break-glass"
MAX_NESTING = 32
_GRANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class GraphQLRequest(NamedTuple):
    """`query` is None where the document is named by its `hash` only. `break_glass` is the id of a grant."""

    query: str | None
    operation_name: str | None
    variables: Mapping[str, object]
    purpose: Purpose | None
    hash: str | None = None
    break_glass: str | None = None


def read_request(body: bytes, purpose_header: str | None, break_glass: str | None = None) -> GraphQLRequest:
    """The request in a body; raises `NotAcceptable` that says what was expected."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotAcceptable.of(
            "BAD_REQUEST", f"the body is not JSON: line {error.lineno}, column {error.colno}"
        ) from None
    if not isinstance(payload, dict):
        raise NotAcceptable.of("BAD_REQUEST", "the body is a JSON object with `query`")
    query = payload.get("query")
    name = payload.get("operationName")
    variables = payload.get("variables")
    extensions = payload.get("extensions")
    if name is not None and not isinstance(name, str):
        raise NotAcceptable.of("BAD_REQUEST", "`operationName` is a string or null")
    if variables is not None and not isinstance(variables, dict):
        raise NotAcceptable.of("BAD_REQUEST", "`variables` is an object or null")
    if extensions is not None and not isinstance(extensions, dict):
        raise NotAcceptable.of("BAD_REQUEST", "`extensions` is an object or null")
    hash_ = _hash(extensions.get("persistedQuery")) if extensions else None
    if (query is None and hash_ is None) or (query is not None and (not isinstance(query, str) or not query.strip())):
        raise NotAcceptable.of("BAD_REQUEST", "`query` is the text of the operation")
    if not nested_within(variables, MAX_NESTING):
        raise NotAcceptable.of("BAD_REQUEST", f"`variables` are nested at most {MAX_NESTING} deep")
    stated = purpose_header if purpose_header is not None else (extensions or {}).get("purpose")
    if break_glass is not None and not _GRANT.fullmatch(break_glass):
        raise NotAcceptable.of("BAD_REQUEST", "`CPS-Break-Glass` is the id of a grant")
    return GraphQLRequest(query, name or None, variables or {}, _purpose(stated), hash_, break_glass)


def _hash(stated: object) -> str | None:
    """The hash of a persisted document: SHA-256 in hexadecimal."""
    if stated is None:
        return None
    hash_ = stated.get("sha256Hash") if isinstance(stated, dict) and stated.get("version") == 1 else None
    if not isinstance(hash_, str) or not _SHA256.fullmatch(hash_.lower()):
        raise NotAcceptable.of("BAD_REQUEST", "`persistedQuery` is {version: 1, sha256Hash} with 64 hexadecimal digits")
    return hash_.lower()


def _purpose(stated: object) -> Purpose | None:
    if stated is None:
        return None
    try:
        return Purpose(str(stated).strip().upper())
    except ValueError:
        known = ", ".join(purpose.value for purpose in Purpose)
        raise NotAcceptable.of("UNKNOWN_PURPOSE", f"the purpose is one of {known}") from None
