"""`cps bench plan`: what planning takes, for the two queries that its design is held to."""

from __future__ import annotations

import time
from statistics import median

import click

from gateway.composition import SubgraphSource, compose
from gateway.errors import ConfigError
from gateway.operations import Limits, normalise, read_document
from gateway.planning import Planner
from gateway.supergraph import read_supergraph

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
FIELDS = 200


@click.group()
def bench() -> None:
    """Measure a part by itself."""


@bench.command()
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(1, 10_000))
def plan(rounds: int) -> None:
    """Time the planning of a query of 200 fields over 20 subgraphs, and over one."""
    for subgraphs in (20, 1):
        planner, query = _subject(subgraphs)
        times: list[float] = []
        fetches = 0
        for _ in range(rounds):
            document = read_document(query, None, planner.supergraph.api_schema, Limits())
            operation = normalise(document, planner.supergraph).operation
            fresh = Planner(planner.supergraph)  # nothing is kept from one round to the next
            begun = time.perf_counter()
            fetches = len(fresh.plan(operation).requests)
            times.append((time.perf_counter() - begun) * 1_000)
        where = f"{subgraphs} subgraph{'s' if subgraphs > 1 else ''}"
        click.echo(
            f"{FIELDS} fields over {where}: median {median(times):.2f} ms, "
            f"{min(times):.2f} to {max(times):.2f} over {rounds} rounds, {fetches} fetch{'es' if fetches > 1 else ''}"
        )


def _subject(subgraphs: int) -> tuple[Planner, str]:
    """A supergraph in which one entity's fields are spread evenly, with an entity in a list below it."""
    each = FIELDS // 2 // subgraphs
    sources: list[SubgraphSource] = []
    for number in range(subgraphs):
        fields = " ".join(f"f{number}_{index}: String" for index in range(each))
        root = "type Query { item(id: ID!): Item  items: [Item!]! }\n" if number == 0 else ""
        below = "parts: [Part!]!" if number == 0 else ""
        item = f'type Item @key(fields: "id") {{ id: ID! {fields} {below} }}\n'
        part = f'type Part @key(fields: "id") {{ id: ID! {fields} }}\n'
        sources.append(SubgraphSource(f"s{number}", "http://127.0.0.1:1", _LINK + root + item + part))
    result = compose(sources)
    if result.supergraph is None:
        raise ConfigError(f"the benchmark's schema does not compose: {result.errors[0]}")
    names = " ".join(f"f{number}_{index}" for number in range(subgraphs) for index in range(each))
    query = f'{{ item(id: "1") {{ {names} parts {{ {names} }} }} }}'
    return Planner(read_supergraph(result.supergraph)), query
