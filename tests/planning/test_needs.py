"""Fields that require each other, and keys that lead to each other, as deep as they may: the work does not double."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.composition import SubgraphSource, compose
from gateway.planning import Plan
from gateway.querygraph.cost import MAX_NEED_DEPTH
from tests.federation.harness import Network

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key","@requires","@external"]) '
QUERY = "type Query { t: T } "


def of_two_before(count: int, among: int) -> dict[str, str]:
    """Each field requires the two before it, and is of the next of so many subgraphs."""
    fields: list[list[str]] = [[] for _ in range(among)]
    others: list[set[int]] = [set() for _ in range(among)]
    for at in range(count):
        required = f' @requires(fields: "f{at - 1} f{at - 2}")' if at > 1 else ""
        fields[at % among].append(f"f{at}: Int{required}")
        others[at % among] |= {at - 1, at - 2} if at > 1 else set()
    return {
        f"s{number}": _subgraph(number, [*own, *(f"f{at}: Int @external" for at in sorted(others[number]))])
        for number, own in enumerate(fields)
    }


def in_threes(count: int) -> dict[str, str]:
    """Three fields at each level, of one of two subgraphs in turn; each requires two of the level before."""
    fields: list[list[str]] = [[], []]
    for at in range(count):
        for name in "fgh":
            first, second = sorted(set("fgh") - {name})
            required = f' @requires(fields: "{first}{at - 1} {second}{at - 1}")' if at else ""
            fields[at % 2].append(f"{name}{at}: Int{required}")
            if at + 1 < count:
                fields[(at + 1) % 2].append(f"{name}{at}: Int @external")
    return {f"s{number}": _subgraph(number, own) for number, own in enumerate(fields)}


def chain(count: int) -> dict[str, str]:
    """Each subgraph is entered by a key that only the one before it has."""
    found = {}
    for at in range(count):
        keys = f'@key(fields: "k{at}") @key(fields: "k{at + 1}")'
        last = "f: Int" if at == count - 1 else ""
        found[f"s{at}"] = f"{LINK}{'' if at else QUERY}type T {keys} {{ k{at}: ID! k{at + 1}: ID! {last} }}"
    return found


def _subgraph(number: int, fields: list[str]) -> str:
    return f'{LINK}{"" if number else QUERY}type T @key(fields: "id") {{ id: ID! {" ".join(fields)} }}'


def planned(sdls: dict[str, str], field: str) -> Plan:
    return Network.of({name: (sdl, {}) for name, sdl in sdls.items()}).plan(f"{{ t {{ {field} }} }}")


DEEP = MAX_NEED_DEPTH


@pytest.mark.parametrize(
    ("sdls", "field", "requests"),
    [
        (lambda: of_two_before(DEEP + 1, 3), f"f{DEEP}", DEEP + 2),
        (lambda: of_two_before(DEEP, DEEP), f"f{DEEP - 1}", DEEP + 1),
        (lambda: in_threes(DEEP), f"f{DEEP - 1}", DEEP),
        (lambda: chain(42), "f", 42),
    ],
)
def test_what_shares_its_needs_is_planned_as_soon_as_what_does_not(
    sdls: Callable[[], dict[str, str]], field: str, requests: int
) -> None:
    plan = planned(sdls(), field)
    assert len(plan.requests) == requests
    assert sum(len(request.steps) for request in plan.requests) <= 2 * requests


def test_needs_that_are_too_deep_are_said_to_be() -> None:
    sdls = of_two_before(DEEP + 4, 3)
    result = compose([SubgraphSource(name, f"http://{name}/", sdl) for name, sdl in sdls.items()])
    assert {error.code for error in result.errors} == {"SATISFIABILITY_ERROR"}
    said = " ".join(error.message for error in result.errors)
    assert f"which is over {DEEP} needs deep: no more are followed" in said
