"""An agency's last word: a record kept back is said to be, and is not "none held"."""

from __future__ import annotations

from pathlib import Path

import strawberry

from authz.assertion import Assertion
from resolvers.declare import identifier, record
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector
from tests.resolvers.clinic import patient
from tests.resolvers.served import child, served


@record(table=patient, tenant=patient.c.SITE, key=patient.c.PAT_NO)
class KeptRecord:
    """What a clinic may keep back."""

    id: strawberry.ID = identifier()


QUERY = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { id clinic { id } } } }"


async def test_a_record_that_is_kept_back_is_an_error_at_its_field(clinic_url: str, tmp_path: Path) -> None:
    asked: list[Assertion | None] = []
    kept_back: set[str] = set()

    def last_word(asserted: Assertion | None, record: object) -> str | None:
        asked.append(asserted)
        return "COURT_ORDER" if vars(record)["id"] in kept_back else None

    plainly = Subgraph.sector("kept", Sector.COMMUNITY, "clinic", KeptRecord)
    deciding = Subgraph.sector("kept", Sector.COMMUNITY, "clinic", KeptRecord, last_word=last_word)
    async with served(plainly, clinic_url, tmp_path) as plain:
        given = [child(f"c{number}", ("EAST", str(number)), ("EAST", str(number + 1))) for number in range(1, 5)]
        everything = (await plain.ask(QUERY, r=given))["data"]["_entities"]
    ids = [kept["id"] for entity in everything for kept in entity["clinic"]]
    kept_back.add(ids[0])
    async with served(deciding, clinic_url, tmp_path) as running:
        answer = await running.ask(QUERY, r=given)
    expected = [
        {**entity, "clinic": [kept for kept in entity["clinic"] if kept["id"] != ids[0]]} for entity in everything
    ]
    assert answer["data"]["_entities"] == expected
    places = [n for n, entity in enumerate(everything) if any(kept["id"] == ids[0] for kept in entity["clinic"])]
    assert answer["errors"] == [
        {
            "message": "the agency withholds this",
            "path": ["_entities", place, "clinic"],
            "extensions": {"code": "WITHHELD", "reason": "COURT_ORDER"},
        }
        for place in places
    ]
    assert asked == [None] * len(ids)
    assert len(ids) > 2
