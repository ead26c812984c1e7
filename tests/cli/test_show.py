"""`cps show`: each stage between a query and its fetches."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema, parse

from tests.cli.run import Cps


def test_the_api_schema_is_what_clients_see(cps: Cps, subgraphs: Path) -> None:
    status, out, _ = cps("show", "api-schema", "--subgraphs", subgraphs)
    assert status == 0
    schema = build_schema(out)
    assert set(schema.query_type.fields) >= {"child", "findChildren", "agencies"} if schema.query_type else False
    assert "join__" not in out


def test_a_supergraph_in_a_file_shows_the_same(cps: Cps, subgraphs: Path, query: Path, tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(cps("compose", "--config", subgraphs).out)
    for stage in ("api-schema", "querygraph", "normalised", "paths", "plan", "fetches", "code"):
        more = () if stage in ("api-schema", "querygraph") else ("--query", query, "--operation", "A")
        one = cps("show", stage, "--supergraph", path, *more)
        other = cps("show", stage, "--subgraphs", subgraphs, *more)
        assert one.status == other.status == 0
        assert one.out == other.out != ""


def test_the_stages_of_a_query(cps: Cps, subgraphs: Path, query: Path) -> None:
    def stage(name: str, operation: str = "A") -> str:
        result = cps("show", name, "--subgraphs", subgraphs, "--query", query, "--operation", operation)
        assert result.status == 0
        return result.out

    normalised = stage("normalised")
    parse(normalised)
    assert "9990000018" not in normalised
    assert "socialCare" in normalised
    assert "agencies" not in normalised
    assert "child" in stage("paths")
    plan = stage("plan")
    assert plan.index("index") < plan.index("care")
    assert "police" not in plan
    fetches = stage("fetches")
    assert fetches.startswith("# 0 index\nquery")
    assert "_entities" in fetches
    assert "agencies" in stage("fetches", "B")
    code = stage("code")
    compile(code, "<shown>", "exec")
    assert "# Fetch 0 of index\ndef ask_0(" in code
    assert "# child: Child\ndef project_Child_" in code


@pytest.mark.parametrize("stage", ["normalised", "paths", "plan", "fetches", "code"])
def test_a_stage_of_a_query_needs_one(cps: Cps, subgraphs: Path, stage: str) -> None:
    status, out, err = cps("show", stage, "--subgraphs", subgraphs)
    assert (status, out) == (2, "")
    assert err == f"cps: `cps show {stage}` needs --query FILE\n"


@pytest.mark.parametrize(
    ("text", "operation", "says"),
    [
        ("{ agencies", None, "Syntax Error"),
        ("{ nothing }", None, "Cannot query field"),
        ("query A { agencies } query B { agencies }", None, "2 operations"),
        ("query A { agencies }", "C", "names no operation"),
        ("", None, "Syntax Error"),
    ],
)
def test_a_query_that_is_wrong_is_status_2(
    cps: Cps, subgraphs: Path, tmp_path: Path, text: str, operation: str | None, says: str
) -> None:
    path = tmp_path / "wrong.graphql"
    path.write_text(text)
    more = ("--operation", operation) if operation else ()
    status, out, err = cps("show", "plan", "--subgraphs", subgraphs, "--query", path, *more)
    assert (status, out) == (2, "")
    assert err.startswith("cps: ")
    assert says in err


def test_without_a_source_is_status_2(cps: Cps) -> None:
    status, _, err = cps("show", "api-schema")
    assert status == 2
    assert "give --supergraph FILE or --subgraphs FILE" in err


@pytest.mark.parametrize(
    "text", ["", "type Query {", "type Query { a: Int }", "{ a }", "schema { query: Nothing }", "\x00"]
)
def test_a_supergraph_that_is_none_is_status_2(cps: Cps, tmp_path: Path, text: str) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(text)
    status, out, err = cps("show", "api-schema", "--supergraph", path)
    assert (status, out) == (2, "")
    assert err.startswith("cps: ")


def test_subgraphs_that_do_not_compose_are_status_2_and_said(cps: Cps, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('[{"name": "a", "sdl": "type Query {"}]')
    status, _, err = cps("show", "api-schema", "--subgraphs", path)
    assert status == 2
    assert "do not compose" in err
    assert "INVALID_GRAPHQL" in err


def test_an_unknown_stage_is_status_2(cps: Cps, subgraphs: Path) -> None:
    assert cps("show", "nothing", "--subgraphs", subgraphs).status == 2


def test_a_label_of_an_override_changes_the_plan(cps: Cps, tmp_path: Path) -> None:
    link = 'extend schema @link(url: \\"https://specs.apollo.dev/federation/v2.7\\", import: [\\"@override\\"])'
    over = '@override(from: \\"a\\", label: \\"next\\")'
    config, query = tmp_path / "c.json", tmp_path / "q.graphql"
    config.write_text(
        f'[{{"name": "a", "sdl": "{link} type Query {{ x: Int }}"}},'
        f' {{"name": "b", "sdl": "{link} type Query {{ x: Int {over} }}"}}]'
    )
    query.write_text("{ x }")
    asked = ("show", "plan", "--subgraphs", config, "--query", query)
    assert "`a`" in cps(*asked).out
    assert "`b`" in cps(*asked, "--override-label", "next").out
