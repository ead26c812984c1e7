"""Values that a step's arguments take from objects further up (`@fromContext`): what differs in them is asked apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.execution.context import Batch
from gateway.execution.locate import MISSING, Place

if TYPE_CHECKING:
    from gateway.execution.context import Context
    from gateway.planning.plan import ContextValue


def split(batch: Batch, missing: dict[int, list[Place]], context: Context) -> list[Batch]:
    """One batch for each set of values; places without one become `missing`."""
    if not batch.step.contexts:
        return [batch]
    found: dict[bytes, Batch] = {}
    index: dict[bytes, dict[int, int]] = {}
    for number, places in enumerate(batch.places):
        for place in places:
            values = {value.number: _value(value, place, context) for value in batch.step.contexts}
            lacking = [v for v in batch.step.contexts if _is_lacking(values[v.number], v)]
            if lacking:
                missing.setdefault(batch.step.number, []).append(place)
                continue
            try:
                slot = orjson.dumps(values, option=orjson.OPT_NON_STR_KEYS)
            except TypeError:  # something in it is missing, or can't be written
                missing.setdefault(batch.step.number, []).append(place)
                continue
            own = found.setdefault(slot, Batch(batch.step, [], [], values))
            known = index.setdefault(slot, {})
            if number not in known:
                known[number] = len(own.places)
                own.representations.append(batch.representations[number])
                own.places.append([])
            own.places[known[number]].append(place)
    return list(found.values())


def _is_lacking(value: object, of: ContextValue) -> bool:
    return value is MISSING or (value is None and of.type.endswith("!"))


def _value(value: ContextValue, place: Place, context: Context) -> object:
    """What stands at the value's keys below the object that is so many response keys down this place's path."""
    here: object = context.outcome.data
    passed = 0
    for part in place.path:
        if isinstance(part, str):
            if passed == value.up:
                break
            passed += 1
            here = here.get(part) if isinstance(here, dict) else None
        else:
            here = here[part] if isinstance(here, list) else None
    return _down(here, value.keys)


def _down(here: object, keys: tuple[str, ...]) -> object:
    if not keys or here is None:
        return here
    if isinstance(here, list):
        return [_down(item, keys) for item in here]
    return _down(here.get(keys[0], MISSING), keys[1:]) if isinstance(here, dict) else MISSING
