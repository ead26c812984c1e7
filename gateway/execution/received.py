"""What the answers of one request hold, counted before anything of them is decoded.

A byte is counted where it is read; objects and values in one pass over the bytes, by the signs that begin and part
them. What texts have of those signs counts too: that is too many rather than too few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.answer_limits import OF_A_REQUEST, OF_AN_ANSWER, AnswerLimits
from gateway.errors import SubgraphError

if TYPE_CHECKING:
    from collections.abc import Mapping

SURE: Final = 2 * min(OF_AN_ANSWER.objects, OF_AN_ANSWER.values)
"""Bytes up to which no answers pass a limit: each object takes two at least, and each value with its comma."""


class Received:
    """The answers of one request, as they come. `own` are the limits of agencies (by subgraph) that have others."""

    __slots__ = ("_bytes", "_own", "_totals", "_uncounted")

    def __init__(self, own: Mapping[str, AnswerLimits]) -> None:
        self._own = own
        self._bytes = 0
        self._totals: dict[str, AnswerLimits] = {}
        self._uncounted: list[tuple[str, bytes]] = []

    def take(self, graph: str, body: bytes) -> bool:
        """Count an answer of a subgraph (id); return whether it is so large that it is decoded in pieces.

        Raises `SubgraphError` where it passes a limit: of its own, or of the request's, with those before it. The
        answers of an agency that has other limits count by themselves: they take nothing from the others.
        """
        self._bytes += len(body)
        if self._bytes <= SURE:
            self._uncounted.append((graph, body))
            return False
        held = AnswerLimits(0, 0, 0)
        for by, each in (*self._uncounted, (graph, body)):
            held = AnswerLimits(len(each), *counted(each))
            of = by if by in self._own else ""
            self._totals[of] = self._totals.get(of, AnswerLimits(0, 0, 0)).and_also(held)
        self._uncounted.clear()
        limits = self._own.get(graph, OF_AN_ANSWER)
        total = self._totals[graph if graph in self._own else ""]
        if not held.is_within(limits) or not total.is_within(OF_A_REQUEST.or_more(limits)):
            raise SubgraphError("TOO_LARGE", "the answer holds more than is taken of it, or of all answers")
        return not held.is_within(OF_AN_ANSWER)


def counted(body: bytes) -> tuple[int, int]:
    """Return how many objects and how many values an answer may hold at most."""
    objects = body.count(b"{")
    return objects, 1 + objects + body.count(b"[") + body.count(b",")
