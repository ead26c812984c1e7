"""`cps audit`: reading the log."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import click
import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from authz.keyfile import retire
from gateway.access import BreakGlass, ClaimStore
from gateway.access.grants import MAX_LISTED
from gateway.audit import Found, Question
from gateway.audit.checkpoint import verifier_keys
from gateway.audit.database import Where, place
from gateway.audit.export import Format, export, new_file
from gateway.audit.questions import MAX_COUNTS, MAX_PAGE, By, newest_head
from gateway.audit.reconcile import reconcile
from gateway.audit.report import Words, as_csv, as_html, read_names, report
from gateway.audit.verify import Broken, verify
from gateway.audit.verify_export import verify_export
from gateway.audit.writer import only_writer
from gateway.cli.reading import OpenedLog, log_options, moment, narrowing, note_reading, printable, shown, time_of
from gateway.config import read_text
from gateway.errors import ConfigError
from gateway.registry import COMPOSED, KeptSupergraph
from gateway.supergraph import read_supergraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS = "Supergraph SDL, by which it is said what kind of information a field holds; else the one served last."
_STORE = click.option(
    "--store",
    default=".cps/audit.sqlite",
    show_default=True,
    callback=lambda _, __, value: place(value),
    help="The log: a file, or postgresql://USER@HOST/NAME.",
)
_KEYS = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".cps"),
    show_default=True,
    help="Folder of the keys, where the log is in a database.",
)
MOST_REPORTED = 100_000
_LOG = click.Path(dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Read the audit log."""


@audit.command("list")
@log_options
@narrowing
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, MAX_PAGE))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_entries(log: OpenedLog, data: Path, question: Question, limit: int, as_json: bool) -> None:
    """List entries, the newest first."""
    page = log.questions.page(question, limit)
    log.note_reading("list", question.child)
    if question.child is not None and not log.questions.children(question.child):
        click.echo(
            "warning: the log does not know whose identifier this is: no look-up by it has found a child. Only entries"
            " that were asked by it are listed; ask by the child's regional id for all that disclosed the child.",
            err=True,
        )
    if as_json:
        for item in page.entries:
            click.echo(orjson.dumps({"seq": item.seq, **item.body, "operation": item.operation}))
        return
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(_table(page.entries))
    if page.more:
        click.echo("there are older ones: narrow by time, or raise --limit", err=True)


@audit.command("count")
@log_options
@narrowing
@click.option("--by", type=click.Choice([each.lower() for each in get_args(By)]), required=True)
def count_entries(log: OpenedLog, data: Path, question: Question, by: str) -> None:
    """Count entries of each kind, the most first."""
    found = log.questions.counts(question, cast("By", by.upper()))
    log.note_reading("count", question.child)
    for each in found[:MAX_COUNTS]:
        click.echo(f"{each.entries:>10}  {printable(each.key)}")
    if len(found) > MAX_COUNTS:
        click.echo(f"there are over {MAX_COUNTS} kinds: those of fewer entries are not listed", err=True)


