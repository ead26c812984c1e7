"""`cps compose`, and the configuration that it reads."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway.supergraph import read_supergraph
from tests.cli.run import Cps

GOOD = {"name": "a", "url": "http://127.0.0.1:1/", "sdl": "type Query { a: Int }"}


def test_it_prints_the_supergraph_and_nothing_else(cps: Cps, subgraphs: Path) -> None:
    status, out, err = cps("compose", "--config", subgraphs)
    assert (status, err) == (0, "")
    assert set(read_supergraph(out).graphs) == {"INDEX", "CARE", "POLICE"}
    assert cps("compose", "--config", subgraphs).out == out


def test_a_list_may_stand_under_a_name(cps: Cps, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(orjson.dumps({"subgraphs": [GOOD]}))
    assert cps("compose", "--config", path).status == 0


def test_subgraphs_that_do_not_compose_are_status_1_with_their_codes(cps: Cps, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(orjson.dumps([GOOD, {**GOOD, "name": "b", "sdl": "type Query { a: String b: Int }"}]))
    status, out, err = cps("compose", "--config", path)
    assert (status, out) == (1, "")
    assert err.startswith("ERROR ")
    assert "FIELD_TYPE_MISMATCH" in err or "INVALID_FIELD_SHARING" in err
    path.write_bytes(orjson.dumps([{**GOOD, "sdl": "type Query {"}]))
    status, out, err = cps("compose", "--config", path)
    assert (status, out) == (1, "")
    assert "INVALID_GRAPHQL" in err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not JSON: line 1, column 1"),
        (b'[{"name": "a",}]', "is not JSON: line 1"),
        (b"\xff", "can't be read"),
        (b"5", "JSON list of subgraphs"),
        (b"[]", "JSON list of subgraphs"),
        (b"{}", "JSON list of subgraphs"),
        (b'{"subgraphs": {}}', "JSON list of subgraphs"),
        (b"[5]", "each subgraph is an object"),
        (b'[{"url": "http://a/"}]', "no `name`"),
        (b'[{"name": "", "sdl": "x"}]', "no `name`"),
        (b'[{"name": "a"}]', "`a` has neither `url` nor `sdl`"),
        (b'[{"name": 5, "sdl": "x"}]', "`name` of a subgraph is a string"),
        (b'[{"name": "a", "url": ["x"]}]', "`url` of a subgraph is a string"),
        (b'[{"name": "a", "sdl": 5}]', "`sdl` of a subgraph is a string"),
        (b'[{"name": "a", "sdl": "x", "agency": 380}]', "`agency` of a subgraph is a string"),
        (b'[{"name": "a", "sdl": "x", "messages": true}]', "`messages` of a subgraph is a string"),
        (b'[{"name": "a", "sdl": "x", "messages": "show"}]', "`messages` of subgraph `a` is `pass` or `mask`"),
        (b'[{"name": "a", "sdl": "x"}, {"name": "a", "sdl": "y"}]', "names a subgraph twice"),
        (b'[{"name": "a", "file": "nowhere.graphql"}]', "nowhere.graphql` can't be read"),
        (b'[{"name": "a", "file": "."}]', "can't be read"),
        (b'[{"name": "a", "url": "http://127.0.0.1:1/"}]', "no SDL came from `a`"),
        (b'[{"name": "a", "url": "http://h:notaport/"}]', "no SDL came from `a`"),
    ],
)
def test_a_configuration_that_is_wrong_is_status_2_and_one_line(
    cps: Cps, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    status, out, err = cps("compose", "--config", path)
    assert (status, out) == (2, "")
    assert says in err
    assert err.startswith("cps: ")
    assert err.count("\n") == 1


def test_a_configuration_that_is_not_there(cps: Cps, tmp_path: Path) -> None:
    assert cps("compose", "--config", tmp_path / "nothing").status == 2
    assert cps("compose", "--config", tmp_path).status == 2
    assert cps("compose").status == 2


@pytest.mark.parametrize("arguments", [["nothing"], ["serve", "--nothing"], ["show"], ["audit", "nothing"]])
def test_what_is_no_command_is_status_2(cps: Cps, arguments: list[str]) -> None:
    assert cps(*arguments).status == 2


@pytest.mark.parametrize(
    "arguments", [["-h"], ["--help"], ["compose", "-h"], ["serve", "--help"], ["audit", "list", "-h"]]
)
def test_help_is_status_0(cps: Cps, arguments: list[str]) -> None:
    status, out, _ = cps(*arguments)
    assert status == 0
    assert out.startswith("Usage: ")
