"""The writer of the log, killed under load: a few of the kills that `python -m tests.load crash` does."""

from __future__ import annotations

from pathlib import Path

from tests.load.crashes import crash


def test_each_answer_has_its_entry_and_the_tree_holds(tmp_path: Path) -> None:
    """It fails where an answer is given before its entry is durable."""
    *_, found = crash(tmp_path / "audit.sqlite", tmp_path / "audit.signing", kills=4, seed=3)
    assert (found.missing, found.twice) == (0, 0)
    assert found.acknowledged > 20
    assert found.found.size >= found.acknowledged
    assert found.found.pending == 0
