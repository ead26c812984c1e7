"""`cps bench`."""

from __future__ import annotations

from click.testing import CliRunner

from gateway.cli import cps


def test_planning_is_timed_for_both_queries() -> None:
    result = CliRunner().invoke(cps, ["bench", "plan", "--rounds", "1"])
    assert result.exit_code == 0, result.output
    many, one = result.output.splitlines()
    assert many.startswith("200 fields over 20 subgraphs: median ")
    assert many.endswith("20 fetches")
    assert one.startswith("200 fields over 1 subgraph: median ")
    assert one.endswith("1 fetch")
