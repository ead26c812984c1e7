"""A request of whose objects not all may be asked the same: one for each outcome, each asking what it may.

No agency is asked about a child for what that child's decision denies, and none is asked to leave something out: what
may not be had is in no request.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.execution.fetch import fetch_in_parts
from gateway.planning.documents import asks
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.execution.compile import Asking, Program
    from gateway.execution.context import Context
    from gateway.execution.gathered import Gathered, Object, Partial
    from gateway.planning import Step


async def fetch_what_is_permitted(program: Program, asking: Asking, gathered: list[Gathered], context: Context) -> None:
    """Run a request with those of its objects of which all may be asked, and narrower ones for the others."""
    narrower: list[tuple[Asking, Gathered]] = []
    for one in gathered:
        narrower += _narrower(program, asking, one, context)
    await asyncio.gather(
        fetch_in_parts(asking, gathered, context), *(fetch_in_parts(less, [part], context) for less, part in narrower)
    )
    for one in gathered:
        _put_together(one.step, one.partial)


def _narrower(
    program: Program, asking: Asking, gathered: Gathered, context: Context
) -> Iterable[tuple[Asking, Gathered]]:
    """For each outcome, what may still be asked about the objects that have it; nothing where that is nothing."""
    assert context.judge is not None
    by_denied: dict[frozenset[int], list[Partial]] = {}
    for partial in gathered.partial:
        by_denied.setdefault(partial.denied, []).append(partial)
    for denied, some in by_denied.items():
        selections = context.judge.desk.left(gathered.step, denied)
        if asks(selections):
            less = program.variant(asking.request, gathered.step, selections)
            if less is None:  # they are not asked about, and that is said
                gathered.missing.extend(partial.whole or partial.object for partial in some)
                continue
            part = less.parts[less.request.steps[0].number](context, [partial.object for partial in some])
            part.whole = {id(partial.object): partial.whole for partial in some if partial.whole is not None}
            yield less, part


def _put_together(step: Step, partial: Iterable[Partial]) -> None:
    """What several holders gave of one object, in one list for each field."""
    shares: dict[int, tuple[Object, list[Object]]] = {}
    for one in partial:
        if one.whole is not None:
            shares.setdefault(id(one.whole), (one.whole, []))[1].append(one.object)
    keys = [selection.key for selection in step.selections if isinstance(selection, Field)]
    for whole, some in shares.values():
        for key in keys:
            found = [share[key] for share in some if share.get(key) is not None]
            if found and all(isinstance(value, list) for value in found):
                whole[key] = [item for value in found if isinstance(value, list) for item in value]
            elif found:
                whole[key] = found[0]
