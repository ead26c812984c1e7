"""Authorization codes: single use, 60 seconds, in a bounded store (RFC 6749 section 4.1.2)."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

CODE_SECONDS = 60
OUTSTANDING_CODES = 1000


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for: who signed in, to which client, and what the token request must repeat."""

    sub: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    scope: tuple[str, ...]
    nonce: str | None


class Codes:
    """The outstanding codes, oldest first. When it is full the oldest goes: it would expire first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._grants: OrderedDict[str, tuple[float, Grant]] = OrderedDict()

    def issue(self, grant: Grant) -> str:
        """A new code for this grant."""
        while len(self._grants) >= OUTSTANDING_CODES:
            self._grants.popitem(last=False)
        code = secrets.token_urlsafe(32)
        self._grants[code] = (self._clock() + CODE_SECONDS, grant)
        return code

    def redeem(self, code: str) -> Grant | None:
        """The code's grant, once; None if it is unknown, used or expired."""
        expires, grant = self._grants.pop(code, (0.0, None))
        return grant if self._clock() < expires else None
