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
from gateway.audit.entry import CLAIMED, REFUSED, UNRELATED
from gateway.errors import ConfigError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.audit.database import Dialect, Where
    from gateway.audit.sealing import Sealer
    from gateway.audit.tokens import Tokeniser

MAX_PAGE: Final = 500
MAX_COUNTS: Final = 500
MAX_LINKED: Final = 100
"""Children to which one identifier may have led."""

SECONDS: Final = 4.0
"""How long one question may take."""

By: TypeAlias = Literal["PRACTITIONER", "AGENCY", "PURPOSE", "OUTCOME", "DAY", "FIELD"]

_DISCLOSED: Final = (
    "SELECT 1 FROM entry_token t JOIN entry e ON e.seq = t.seq WHERE t.token = ? AND t.kind = 'child'"
    " AND e.outcome <> 'IDENTITY_REVEALED' LIMIT 1"
)
"""Whether a pseudonym is a child's: that it was revealed may be of anything that was asked by."""

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
    no relationship then, `claimed`: one with whom they had but a claimed one.
    """

    child: str | None = None
    practitioner: str | None = None
    agency: str | None = None
    purpose: str | None = None
    outcome: str | None = None
    field: str | None = None
    refused: bool = False
    unrelated: bool = False
    claimed: bool = False
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


class _Sought(NamedTuple):
    """Pseudonyms: of what was asked by, and of the children that it led to."""

    asked: list[str]
    children: list[str]


class Questions:
    """Asks a log; each question reads it as it stands then. Blocks."""

    def __init__(self, where: Where, tokeniser: Tokeniser, sealer: Sealer | None = None) -> None:
        """Where the key of pseudonyms has changed, `sealer` is needed to find by one what is under another."""
        self._where = where
        self._sealer = sealer
        self._tokeniser = tokeniser

    def page(self, question: Question, first: int, before: int | None = None) -> Page:
        """At most `first` entries, all before the place `before`. Raises `RequestError` and `ConfigError`."""
        with _reading(self._where) as connection:
            source, where, values = self._chosen(connection, question, before)
            place = _place(source, timed=question.since is not None)
            statement = (
                f"SELECT e.seq, e.body, COALESCE(o.text, '') FROM {source} LEFT JOIN operation o"  # noqa: S608 - our own words; values are bound
                f" ON o.hash = e.operation_hash WHERE {where} ORDER BY {place} DESC LIMIT :limit"
            )
            rows = list(connection.rows(statement, {**values, "limit": min(first, MAX_PAGE) + 1}))
            found = [Found(seq, orjson.loads(body), text) for seq, body, text in rows]
        return Page(found[: min(first, MAX_PAGE)], len(found) > min(first, MAX_PAGE))

    def counts(self, question: Question, by: By) -> list[Count]:
        """How many entries there are of each kind, the most first; over `MAX_COUNTS` where there are more kinds."""
        with _reading(self._where) as connection:
            source, where, values = self._chosen(connection, question, None)
            joined = source
            if by == "FIELD":
                joined = f"{source}, {connection.dialect.given}, {connection.dialect.of_given}"
            if by == "FIELD" and question.child is not None:
                where += f" AND {_is_of(connection.dialect, _names_of('child', values))}"
            key = connection.dialect.day if by == "DAY" else _KEYS[by]
            statement = (
                f"SELECT {key}, count(DISTINCT e.seq) FROM {joined} WHERE {where}"  # noqa: S608 - our own words; values are bound
                f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MAX_COUNTS + 1}"
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
            place = _place(source, timed=question.since is not None)
            statement = (
                f"{connection.dialect.explain} SELECT e.body FROM {source} WHERE {where}"  # noqa: S608 - our own words; values are bound
                f" ORDER BY {place} DESC LIMIT 51"
            )
            return [str(row[-1]) for row in connection.rows(statement, values)]

    def token(self, child: str) -> str:
        """The pseudonym of what is given: it may be one."""
        return child if _TOKEN.fullmatch(child) else self._tokeniser.token(child)

    def children(self, child: str) -> list[str]:
        """The pseudonyms of the children that an identifier has led to; its own where it is of a child itself."""
        with _reading(self._where) as connection:
            return self._sought(connection, child).children

    def sealed(self, token: str) -> str | None:
        """What a pseudonym stands for, encrypted; None where it was never written down."""
        with _reading(self._where) as connection:
            row = connection.one("SELECT value FROM sealed WHERE token = ?", (token,))
        return None if row is None else str(row[0])

    def identifiers(self, child: str) -> list[str]:
        """The pseudonyms of identifiers that have led to a child."""
        with _reading(self._where) as connection:
            return self._linked(connection, "identifier", "child", self._under_all_keys(connection, [child]))

    def _sought(self, connection: Connection, child: str) -> _Sought:
        """The pseudonyms by which a child's entries are found, under every key that there has been."""
        asked = self._under_all_keys(connection, [child] if _TOKEN.fullmatch(child) else self._tokeniser.tokens(child))
        children = dict.fromkeys(self._linked(connection, "child", "identifier", asked))
        for token in asked:
            if connection.one(_DISCLOSED, (token,)) is not None:
                children[token] = None
        known = self._under_all_keys(connection, list(children))
        of_them = self._linked(connection, "identifier", "child", known)  # by what else they have been asked for
        return _Sought(list(dict.fromkeys([*asked, *of_them])), known)

    def _linked(self, connection: Connection, wanted: str, by: str, tokens: list[str]) -> list[str]:
        """What these lead to. What is too much is never left out without a word."""
        found: dict[str, None] = {}
        for token in tokens:
            query = f"SELECT {wanted} FROM link WHERE {by} = ? ORDER BY {wanted} LIMIT ?"  # noqa: S608 - names of columns
            found.update(dict.fromkeys(str(row[0]) for row in connection.rows(query, (token, MAX_LINKED + 1))))
        if len(found) > MAX_LINKED:
            raise RequestError.of("TOO_MANY_LINKED", f"this leads to over {MAX_LINKED}: ask by the regional id")
        return list(found)

    def _under_all_keys(self, connection: Connection, tokens: list[str]) -> list[str]:
        """Where the key of pseudonyms has changed, what is sealed tells of one what it is under the others."""
        found = dict.fromkeys(tokens)
        if self._sealer is not None and self._tokeniser.keys > 1:
            for token in tokens:
                row = connection.one("SELECT value FROM sealed WHERE token = ?", (token,))
                if row is not None:
                    found.update(dict.fromkeys(self._tokeniser.tokens(self._sealer.open(token, str(row[0])))))
        return list(found)

    def _chosen(
        self, connection: Connection, question: Question, before: int | None
    ) -> tuple[str, str, dict[str, str | int | float]]:
        """Source and condition of the entries that answer a question, with the values of its parameters."""
        values: dict[str, str | int | float] = {}
        where = ["1 = 1"]
        wanted = {REFUSED: question.refused, UNRELATED: question.unrelated, CLAIMED: question.claimed}
        marks = [name for name, is_wanted in wanted.items() if is_wanted]
        source, outer, led_to = "entry e", connection.dialect.outer, ""
        if question.child is not None:
            sought = self._sought(connection, question.child)
            asked, led_to = _listed("asked", sought.asked, values), _listed("child", sought.children, values)
            among = f"(token IN ({asked}) AND kind <> 'mark') OR (token IN ({led_to}) AND kind = 'child')"
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
        if question.child is not None:
            where += _of_child(question, connection.dialect, led_to)
        elif question.field is not None:
            given = f"{connection.dialect.given}, {connection.dialect.of_given}"
            where.append(f"EXISTS (SELECT 1 FROM {given} WHERE v.value = :field)")  # noqa: S608
        if question.field is not None:
            values["field"] = question.field
        at = "t.seq" if "entry_token" in source else "e.seq"
        for moment, compared in (("since", ">="), ("until", "<=")):
            limit = getattr(question, moment)
            if limit is not None:
                where.append(f"e.time {compared} :{moment}")
                values[moment] = limit
        if question.since is not None and source != "entry e":  # nothing of that time stands before the first of it
            where.append(f"{at} >= (SELECT min(seq) FROM entry WHERE time >= :since)")  # noqa: S608
        if before is not None:
            where.append(f"{at} < :before")
            values["before"] = before
        return source, " AND ".join(where), values


