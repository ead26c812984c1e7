"""Which of an agency's words reach clients: codes and reasons of a closed list for each subgraph, in our sentences.

An agency's error may hold anything, a child's name among it. Its message reaches nobody unless configuration says so,
and its code and reason do so only where they are known: `STANDARD`, what configuration adds for the subgraph, or what a
subgraph of the gateway's own declares.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from authz.withholding import WithholdingReason

MASKED: Final = "SUBGRAPH_ERROR"
"""The code that stands for any that is not known."""

WITHHELD: Final = "WITHHELD"

STANDARD: Final = {
    "BAD_LOOKUP": "`{}` looks up by exactly one identifier",
    "BAD_PAGE": "`{}` has no such page: see the bounds of `first`, and take `after` from the list itself",
    "BAD_REQUEST": "`{}` could not take a value of this request",
    "BAD_USER_INPUT": "`{}` could not take a value of this request",
    "GRAPHQL_VALIDATION_FAILED": "`{}` does not offer what this request asks of it",
    "INTERNAL": "`{}` answered with an error here",
    "TIMEOUT": "`{}` took too long",
    "UNAUTHENTICATED": "`{}` did not take the gateway's assertion",
    WITHHELD: "`{}` withholds this",
}
"""The codes that any subgraph may give, with what is said of each; `{}` is the subgraph's name."""

CLIENT_FAULTS: Final = frozenset(("BAD_LOOKUP", "BAD_PAGE", "BAD_USER_INPUT"))
"""Codes by which an agency says that the request's values are at fault, and not itself.

That it does not take the request as the gateway has made it is nobody's who asked: what was requested is not there.
"""

_WORD: Final = re.compile(r"[A-Z][A-Z_]{0,63}")


class Refusals(NamedTuple):
    """What one subgraph may say. `codes` are those, of errors and reasons, that it has beyond the standard ones.

    `passes_messages`: its own messages reach clients, and so does any code. `at_fault` are codes of its own by which it
    says that the request is at fault.
    """

    codes: frozenset[str] = frozenset()
    passes_messages: bool = False
    at_fault: frozenset[str] = frozenset()

    def code(self, given: object) -> str:
        """Return the code that the client gets for what an error gives as its code."""
        if not isinstance(given, str) or not _WORD.fullmatch(given):
            return MASKED
        return given if self.passes_messages or given in STANDARD or given in self.codes else MASKED

    def reason(self, given: object, code: str) -> str:
        """Return the reason that the client gets for an error with this code: the code itself where none is known."""
        if isinstance(given, str) and _WORD.fullmatch(given):
            known = given in self.codes or (code == WITHHELD and given in set(WithholdingReason))
            if known or self.passes_messages:
                return given
        return code

    def message(self, given: str | None, code: str, agency: str) -> str:
        """Return the sentence that the client gets."""
        if given and self.passes_messages:
            return given
        return STANDARD.get(code, "`{}` answered with an error here").format(agency)

    def is_client_fault(self, code: str) -> bool:
        """Say whether an error with this code is the request's fault: then the agency is there, and nothing is lost."""
        return code in CLIENT_FAULTS or code in self.at_fault


STANDARD_REFUSALS: Final = Refusals()
