"""Running a plan: each request as soon as those that it waits for are done."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from gateway.execution.connection import Answer
from gateway.execution.context import holds
from gateway.execution.fetch import (
    bounded,
    fetch_in_parts,
    fetch_reference,
    out_of_reach,
    receive,
    receive_in_pieces,
    send,
)
from gateway.execution.permitted import fetch_what_is_permitted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from gateway.errors import SubgraphError
    from gateway.execution.compile import Asking, Program
    from gateway.execution.context import Context
    from gateway.execution.gathered import Gathered


class Run:
    """A plan under way. An answer is merged, and what waited for it is sent, in the callback that brings it.

    Only a request of which something is missing, whose arguments come from objects above or whose answer may be kept
    takes a task of its own.

    Where a request that another waited for brought no objects, or not all of them, those of others stand in: which are
    asked about, or said to lack what is needed to ask, must not depend on who answered first.
    """

    __slots__ = ("_context", "_done", "_late", "_left", "_over", "_program", "_tasks", "_waits")

    def __init__(self, program: Program, context: Context) -> None:
        self._program = program
        self._context = context
        self._waits = list(program.waits)
        self._left = len(program.requests)
        self._over: set[int] = set()
        self._late: dict[int, list[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def carry_out(self) -> None:
        """Every request of the plan; the outcome in the context holds what came of it."""
        try:
            self._begin(self._program.first)
            if self._left:
                await self._done
        finally:
            self._done.cancel()  # where it is done this does nothing; else what still comes finds nobody waiting
            for task in self._tasks:
                task.cancel()

    def _begin(self, ready: Sequence[int]) -> None:
        """Send these requests, and those that only waited for such of them as have nothing to ask."""
        numbers = list(ready)
        for number in numbers:
            if self._is_done_at_once(self._program.requests[number]):
                numbers += self._ended(number)

    def _is_done_at_once(self, asking: Asking) -> bool:
        context = self._context
        assert context.outcome.data is not None
        assert asking.ask is not None
        try:
            gathered = asking.ask(context, context.outcome.data)
        except RecursionError:
            out_of_reach(asking.request, context)
            return True
        if asking.others and self._waits_for_others(asking, gathered):
            return False
        if any(one.partial for one in gathered):
            self._wait_for(asking, fetch_what_is_permitted(self._program, asking, gathered, context))
            return False
        if asking.by_context or any(one.missing for one in gathered):
            self._wait_for(asking, fetch_in_parts(asking, gathered, context))
            return False
        if asking.lifetime and context.reference is not None and any(one.objects for one in gathered):
            supergraph = self._program.supergraph
            self._wait_for(asking, fetch_reference(asking, gathered, context.reference, supergraph, context))
            return False
        if not any(one.objects for one in gathered):
            return True
        send(asking.request, asking.body(gathered, context), context, partial(self._answered, asking, gathered))
        return False

    def _waits_for_others(self, asking: Asking, gathered: list[Gathered]) -> bool:
        """Let it begin again when others have brought what they bring, if objects may be lacking."""
        context = self._context
        under_way = asking.others - self._over
        found_all = all(
            one.objects or one.missing or one.partial or not holds(one.step.wanted, context.variables)
            for one in gathered
        )
        if not under_way or (found_all and not context.outcome.errors):
            return False
        number = asking.request.number
        self._waits[number] = len(under_way)
        for other in under_way:
            self._late.setdefault(other, []).append(number)
        return True

    def _answered(self, asking: Asking, gathered: list[Gathered], answer: Answer | SubgraphError) -> None:
        if self._done.done():
            return  # nobody waits any more
        try:
            answer, is_large = bounded(asking.request, answer, self._context)
            if is_large and isinstance(answer, Answer):
                self._wait_for(asking, receive_in_pieces(asking, gathered, answer, self._context))
                return
            receive(asking, gathered, answer, self._context)
            self._begin(self._ended(asking.request.number))
        except Exception as error:  # raised where the plan is waited for
            self._done.set_exception(error)

    def _wait_for(self, asking: Asking, fetching: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(fetching)
        self._tasks.add(task)
        task.add_done_callback(partial(self._fetched, asking))

    def _fetched(self, asking: Asking, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._done.done() or task.cancelled():
            return
        try:
            task.result()
            self._begin(self._ended(asking.request.number))
        except Exception as error:  # raised where the plan is waited for
            self._done.set_exception(error)

    def _ended(self, number: int) -> list[int]:
        """The requests that waited for this one alone."""
        self._over.add(number)
        self._left -= 1
        if not self._left:
            self._done.set_result(None)
        ready = []
        for later in (*self._program.followers[number], *self._late.pop(number, ())):
            self._waits[later] -= 1
            if not self._waits[later]:
                ready.append(later)
        return ready
