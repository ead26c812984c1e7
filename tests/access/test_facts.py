"""Of whom the facts of a child are asked, and what is asked beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.access import FactsReader
from gateway.supergraph import Supergraph
from gateway.supergraph.selections import Field
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


@pytest.mark.parametrize("how", ["not resolvable", "another key", "two keys"])
def test_an_authority_is_asked_by_the_regional_id_alone(how: str) -> None:
    """One that is not entered by it can't be asked, whatever facts it has."""
    whole = composed()
    child = whole.types["Child"]
    (owner,) = child.fields["relationships"].owners
    membership = child.memberships[owner.graph]
    key = membership.keys[0]
    keys = {
        "not resolvable": (replace(key, resolvable=False),),
        "another key": (replace(key, fields=(Field("ref", "ref"),)),),
        "two keys": (replace(key, fields=(*key.fields, Field("ref", "ref"))),),
    }
    memberships = {**child.memberships, owner.graph: replace(membership, keys=keys[how])}
    changed_child = replace(child, memberships=memberships)
    other = replace(whole, types={**whole.types, "Child": changed_child})
    assert FactsReader(other, Recorded([])).graph_name == ""