def _of_child(question: Question, dialect: Dialect, children: str) -> Iterator[str]:
    """Conditions on what was given of one child, whatever was given of the others in the same answer."""
    wanted: list[str] = []
    if question.field is not None:
        wanted.append(f"EXISTS (SELECT 1 FROM {dialect.of_given} WHERE v.value = :field)")  # noqa: S608 - our own words; values are bound
    for tie, is_wanted in (("none", question.unrelated), (CLAIMED, question.claimed)):
        if is_wanted:
            wanted.append(f"EXISTS (SELECT 1 FROM {dialect.ties} WHERE r.value = '{tie}')")  # noqa: S608 - as above
    of_child = _is_of(dialect, children)
    if question.refused:  # what was kept back of others in the same answer does not count
        own = f"EXISTS (SELECT 1 FROM {dialect.not_given} WHERE {of_child})"  # noqa: S608
        yield f"({own} OR NOT EXISTS (SELECT 1 FROM {dialect.not_given}))"  # noqa: S608
    if wanted:
        yield f"EXISTS (SELECT 1 FROM {dialect.given} WHERE {of_child} AND {' AND '.join(wanted)})"  # noqa: S608


def _is_of(dialect: Dialect, children: str) -> str:
    """The condition that what was given, or not, is of one of these children."""
    return f"EXISTS (SELECT 1 FROM {dialect.of_whom} WHERE c.value IN ({children}))"  # noqa: S608


def _names_of(name: str, values: Mapping[str, object]) -> str:
    """The parameters that `_listed` has made of a list."""
    return ", ".join(f":{each}" for each in values if each.removeprefix(name).isdigit()) or "NULL"


def _listed(name: str, tokens: list[str], values: dict[str, str | int | float]) -> str:
    """Parameters for these values; NULL, which nothing is equal to, where there are none."""
    values.update({f"{name}{number}": token for number, token in enumerate(tokens)})
    return ", ".join(f":{name}{number}" for number in range(len(tokens))) or "NULL"


def _place(source: str, *, timed: bool) -> str:
    """An entry's place by the index that leads to it, so that it is read in the order of the answer; where only times
    narrow, what is of that time is read, and then put in order.
    """
    if source == "entry e":
        return "+e.seq" if timed else "e.seq"
    return "t.seq"


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
