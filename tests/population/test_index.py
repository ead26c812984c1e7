"""The index holds what exact identifiers link, and no more."""

from collections import Counter
from datetime import date

import pytest

from subgraphs.acute import tables as acute
from subgraphs.community import tables as community
from subgraphs.education import tables as education
from subgraphs.index import tables as t
from subgraphs.police import tables as police
from subgraphs.population import rates
from subgraphs.population.seeding import TODAY, sheets
from subgraphs.population.views.index import link
from subgraphs.population.views.sheet import Identity, Sheet
from subgraphs.population.world import World, make_world
from subgraphs.social_care import tables as social_care

BORN, OTHER_DAY = date(2015, 3, 4), date(2015, 4, 3)


def record(
    sector: str, name: str, nhs: str | None = None, upn: str | None = None, born: date | None = BORN
) -> Identity:
    return Identity(sector, sector[:3], name, nhs, upn, "Ava", "Sykes", born)


def linked(*identities: Identity) -> list[str]:
    return sorted("".join(sorted(identity.record for identity in records)) for records in link(identities))


def test_the_same_nhs_number_links() -> None:
    assert linked(record("ACUTE", "a", nhs="1"), record("COMMUNITY", "b", nhs="1")) == ["ab"]


def test_a_record_with_both_numbers_joins_the_two() -> None:
    apart = (record("ACUTE", "a", nhs="1"), record("EDUCATION", "b", upn="U"))
    assert linked(*apart) == ["a", "b"]
    assert linked(*apart, record("SOCIAL_CARE", "c", nhs="1", upn="U")) == ["abc"]


def test_a_record_without_numbers_is_not_linked() -> None:
    assert linked(record("ACUTE", "a", nhs="1"), record("POLICE", "b")) == ["a"]


def test_an_nhs_number_with_another_birthday_does_not_link() -> None:
    agreed = (record("ACUTE", "a", nhs="1"), record("COMMUNITY", "b", nhs="1"))
    assert linked(*agreed, record("SOCIAL_CARE", "c", nhs="1", born=OTHER_DAY)) == ["ab"]
    assert linked(*agreed, record("SOCIAL_CARE", "c", nhs="1", upn="U", born=OTHER_DAY)) == ["ab", "c"]
    assert linked(*agreed, record("POLICE", "c", nhs="1", born=None)) == ["abc"]


def test_holdings_point_at_rows_that_exist_and_at_agencies(written: dict[str, Sheet]) -> None:
    held = {
        *(("380", str(row["PERS_NO"])) for row in written["social_care"].rows(social_care.T_PERS)),
        *(("13", str(row["NominalRef"])) for row in written["police"].rows(police.nominal)),
        *(("RAE", str(row["mrn"])) for row in written["acute"].rows(acute.pat)),
        *(("TAD", str(row["IDPatient"])) for row in written["community"].rows(community.patient)),
        *(
            ("YPS", f"S{row['IDPatient']}")
            for row in written["community"].rows(community.specialist_care)
            if row["ServiceCode"] == "SUB"
        ),
        *((str(row["URN"]), str(row["UPN"])) for row in written["education"].rows(education.pupil)),
    }
    children = {row["id"] for row in written["index"].rows(t.child)}
    sectors = {row["code"]: row["sector"] for row in written["index"].rows(t.agency)}
    holdings = written["index"].rows(t.holding)
    assert len({(row["agency"], row["record_id"]) for row in holdings}) == len(holdings)
    for row in holdings:
        assert (row["agency"], row["record_id"]) in held
        assert row["child_id"] in children
        assert sectors[row["agency"]] == row["sector"]
    assert len(holdings) < len(held)


def test_no_holding_is_of_another_child(world: World, written: dict[str, Sheet]) -> None:
    """Every exact link is right: the number in the row is the number of the child in the index."""
    numbers = {row["id"]: (row["nhs"], row["upn"]) for row in written["index"].rows(t.child)}
    truth = {child.nhs: child.upn for child in world.families.children if child.nhs is not None}
    assert sum(1 for nhs, upn in numbers.values() if nhs and upn) > 100
    for nhs, upn in numbers.values():
        assert nhs is None or upn is None or truth[str(nhs)] == upn


def test_regional_ids_are_opaque_and_unlike(written: dict[str, Sheet]) -> None:
    ids = [str(row["id"]) for row in written["index"].rows(t.child)]
    assert len({*ids}) == len(ids)
    assert all(len(name) == 22 for name in ids)


def test_children_are_known_to_only_some(written: dict[str, Sheet]) -> None:
    counts = Counter(row["child_id"] for row in written["index"].rows(t.holding))
    sectors = Counter(row["sector"] for row in written["index"].rows(t.holding))
    assert min(sectors.values()) > 20
    assert len(sectors) == 5
    assert {1, 2, 3} <= {*counts.values()}


def test_a_shield_covers_every_record_of_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """All records of a restricted child carry the numbers that the council has, so none is left in the open."""
    monkeypatch.setattr(rates, "SHIELDED", 0.2)
    world = make_world(1_000, 3, TODAY)
    written = dict(sheets(world))
    persons = written["social_care"].rows(social_care.T_PERS)
    restricted = {row["NHS_NO"] for row in persons if row["RESTR_FLG"] == "Y"} - {None}
    assert len(restricted) > 30
    assert len(restricted) == sum(row["RESTR_FLG"] == "Y" and row["DOB"] is not None for row in persons)
    upns = {child.upn for child in world.families.children if child.nhs in restricted} - {None}
    for row in written["index"].rows(t.child):
        assert row["shielded"] == (row["nhs"] in restricted)
        assert row["shielded"] or row["upn"] not in upns
