"""Of whom the facts of a child are asked, and what is asked beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.access import FactsReader
from gateway.supergraph import Supergraph
from tests.access.partnership import composed
from tests.federation.harness import Recorded


def changed(name: str, **change: Any) -> Supergraph:
    """The partnership's supergraph where a field of a child is another."""
    whole = composed()
    child = whole.types["Child"]
    fields = {**child.fields, name: replace(child.fields[name], **change)}
    return replace(whole, types={**whole.types, "Child": replace(child, fields=fields)})


def test_the_authority_is_asked_and_says_surnames_that_clients_do_not_see() -> None:
    reader = FactsReader(composed(), Recorded([]))
    assert reader.graph_name == "index"
    assert reader._surnames == "surnames"


@pytest.mark.parametrize("how", ["seen", "another's", "both'"])
def test_surnames_that_are_not_the_authority_s_alone_are_not_asked_for(how: str) -> None:
    field = composed().types["Child"].fields["surnames"]
    (owner,) = field.owners
    other = next(graph for graph in composed().graphs if graph != owner.graph)
    changes: dict[str, dict[str, Any]] = {
        "seen": {"inaccessible": False},
        "another's": {"owners": (replace(owner, graph=other),)},
        "both'": {"owners": (owner, replace(owner, graph=other))},
    }
    reader = FactsReader(changed("surnames", **changes[how]), Recorded([]))
    assert reader.graph_name == "index"
    assert reader._surnames == ""


def test_where_another_gives_a_fact_nobody_is_asked() -> None:
    owners = composed().types["Child"].fields["relationships"].owners
    other = next(graph for graph in composed().graphs if graph != owners[0].graph)
    elsewhere = changed("relationships", owners=(replace(owners[0], graph=other),))
    assert FactsReader(elsewhere, Recorded([])).graph_name == ""
