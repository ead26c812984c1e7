"""One thread for work that would hold up the event loop, which takes its turns among those who ask for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V")

MAX_WAITING: Final = 1_024
MAX_OF_ONE: Final = 64
"""Jobs that may wait, of all who ask and of one of them."""


class Job(Generic[V]):
    """`done` is what comes of it. `begun`: it can't be given up any more."""

    __slots__ = ("begun", "done", "work")

    def __init__(self, work: Callable[[], V]) -> None:
        self.work = work
        self.begun = False
        self.done: asyncio.Future[V] = asyncio.get_running_loop().create_future()


class Workshop:
    """Does one thing after the other; of those who wait each has its turn, however much another has asked for."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)  # it ends with the last that refers to it
        self._waiting: OrderedDict[str, deque[Job[object]]] = OrderedDict()
        self._count = 0
        self._busy = False

    def take(self, work: Callable[[], V], asker: str) -> Job[V]:
        """What is to be done; raises `RequestError` with code BUSY where too much waits, of all or of this asker."""
        if self._count >= MAX_WAITING or len(self._waiting.get(asker, ())) >= MAX_OF_ONE:
            raise busy()
        job = Job(work)
        self._waiting.setdefault(asker, deque()).append(job)  # type: ignore[arg-type] # only its future knows what it is
        self._count += 1
        self._next()
        return job

    def _next(self) -> None:
        while self._waiting and not self._busy:
            asker, jobs = self._waiting.popitem(last=False)
            job = jobs.popleft()
            self._count -= 1
            if jobs:
                self._waiting[asker] = jobs  # behind the others
            if not job.done.done():  # else nobody waits for it any more
                self._begin(job)

    def _begin(self, job: Job[object]) -> None:
        self._busy = job.begun = True
        doing = asyncio.get_running_loop().run_in_executor(self._thread, job.work)
        doing.add_done_callback(lambda made: self._ended(job, made))

    def _ended(self, job: Job[object], made: asyncio.Future[object]) -> None:
        self._busy = False
        if not job.done.done():
            error = made.exception()
            if error is None:
                job.done.set_result(made.result())
            else:
                job.done.set_exception(error)
        self._next()


def busy() -> RequestError:
    return RequestError.of("BUSY", "too many new operations at once: try again", 503)
