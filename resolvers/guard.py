"""Who may ask an agency's subgraph: requests that carry the gateway's assertion, made for this agency, and its own id.

The agency has the last word: its `LastWord` keeps a record back, a resolver that raises `Withheld` a field, and the
gateway tells the practitioner that the agency did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from authz.assertion import ASSERTION_HEADER, Assertion, AssertionVerifier
from authz.errors import AccessError, TokenError
from resolvers.errors import RequestRefused, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LastWord: TypeAlias = Callable[[Assertion | None, object], str | None]
"""Given who asks and a record, a word in capitals that says why the record is withheld from them, or None."""

REQUEST_ID_HEADER: Final = "cps-request-id"
_REQUEST_ID: Final = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_SDL_QUERIES: Final = frozenset(("{_service{sdl}}", "query{_service{sdl}}"))


def request_id(headers: Mapping[str, str]) -> str:
    """The gateway's id of a request; "" where there is none that can be one."""
    given = headers.get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else ""


class Guard:
    """Checks requests; what the schema looks like may be asked by anyone who reaches the subgraph."""

    def __init__(self, verifier: AssertionVerifier) -> None:
        self._verifier = verifier

    @classmethod
    def of_file(cls, path: Path, gateway: str, audience: str) -> Guard:
        """By the gateway's public keys in a file (a JWK set); raises `SourceUnavailable` where it can't be used."""
        try:
            return cls(AssertionVerifier(json.loads(path.read_bytes()), gateway, audience))
        except (OSError, ValueError, AccessError) as error:
            raise SourceUnavailable(f"the gateway's keys can't be used: {type(error).__name__}") from error

    def check(self, headers: Mapping[str, str], query: str) -> Assertion | None:
        """What the gateway asserts of who asks, None for the question for the SDL; raises `RequestRefused`."""
        if "".join(query.split()) in _SDL_QUERIES:
            return None
        token = headers.get(ASSERTION_HEADER)
        if not token:
            raise RequestRefused(401, "UNAUTHENTICATED", "a subgraph answers the gateway only: no assertion came")
        try:
            found = self._verifier.verify(token)
        except TokenError as error:
            raise RequestRefused(401, "UNAUTHENTICATED", str(error)) from None
        if not request_id(headers):
            raise RequestRefused(
                400, "BAD_REQUEST", f"the gateway's id of the request is expected: {REQUEST_ID_HEADER}"
            )
        return found
