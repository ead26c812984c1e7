"""A transport whose answers a test makes."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from gateway.errors import SubgraphError
from gateway.execution import Answer, SubgraphTransport, Target
from gateway.execution.connection import Done, Exchange


class ScriptedTransport(SubgraphTransport):
    """Asks `answer` where the pool would ask a subgraph; what it raises comes like any other end of an exchange."""

    @abstractmethod
    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        """What a subgraph says; raises `SubgraphError` where it says nothing."""

    def send(self, to: Target, body: bytes, headers: bytes, done: Done, *, again: bool) -> Exchange:
        exchange = Exchange(to, body, done, again, 0.0)
        task = asyncio.get_running_loop().create_task(self.answer(to, body, headers))
        task.add_done_callback(lambda ended: self._ended(ended, done))
        return exchange

    def _ended(self, task: asyncio.Task[Answer], done: Done) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            done(task.result())
        elif isinstance(error, SubgraphError):
            done(error)
        else:
            done(SubgraphError("BAD_CONTENT", "the script failed"))
            raise error
