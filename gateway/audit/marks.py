"""How far the gateway's databases had come, kept apart from them: one that is put back in an older state is noticed.

What was decided counts for good: a claim that was suspended, an SDL that was refused, an entry that was signed. An
older copy of a database would undo it without a word. The marks are raised each minute and when the log's writer ends,
so that what came in the minute before a crash may be missing from them.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from authz.private_file import replace_private
from gateway.audit.checkpoint import unsigned
from gateway.audit.database import Failure, connect
from gateway.audit.entry import Entry, Row
from gateway.audit.store import Store
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.audit.database import Connection, Where

FILE: Final = "marks.json"
"""In the folder of the keys. Moved away, it lets the gateway begin with databases as they are."""

OLDER_ACCEPTED: Final = "OLDER_ACCEPTED"
"""The outcome of the entry that says that older databases were taken, and which."""

EVERY: Final = 60.0
ACCESS_FILE: Final = "access.sqlite"
REGISTRY_FILE: Final = "registry.sqlite"
_DATED: Final = {
    "access": ("grant_ granted", "grant_ reviewed", "claim claimed", "claim reviewed", "claim_suspension suspended",
               "claim_suspension restored"),
    "registry": ("sdl_version decided",),
}  # fmt: skip
"""By what is kept, the times of all that is decided there: none of them is ever taken back."""

_FILES: Final = {"access": ACCESS_FILE, "registry": REGISTRY_FILE}
_WORDS: Final = {"access": "of grants and claims", "registry": "of SDL versions"}


class Marks(NamedTuple):
    """The log's newest signed head (entries and root), and the times of what was decided last (Unix seconds)."""

    size: int = 0
    root: str = ""
    access: float = 0.0
    registry: float = 0.0


def read_marks(folder: Path) -> Marks:
    """Return the marks of a folder, those of nothing where it has none; raises `ConfigError` where they are damaged."""
    try:
        found = json.loads((folder / FILE).read_bytes())
        return Marks(int(found["size"]), str(found["root"]), float(found["access"]), float(found["registry"]))
    except FileNotFoundError:
        return Marks()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"`{FILE}` can't be read: {type(error).__name__}") from error


def raise_marks(where: Where, folder: Path) -> list[str]:
    """Raise a folder's marks to how far its databases have come; return what is older than they say, as `older` does.

    Of several that keep a folder's marks the last one counts: one writes a log. Raises `ConfigError`.
    """
    known = read_marks(folder)
    problems = older(where, folder)
    if problems:
        return problems
    size, root = _newest_head(where) or (0, "")
    found = Marks(size, root, _last(where, folder, "access"), _last(where, folder, "registry"))
    if found != known:
        try:
            replace_private(folder / FILE, json.dumps(found._asdict()).encode())
        except OSError as error:
            raise ConfigError(f"`{FILE}` can't be written: {error.strerror}") from error
    return []


def older(where: Where, folder: Path) -> list[str]:
    """Return, in words, which databases are older than the marks say; raises `ConfigError`."""
    known = read_marks(folder)
    found: list[str] = []
    head = _newest_head(where)
    if known.size and (head is None or _root_at(where, known.size) != known.root):
        now = "no signed entry" if head is None else f"{head[0]} signed entries"
        found.append(f"the audit log has {now}, and is not the one that had {known.size}")
    for name, words in _WORDS.items():
        if _last(where, folder, name) < getattr(known, name):
            found.append(f"the database {words} lacks what was decided last")
    return found


def accept(where: Where, folder: Path, problems: Sequence[str]) -> None:
    """Begin with the databases as they are, and write that down; raises `AuditUnavailable` where it can't be."""
    store = Store(where, migrate=False)
    try:
        store.write([Row.of(Entry.of_act(OLDER_ACCEPTED, tuple(problems), client="gateway"))])
    finally:
        store.close()
    (folder / FILE).unlink(missing_ok=True)


def _newest_head(where: Where) -> tuple[int, str] | None:
    row = _one(where, "SELECT note FROM head ORDER BY size DESC LIMIT 1")
    if row is None:
        return None
    head = unsigned(str(row[0]))
    return head.size, head.root.hex()


def _root_at(where: Where, size: int) -> str | None:
    row = _one(where, "SELECT note FROM head WHERE size = ?", (size,))
    return None if row is None else unsigned(str(row[0])).root.hex()


def _last(where: Where, folder: Path, name: str) -> float:
    """Return when what is kept under a name was decided last, 0 where nothing was: what is not there has nothing."""
    if isinstance(where, Path):
        where = folder / _FILES[name]
        if not where.exists():
            return 0.0
    latest = 0.0
    with _reading(where) as connection:
        for each in _DATED[name]:
            table, column = each.split()
            with contextlib.suppress(Failure):  # there is no such table yet
                row = connection.one(f"SELECT max({column}) FROM {table}")  # noqa: S608 - our own words
                latest = max(latest, float(row[0] or 0.0) if row else 0.0)
    return latest


def _one(where: Where, statement: str, values: Sequence[object] = ()) -> Sequence[object] | None:
    if isinstance(where, Path) and not where.exists():
        return None
    with _reading(where) as connection:
        return connection.one(statement, tuple(values))


@contextlib.contextmanager
def _reading(where: Where) -> Iterator[Connection]:
    try:
        with contextlib.closing(connect(where, readonly=True, seconds=5.0)) as connection:
            yield connection
    except Failure as error:
        raise ConfigError(f"how far the gateway's databases have come can't be read: {error}") from error
