"""`cps serve`: the gateway."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from authz.assertion import load_key as load_signing_key
from authz.loopback import is_loopback
from gateway.app import AppConfig, AssertionConfig, AuditConfig, SignInConfig, build, hold_reloads
from gateway.audit.binding import bind
from gateway.audit.database import place
from gateway.audit.marks import accept, older
from gateway.audit.tokens import AUDIT_KEYS, load_keys
from gateway.cli.collecting import undisturbed
from gateway.cli.supergraphs import REGISTRY, Pinning
from gateway.cli.worker import Worker, read_served, serve_application, start_logging
from gateway.cli.workers import listen, run_workers
from gateway.cli.writer import begun_writer
from gateway.config import read_issuers, read_text, refuse_plain_http
from gateway.edge import override_labels
from gateway.errors import ConfigError
from gateway.execution import MEMORY
from gateway.operations import MOST, Limits
from gateway.rate_limits import PersonLimits, read_person_limits
from gateway.registry import COMPOSED, SdlVersions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.database import Where
    from gateway.supergraph import Supergraph

ASSERTION_KEY = "assertion.jwk"
"""The supergraph as it was composed last."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_POLICIES = click.Path(exists=True, file_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--supergraph", type=_FILE, help="Supergraph SDL, composed already.")
@click.option("--subgraphs", type=_FILE, help="JSON list of {name, url, sdl?, agency?, ...}: composed at start.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=4000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.option("--issuer", help="OpenID issuer whose tokens are taken.")
@click.option("--issuers", type=_FILE, help="JSON list of {issuer, agencies, ...}: more whose tokens are taken.")
@click.option("--audience", default="cps", show_default=True, help="Audience that tokens have to name.")
@click.option("--token-profile", type=_FILE, help="JSON: how the issuer's tokens are read (names of claims, roles).")
@click.option("--policies", type=_POLICIES, help="Folder of Cedar policies; the partnership's own without it.")
@click.option("--grants", type=_POLICIES, help="Folder of agencies' own Cedar policies: CODE.cedar.")
@click.option("--name", default="cps", show_default=True, help="What the gateway calls itself to agencies.")
@click.option("--trusted", type=_FILE, help="JSON of persisted documents: {hash: text}.")
@click.option("--trusted-only", is_flag=True, help="Take no documents but those of --trusted.")
@click.option(
    "--reference-cache",
    default=MEMORY,
    show_default=True,
    help="Where agencies' public reference data is kept: memory://, redis://HOST:PORT/DB or `off`.",
)
@click.option(
    "--data",
    type=_FOLDER,
    default=Path(".cps"),
    show_default=True,
    help="Folder of the log, the keys, and the supergraph that was composed last.",
)
@click.option(
    "--audit-store",
    envvar="CPS_AUDIT_STORE",
    show_envvar=True,
    help="The audit log, where not in --data: postgresql://USER@HOST/NAME, for several hosts.",
)
@click.option("--console-client", help="Client id of the console at the issuer; without it no console is served.")
@click.option("--console-url", help="The origin that browsers reach the gateway by, where it is not http://HOST:PORT.")
@click.option("--console-query", type=_FILE, help="The query that the console opens with.")
@click.option(
    "--deadline", default=5.0, show_default=True, type=click.FloatRange(0.01, 300), help="Seconds a subgraph has."
)
@click.option(
    "--max-cost",
    default=Limits().estimated_cost,
    show_default=True,
    type=click.IntRange(0, MOST),
    help="Estimated cost that an operation may have, roughly in objects; 0 is no bound.",
)
@click.option(
    "--list-size",
    default=Limits().list_size,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Items that a list is taken to have where its @listSize does not say.",
)
@click.option("--override-label", "labels", multiple=True, help="A label of @override that is in force; repeatable.")
@click.option(
    "--token-hours",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0, 24 * 366, min_open=True),
    help="For how long a token may be good.",
)
@click.option("--person-limits", type=_FILE, help="JSON of the limits per person: children, searches, claims.")
@click.option("--counter", help="Where these are counted for several hosts: redis://HOST:PORT/DB.")
@click.option("--pass-messages", is_flag=True, help="Let subgraphs' own error messages reach clients.")
@click.option("--accept-sdls", is_flag=True, help="Approve whatever SDL a subgraph publishes. Loopback only.")
@click.option("--accept-older", is_flag=True, help="Begin with databases that are older than they were, as restored.")
@click.option("--insecure-http", is_flag=True, help="Take issuers and agencies off loopback by http://, in the clear.")
@click.option("--insecure-no-auth", is_flag=True, help="Take requests from anyone. Loopback only.")
@click.option("--no-audit", is_flag=True, help="Write nothing down. Loopback only.")
def serve(
    supergraph: Path | None,
    subgraphs: Path | None,
    host: str,
    port: int,
    workers: int,
    issuer: str | None,
    issuers: Path | None,
    audience: str,
    token_profile: Path | None,
    policies: Path | None,
    grants: Path | None,
    name: str,
    trusted: Path | None,
    trusted_only: bool,
    reference_cache: str,
    data: Path,
    audit_store: str | None,
    console_client: str | None,
    console_url: str | None,
    console_query: Path | None,
    deadline: float,
    max_cost: int,
    list_size: int,
    labels: tuple[str, ...],
    token_hours: float,
    person_limits: Path | None,
    counter: str | None,
    pass_messages: bool,
    accept_sdls: bool,
    accept_older: bool,
    insecure_http: bool,
    insecure_no_auth: bool,
    no_audit: bool,
) -> None:
    """Serve a supergraph at /graphql."""
    hold_reloads()
    start_logging()
    unsafe = {"--insecure-no-auth": insecure_no_auth, "--no-audit": no_audit, "--accept-sdls": accept_sdls}
    for flag, given in unsafe.items():
        if given:
            _loopback_only(flag, host)
    signing = _issuers(issuer, audience, token_profile, issuers)
    if not insecure_no_auth and not signing:
        raise ConfigError("give --issuer URL: whose tokens are taken? (--insecure-no-auth takes none, on loopback)")
    if console_client and insecure_no_auth:
        raise ConfigError("--console-client signs people in, and --insecure-no-auth takes requests from anyone")
    if not insecure_http:
        for each in signing:
            refuse_plain_http(each.issuer, "the issuer")
    if trusted_only and trusted is None:
        raise ConfigError("--trusted-only takes nothing without --trusted FILE")
    if not math.isfinite(deadline):
        raise ConfigError("--deadline is a number of seconds")
    passing = pass_messages or insecure_no_auth
    kept = None if insecure_no_auth and no_audit else data / COMPOSED  # without a log and keys nothing is written
    where = place(audit_store) if audit_store else data / "audit.sqlite"
    registry: Where | None = None  # who takes requests from anyone serves whatever is published
    if not insecure_no_auth:
        registry = data / REGISTRY if isinstance(where, Path) else where
    with contextlib.ExitStack() as stack:
        # the log is opened while the schema is composed
        writer = None if no_audit else stack.enter_context(begun_writer(where, data / "audit.signing"))
        with undisturbed():
            pinning = Pinning(SdlVersions(registry), accept_sdls) if registry is not None else None
            served = read_served(
                supergraph, subgraphs, kept, pass_messages=passing, pinning=pinning, plain_http=insecure_http
            )
        console = None
        if console_client and issuer:
            from gateway.console import ConsoleConfig  # loaded only where it is served

            query = read_text(console_query) if console_query else "{ __typename }\n"
            address = f"[{host}]" if ":" in host else host
            try:
                origin = console_url or f"http://{address}:{port}"
                console = ConsoleConfig(issuer, console_client, None, origin, "openid cps.read", query)
            except ValueError as error:
                raise ConfigError(f"the console can't be served: {error}") from error
        if not insecure_no_auth:
            load_signing_key(data / ASSERTION_KEY, make=True)  # before the workers, who all sign by it
        audit = None
        if writer is not None:
            keys = {each: load_keys(data / each, make=True) for each in AUDIT_KEYS}
            writing = writer.ready()
            bind(where, keys)
            _check_marks(where, data, accepted=accept_older)
            audit = AuditConfig(where, data, writing)
        config = AppConfig(
            sign_in=() if insecure_no_auth else signing,
            audit=audit,
            console=console,
            policies=policies,
            grants=grants,
            assertion=None if insecure_no_auth else AssertionConfig(data / ASSERTION_KEY, name),
            trusted=trusted,
            trusted_only=trusted_only,
            reference=None if reference_cache == "off" else reference_cache,
            override_labels=_in_force(served.supergraph, labels),
            deadline=deadline,
            token_hours=token_hours,
            person_limits=read_person_limits(person_limits) if person_limits else PersonLimits(),
            counter=counter,
            limits=Limits(estimated_cost=max_cost or None, list_size=list_size),
        )
        work = Worker(supergraph, subgraphs, passing, kept, config, registry, accept_sdls, insecure_http)
        with undisturbed():
            application = build(served, config, work.reload)
        if workers == 1:
            serve_application(application, {"host": host, "port": port})
            return
        with listen(host, port) as listening:
            run_workers(work, listening, workers)


