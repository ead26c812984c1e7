"""`cps audit`: reading the log."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from gateway.audit import Tokeniser, entries, is_linked, load_key
from gateway.audit.checkpoint import HeadSigner
from gateway.audit.export import Format, export
from gateway.audit.query import Found, newest_head
from gateway.audit.sequencer import ORIGIN
from gateway.audit.verify import Broken, verify
from gateway.audit.verify_export import verify_export
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOG = click.Path(dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Read the audit log."""


@audit.command("list")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path(".cps"), show_default=True)
@click.option("--child", help="NHS number, UPN, record id or regional id; the log itself holds none of them.")
@click.option("--practitioner", help="The subject of their token.")
@click.option("--since", help="A time (2026-03-30 or 2026-03-30T09:00), or how long ago: 90m, 24h, 7d.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_entries(
    data: Path, child: str | None, practitioner: str | None, since: str | None, limit: int, as_json: bool
) -> None:
    """List entries, the newest first."""
    path = data / "audit.sqlite"
    if not path.exists():
        raise ConfigError(f"there is no audit log in `{data}`")
    tokeniser = Tokeniser(load_key(data / "audit.key", make=False))
    after = _time(since) if since else None
    found = list(entries(path, tokeniser, child=child, subject=practitioner, since=after, limit=limit))
    if child is not None and not is_linked(path, tokeniser, child):
        click.echo(
            "warning: the log does not know whose identifier this is: no look-up by it has found a child. Only entries"
            " that were asked by it are listed; ask by the child's regional id for all that disclosed the child.",
            err=True,
        )
    if as_json:
        for item in found:
            click.echo(orjson.dumps({"seq": item.seq, **item.body, "operation": item.operation}))
        return
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(_table(found))


@audit.command("verify")
@click.option("--store", type=_LOG, default=Path(".cps/audit.sqlite"), show_default=True, help="The log's file.")
@click.option("--export", "exported", type=_LOG, help="A file that `cps audit export` wrote, with its proof beside it.")
@click.option("--key", "keys", multiple=True, help="A verifier key of the log's heads; more than one where it changed.")
@click.option("--head", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An older head's note.")
def verify_log(store: Path, exported: Path | None, keys: tuple[str, ...], head: Path | None) -> None:
    """Check that the log is what was written: every leaf, every signed head. Exit status 1 where it is not.

    Without --key the key beside the log is used: whoever can alter both is found by a key or head kept elsewhere only.
    """
    known = list(keys) or [_signer(store).verifier_key]
    older = head.read_text(encoding="utf-8") if head else None
    try:
        with _progress("verified") as tell:
            found = verify_export(exported, known, older, tell) if exported else verify(store, known, older, tell)
    except Broken as error:
        click.echo(f"the log is broken: {error}", err=True)
        sys.exit(1)
    click.echo(
        f"{found.size:,} leaves, {found.heads:,} signed heads, root {found.root}; {found.pending:,} wait for a leaf"
    )


@audit.command("export")
@click.option("--store", type=_LOG, default=Path(".cps/audit.sqlite"), show_default=True, help="The log's file.")
@click.option("--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True)
@click.option("--out", type=_LOG, required=True, help="A new file; its proof is written beside it, as FILE.proof.")
@click.option("--since", help="Entries from this time on: 2026-03-30, 2026-03-30T09:00, 90m, 24h, 7d.")
def export_log(store: Path, form: Format, out: Path, since: str | None) -> None:
    """Write the log to a file, with the proof that nothing of it is missing or altered, for `verify --export`.

    It holds what is under the newest signed head: of a running gateway all but the last minute.
    """
    with _progress("written") as tell:
        found = export(store, out, form, _time(since) if since else None, tell)
    click.echo(f"{found.size - found.first:,} entries, leaves {found.first} to {found.size - 1}, and their proof")


@contextlib.contextmanager
def _progress(done: str) -> Iterator[Callable[..., None]]:
    """A bar on standard error, where that is a terminal."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(done, total=None)

        def tell(count: int, total: int | None = None) -> None:
            bar.update(task, completed=count, total=total)

        yield tell


@audit.command("head")
@click.option("--store", type=_LOG, default=Path(".cps/audit.sqlite"), show_default=True, help="The log's file.")
@click.option("--key", "only_key", is_flag=True, help="Print the key that heads are verified by, to be kept elsewhere.")
def print_head(store: Path, only_key: bool) -> None:
    """Print the newest signed head: kept elsewhere, it shows later that nothing before it was altered."""
    signer = _signer(store)
    click.echo(signer.verifier_key if only_key else newest_head(store), nl=only_key)


def _signer(store: Path) -> HeadSigner:
    path = store.with_suffix(".signing")
    if not path.exists():
        raise ConfigError(f"there is no key of heads beside `{store}`: give --key")
    return HeadSigner.of_file(ORIGIN, path)


def _time(text: str) -> float:
    """Unix seconds; a time without an offset is UTC."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    try:
        if text[-1:] in units and text[:-1].isdigit():
            return (datetime.now(UTC) - timedelta(**{units[text[-1]]: int(text[:-1])})).timestamp()
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ConfigError(f"--since is a time or a length such as 24h, not `{text}`") from None


def _table(found: list[Found]) -> Table:
    table = Table()
    for column in ("seq", "time (UTC)", "practitioner", "purpose", "outcome", "audit id"):
        table.add_column(column, no_wrap=True)
    for column in ("children", "asked", "unavailable", "withheld"):
        table.add_column(column, overflow="fold")
    for item in found:
        body = item.body
        unavailable = {str(part["agency"]) for part in _dicts(body.get("unavailable"))}
        roles = ", ".join(_texts(body.get("roles")))
        table.add_row(
            str(item.seq),
            datetime.fromtimestamp(float(str(body["time"])), UTC).strftime("%Y-%m-%d %H:%M:%S"),
            f"{_shown(body['subject'])}\n{roles}\nagency {_shown(body['agency'] or '-')}",
            str(body["purpose"] or "-"),
            str(body["outcome"]),
            str(body["audit_id"]),
            ", ".join(token[:8] for token in _texts(body.get("children"))) or "-",
            ", ".join(_texts(body.get("asked"))) or "-",
            ", ".join(sorted(unavailable)) or "-",
            str(len(_dicts(body.get("withheld")))),
        )
    return table


def _shown(value: object) -> str:
    """A claim of somebody's token, as text that a terminal only shows."""
    return escape("".join(c for c in str(value) if c.isprintable()))


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
