"""The hospital's record of the children who have been there."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from subgraphs.acute import tables as t
from subgraphs.population.hospital import ACCOMPANIED_BY, REASONS
from subgraphs.population.model import Attendance
from subgraphs.population.streams import between
from subgraphs.population.views.clerk import Clerk, Slips
from subgraphs.population.views.forms import from_horolog, horolog, seconds
from subgraphs.population.views.sheet import Identity, Sheet, Tie, text, text_or_none, whole
from subgraphs.population.world import World

AGENCY = "RAE"
SLIPS = Slips(misspelt=0.04, wrong_birthday=0.01, no_nhs=0.08)
_FIRST_PATIENT = 123_456
_FIRST_ATTENDANCE = 5_500_001
_FIRST_EXAMINATION = 7_001
_DEPARTMENTS = {
    "PED": "Children's emergency department",
    "AE": "Emergency department",
    "UTC": "Urgent treatment centre",
}


def write(world: World) -> Sheet:
    sheet, clerk = Sheet(t.metadata), Clerk(world.seed, AGENCY, SLIPS)
    nurses = [f"SGN{number}" for number, _ in enumerate(world.partners.named_nurses, 1)]
    doctors = [f"DR{number:02}" for number, _ in enumerate(world.partners.doctors, 1)]
    people = zip(nurses + doctors, world.partners.named_nurses + world.partners.doctors, strict=True)
    for code, person in people:
        sheet.add(t.staff, staff_cd=code, staff_nm=person.name, job=person.title, tel=person.phone)
    for code, name in _DEPARTMENTS.items():
        sheet.add(t.dept, dept_cd=code, dept_nm=name)
    for kind, codes in (("RSN", REASONS), ("ACC", ACCOMPANIED_BY)):
        for code, name in codes.items():
            sheet.add(t.lkp, lkp_typ=kind, lkp_cd=code, lkp_nm=name)
    numbers = _patients(sheet, world, clerk, nurses)
    for number, attendance in enumerate(world.hospital.attendances, _FIRST_ATTENDANCE):
        _attendance(sheet, number, numbers[attendance.child], attendance)
    for number, examination in enumerate(world.hospital.examinations, _FIRST_EXAMINATION):
        doctor, on = doctors[number % len(doctors)], horolog(examination.on)
        sheet.add(t.sgx, exam_no=number, mrn=numbers[examination.child], exam_h=on, staff_cd=doctor)
        for item, finding in examination.findings:
            sheet.add(t.sgx_item, exam_no=number, item_cd=item, item_txt=finding)
    return sheet


def identities(sheet: Sheet) -> Iterator[Identity]:
    days: dict[object, set[date]] = {}
    patient_of = {row["att_no"]: row["mrn"] for row in sheet.rows(t.ae_att)}
    for row in sheet.rows(t.ae_ev):
        days.setdefault(patient_of[row["att_no"]], set()).add(from_horolog(whole(row["ev_h"])))
    for row in sheet.rows(t.pat):
        number, forename = text_or_none(row["nhs_no"]), text_or_none(row["forename"])
        yield Identity(
            sector="ACUTE",
            agency=AGENCY,
            record=text(row["mrn"]),
            nhs=None if number is None else number.replace(" ", ""),
            upn=None,
            forename=None if forename is None else forename.title(),
            surname=text(row["surname"]).title(),
            born=None if row["dob_h"] is None else from_horolog(whole(row["dob_h"])),
            ties=tuple(Tie("ATTENDANCE", day, day + timedelta(days=1)) for day in sorted(days.get(row["mrn"], ()))),
        )


def _patients(sheet: Sheet, world: World, clerk: Clerk, nurses: list[str]) -> dict[int, str]:
    """Hospital numbers of the children who have been there, in the order of the children."""
    seen = {attendance.child for attendance in world.hospital.attendances}
    seen |= {examination.child for examination in world.hospital.examinations}
    numbers: dict[int, str] = {}
    number = _FIRST_PATIENT
    for child in world.families.children:
        if child.number not in seen:
            continue
        mrn = numbers[child.number] = f"M{number:06}"
        number += 1 if child.steadfast else between(clerk.random, 1, 4)
        written = clerk.write(child, world.today)
        nhs = written.nhs
        sheet.add(
            t.pat,
            mrn=mrn,
            nhs_no=None if nhs is None else f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}",
            surname=written.surname.upper(),
            forename=None if written.forename is None else written.forename.upper(),
            dob_h=None if written.born is None else horolog(written.born),
            sex=2 if child.sex == "F" else 1,
            sg_staff_cd=nurses[child.number % len(nurses)],
        )
    return numbers


def _events(attendance: Attendance) -> Iterator[tuple[str, datetime, str | None]]:
    yield "AR", attendance.arrived, None
    if attendance.seen is None:
        yield "LU", attendance.left, None
        return
    yield "TR", attendance.arrived + (attendance.seen - attendance.arrived) / 2, None
    yield "SN", attendance.seen, None
    if attendance.injury is not None:
        yield "DX", attendance.seen, attendance.injury
    if attendance.concern is not None:
        yield "CF", attendance.seen, attendance.concern
    yield "DP", attendance.left, None


def _attendance(sheet: Sheet, number: int, mrn: str, attendance: Attendance) -> None:
    sheet.add(
        t.ae_att,
        att_no=number,
        mrn=mrn,
        dept_cd=attendance.department,
        reason_cd=attendance.reason,
        acc_by_cd=attendance.accompanied_by,
    )
    for sequence, (event, at, words) in enumerate(_events(attendance), 1):
        day, second = horolog(at.date()), seconds(at)
        sheet.add(t.ae_ev, att_no=number, seq=sequence, ev_cd=event, ev_h=day, ev_s=second, ev_txt=words)