def _issuers(issuer: str | None, audience: str, profile: Path | None, more: Path | None) -> tuple[SignInConfig, ...]:
    """All issuers whose tokens are taken, each once; raises `ConfigError`."""
    first = (SignInConfig(issuer, audience, profile),) if issuer is not None else ()
    others = tuple(SignInConfig(*each) for each in read_issuers(more, audience)) if more is not None else ()
    known = [each.issuer for each in (*first, *others)]
    if len(set(known)) != len(known):
        raise ConfigError("an issuer is named twice: how its tokens are read would be anyone's guess")
    return (*first, *others)


def _in_force(supergraph: Supergraph, labels: Sequence[str]) -> frozenset[str]:
    """The labels given; one that no override has is said, as it may be mistyped, or of an override that is finished."""
    known = override_labels(supergraph)
    for label in labels:
        if label not in known:
            click.echo(f"warning: no override has the label `{label}`", err=True)
    return frozenset(labels)


def _check_marks(where: Where, data: Path, *, accepted: bool) -> None:
    """Raise `ConfigError` where a database is older than it was, unless that is accepted."""
    problems = older(where, data)
    if problems and not accepted:
        raise ConfigError(
            f"{'; '.join(problems)}. Put the newer one back; where there is none, --accept-older begins with what is"
            " there, and that is written down"
        )
    for problem in problems:
        click.echo(f"warning: {problem}: accepted", err=True)
    if problems:
        accept(where, data, problems)


def _loopback_only(flag: str, host: str) -> None:
    if not is_loopback(host):
        raise ConfigError(f"{flag} serves on loopback only, not on `{host}`")
    click.echo(f"warning: {flag}: for development, on loopback, with no one's data", err=True)
