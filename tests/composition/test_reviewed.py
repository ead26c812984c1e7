"""What composition says of each case of the rules, and what it makes of those that keep them (`tests.reviewed`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import DefinitionNode, DirectiveDefinitionNode, parse, print_ast

from tests.composition import cases
from tests.composition.composed import composed
from tests.composition.test_hints import _QUERY, HINTS
from tests.composition.test_subjects import BROKEN
from tests.reviewed import expect

FOLDER = Path(__file__).parent / "reviewed"
TABLES = (
    "access", "context", "cost", "external", "federation_1", "field_sets", "graphql", "inaccessible", "interfaces",
    "links", "merging", "override", "ownership", "roots", "satisfiability",
)  # fmt: skip


def own(definition: DefinitionNode) -> bool:
    """Return whether a definition is a case's, and not what every supergraph begins with."""
    name = getattr(getattr(definition, "name", None), "value", "")
    return not name.startswith(("join__", "link__")) and not (
        isinstance(definition, DirectiveDefinitionNode) and name in ("link",)
    )


def lines_of(supergraph: str | None) -> list[str]:
    """Return a supergraph's own definitions, each in a line."""
    definitions = parse(supergraph).definitions if supergraph else ()
    return [f"  {' '.join(print_ast(each).split())}" for each in definitions if own(each)]


@pytest.mark.parametrize("table", TABLES)
def test_what_composition_says_is_as_it_was_reviewed(table: str) -> None:
    lines: list[str] = []
    for rule in getattr(cases, table).RULES:
        for kind, sdls in (("bad", rule.bad), ("good", rule.good)):
            result = composed(*sdls)
            lines += [f"## {rule.code}, {kind}: {rule.name}", *(f"  error {error}" for error in result.errors)]
            lines += [f"  hint {hint}" for hint in result.hints]
            lines += lines_of(result.supergraph) if kind == "good" else []
    expect(FOLDER / f"{table}.txt", "\n".join(lines) + "\n")


def test_what_is_said_of_subjects_and_hinted_is_as_it_was_reviewed() -> None:
    lines: list[str] = []
    for sdl, code in BROKEN:
        lines += [f"## {code}", *(f"  error {error}" for error in composed(sdl).errors)]
    for one, other, code, *_ in HINTS:
        lines += [f"## {code}", *(f"  hint {hint}" for hint in composed(_QUERY + one, other).hints)]
    expect(FOLDER / "subjects_and_hints.txt", "\n".join(lines) + "\n")
