"""`cps policy`: what the policies decide, tested against a table and explained."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from authz.policy import Decision, Policies, read_grants
from authz.policy.explain import remedies, sentence
from authz.policy.table import RELATIONSHIPS, differences, read_table, standing_called
from authz.principal import Principal, Purpose, Role, may_ask_for
from gateway.cli.supergraphs import load
from gateway.config import read_text
from gateway.errors import ConfigError
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.supergraph import Supergraph

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
MAX_SHOWN = 50


@click.group()
def policy() -> None:
    """Test and explain what the policies decide."""


@policy.command("test")
@click.argument("table", type=_FILE, required=False)
@click.option("--policies", type=_FOLDER, help="Folder of Cedar policies; the partnership's own without it.")
def test(table: Path | None, policies: Path | None) -> None:
    """Hold the policies against a table of expected decisions: the partnership's matrix without TABLE.

    Exit status 1 where a decision differs.
    """
    text = read_text(table) if table else (files("authz.policy") / "partnership" / "expected.txt").read_text("utf-8")
    expected = read_table(text)
    found = list(differences(_policies(policies, None), expected))
    for line in found[:MAX_SHOWN]:
        click.echo(line, err=True)
    cells = len(expected.expected()) * len(expected.columns)
    if found:
        click.echo(f"{len(found):,} decisions are not as the table has them", err=True)
        sys.exit(1)
    click.echo(f"{cells:,} cells as expected, by {len(expected.lines)} lines")


@policy.command("explain")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--purpose", required=True, type=click.Choice([purpose.value for purpose in Purpose]))
@click.option("--field", help="A coordinate: `PoliceNotice.narrative`, or from a subject: `Child.police.notices`.")
@click.option("--name", "names", multiple=True, help="A policy's name, `category.level`, in place of a field.")
@click.option("--relationship", default="none", show_default=True, help=f"With the child: {', '.join(RELATIONSHIPS)}.")
@click.option("--agency", default="", help="The code of the practitioner's agency.")
@click.option("--holder", help="The code of the agency that holds it.")
@click.option("--policies", type=_FOLDER, help="Folder of Cedar policies; the partnership's own without it.")
@click.option("--grants", type=_FOLDER, help="Folder of agencies' own policies: CODE.cedar.")
@click.option("--supergraph", type=_FILE, help="Supergraph SDL, for --field.")
@click.option("--subgraphs", type=_FILE, help="JSON list of subgraphs, for --field.")
def explain(
    roles: tuple[str, ...],
    purpose: str,
    field: str | None,
    names: tuple[str, ...],
    relationship: str,
    agency: str,
    holder: str | None,
    policies: Path | None,
    grants: Path | None,
    supergraph: Path | None,
    subgraphs: Path | None,
) -> None:
    """Say what is decided of a field or a policy's name, and which policy decided. Exit status 1 where it is denied."""
    if relationship not in RELATIONSHIPS:
        raise ConfigError(f"`{relationship}` is no relationship: {', '.join(RELATIONSHIPS)}")
    asked: list[tuple[str, ...]] = [(name,) for name in names]
    if field is not None:
        asked += demanded(load(supergraph, subgraphs).supergraph, field)
    if not asked:
        raise ConfigError("give --field COORDINATE or --name CATEGORY.LEVEL")
    asking = Principal("-", "-", "-", tuple(Role(role) for role in roles), agency)
    rules = _policies(policies, grants)
    if not may_ask_for(asking.roles, Purpose(purpose)):
        click.echo(f"a {' and '.join(roles)} may not claim {purpose}")
    permitted = True
    for row in asked:
        for name in row:
            decision = rules.decide(asking, Purpose(purpose), name, holder, standing_called(relationship))
            permitted = permitted and decision.permitted
            click.echo(_line(name, decision))
            if decision.reason is not None:
                click.echo(f"  {sentence(decision.reason)}")
                standing = standing_called(relationship)
                changes = remedies(rules, asking, Purpose(purpose), name, standing, decision.reason)
                click.echo(f"  could change it: {', '.join(changes) or 'nothing'}")
    sys.exit(0 if permitted else 1)


def demanded(supergraph: Supergraph, coordinate: str) -> list[tuple[str, ...]]:
    """The sets of policies of which a field asks one, from its type on or by a path of fields.

    Raises `ConfigError` where there is no such field.
    """
    type_name, *path = coordinate.split(".")
    if type_name not in supergraph.types or not path:
        raise ConfigError(f"`{coordinate}` is no field: `Type.field` is expected")
    found: dict[tuple[str, ...], None] = {}
    for name in path:
        definition = supergraph.types[type_name].fields.get(name) if type_name in supergraph.types else None
        if definition is None:
            raise ConfigError(f"`{coordinate}`: `{type_name}` has no field `{name}`")
        found.update(dict.fromkeys(supergraph.access(type_name, name).policies))
        type_name = named_type(definition.type)
    return list(found)


def _policies(folder: Path | None, grants: Path | None) -> Policies:
    own = read_grants(grants) if grants else None
    return Policies.of_folder(folder, own) if folder else Policies.partnership(own)


def _line(name: str, decision: Decision) -> str:
    by = f" by {', '.join(decision.by)}" if decision.by else ""
    if decision.permitted:
        return f"{name}: permitted{by}"
    return f"{name}: denied{by}, {decision.reason.value if decision.reason else 'ERROR'}"
