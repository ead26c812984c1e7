"""Answers as a hostile agency would give them: what it was asked, and whatever else might be believed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Forgery: TypeAlias = Callable[[Any, random.Random, "Vocabulary"], None]

_KEY = re.compile(r"\b(\w+)\b(?=\s*[:({}\s])")
ENTITIES = re.compile(r"_entities|_\d+")
"""Response keys of entities; a client may alias its own so, but does not in these queries."""

_CODED = re.compile(r"(\w+):(.+)")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a forger knows: response keys that the gateway uses, type names, and values by key that it would like to be
    believed. `codes` are those of agencies,
    `codes_of` those of the one that lies, and `records` ids of records without a code.
    """

    keys: Sequence[str]
    types: Sequence[str]
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    codes: Sequence[str] = ()
    records: Sequence[str] = ()
    codes_of: frozenset[str] = frozenset()

    def value(self, key: str, rng: random.Random) -> Any:
        return rng.choice(self.values.get(key) or ("<forged>", [], {}, None, True, 7, [{"id": "<forged>"}]))


def keys_of(queries: Sequence[str]) -> list[str]:
    """Return every word of some requests that could be a response key, sorted."""
    return sorted({key for query in queries for key in _KEY.findall(query)})


def objects_of(value: Any) -> Iterator[dict[str, Any]]:
    """Give every object of a JSON value, the outermost first."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
            pending += item.values()
        elif isinstance(item, list):
            pending += item


def add_keys(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Give objects keys that nobody asked for."""
    for each in list(objects_of(answer.get("data"))):
        for key in rng.sample(known.keys, min(len(known.keys), rng.randint(0, 4))):
            if key not in each:
                each[key] = known.value(key, rng)


def add_all_keys(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Give every object every key that it lacks."""
    for each in list(objects_of(answer.get("data"))):
        for key in known.keys:
            if key not in each:
                each[key] = known.value(key, rng)


def forge_types(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Let objects say that they are of another type."""
    for each in objects_of(answer.get("data")):
        if rng.random() < 0.5:
            each["__typename"] = rng.choice(known.types)


def forge_values(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Give values of other types than the schema's."""
    for each in objects_of(answer.get("data")):
        for key in list(each):
            if rng.random() < 0.3:
                each[key] = rng.choice(({"a": {"b": "<forged>"}}, [["<forged>"]], True, 7, 2.5, [], [None]))


def forge_ids(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Give records and references the codes of other agencies, and other records."""
    others = [code for code in known.codes if code not in known.codes_of] or ["other"]
    for each in objects_of(answer.get("data")):
        for key, value in list(each.items()):
            coded = _CODED.fullmatch(value) if isinstance(value, str) else None
            if coded and coded[1] in known.codes and rng.random() < 0.7:
                each[key] = f"{rng.choice(others)}:{rng.choice((coded[2], *known.records))}"


def change_entities(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Give more or fewer entities than were asked for."""
    data = answer.get("data")
    for key, value in list(data.items()) if isinstance(data, dict) else ():
        if isinstance(value, list) and ENTITIES.fullmatch(key):
            extra = [dict(item) if isinstance(item, dict) else item for item in value]
            data[key] = rng.choice((value + extra, value[:-1], [*value, {}], [], [*extra[::-1], None]))


def reorder_lists(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Turn lists inside objects about, or give their items twice."""
    for each in list(objects_of(answer.get("data"))):
        for key, value in list(each.items()):
            if isinstance(value, list) and not ENTITIES.fullmatch(key) and rng.random() < 0.5:
                each[key] = rng.choice((value[::-1], value + value))


def add_errors(answer: Any, rng: random.Random, known: Vocabulary) -> None:
    """Add errors whose words hold what must not be told."""
    told = {"message": "<forged> secret", "path": rng.choice((None, ["_entities", 0, "x"], ["x"]))}
    word = rng.choice(("BAD_LOOKUP", "BAD_PAGE", "WITHHELD", "FORGED_SECRET", "INTERNAL"))
    answer["errors"] = [*answer.get("errors", ()), {**told, "extensions": {"code": word, "reason": "FORGED_SECRET"}}]


FORGERIES: tuple[Forgery, ...] = (
    add_keys,
    add_all_keys,
    forge_types,
    forge_values,
    forge_ids,
    change_entities,
    reorder_lists,
    add_errors,
)
