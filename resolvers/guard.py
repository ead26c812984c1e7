"""Who may ask an agency's subgraph: requests that carry the gateway's assertion, made for this agency, and its own id.

The agency has the last word: its `LastWord` keeps a record back, a resolver that raises `Withheld` a field, and the
gateway tells the practitioner that the agency did.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from authz.assertion import ASSERTION_HEADER, LEEWAY, SECONDS, Assertion, AssertionVerifier
from authz.errors import AccessError, TokenError
from resolvers.errors import RequestRefused, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LastWord: TypeAlias = Callable[[Assertion | None, object], str | None]
"""Given who asks and a record, a word in capitals that says why the record is withheld from them, or None."""

REQUEST_ID_HEADER: Final = "cps-request-id"
ATTEMPT_HEADER: Final = "cps-request-attempt"
MAX_SEEN: Final = 500_000
"""Attempts that are remembered: of more in an assertion's life, the rest are refused."""

_ATTEMPT: Final = re.compile(r"\d{1,15}", re.ASCII)
_REQUEST_ID: Final = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_SDL_QUERIES: Final = frozenset(("{_service{sdl}}", "query{_service{sdl}}"))


def request_id(headers: Mapping[str, str]) -> str:
    """The gateway's id of a request; "" where there is none that can be one."""
    given = headers.get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else ""


class SeenAttempts:
    """The requests that have been answered within an assertion's life, each by its id and attempt."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}

    def is_new(self, request: str, attempt: str) -> bool:
        """Remember an attempt; False where it has been seen, or no more can be remembered."""
        now = self._clock()
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now:
                break
            del self._until[oldest]
        slot = (request, attempt)
        if slot in self._until or len(self._until) >= MAX_SEEN:
            return False
        self._until[slot] = now + SECONDS + 2 * LEEWAY
        return True


class Guard:
    """Checks requests; what the schema looks like may be asked by anyone who reaches the subgraph."""

    def __init__(self, verifier: AssertionVerifier, seen: SeenAttempts | None = None) -> None:
        self._verifier = verifier
        self._seen = seen or SeenAttempts()

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
        request, attempt = request_id(headers), headers.get(ATTEMPT_HEADER, "")
        if not request or not _ATTEMPT.fullmatch(attempt):
            expected = f"{REQUEST_ID_HEADER} and {ATTEMPT_HEADER}"
            raise RequestRefused(400, "BAD_REQUEST", f"the gateway's id of the request is expected: {expected}")
        if not self._seen.is_new(request, attempt):
            raise RequestRefused(409, "REPLAYED", "this request has come before")
        return found
