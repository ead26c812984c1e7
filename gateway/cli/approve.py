"""`cps approve`: which SDLs wait, what each changes, and letting one be served."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.audit.database import place
from gateway.cli.supergraphs import REGISTRY
from gateway.errors import ConfigError
from gateway.registry import SdlVersions, differences

if TYPE_CHECKING:
    from gateway.registry import SdlVersion

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("name", required=False)
@click.option("--data", type=_FOLDER, default=Path(".cps"), show_default=True, help="Folder of the gateway's data.")
@click.option("--audit-store", envvar="CPS_AUDIT_STORE", show_envvar=True, help="The log's database, where it is one.")
@click.option("--hash", "digest", help="Which version, by the beginning of its hash; the newest without it.")
@click.option("--by", default=getpass.getuser, help="Who approves; the user of this machine without it.")
@click.option("--refuse", is_flag=True, help="Refuse the version instead.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
def approve(
    name: str | None, data: Path, audit_store: str | None, digest: str | None, by: str, refuse: bool, yes: bool
) -> None:
    """Show what the SDL that NAME publishes changes, policy by policy, and let it be served.

    Without NAME, list the subgraphs whose SDL waits. A gateway that runs reads what was approved on SIGHUP.
    """
    versions = SdlVersions(place(audit_store) if audit_store else data / REGISTRY)
    if name is None:
        _list(versions)
        return
    waiting = [each for each in versions.pending(name) if each.hash.startswith(digest or "")]
    if not waiting:
        raise ConfigError(f"no SDL of `{name}` waits" + (f" whose hash begins with `{digest}`" if digest else ""))
    version = waiting[0]
    _show(version, versions.approved(name))
    deed = "refuse" if refuse else "approve"
    if not yes:
        click.confirm(f"{deed} {version.hash[:12]} of `{name}`?", abort=True)
    (versions.refuse if refuse else versions.approve)(name, version.hash, by)
    click.echo(f"`{name}` {version.hash[:12]}: {deed}d by {by}")


def _list(versions: SdlVersions) -> None:
    waiting = versions.pending()
    for each in waiting:
        served = "changes what is served" if versions.approved(each.subgraph) else "nothing of it is served yet"
        click.echo(f"{each.subgraph} {each.hash[:12]}: {served}")
    if not waiting:
        click.echo("no SDL waits")


def _show(version: SdlVersion, approved: SdlVersion | None) -> None:
    found = differences(approved.sdl if approved else None, version.sdl)
    for kind, title in (("access", "What its readers need:"), ("schema", "The schema:")):
        lines = [str(each) for each in found if each.kind == kind]
        click.echo(title)
        for line in lines or ["  nothing changes"]:
            click.echo(f"  {line.strip()}")
