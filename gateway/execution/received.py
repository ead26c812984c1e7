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

    __slots__ = ("_bytes", "_objects", "_own", "_uncounted", "_values")

    def __init__(self, own: Mapping[str, AnswerLimits]) -> None:
        self._own = own
        self._bytes = self._objects = self._values = 0
        self._uncounted: list[bytes] = []

    def take(self, graph: str, body: bytes) -> bool:
        """Count an answer of a subgraph (id); return whether it is so large that it is decoded in pieces.

        Raises `SubgraphError` where it passes a limit: of its own, or of the request's, with those before it.
        """
        self._bytes += len(body)
        if self._bytes <= SURE:
            self._uncounted.append(body)
            return False
        objects = values = 0
        for each in (*self._uncounted, body):
            objects, values = counted(each)
            self._objects += objects
            self._values += values
        self._uncounted.clear()
        limits = self._own.get(graph, OF_AN_ANSWER)
        of_it = AnswerLimits(len(body), objects, values)
        of_all = AnswerLimits(self._bytes, self._objects, self._values)
        most = OF_A_REQUEST if not self._own else OF_A_REQUEST.or_more(limits)
        for found, bound in ((of_it, limits), (of_all, most)):
            if any(map(int.__gt__, found, bound)):
                raise SubgraphError("TOO_LARGE", "the answer holds more than is taken of it, or of all answers")
        return any(map(int.__gt__, of_it, OF_AN_ANSWER))


def counted(body: bytes) -> tuple[int, int]:
    """Return how many objects and how many values an answer may hold at most."""
    objects = body.count(b"{")
    return objects, 1 + objects + body.count(b"[") + body.count(b",")
