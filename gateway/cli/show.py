"""`cps show STAGE`: what each stage between a query and its fetches makes of it."""

from __future__ import annotations

from pathlib import Path

import click
from graphql import print_schema

from gateway.cli.supergraphs import load
from gateway.config import read_text
from gateway.errors import ConfigError
from gateway.execution import Program, Shapes
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Planner

_STAGES = ("api-schema", "querygraph", "normalised", "paths", "plan", "fetches", "code")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("stage", type=click.Choice(_STAGES))
@click.option("--supergraph", type=_FILE, help="Supergraph SDL.")
@click.option("--subgraphs", type=_FILE, help="JSON list of {name, url, sdl?}: composed first.")
@click.option("--query", type=_FILE, help="The operation; needed from `normalised` on.")
@click.option("--operation", help="Its name, where the file holds several.")
@click.option("--override-label", "labels", multiple=True, help="A label of @override that is in force; repeatable.")
def show(
    stage: str,
    supergraph: Path | None,
    subgraphs: Path | None,
    query: Path | None,
    operation: str | None,
    labels: tuple[str, ...],
) -> None:
    """Print a stage: api-schema, querygraph, normalised, paths, plan, fetches or code."""
    loaded = load(supergraph, subgraphs).supergraph
    planner = Planner(loaded, frozenset(labels))
    if stage == "api-schema":
        click.echo(print_schema(loaded.api_schema))
        return
    if stage == "querygraph":
        for line in planner.graph.describe():
            click.echo(line)
        return
    if query is None:
        raise ConfigError(f"`cps show {stage}` needs --query FILE")
    document = read_document(read_text(query), operation, loaded.api_schema, Limits())
    normalised = normalise(document, loaded).operation
    if stage == "normalised":
        click.echo(normalised.text)
    elif stage == "paths":
        for tree in planner.trees(normalised.kind, normalised.root_type, planner.completed(normalised)):
            for line in tree.describe():
                click.echo(line)
    elif stage == "plan":
        for line in planner.plan(normalised).describe():
            click.echo(line)
    elif stage == "fetches":
        for request in planner.plan(normalised).requests:
            click.echo(f"# {request.number} {request.graph.name}\n{request.query}")
    else:
        click.echo(Program(planner.plan(normalised), Shapes(loaded, normalised), loaded).text)
