"""Which labels of overrides are in force for a request, and that each set of them has plans of its own."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.edge.overrides import Overrides, override_labels
from gateway.errors import ConfigError
from gateway.supergraph import Supergraph
from tests.federation.harness import Gateway, Network

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@override"])'


def network(*labels: str) -> Network:
    """A field for each label: `a` has it with value 0, `b` overrides it with value 1."""
    names = [f"f{n}" for n in range(len(labels))]
    over = " ".join(
        f'{name}: Int @override(from: "a", label: "{label}")' for name, label in zip(names, labels, strict=True)
    )
    return Network.of(
        {
            "a": (
                f"{_LINK} type Query {{ {' '.join(f'{name}: Int' for name in names)} }}",
                {"Query": dict.fromkeys(names, 0)},
            ),
            "b": (f"{_LINK} type Query {{ {over} }}", {"Query": dict.fromkeys(names, 1)}),
        }
    )


def supergraph(*labels: str) -> Supergraph:
    return network(*labels).supergraph


def test_labels_are_in_force_where_configuration_says_so() -> None:
    found = supergraph("one", "other", "one")
    assert override_labels(found) == ["one", "other"]
    assert Overrides(found, frozenset()).draw() == frozenset()
    assert Overrides(found, frozenset(["one"])).draw() == {"one"}


def test_a_percentage_is_drawn_for_each_request() -> None:
    chances = iter([0.0, 0.2499, 0.25, 0.99])
    overrides = Overrides(supergraph("percent(25)"), frozenset(), lambda: next(chances))
    assert [bool(overrides.draw()) for _ in range(4)] == [True, True, False, False]


def test_percentages_are_drawn_apart() -> None:
    chances = iter([0.3, 0.3, 0.6, 0.1])
    overrides = Overrides(supergraph("percent(50)", "percent(20.5)"), frozenset(), lambda: next(chances))
    assert overrides.draw() == {"percent(50)"}
    assert overrides.draw() == {"percent(20.5)"}


def test_what_is_certain_is_not_drawn() -> None:
    def chance() -> float:
        raise AssertionError("nothing is to be drawn")

    labels = ("percent(0)", "percent(100)", "percent(7)", "plain")
    overrides = Overrides(supergraph(*labels), frozenset(["percent(7)"]), chance)
    assert overrides.draw() == {"percent(100)", "percent(7)"}


def test_at_most_four_labels_are_drawn() -> None:
    labels = [f"percent({n})" for n in (1, 2, 3, 4, 5)]
    Overrides(supergraph(*labels[:4], "percent(0)", "percent(100)", "plain"), frozenset())
    Overrides(supergraph(*labels), frozenset(labels[:1]))
    with pytest.raises(ConfigError, match=r"at most 4 .* has 5: `percent\(1\)`, .*`--override-label`"):
        Overrides(supergraph(*labels), frozenset())


def drawing(made: Network, *draws: frozenset[str]) -> Gateway:
    """A gateway for whose requests these labels are drawn, in turn."""
    gateway = made.gateway()
    turns = iter(draws)
    gateway.pipeline.preparer._overrides.draw = lambda: next(turns)  # type: ignore[method-assign] # what chance would do
    return gateway


async def test_each_set_of_labels_has_its_own_plans() -> None:
    one, other = frozenset(["percent(5)"]), frozenset(["percent(6)"])
    gateway = drawing(network("percent(5)", "percent(6)"), one, frozenset(), other, one, one | other)
    answers = [(await gateway.run("{ f0 f1 }")).data for _ in range(5)]
    assert [(data["f0"], data["f1"]) for data in answers] == [(1, 0), (0, 0), (0, 1), (1, 0), (1, 1)]


async def test_chance_decides_in_the_pipeline() -> None:
    gateway = network("percent(50)").gateway()
    found = Counter([(await gateway.run("{ f0 }")).data["f0"] for _ in range(200)])
    assert found[0] > 50
    assert found[1] > 50
    assert len(gateway.pipeline.preparer._planners) == 2
