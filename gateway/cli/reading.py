"""What the commands that read the audit log share: what they are asked, and that it is written down that they were."""

from __future__ import annotations

import functools
import getpass
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.markup import escape

from gateway.audit import Entry, Question, Questions, Sealer, Tokeniser, load_key, load_tokeniser
from gateway.audit.binding import check
from gateway.audit.database import Where, place
from gateway.audit.entry import Row
from gateway.audit.store import Store
from gateway.audit.tokens import AUDIT_KEYS, load_keys
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS: Final = (
    click.option("--child", help="NHS number, UPN, record id, regional id or pseudonym; the log holds no other."),
    click.option("--practitioner", help="The subject of their token."),
    click.option("--agency", help="The code of the practitioner's agency."),
    click.option("--purpose"),
    click.option("--outcome", help="ANSWERED, PARTIAL, REFUSED, FAILED, INTENT, or an event such as BREAK_GLASS."),
    click.option("--field", help="A field that was disclosed, as Child.surname."),
    click.option("--refused", is_flag=True, help="Only where something, or all, was refused."),
    click.option("--no-relationship", "unrelated", is_flag=True, help="Only of children with whom there was none."),
    click.option("--claimed", is_flag=True, help="Only of children with whom there was but a claimed relationship."),
    click.option("--since", help="A time (2026-03-30 or 2026-03-30T09:00), or how long ago: 90m, 24h, 7d."),
    click.option("--until"),
)


def log_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that say which log it reads, as its `log`."""

    @functools.wraps(command)
    def reading(*, data: Path, store: str | None, **given: Any) -> None:
        command(log=opened(data, store), data=data, **given)

    folder = click.Path(file_okay=False, path_type=Path)
    reading = click.option(
        "--store", help="The log, where not in that folder: a file, or postgresql://USER@HOST/NAME."
    )(reading)
    return click.option(
        "--data", type=folder, default=Path(".cps"), show_default=True, help="Folder of the log and its keys."
    )(reading)


def narrowing(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that make its `question`."""

    @functools.wraps(command)
    def asked(*, since: str | None, until: str | None, **given: Any) -> None:
        names = ("child", "practitioner", "agency", "purpose", "outcome", "field", "refused", "unrelated", "claimed")
        by = {name: given.pop(name) for name in names}
        after, before = time_of(since) if since else None, time_of(until) if until else None
        command(question=Question(**by, since=after, until=before), **given)

    for option in reversed(_OPTIONS):
        asked = option(asked)
    return asked


@dataclass(frozen=True, slots=True)
class OpenedLog:
    """A log with its key, for who may read both files."""

    where: Where
    tokeniser: Tokeniser
    questions: Questions

    def note_reading(self, what: str, child: str | None) -> None:
        note_reading(self.where, what, (self.questions.token(child),) if child else ())


def note_reading(where: Where, what: str, identifiers: tuple[str, ...] = (), outcome: str = "LOG_READ") -> None:
    """Write down what was done to the log: `AuditUnavailable` where that can't be, and then it is not done."""
    entry = Entry.of_act(outcome, (what,), subject=getpass.getuser(), issuer="operating system", client="cps audit")
    entry.identifiers = identifiers
    store = Store(where, migrate=False)
    try:
        store.write([Row.of(entry)])
    finally:
        store.close()


def opened(data: Path, store: str | None = None) -> OpenedLog:
    """The log of a folder, or the one whose keys are in it; raises `ConfigError` where there is none."""
    where = place(store) if store else data / "audit.sqlite"
    if isinstance(where, Path) and not where.exists():
        raise ConfigError(f"there is no audit log in `{data}`")
    tokeniser, seal = load_tokeniser(data / "audit.key", make=False), data / "audit.seal"
    check(where, {each: load_keys(data / each, make=False) for each in AUDIT_KEYS if (data / each).exists()})
    sealer = Sealer(load_key(seal, make=False)) if seal.exists() else None
    return OpenedLog(where, tokeniser, Questions(where, tokeniser, sealer))


def time_of(text: str) -> float:
    """Unix seconds; a time without an offset is UTC."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    try:
        if text[-1:] in units and text[:-1].isdigit():
            return (datetime.now(UTC) - timedelta(**{units[text[-1]]: int(text[:-1])})).timestamp()
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ConfigError(f"--since is a time or a length such as 24h (--until too), not `{text}`") from None


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def shown(value: object) -> str:
    """A claim of somebody's token, as text that a terminal only shows."""
    return escape(printable(value))


def printable(value: object) -> str:
    return "".join(c for c in str(value) if c.isprintable())
