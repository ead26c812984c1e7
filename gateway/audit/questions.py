"""Auditors' questions of the log: which entries, in pages, the newest first; and how many of each kind.

What narrows a question most is read by its index, in the order of the answer; whatever takes too long all the same is
given up with words that say how to narrow it.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import orjson

from gateway.audit.database import Connection, Failure, connect
from gateway.audit.entry import REFUSED, UNRELATED
from gateway.errors import ConfigError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.audit.database import Where
    from gateway.audit.tokens import Tokeniser

MAX_PAGE: Final = 500
MAX_COUNTS: Final = 500
MAX_LINKED: Final = 100
"""Children to which one identifier may have led."""

SECONDS: Final = 4.0
"""How long one question may take."""

LATEST: Final = 900.0
"""Seconds that a request may take: by so much an entry's time and its place in the log may differ."""

By: TypeAlias = Literal["PRACTITIONER", "AGENCY", "PURPOSE", "OUTCOME", "DAY", "FIELD"]

_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_KEYS: Final[Mapping[By, str]] = {
    "PRACTITIONER": "e.subject",
    "AGENCY": "e.agency",
    "PURPOSE": "COALESCE(e.purpose, '')",
    "OUTCOME": "e.outcome",
    "DAY": "",
    "FIELD": "v.value",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; what is None or False does not narrow. Times are Unix seconds.

    `child`: any identifier by which one was asked for, the regional id, or a pseudonym. `agency` is the practitioner's.
    `refused`: something of it, or all, was withheld. `unrelated`: it disclosed a child with whom the practitioner had
    no relationship then.
    """

    child: str | None = None
    practitioner: str | None = None
    agency: str | None = None
    purpose: str | None = None
    outcome: str | None = None
    field: str | None = None
    refused: bool = False
    unrelated: bool = False
    since: float | None = None
    until: float | None = None


class Found(NamedTuple):
    """An entry as it was written, with its place in the log and its operation's text."""

    seq: int
    body: Mapping[str, object]
    operation: str


class Page(NamedTuple):
    """`more`: there are older ones, after the last of these."""

    entries: list[Found]
    more: bool


class Count(NamedTuple):
    key: str
    entries: int


class Questions:
    """Asks a log; each question reads it as it stands then. Blocks."""

    def __init__(self, where: Where, tokeniser: Tokeniser) -> None:
        self._where = where
        self._tokeniser = tokeniser

    def page(self, question: Question, first: int, before: int | None = None) -> Page:
        """At most `first` entries, all before the place `before`. Raises `RequestError` and `ConfigError`."""
        with _reading(self._where) as connection:
            source, where, values = self._chosen(connection, question, before)
            statement = (
                f"SELECT e.seq, e.body, COALESCE(o.text, '') FROM {source} LEFT JOIN operation o"  # noqa: S608 - our own words; values are bound
                f" ON o.hash = e.operation_hash WHERE {where} ORDER BY {_place(source)} DESC LIMIT :limit"
            )
            rows = list(connection.rows(statement, {**values, "limit": min(first, MAX_PAGE) + 1}))
            found = [Found(seq, orjson.loads(body), text) for seq, body, text in rows]
        return Page(found[: min(first, MAX_PAGE)], len(found) > min(first, MAX_PAGE))

    def counts(self, question: Question, by: By) -> list[Count]:
        """How many entries there are of each kind, the most first, `MAX_COUNTS` kinds at most."""
        with _reading(self._where) as connection:
            source, where, values = self._chosen(connection, question, None)
            joined = f"{source}, {connection.dialect.disclosed}" if by == "FIELD" else source
            key = connection.dialect.day if by == "DAY" else _KEYS[by]
            statement = (
                f"SELECT {key}, count(DISTINCT e.seq) FROM {joined} WHERE {where}"  # noqa: S608 - our own words; values are bound
                f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MAX_COUNTS}"
            )
            return [Count(str(key), several) for key, several in connection.rows(statement, values)]

    def head(self) -> str:
        """The newest signed head's note; raises `ConfigError` where none has been signed."""
        with _reading(self._where) as connection:
            return _head(connection)

    def explain(self, question: Question) -> list[str]:
        """How the log is read for a question (EXPLAIN QUERY PLAN)."""
        with _reading(self._where) as connection:
            source, where, values = self._chosen(connection, question, None)
            statement = (
                f"{connection.dialect.explain} SELECT e.body FROM {source} WHERE {where}"  # noqa: S608 - our own words; values are bound
                f" ORDER BY {_place(source)} DESC LIMIT 51"
            )
            return [str(row[-1]) for row in connection.rows(statement, values)]

    def token(self, child: str) -> str:
        """The pseudonym of what is given: it may be one."""
        return child if _TOKEN.fullmatch(child) else self._tokeniser.token(child)

    def children(self, child: str) -> list[str]:
        """The pseudonyms of the children that an identifier has led to; its own where it is of a child itself."""
        with _reading(self._where) as connection:
            return self._children(connection, self.token(child))

    def sealed(self, token: str) -> str | None:
        """What a pseudonym stands for, encrypted; None where it was never written down."""
        with _reading(self._where) as connection:
            row = connection.one("SELECT value FROM sealed WHERE token = ?", (token,))
        return None if row is None else str(row[0])

    def identifiers(self, child: str) -> list[str]:
        """The pseudonyms of identifiers that have led to a child."""
        with _reading(self._where) as connection:
            query = "SELECT identifier FROM link WHERE child = ? ORDER BY identifier LIMIT ?"
            return [str(row[0]) for row in connection.rows(query, (child, MAX_LINKED))]

    def _children(self, connection: Connection, token: str) -> list[str]:
        query = "SELECT child FROM link WHERE identifier = ? ORDER BY child LIMIT ?"
        led_to = [str(row[0]) for row in connection.rows(query, (token, MAX_LINKED))]
        disclosed = "SELECT 1 FROM entry_token WHERE token = ? AND kind = 'child' LIMIT 1"
        return led_to if led_to or connection.one(disclosed, (token,)) is None else [token]

    def _chosen(
        self, connection: Connection, question: Question, before: int | None
    ) -> tuple[str, str, dict[str, str | int | float]]:
        """Source and condition of the entries that answer a question, with the values of its parameters."""
        values: dict[str, str | int | float] = {}
        where = ["1 = 1"]
        marks = [name for name, wanted in ((REFUSED, question.refused), (UNRELATED, question.unrelated)) if wanted]
        source, outer = "entry e", connection.dialect.outer
        if question.child is not None:
            token = self.token(question.child)
            values["child"] = token
            linked = [child for child in self._children(connection, token) if child != token]
            values.update({f"linked{n}": child for n, child in enumerate(linked)})
            by_link = f"OR (token IN ({', '.join(f':linked{n}' for n in range(len(linked)))}) AND kind = 'child')"
            among = f"(token = :child AND kind <> 'mark') {by_link if linked else ''}"
            source = f"(SELECT DISTINCT seq FROM entry_token WHERE {among}) t {outer} entry e ON e.seq = t.seq"  # noqa: S608
        elif marks and question.practitioner is None:
            mark = marks.pop()
            source = f"entry_token t {outer} entry e ON e.seq = t.seq"
            where.append("t.token = :by AND t.kind = 'mark'")
            values["by"] = mark
        for mark in marks:
            where.append(f"EXISTS (SELECT 1 FROM entry_token m WHERE m.token = :{mark} AND m.seq = e.seq)")  # noqa: S608
            values[mark] = mark
        for column in ("practitioner", "agency", "purpose", "outcome"):
            wanted = getattr(question, column)
            if wanted is not None:
                where.append(f"e.{'subject' if column == 'practitioner' else column} = :{column}")
                values[column] = wanted
        if question.field is not None:
            where.append(f"EXISTS (SELECT 1 FROM {connection.dialect.disclosed} WHERE v.value = :field)")  # noqa: S608
            values["field"] = question.field
        self._bound(connection, question, before, where, values, _place(source))
        return source, " AND ".join(where), values

    def _bound(
        self,
        connection: Connection,
        question: Question,
        before: int | None,
        where: list[str],
        values: dict[str, str | int | float],
        place: str,
    ) -> None:
        """By time, and by the places that entries of that time can have."""
        if before is not None:
            where.append(f"{place} < :before")
            values["before"] = before
        if question.since is not None:
            where.append("e.time >= :since")
            values["since"] = question.since
            older = "SELECT seq FROM entry WHERE time <= ? ORDER BY time DESC LIMIT 1"
            row = connection.one(older, (question.since - LATEST,))
            if row is not None:
                where.append(f"{place} > :after")
                values["after"] = row[0]
        if question.until is not None:
            where.append("e.time <= :until")
            values["until"] = question.until
            newer = "SELECT seq FROM entry WHERE time >= ? ORDER BY time LIMIT 1"
            row = connection.one(newer, (question.until + LATEST,))
            if row is not None:
                where.append(f"{place} < :newer")
                values["newer"] = row[0]


def _place(source: str) -> str:
    """An entry's place by the index that leads to it, so that it is read in the order of the answer."""
    return "t.seq" if "entry_token" in source else "e.seq"


def newest_head(where: Where) -> str:
    """The newest signed head's note of a log; raises `ConfigError` where there is none."""
    with _reading(where) as connection:
        return _head(connection)


def _head(connection: Connection) -> str:
    row = connection.one("SELECT note FROM head ORDER BY size DESC LIMIT 1")
    if row is None:
        raise ConfigError("no head of this log has been signed yet")
    return str(row[0])


@contextlib.contextmanager
def _reading(where: Where) -> Iterator[Connection]:
    """The log as it stands now; what takes too long is given up."""
    try:
        with contextlib.closing(connect(where, readonly=True, seconds=SECONDS)) as connection:
            yield connection
    except Failure as error:
        if error.kind == "interrupted":
            raise RequestError.of(
                "QUESTION_TOO_WIDE", "the log is too large for this question: narrow it by time, child or person"
            ) from error
        raise ConfigError("there is no audit log here yet, or it is damaged") from error
    except orjson.JSONDecodeError as error:
        raise ConfigError("an entry of the log is damaged") from error
