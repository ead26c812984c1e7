"""`cps policy`: what it prints, and how it exits."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from tests.access.partnership import composed
from tests.cli.run import Cps

TABLE = (files("authz.policy") / "partnership" / "expected.txt").read_text(encoding="utf-8")
HEAD = next(line for line in TABLE.splitlines() if line.startswith("purposes"))


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """Policies that permit nothing."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "none.cedar").write_text('@id("none")\nforbid (principal, action, resource) when { false };\n')
    return folder


def line(first: str) -> str:
    """A line of a table for administrators, with this cell and nothing else."""
    return f"{HEAD}\nCIN none administrator {' '.join([first, *('-' for _ in HEAD.split()[4:])])}\n"


def test_a_table_that_is_kept_to_is_status_0(cps: Cps, tmp_path: Path, nothing: Path) -> None:
    (tmp_path / "table.txt").write_text(line("-"))
    status, out, _ = cps("policy", "test", tmp_path / "table.txt", "--policies", nothing)
    assert (status, "cells as expected, by 1 lines" in out) == (0, True)


def test_a_flipped_cell_is_status_1_and_said(cps: Cps, tmp_path: Path, nothing: Path) -> None:
    (tmp_path / "table.txt").write_text(line("S"))
    status, _, err = cps("policy", "test", tmp_path / "table.txt", "--policies", nothing)
    assert status == 1
    assert "administrator CIN none locator.summary (another agency's): denied" in err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("--role", "social_worker", "--purpose", "S47", "--name", "police.detail", "--relationship", "allocated"), 0,
         "by social_worker.s47"),
        (("--role", "social_worker", "--purpose", "S47", "--name", "police.detail"), 1, "NO_RELATIONSHIP"),
        (("--role", "mash_practitioner", "--purpose", "TRIAGE", "--name", "contact.detail", "--relationship",
          "claimed"), 0, "by mash_practitioner.cin.read"),
        (("--role", "social_worker", "--purpose", "CIN", "--name", "police.detail"), 1, "PURPOSE_DOES_NOT_PERMIT"),
        (("--role", "school_dsl", "--purpose", "S47", "--name", "education.detail"), 1, "NO_RELATIONSHIP"),
        (("--role", "school_dsl", "--purpose", "S47", "--name", "education.detail", "--relationship", "on_roll"), 0,
         "permitted by school_dsl"),
        (("--role", "ae_clinician", "--purpose", "S47", "--name", "health.detail", "--agency", "RAE",
          "--holder", "RAE", "--relationship", "attendance"), 0, "ae_clinician.s47.own"),
        (("--role", "social_worker", "--purpose", "S47", "--name", "case.detail", "--relationship", "shielded"), 1,
         "denied by shield"),
        (("--role", "auditor", "--purpose", "S47", "--name", "case.detail"), 1, "may not claim S47"),
    ],
)  # fmt: skip
def test_a_decision_is_explained(cps: Cps, arguments: tuple[str, ...], status: int, says: str) -> None:
    ended, out, _ = cps("policy", "explain", *arguments)
    assert ended == status
    assert says in out


def test_a_field_is_explained_by_all_on_its_way(cps: Cps, tmp_path: Path) -> None:
    (tmp_path / "supergraph.graphql").write_text(composed().sdl)
    asked = (
        "policy",
        "explain",
        "--role",
        "social_worker",
        "--purpose",
        "S47",
        "--relationship",
        "team",
        "--supergraph",
        tmp_path / "supergraph.graphql",
    )
    status, out, _ = cps(*asked, "--field", "Child.police.narrative")
    assert status == 0
    assert "locator.summary: permitted" in out
    assert "police.detail: permitted by social_worker.s47.read" in out
    for unknown in ("Child", "Nobody.x", "Child.nothing", "Child.forename.x"):
        status, _, err = cps(*asked, "--field", unknown)
        assert status == 2
        assert "field" in err
