"""Entity resolution: representations in, objects out, all of a type in one batch.

Federation subgraph specification, `Query._entities`: the answer has one place for each representation, in their
order. A record that doesn't exist is null. A representation that can't be read is an error at its own place and costs
the others nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from resolvers.declare import Mapping as Declared
from resolvers.declare import graphql_name, mapping_of
from resolvers.errors import BadRepresentation
from resolvers.loaders import Key, key_of, load
from resolvers.plans import plan
from resolvers.request import Request
from resolvers.selection import Selection
from resolvers.types import RECORDS

Representation = Mapping[str, object]

MAX_REPRESENTATIONS: Final = 1_000
MAX_ENTITY_CALLS: Final = 32
_CHILD_KEYS: Final = ("id", "ref")


class Reference(Protocol):
    """Resolves the representations of one type."""

    async def __call__(
        self, request: Request, representations: Sequence[Representation], selection: Selection
    ) -> Sequence[object]:
        """One object, None or ClientError for each representation."""
        ...


async def resolve_entities(
    references: Mapping[str, Reference], request: Request, representations: Sequence[object], selection: Selection
) -> list[object]:
    """Answer one `_entities` field. BadRepresentation if there are too many to answer at once."""
    request.entity_calls += 1
    if len(representations) > MAX_REPRESENTATIONS or request.entity_calls > MAX_ENTITY_CALLS:
        raise BadRepresentation(
            f"too many representations: at most {MAX_REPRESENTATIONS:,} in a field, {MAX_ENTITY_CALLS} fields at once"
        )
    answers: list[object] = [None] * len(representations)
    batches: dict[str, list[tuple[int, Representation]]] = {}
    for place, given in enumerate(representations):
        name = given.get("__typename") if isinstance(given, dict) else None
        if isinstance(given, dict) and isinstance(name, str) and name in references:
            batches.setdefault(name, []).append((place, given))
        else:
            answers[place] = BadRepresentation("a representation needs the `__typename` of an entity of this subgraph")
    for name, batch in batches.items():
        resolved = await references[name](request, [each for _, each in batch], selection)
        for (place, _), answer in zip(batch, resolved, strict=True):
            answers[place] = answer
    return answers


class RecordReference:
    """A record by its id, `CODE:recordId`."""

    def __init__(self, record: type) -> None:
        self._mapping = mapping_of(record)

    async def __call__(
        self, request: Request, representations: Sequence[Representation], selection: Selection
    ) -> Sequence[object]:
        keys = [_record_key(self._mapping, each) for each in representations]
        found = await load(request, plan(self._mapping, selection), _keys(keys))
        return [found.get(key) if isinstance(key, tuple) else key for key in keys]


class ChildReference:
    """A child by what the index knows of it: which records this sector's agencies hold."""

    def __init__(self, child: type, field_name: str, record: type) -> None:
        self._child = child
        self._field_name = graphql_name(field_name)
        self._mapping = mapping_of(record)

    async def __call__(
        self, request: Request, representations: Sequence[Representation], selection: Selection
    ) -> Sequence[object]:
        read = [_held(self._mapping, each) for each in representations]
        nodes = selection.fields("Child").get(self._field_name, ())
        keys = [key for held in read if isinstance(held, list) for key in held] if nodes else []
        found = await load(request, plan(self._mapping, selection.narrowed(nodes)), keys)
        return [self._answer(given, held, found) for given, held in zip(representations, read, strict=True)]

    def _answer(
        self, given: Representation, held: list[Key] | BadRepresentation | None, found: Mapping[Key, object]
    ) -> object:
        if isinstance(held, BadRepresentation):
            return held
        child: object = object.__new__(self._child)
        vars(child).update({key: given[key] for key in _CHILD_KEYS if key in given})
        if held is not None:
            vars(child)[RECORDS] = [found[key] for key in held if key in found]
        return child


def _keys(read: Iterable[Key | BadRepresentation | None]) -> list[Key]:
    return [key for key in read if isinstance(key, tuple)]


def _record_key(mapping: Declared, given: Representation) -> Key | BadRepresentation | None:
    identifier = given.get("id")
    if not isinstance(identifier, str):
        return BadRepresentation(f"a representation of `{mapping.name}` needs its `id`")
    agency, _, local = identifier.partition(":")
    return key_of(mapping, agency, local)


def _held(mapping: Declared, given: Representation) -> list[Key] | BadRepresentation | None:
    """The keys of the records that the holders name; None if the representation has no holders.

    A holder of another agency, or with an id that no record here can have, is passed over.
    """
    named = [given[key] for key in _CHILD_KEYS if key in given]
    if not named or not all(isinstance(name, str) for name in named):
        return BadRepresentation("a representation of `Child` needs its `id`, or its `ref`")
    holders = given["sensitiveHolders"] if "sensitiveHolders" in given else given.get("holders")
    if holders is None:
        return None
    if not isinstance(holders, list):
        return BadRepresentation("`holders` of a representation must be a list of `{agency, recordId}`")
    keys: dict[Key, None] = {}
    for holder in holders:
        agency = holder.get("agency") if isinstance(holder, dict) else None
        local = holder.get("recordId") if isinstance(holder, dict) else None
        if not isinstance(agency, str) or not isinstance(local, str):
            return BadRepresentation("`holders` of a representation must be a list of `{agency, recordId}`")
        key = key_of(mapping, agency, local)
        if key is not None:
            keys[key] = None
    return list(keys)
