"""One thread for work that would hold up the event loop, which takes its turns among those who ask for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V")


class _Job(NamedTuple):
    work: Callable[[], object]
    done: asyncio.Future[object]


class Workshop:
    """Does one thing after the other; of those who wait each has its turn, however much another has asked for."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)  # it ends with the last that refers to it
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._busy = False

    async def do(self, work: Callable[[], V], asker: str) -> V:
        """What `work` returns or raises."""
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(_Job(work, done))
        self._next()
        return await done  # type: ignore[return-value] # it is set to what `work` returns

    def _next(self) -> None:
        while self._waiting and not self._busy:
            asker, jobs = self._waiting.popitem(last=False)
            job = jobs.popleft()
            if jobs:
                self._waiting[asker] = jobs  # behind the others
            if job.done.done():  # nobody waits for it any more
                continue
            self._busy = True
            doing = asyncio.get_running_loop().run_in_executor(self._thread, job.work)
            doing.add_done_callback(lambda made, job=job: self._ended(job, made))  # type: ignore[misc]

    def _ended(self, job: _Job, made: asyncio.Future[object]) -> None:
        self._busy = False
        if not job.done.done():
            error = made.exception()
            if error is None:
                job.done.set_result(made.result())
            else:
                job.done.set_exception(error)
        self._next()
