"""The schools' records: a pupil has one in each school that is, or not long ago was, the pupil's."""

from collections.abc import Iterator
from datetime import date, timedelta

from subgraphs.education import tables as t
from subgraphs.population.model import Child, Enrolment, Schooling
from subgraphs.population.schooling import (
    EXCLUSION_REASONS,
    curriculum_year,
    is_school_day,
    school_days,
    school_year,
)
from subgraphs.population.streams import Weighted
from subgraphs.population.views.clerk import Clerk, Slips
from subgraphs.population.views.forms import desktop, from_desktop
from subgraphs.population.views.sheet import Identity, Sheet, Tie, text, whole
from subgraphs.population.world import World

SLIPS = Slips(misspelt=0.05, wrong_birthday=0.005)
WEEKS = 4
_TRUE, _FALSE = -1, 0
_ABSENT: Weighted[str] = Weighted(("I", 0.48), ("M", 0.12), ("C", 0.1), ("O", 0.16), ("N", 0.06), ("G", 0.08))
_LATE, _ELSEWHERE = 0.03, 0.005


def write(world: World) -> Sheet:
    sheet, clerk = Sheet(t.metadata), Clerk(world.seed, "schools", SLIPS)
    for school in world.partners.schools:
        sheet.add(
            t.school,
            URN=school.urn,
            SchoolName=school.name,
            Phase=school.phase,
            DSLName=school.safeguarding_lead,
            DSLPhone=school.phone,
        )
    for code, description in EXCLUSION_REASONS.items():
        sheet.add(t.reason, ReasonCode=code, Description=description)
    ways = {(way.child, way.school): way for way in world.schools.schooling}
    for number, enrolment in enumerate(world.schools.enrolments, 1):
        _pupil(sheet, world, clerk, enrolment, number, ways[enrolment.child, enrolment.school])
    _log(sheet, world)
    return sheet


def identities(sheet: Sheet) -> Iterator[Identity]:
    rolls: dict[tuple[object, object], list[Tie]] = {}
    for row in sheet.rows(t.enrolment):
        left = row["LeaveDay"]
        until = None if left is None else from_desktop(whole(left))
        tie = Tie("ON_ROLL", from_desktop(whole(row["EntryDay"])), until)
        rolls.setdefault((row["URN"], row["UPN"]), []).append(tie)
    for row in sheet.rows(t.pupil):
        yield Identity(
            sector="EDUCATION",
            agency=text(row["URN"]),
            record=text(row["UPN"]),
            nhs=None,
            upn=text(row["UPN"]),
            forename=text(row["ChosenForename"]),
            surname=text(row["LegalSurname"]),
            born=from_desktop(whole(row["BirthDay"])),
            ties=tuple(rolls.get((row["URN"], row["UPN"]), ())),
        )


def _urn(world: World, school: int) -> str:
    return world.partners.schools[school].urn


def _upn(world: World, child: int) -> str:
    number = world.families.children[child].upn
    assert number is not None
    return number


def _pupil(sheet: Sheet, world: World, clerk: Clerk, enrolment: Enrolment, number: int, way: Schooling) -> None:
    child = world.families.children[enrolment.child]
    urn, upn, written = _urn(world, enrolment.school), _upn(world, child.number), clerk.write(child, world.today)
    assert written.born is not None
    assert written.forename is not None
    last_day = enrolment.leave or world.today
    sheet.add(
        t.pupil,
        URN=urn,
        UPN=upn,
        LegalSurname=written.surname,
        ChosenForename=written.forename,
        BirthDay=desktop(written.born),
        NCYear=curriculum_year(written.born, last_day - timedelta(days=bool(enrolment.leave))),
        SENStatus=way.sen,
        CMEFlag=_TRUE if way.missing else _FALSE,
    )
    sheet.add(
        t.enrolment,
        URN=urn,
        EnrolmentNo=number,
        UPN=upn,
        EntryDay=desktop(enrolment.entry),
        LeaveDay=None if enrolment.leave is None else desktop(enrolment.leave),
    )
    for priority, adult in enumerate(world.families.households[child.household].adults, 1):
        sheet.add(
            t.contact,
            URN=urn,
            UPN=upn,
            Priority=priority,
            ContactName=adult.name,
            Relationship=adult.relationship,
            Phone=adult.phone,
        )
    if enrolment.leave is None:
        _attendance(sheet, world, clerk, child, urn, enrolment, way)


def _attendance(
    sheet: Sheet, world: World, clerk: Clerk, child: Child, urn: str, enrolment: Enrolment, way: Schooling
) -> None:
    """Totals of the school year, and the marks of the last whole weeks."""
    year, upn = school_year(world.today), _upn(world, child.number)
    possible = 2 * school_days(max(enrolment.entry, date(year, 9, 1)), world.today)
    if possible:
        attended = 0 if way.missing else round(possible * way.rate)
        school_year_name = f"{year}/{(year + 1) % 100:02}"
        sheet.add(t.attendance, URN=urn, UPN=upn, SchoolYear=school_year_name, Possible=possible, Attended=attended)
    this_week = world.today - timedelta(days=world.today.weekday())
    for weeks_ago in range(WEEKS, 0, -1):
        monday = this_week - timedelta(weeks=weeks_ago)
        if monday >= enrolment.entry:
            marks = "".join(_day(clerk, monday + timedelta(days=n), way) for n in range(5))
            sheet.add(t.sessions, URN=urn, UPN=upn, WeekDay1=desktop(monday), Marks=marks)


def _day(clerk: Clerk, day: date, way: Schooling) -> str:
    """Two marks. Absence is by the day: one draw does for both sessions."""
    if not is_school_day(day):
        return "##"
    if way.missing:
        return "NN"
    if not clerk.chance(way.rate):
        return _ABSENT.draw(clerk.random) * 2
    draw = clerk.random.random()
    return "L\\" if draw < _LATE else "BB" if draw < _LATE + _ELSEWHERE else "/\\"


def _log(sheet: Sheet, world: World) -> None:
    for exclusion in world.schools.exclusions:
        sheet.add(
            t.exclusion,
            URN=_urn(world, exclusion.school),
            UPN=_upn(world, exclusion.child),
            StartDay=desktop(exclusion.on),
            Days=exclusion.days,
            ReasonCode=exclusion.reason,
        )
    for notice in world.schools.encompass:
        urn, upn = _urn(world, notice.school), _upn(world, notice.child)
        sheet.add(t.encompass, URN=urn, UPN=upn, NoticeDay=desktop(notice.on))
    for number, worry in enumerate(world.schools.worries, 1):
        sheet.add(
            t.concern,
            URN=_urn(world, worry.school),
            ConcernNo=number,
            UPN=_upn(world, worry.child),
            LogDay=desktop(worry.on),
            Kind=worry.kind,
            LogText=worry.text,
        )
