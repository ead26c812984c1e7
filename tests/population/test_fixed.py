"""Children A and B, and their sibling, as the documentation and other tests expect them."""

import pytest

from subgraphs.acute import tables as acute
from subgraphs.community import tables as community
from subgraphs.education import tables as education
from subgraphs.index import tables as index
from subgraphs.police import tables as police
from subgraphs.population.seeding import TODAY, sheets
from subgraphs.population.views.sheet import Row, Sheet
from subgraphs.population.world import make_world
from subgraphs.social_care import tables as social_care

A_NHS, A_UPN, B_NHS, C_NHS = "9990000018", "Q380200125001", "9990000026", "9990000034"


@pytest.fixture(scope="module", params=[(10, 1), (400, 99), None], ids=["10 children", "another seed", "2,000"])
def every(request: pytest.FixtureRequest, written: dict[str, Sheet]) -> dict[str, Sheet]:
    if request.param is None:
        return written
    children, seed = request.param
    return dict(sheets(make_world(children, seed, TODAY)))


def _child(every: dict[str, Sheet], nhs: str) -> Row:
    (row,) = [row for row in every["index"].rows(index.child) if row["nhs"] == nhs]
    return row


def _holdings(every: dict[str, Sheet], nhs: str) -> list[tuple[str, str]]:
    child = _child(every, nhs)["id"]
    rows = every["index"].rows(index.holding)
    return sorted((str(row["agency"]), str(row["record_id"])) for row in rows if row["child_id"] == child)


def test_a_is_known_to_all_five_agencies_once(every: dict[str, Sheet]) -> None:
    child = _child(every, A_NHS)
    assert (child["upn"], child["shielded"]) == (A_UPN, False)
    assert _holdings(every, A_NHS) == [
        ("13", "P0004711"),
        ("380", "10023"),
        ("990001", A_UPN),
        ("RAE", "M123456"),
        ("TAD", "4711"),
    ]


def test_a_is_on_an_open_protection_plan_with_a_lead_worker(every: dict[str, Sheet]) -> None:
    sheet = every["social_care"]
    (person,) = [row for row in sheet.rows(social_care.T_PERS) if row["NHS_NO"] == A_NHS]
    assert (person["PERS_NO"], person["UPN"], person["CP_FLG"], person["CASE_STAT"]) == (10_023, A_UPN, "Y", "O")
    assert person["ALLOC_WRKR_NO"] in [row["WRKR_NO"] for row in sheet.rows(social_care.T_WORKER)]
    episodes = [row["EPIS_NO"] for row in sheet.rows(social_care.T_EPIS) if row["PERS_NO"] == 10_023]
    steps = [row for row in sheet.rows(social_care.T_EPIS_STEP) if row["EPIS_NO"] in episodes]
    assert [row["STEP_TYP"] for row in steps] == ["REF", "ASM", "STR", "S47", "ICPC", "CPP"]
    assert steps[-1]["END_DT"] is None
    assert any(row["STEP_NO"] == steps[-1]["STEP_NO"] for row in sheet.rows(social_care.T_CP_MEMBER))


def test_a_has_a_notice_an_attendance_and_a_school(every: dict[str, Sheet]) -> None:
    (notice,) = [row for row in every["police"].rows(police.ppn) if row["NominalRef"] == "P0004711"]
    lines = [row for row in every["police"].rows(police.ppn_text) if row["PpnRef"] == notice["PpnRef"]]
    assert len(lines) > 1
    (attendance,) = [row for row in every["acute"].rows(acute.ae_att) if row["mrn"] == "M123456"]
    events = [row["ev_cd"] for row in every["acute"].rows(acute.ae_ev) if row["att_no"] == attendance["att_no"]]
    assert events == ["AR", "TR", "SN", "DX", "CF", "DP"]
    assert any(row["mrn"] == "M123456" for row in every["acute"].rows(acute.sgx))
    assert any(row["IDPatient"] == 4711 for row in every["community"].rows(community.contact))
    (enrolment,) = [row for row in every["education"].rows(education.enrolment) if row["UPN"] == A_UPN]
    assert (enrolment["URN"], enrolment["LeaveDay"]) == ("990001", None)


def test_b_is_shielded_and_known_to_some(every: dict[str, Sheet]) -> None:
    assert _child(every, B_NHS)["shielded"] is True
    assert [agency for agency, _ in _holdings(every, B_NHS)] == ["13", "380", "RAE"]
    (person,) = [row for row in every["social_care"].rows(social_care.T_PERS) if row["NHS_NO"] == B_NHS]
    assert (person["RESTR_FLG"], person["CASE_STAT"]) == ("Y", "C")


def test_b_and_c_are_as_siblings_with_a(every: dict[str, Sheet]) -> None:
    relations = every["social_care"].rows(social_care.T_PERS_REL)
    assert [row["REL_PERS_NO"] for row in relations if row["PERS_NO"] == 10_023] == [10_024, 10_025]
    assert _child(every, C_NHS)["shielded"] is False
    present = [row for row in every["police"].rows(police.occurrence_nominal) if row["RoleCode"] == "CHPR"]
    assert {row["NominalRef"] for row in present[:3]} == {"P0004711", "P0004712", "P0004713"}
