"""Agencies disagree as often as their clerks slip, and each keeps its own form."""

import re

from subgraphs.acute import tables as acute
from subgraphs.community import tables as community
from subgraphs.education import tables as education
from subgraphs.police import tables as police
from subgraphs.population.seeding import TODAY
from subgraphs.population.views import acute as hospital
from subgraphs.population.views import forms, social_care
from subgraphs.population.views.sheet import Sheet
from subgraphs.population.world import World
from subgraphs.social_care import tables as council


def test_nhs_numbers_are_missing_at_the_agencys_rate(world: World, written: dict[str, Sheet]) -> None:
    persons = [row for row in written["social_care"].rows(council.T_PERS) if row["DOB"] is not None]
    missing = sum(row["NHS_NO"] is None for row in persons) / len(persons)
    assert abs(missing - social_care.SLIPS.no_nhs) < 0.05
    patients = written["acute"].rows(acute.pat)
    missing = sum(row["nhs_no"] is None for row in patients) / len(patients)
    assert abs(missing - hospital.SLIPS.no_nhs) < 0.03


def test_some_names_and_birthdays_differ_between_agencies(world: World, written: dict[str, Sheet]) -> None:
    truth = {child.nhs: child for child in world.families.children if child.nhs is not None}
    rows = [row for row in written["community"].rows(community.patient) if row["NHSNumber"] is not None]
    unlike = [row for row in rows if truth[str(row["NHSNumber"])].surname != row["Surname"]]
    assert 0 < len(unlike) < 0.06 * len(rows)
    wrong = [row for row in rows if truth[str(row["NHSNumber"])].born != row["DateBirth"]]
    assert 0 < len(wrong) < 0.02 * len(rows)


def test_most_police_records_of_children_carry_no_number(written: dict[str, Sheet]) -> None:
    noted = {row["NominalRef"] for row in written["police"].rows(police.nominal_identifier)}
    present = {
        row["NominalRef"] for row in written["police"].rows(police.occurrence_nominal) if row["RoleCode"] != "SUSP"
    }
    assert 0.25 < len(noted & present) / len(present) < 0.5


def test_forms_of_dates() -> None:
    assert forms.compact(TODAY) == "20260331"
    assert forms.slashed(TODAY) == "31/03/2026"
    assert forms.horolog(TODAY) == 67_660
    assert forms.desktop(TODAY) == 46_112
    assert forms.from_compact(forms.compact(TODAY)) == TODAY
    assert forms.from_slashed(forms.slashed(TODAY)) == TODAY
    assert forms.from_horolog(forms.horolog(TODAY)) == TODAY
    assert forms.from_desktop(forms.desktop(TODAY)) == TODAY


def test_texts_keep_to_their_columns(written: dict[str, Sheet]) -> None:
    """SQLite doesn't mind an overlong text; PostgreSQL does."""
    assert all(len(sheet) for sheet in written.values())
    assert len(written) == 6
    for sheet in written.values():
        for table, rows in sheet:
            lengths = {column.name: getattr(column.type, "length", None) for column in table.columns}
            for row in rows:
                assert row.keys() == lengths.keys()
                for name, value in row.items():
                    length = lengths[name]
                    assert length is None or value is None or len(str(value)) <= length, (table.name, name)


def test_sessions_are_ten_marks_and_agree_with_the_codes(written: dict[str, Sheet]) -> None:
    rows = written["education"].rows(education.sessions)
    assert rows
    assert all(re.fullmatch(r"[/\\LBIMCONG#]{10}", str(row["Marks"])) for row in rows)
    marks = "".join(str(row["Marks"]) for row in rows).replace("#", "")
    present = sum(mark in "/\\LB" for mark in marks) / len(marks)
    assert 0.88 < present < 0.97


def test_a_pupil_who_moved_has_a_record_in_each_school(written: dict[str, Sheet]) -> None:
    pupils = [str(row["UPN"]) for row in written["education"].rows(education.pupil)]
    assert len(pupils) > len({*pupils})