@audit.command("break-glass")
@log_options
@click.option("--overdue", is_flag=True, help="Only those whose review is overdue.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, MAX_LISTED))
def list_grants(log: OpenedLog, data: Path, overdue: bool, limit: int) -> None:
    """List grants of break-glass, the newest first; children are pseudonyms."""
    where = data / "access.sqlite" if isinstance(log.where, Path) else log.where
    found = BreakGlass(where).all(overdue=overdue, first=limit)
    log.note_reading("break-glass", None)
    for grant in found:
        told = {
            "id": grant.id,
            "child": log.questions.token(grant.child),
            "practitioner": grant.subject,
            "agency": grant.agency,
            "reason": grant.reason,
            "granted": moment(grant.granted),
            "review_due": moment(grant.review_due),
            "reviewed": grant.review and grant.review.finding,
        }
        click.echo(orjson.dumps(told))


@audit.command("claims")
@log_options
@click.option("--reviewed/--to-review", default=None, help="Only those that have been reviewed, or are to be.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, MAX_LISTED))
def list_claims(log: OpenedLog, data: Path, reviewed: bool | None, limit: int) -> None:
    """List claimed relationships; children are pseudonyms."""
    where = data / "access.sqlite" if isinstance(log.where, Path) else log.where
    found = ClaimStore(where).listed(None, reviewed=reviewed, first=limit)
    log.note_reading("claims", None)
    for claim in found:
        told = {
            "id": claim.id,
            "child": log.questions.token(claim.child),
            "practitioner": claim.subject,
            "agency": claim.agency,
            "purpose": claim.purpose,
            "claimed": moment(claim.claimed),
            "expires": moment(claim.expires),
            "selected": claim.selected,
            "suspended": claim.suspended,
            "reviewed": claim.review and claim.review.finding,
        }
        click.echo(orjson.dumps(told))


@audit.command("report")
@log_options
@click.option("--child", required=True, help="Whom it is about: any identifier, the regional id, or a pseudonym.")
@click.option("--format", "form", type=click.Choice(["html", "csv"]), default="html", show_default=True)
@click.option("--out", type=_LOG, required=True, help="A new file.")
@click.option("--supergraph", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=_WORDS)
@click.option("--since", help="A time (2026-03-30 or 2026-03-30T09:00), or how long ago: 90m, 24h, 7d.")
@click.option("--until")
def subject_access(
    log: OpenedLog,
    data: Path,
    child: str,
    form: str,
    out: Path,
    supergraph: Path | None,
    since: str | None,
    until: str | None,
) -> None:
    """Write the subject access report about a child: who was given what, without the names of others."""
    question = Question(child=child, since=time_of(since) if since else None, until=time_of(until) if until else None)
    sdl = read_text(supergraph) if supergraph else KeptSupergraph(data / COMPOSED).latest()
    words = Words(read_supergraph(sdl) if sdl else None, read_names(data))
    log.note_reading("report", child)
    made = report(log.questions, question, words, MOST_REPORTED)
    try:
        with new_file(out) as file:
            file.write(as_html(made) if form == "html" else as_csv(made))
    except OSError as error:
        raise ConfigError(f"the report can't be written: {error.strerror}") from error
    rest = "" if made.whole else ", and there is more: narrow it by time"
    click.echo(f"{len(made.lines)} accesses{rest}")


@audit.command("verify")
@_STORE
@_KEYS
@click.option("--export", "exported", type=_LOG, help="A file that `cps audit export` wrote, with its proof beside it.")
@click.option("--key", "keys", multiple=True, help="A verifier key of the log's heads; more than one where it changed.")
@click.option("--head", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An older head's note.")
def verify_log(store: Where, data: Path, exported: Path | None, keys: tuple[str, ...], head: Path | None) -> None:
    """Check that the log is what was written: every leaf, every signed head. Exit status 1 where it is not.

    Without --key the key beside the log is used: whoever can alter both is found by a key or head kept elsewhere only.
    """
    known = list(keys) or _keys(store, data)
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
    if found.older:
        click.echo(
            f"{found.older:,} entries say to be of before what was signed before them, by up to {found.seconds:.0f} s:"
            " a clock was set back (the log says when, as CLOCK_STEPPED), or they were back-dated",
            err=True,
        )


@audit.command("export")
@_STORE
@click.option("--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True)
@click.option("--out", type=_LOG, required=True, help="A new file; its proof is written beside it, as FILE.proof.")
@click.option("--since", help="Entries from this time on: 2026-03-30, 2026-03-30T09:00, 90m, 24h, 7d.")
def export_log(store: Where, form: Format, out: Path, since: str | None) -> None:
    """Write the log to a file, with the proof that nothing of it is missing or altered, for `verify --export`.

    It holds what is under the newest signed head: of a running gateway all but the last minute.
    """
    note_reading(store, "export")
    with _progress("written") as tell:
        found = export(store, out, form, time_of(since) if since else None, tell)
    click.echo(f"{found.size - found.first:,} entries, leaves {found.first} to {found.size - 1}, and their proof")


@contextlib.contextmanager
def _progress(done: str) -> Iterator[Callable[..., None]]:
    """A bar on standard error, where that is a terminal."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(done, total=None)

        def tell(count: int, total: int | None = None) -> None:
            bar.update(task, completed=count, total=total)

        yield tell


@audit.command("reconcile")
@log_options
@click.option(
    "--receipts",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that an agency's subgraph keeps (--receipts there); repeatable.",
)
@click.option("--subgraph", help="Whose they are, where a file has none.")
@click.option("--since", help="From this time on, as of when the agency has kept them; of all time without it.")
@click.option("--until")  # fmt: skip
def reconcile_receipts(
    log: OpenedLog,
    data: Path,
    receipts: tuple[Path, ...],
    subgraph: str | None,
    since: str | None,
    until: str | None,
) -> None:
    """Hold agencies' receipts against the log, one finding a line. Exit status 1 where they differ, or none is held."""
    log.note_reading("reconcile", None)
    differ = False
    during = (time_of(since) if since else None, time_of(until) if until else None)
    for path in receipts:
        with _progress("receipts") as tell:
            found = reconcile(log.where, path, during, subgraph, tell)
        for finding in found.findings:
            differ = True
            click.echo(orjson.dumps({**finding._asdict(), "time": moment(finding.time)}))
        held = f"{found.receipts:,} receipts and {found.entries:,} entries"
        click.echo(f"{path.name}: {held}, {len(found.findings)} differences", err=True)
        if not found.receipts and not found.entries:
            differ = True
            click.echo(f"{path.name}: nothing was held against anything: no request of that time is over yet", err=True)
    if differ:
        sys.exit(1)


@audit.command("rotate")
@log_options
@click.argument("key", type=click.Choice(["pseudonyms", "heads"]))
def rotate_key(log: OpenedLog, data: Path, key: str) -> None:
    """Set a key aside; the gateway, which must not run meanwhile, makes a new one when it starts.

    Both are needed from then on: the old one to find entries by, or to verify heads by, that were made under it.
    """
    path = data / ("audit.key" if key == "pseudonyms" else "audit.signing")
    if key == "pseudonyms" and not (data / "audit.seal").exists():
        raise ConfigError("without `audit.seal` nothing under the old key would be found by what is under the new")
    with only_writer(log.where) if isinstance(log.where, Path) else contextlib.nullcontext():
        note_reading(log.where, key, outcome="KEY_ROTATED")
        aside = retire(path)
    click.echo(f"set aside as {aside.name}" if aside else "there was none yet")


@audit.command("head")
@_STORE
@_KEYS
@click.option("--key", "only_key", is_flag=True, help="Print the key that heads are verified by, to be kept elsewhere.")
def print_head(store: Where, data: Path, only_key: bool) -> None:
    """Print the newest signed head: kept elsewhere, it shows later that nothing before it was altered."""
    click.echo(_keys(store, data)[0] if only_key else newest_head(store), nl=only_key)


def _keys(store: Where, data: Path) -> list[str]:
    """The keys by which the log's heads are verified, as files have them: beside the log, or in the folder of keys."""
    return verifier_keys(store.with_suffix(".signing") if isinstance(store, Path) else data / "audit.signing")


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
            f"{shown(body['subject'])}\n{roles}\nagency {shown(body['agency'] or '-')}",
            str(body["purpose"] or "-"),
            str(body["outcome"]),
            str(body["audit_id"]),
            ", ".join(token[:8] for token in _texts(body.get("children"))) or "-",
            ", ".join(_texts(body.get("asked"))) or "-",
            ", ".join(sorted(unavailable)) or "-",
            str(len(_dicts(body.get("withheld")))),
        )
    return table


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
