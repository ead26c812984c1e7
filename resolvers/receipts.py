"""The agency's own record of what it answered; held against the gateway's log, it shows what is in one of them only.

A file of SQLite's with one table, `receipt`; each row is on the disk before its answer leaves. It holds who asked, by
the gateway's assertion, which fields were asked and how many objects were given: no value of any record.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)

from authz.assertion import Assertion
from authz.private_file import make_private
from resolvers.errors import SourceUnavailable

DOCUMENTS_KEPT: Final = 256
_UNTOLD: Final = frozenset(("_entities", "_service", "__typename"))
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS receipt (
    number INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, time REAL NOT NULL, subgraph TEXT NOT NULL,
    subject TEXT NOT NULL, agency TEXT NOT NULL, roles TEXT NOT NULL, purpose TEXT, break_glass TEXT NOT NULL,
    assertion TEXT NOT NULL, fields TEXT NOT NULL, protected TEXT NOT NULL,
    objects INTEGER NOT NULL, errors INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS receipt_request ON receipt (request_id);
CREATE INDEX IF NOT EXISTS receipt_time ON receipt (time);
CREATE TRIGGER IF NOT EXISTS receipt_kept BEFORE DELETE ON receipt BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS receipt_fixed BEFORE UPDATE ON receipt BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""
_INSERT: Final = (
    "INSERT INTO receipt (request_id, time, subgraph, subject, agency, roles, purpose, break_glass, assertion, fields,"
    " protected, objects, errors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Receipt(NamedTuple):
    """One request that was answered. `time` is Unix seconds, `assertion` the SHA-256 of the gateway's in hexadecimal.

    `fields` are coordinates (`Type.field`) of all that was asked, `protected` those of them that are under a policy;
    `objects` is how many objects the answer holds.
    """

    request_id: str
    time: float
    subgraph: str
    asserted: Assertion | None
    assertion: str
    fields: tuple[str, ...]
    protected: tuple[str, ...]
    objects: int
    errors: int


class Receipts:
    """Appends receipts to a file; what comes while one transaction is under way goes into the next."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it; raises `SourceUnavailable`."""
        try:
            make_private(path)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise SourceUnavailable(f"receipts can't be kept in `{path}`: {error}") from error
        self._writing = threading.Lock()
        self._waiting: list[tuple[Receipt, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def append(self, receipt: Receipt) -> None:
        """Returns when the receipt is durable; raises `SourceUnavailable` where it is not."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((receipt, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        await done

    def close(self) -> None:
        with self._writing:
            self._connection.close()

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._insert, [_row(receipt) for receipt, _ in batch])
            except Exception as error:  # whatever it is, whoever waits is told
                for _, done in batch:
                    if not done.done():
                        done.set_exception(SourceUnavailable(f"a receipt can't be kept: {type(error).__name__}"))
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    def _insert(self, rows: list[tuple[object, ...]]) -> None:
        """One transaction: a crash before its end leaves none of the rows, and none of their answers has left."""
        with self._writing:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(_INSERT, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise


class FieldReader:
    """The coordinates of the fields that documents ask for, each document read once."""

    def __init__(self, schema: GraphQLSchema, sdl: str) -> None:
        """`sdl` says by @policy which fields are protected."""
        self._schema = schema
        self._protected = frozenset(_protected(sdl))
        self._known: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def fields(self, query: str) -> tuple[str, ...]:
        """Sorted; none of a document that can't be read."""
        known = self._known.get(query)
        if known is None:
            known = self._known[query] = self._read(query)
            if len(self._known) > DOCUMENTS_KEPT:
                self._known.popitem(last=False)
        return known

    def protected(self, fields: Iterable[str]) -> tuple[str, ...]:
        return tuple(field for field in fields if field in self._protected)

    def _read(self, query: str) -> tuple[str, ...]:
        found: set[str] = set()
        info = TypeInfo(self._schema)

        class Collector(Visitor):
            def enter_field(self, node: FieldNode, *_: Any) -> None:
                parent = info.get_parent_type()
                if parent is not None and node.name.value not in _UNTOLD:
                    found.add(f"{get_named_type(parent).name}.{node.name.value}")

        try:
            visit(parse(query), TypeInfoVisitor(info, Collector()))
        except GraphQLError:
            return ()
        return tuple(sorted(found))


def _protected(sdl: str) -> Iterator[str]:
    for definition in parse(sdl).definitions:
        if isinstance(definition, ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode):
            for field in definition.fields or ():
                if any(each.name.value == "policy" for each in field.directives or ()):
                    yield f"{definition.name.value}.{field.name.value}"


def count_objects(value: object) -> int:
    """How many objects there are in an answer's data, its root not included."""
    pending, count = [value], 0
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            count += 1
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return max(0, count - 1)


def _row(receipt: Receipt) -> tuple[object, ...]:
    who = receipt.asserted
    return (
        receipt.request_id,
        receipt.time,
        receipt.subgraph,
        who.subject if who else "",
        who.agency if who else "",
        " ".join(role.value for role in who.roles) if who else "",
        who.purpose.value if who and who.purpose else None,
        who.break_glass if who else "",
        receipt.assertion,
        " ".join(receipt.fields),
        " ".join(receipt.protected),
        receipt.objects,
        receipt.errors,
    )
