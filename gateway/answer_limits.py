"""How much one answer of an agency, and all answers of one request, may hold."""

from __future__ import annotations

from typing import Final, NamedTuple

MiB: Final = 1024 * 1024


class AnswerLimits(NamedTuple):
    """`values` are those of any kind: objects, lists and what is in them."""

    bytes: int = 8 * MiB
    objects: int = 5_000
    values: int = 50_000

    def and_also(self, other: AnswerLimits) -> AnswerLimits:
        """Return the sum of both, as of what two answers hold."""
        return AnswerLimits(*(one + more for one, more in zip(self, other, strict=True)))

    def is_within(self, most: AnswerLimits) -> bool:
        """Return whether this, as what an answer holds, passes none of those limits."""
        return all(one <= bound for one, bound in zip(self, most, strict=True))

    def or_more(self, other: AnswerLimits) -> AnswerLimits:
        """Return the larger of each."""
        return AnswerLimits(*map(max, self, other))


OF_AN_ANSWER: Final = AnswerLimits()
OF_A_REQUEST: Final = AnswerLimits(32 * MiB, 25_000, 250_000)
LARGEST: Final = AnswerLimits(64 * MiB, 200_000, 2_000_000)
"""What configuration may allow one agency."""
