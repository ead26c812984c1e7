"""How many requests a list costs: one for each subgraph where children stand alike, one for each standing otherwise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from authz.principal import Purpose
from gateway.access import ClaimStore
from tests.access.partnership import Partnership, Person, Tie, somebody
from tests.attack.test_everybody import HELD

WORKER = somebody("social_worker", "380", "East", subject="worker")
MINE = (Tie("ALLOCATED", "380", None, "worker"),)
TEAM_S = (Tie("ALLOCATED", "380", "East", "another"),)
INVITED = (Tie("CONFERENCE_INVITEE", "380", None, "worker"),)
QUERY = """{ findChildren(surname: "Smith") {
    id forename care { leadWorker plan note } police { officer narrative } health { reason } } }"""


def requests(network: Partnership) -> Counter[str]:
    return Counter(each.agency for each in network.transport.exchanged)


async def test_twenty_five_related_children_are_asked_about_together() -> None:
    network = Partnership.of(*(Person(f"c{number}", ties=MINE, held=HELD) for number in range(25)))
    answer = await network.ask(QUERY, WORKER)
    assert len(answer["data"]["findChildren"]) == 25
    assert str(answer["data"]).count("<narrative|") == 25
    one = Partnership.of(Person("c0", ties=MINE, held=HELD))
    await one.ask(QUERY, WORKER)
    assert requests(network) == requests(one) == {"index": 2, "care": 1, "police": 1, "health": 1}


@pytest.mark.parametrize("standings", [1, 2, 3, 4])
async def test_children_of_several_standings_cost_a_request_for_each_at_most(tmp_path: Path, standings: int) -> None:
    """Those who stand with what is permitted alike are asked about together, whatever their standing is called."""
    kinds = [MINE, (), TEAM_S, INVITED][:standings]
    people = [Person(f"c{number}", ties=kinds[number % standings], held=HELD) for number in range(24)]
    store = ClaimStore(tmp_path / "access.sqlite")
    store.add(WORKER, Purpose.S47, "c0", "a reason", (), "audit", 20)
    network = Partnership.of(*people, claims=store)
    answer = await network.ask(QUERY, WORKER)
    assert len(answer["data"]["findChildren"]) == 24
    found = requests(network)
    assert set(found) == {"index", "care", "police", "health"}
    for agency in ("care", "police", "health"):
        assert found[agency] <= standings, agency
    assert found["index"] <= 1 + standings
