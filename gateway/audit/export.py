"""The log as a file, NDJSON or CSV, and beside it the proof that it is whole from a first leaf to a signed head.

`FILE.proof` holds the subtrees before the first leaf and the head's note: who has the file, its proof and the key of
the log's heads needs nothing else of us to check it (`cps audit verify --export FILE`).
"""

from __future__ import annotations

import contextlib
import csv
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias

import orjson

from authz.private_file import open_private
from gateway.audit.cells import cell
from gateway.audit.checkpoint import unsigned
from gateway.audit.database import Connection, Failure, connect
from gateway.audit.given import GivenBy, given_by
from gateway.audit.tree import Growing
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gateway.audit.database import Row, Where

Format: TypeAlias = Literal["ndjson", "csv"]
COLUMNS: Final = (
    *("number", "time", "audit_id", "practitioner", "agency", "roles", "purpose", "relationships", "outcome"),
    *("children", "asked", "unavailable", "withheld", "given", "operation", "nonce", "hash", "entry"),
)
"""Of CSV: what an entry says for people to read, and at the end the entry itself as it was written."""

EARLIER_COLUMNS: Final = tuple(name for name in COLUMNS if name != "given")
"""Those of exports made before it was told of each child what was given of it."""

QUOTED: Final = "quoted"
"""What a proof says of the cells of an export of CSV: all are written by `cells.cell`."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_REPORT_EVERY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Exported:
    """Leaves from `first` up to the head's `size`, that one not included."""

    first: int
    size: int


def proof_path(out: Path) -> Path:
    return out.with_name(out.name + ".proof")


def export(
    store: Where,
    out: Path,
    form: Format,
    since: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write all leaves under the newest signed head, or those from the first entry that began at or after `since`.

    Memory does not grow with the log. Raises `ConfigError` where there is no log or head, or a file is there already;
    what was written of a file that could not be finished is removed.
    """
    try:
        with contextlib.closing(connect(store, readonly=True)) as connection:
            connection.begin(reading=True)  # all of it is read as it stood at one moment
            return _exported(connection, out, form, since, progress)
    except Failure as error:
        raise ConfigError(f"there is no audit log here, or it is damaged: {error}") from error
    except OSError as error:
        raise ConfigError(f"the export can't be written: {error.strerror}") from error


def _exported(
    connection: Connection,
    out: Path,
    form: Format,
    since: float | None,
    progress: Callable[[int, int], None] | None,
) -> Exported:
    newest = connection.one("SELECT note FROM head ORDER BY size DESC LIMIT 1")
    if newest is None:
        raise ConfigError("no head of this log has been signed yet")
    size = unsigned(newest[0]).size
    first = _first(connection, since, size)
    proof = {"format": form, "first": first, "peaks": _peaks(connection, first), "head": newest[0], "cells": QUOTED}
    rows = connection.rows(  # without values, as they come some at a time only so
        "SELECT l.number, l.nonce, l.hash, e.body, COALESCE(o.text, '') FROM leaf l JOIN entry e ON e.seq = l.seq"  # noqa: S608 - numbers
        " LEFT JOIN operation o ON o.hash = e.operation_hash WHERE"
        f" l.number >= {int(first)} AND l.number < {int(size)} ORDER BY l.number"
    )

    def told() -> Iterable[Row]:
        for done, row in enumerate(rows):
            if progress is not None and done % _REPORT_EVERY == 0:
                progress(done, size - first)
            yield row
        if progress is not None:
            progress(size - first, size - first)

    with new_file(out) as file, new_file(proof_path(out)) as proving:
        (_write_ndjson if form == "ndjson" else _write_csv)(file, told())
        proving.write(orjson.dumps(proof, option=orjson.OPT_INDENT_2).decode() + "\n")
    return Exported(first, size)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[str]]:
    """A file that was not there, for its owner alone; removed again where what is done with it fails."""
    opened = open_private(path, os.O_WRONLY, new=True)
    with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _first(connection: Connection, since: float | None, size: int) -> int:
    """The first leaf of an entry of that time or later: none before it is."""
    if since is None:
        return 0
    query = "SELECT min(l.number) FROM entry e JOIN leaf l ON l.seq = e.seq WHERE e.time >= ?"
    found = connection.one(query, (since,))
    return size if found is None or found[0] is None else min(int(found[0]), size)


def _peaks(connection: Connection, first: int) -> list[tuple[int, str]]:
    """The roots of the perfect subtrees over all leaves before the first."""
    head = connection.one("SELECT size, peaks FROM head WHERE size <= ? ORDER BY size DESC LIMIT 1", (first,))
    tree = Growing()
    if head is not None:
        tree = Growing(head[0], [(size, bytes.fromhex(root)) for size, root in orjson.loads(head[1])])
    query = "SELECT hash FROM leaf WHERE number >= ? AND number < ? ORDER BY number"
    for (hashed,) in connection.rows(query, (tree.size, first)):
        tree.add(bytes(hashed))
    return [(size, root.hex()) for size, root in tree.peaks]


def _write_ndjson(file: IO[str], leaves: Iterable[Row]) -> None:
    """Each leaf's number, nonce, hash, its entry's canonical JSON and its operation's text."""
    for number, nonce, hashed, body, operation in leaves:
        line = {"number": number, "nonce": nonce.hex(), "hash": hashed.hex(), "operation": operation}
        file.write(orjson.dumps({**line, "entry": orjson.Fragment(body)}).decode() + "\n")


def _write_csv(file: IO[str], leaves: Iterable[Row]) -> None:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for number, nonce, hashed, body, operation in leaves:
        told = readable(number, orjson.loads(body), operation)
        writer.writerow((*told, nonce.hex(), hashed.hex(), cell(body.decode())))


def readable(
    number: int,
    entry: Mapping[str, Any],
    operation: str,
    written: Callable[[str], str] = cell,
    columns: Sequence[str] = COLUMNS,
) -> tuple[str, ...]:
    """The columns of CSV that are for people, each as it is `written`."""
    values = (
        str(number),
        datetime.fromtimestamp(entry["time"], UTC).isoformat(timespec="milliseconds"),
        entry["audit_id"],
        entry["subject"],
        entry["agency"],
        " ".join(entry["roles"]),
        entry["purpose"] or "",
        " ".join(entry["relationships"]),
        entry["outcome"],
        " ".join(entry["children"]),
        " ".join(entry["asked"]),
        " ".join(f"{part['agency']}:{part['path']}" for part in entry["unavailable"]),
        " ".join(part.get("path", "") for part in entry["withheld"]),
        "; ".join(map(_given, given_by(entry) if "given" in entry else ())),
        operation,
    )
    return tuple(written(value) for name, value in zip(COLUMNS, values, strict=False) if name in columns)


def _given(given: GivenBy) -> str:
    """What an agency gave of some children, and on the ground of which relationships."""
    ties = f" ({' '.join(given.relationships)})" if given.relationships else ""
    what = " ".join((given.agency, *given.fields)) if given.fields else "nothing"
    return f"{' '.join(given.children) or 'nobody'}{ties}: {what}"


def earlier_cell(text: str) -> str:
    """A cell as it was written before there was `cell`: exports of then are still verified."""
    return f"'{text}" if text.startswith(_FORMULA) else text
