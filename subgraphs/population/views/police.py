"""The force's record of children in incidents, missing, or under its protection, and of suspects."""

import textwrap
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from subgraphs.police import tables as t
from subgraphs.population.incidents import CONCERNS
from subgraphs.population.model import Adult, Child, Incident
from subgraphs.population.streams import between, pick
from subgraphs.population.views.clerk import Clerk, Slips
from subgraphs.population.views.forms import from_slashed, slashed, slashed_time
from subgraphs.population.views.sheet import Identity, Sheet, Tie, text, text_or_none, whole
from subgraphs.population.world import World

AGENCY = "13"
SLIPS = Slips(misspelt=0.10, wrong_birthday=0.02, no_birthday=0.05)
# Of nominals that are children: another agency's number was noted.
CARRIES_NHS = 0.30
CARRIES_UPN = 0.15
WITH_INTELLIGENCE = 0.03
WITH_MARKER = 0.05
WITH_PNC = 0.02
_FIRST_NOMINAL = 4_711
_FIRST_OFFICER = 6_101
_KEPT_OPEN = timedelta(days=365)
_LINE = 72
_MARKERS = {"VU": "Vulnerable", "SH": "Risk of self harm", "MP": "Repeat missing person", "EX": "Risk of exploitation"}
_LOGS = (
    "Seen in company of older males near the interchange.",
    "Anonymous call about late noise at the address.",
    "Local officer notes frequent visitors to the address.",
)


def write(world: World) -> Sheet:
    sheet, clerk = Sheet(t.metadata), Clerk(world.seed, AGENCY, SLIPS)
    _force(sheet, world)
    nominals = _Nominals(sheet, world, clerk)
    for incident in world.police.incidents:
        _occurrence(sheet, world, nominals, incident)
    _notices(sheet, world, nominals)
    _missing(sheet, world, nominals)
    return sheet


def identities(sheet: Sheet) -> Iterator[Identity]:
    """Of children: a nominal with no identifier, an adult's among them, could not be linked in any case."""
    noted: dict[tuple[str, str], str] = {
        (text(row["NominalRef"]), text(row["Kind"])): text(row["IdValue"]) for row in sheet.rows(t.nominal_identifier)
    }
    units = {row["UnitCode"]: text(row["UnitName"]) for row in sheet.rows(t.unit)}
    unit_of = {row["OfficerNo"]: units[row["UnitCode"]] for row in sheet.rows(t.officer)}
    officer_of = {row["OccurrenceRef"]: whole(row["OfficerNo"]) for row in sheet.rows(t.occurrence)}
    raised: dict[str, list[Tie]] = {}
    for row in sheet.rows(t.ppn):
        day = from_slashed(text(row["RaisedAt"])[:10])
        officer = officer_of[row["OccurrenceRef"]]
        tie = Tie("POLICE_OCCURRENCE", day, day + _KEPT_OPEN, unit_of[officer], str(officer))
        raised.setdefault(text(row["NominalRef"]), []).append(tie)
    for row in sheet.rows(t.nominal):
        ref, born = text(row["NominalRef"]), text_or_none(row["Born"])
        yield Identity(
            sector="POLICE",
            agency=AGENCY,
            record=ref,
            nhs=noted.get((ref, "NHS")),
            upn=noted.get((ref, "UPN")),
            forename=text_or_none(row["Forename"]),
            surname=text(row["Surname"]),
            born=None if born is None else from_slashed(born),
            ties=tuple(raised.get(ref, ())),
        )


def _force(sheet: Sheet, world: World) -> None:
    for unit in world.partners.units:
        sheet.add(t.unit, UnitCode=unit.code, UnitName=unit.name, Phone=unit.phone)
    for number, officer in enumerate(world.partners.officers, _FIRST_OFFICER):
        unit = world.partners.units[officer.team]
        sheet.add(t.officer, OfficerNo=number, RankAndName=officer.name, UnitCode=unit.code)
    for code, meaning in _MARKERS.items():
        sheet.add(t.marker, MarkerCode=code, Meaning=meaning)
    for code, meaning in CONCERNS.items():
        sheet.add(t.concern_type, ConcernCode=code, Meaning=meaning)


class _Nominals:
    """Gives each person a reference at the first mention."""

    def __init__(self, sheet: Sheet, world: World, clerk: Clerk) -> None:
        self._sheet, self._world, self._clerk = sheet, world, clerk
        self._children: dict[int, str] = {}
        self._adults: dict[tuple[int, str], str] = {}
        self._next = _FIRST_NOMINAL
        self._log = count(88_001)

    def _take(self, orderly: bool) -> str:
        reference = f"P{self._next:07}"
        self._next += 1 if orderly else between(self._clerk.random, 1, 7)
        return reference

    def adult(self, household: int, adult: Adult) -> str:
        key = (household, adult.name)
        if key not in self._adults:
            reference = self._adults[key] = self._take(orderly=False)
            self._sheet.add(
                t.nominal,
                NominalRef=reference,
                Surname=adult.surname,
                Forename=adult.forename,
                Born=slashed(adult.born),
                Gender=adult.sex,
                PncId=self._pnc() if self._clerk.chance(0.4) else None,
            )
        return self._adults[key]

    def child(self, number: int) -> str:
        if number not in self._children:
            child = self._world.families.children[number]
            reference = self._children[number] = self._take(orderly=child.steadfast)
            self._write(child, reference)
        return self._children[number]

    def _write(self, child: Child, reference: str) -> None:
        clerk, today = self._clerk, self._world.today
        written = clerk.write(child, today)
        pnc = child.age_on(today) >= 12 and clerk.chance(WITH_PNC)
        self._sheet.add(
            t.nominal,
            NominalRef=reference,
            Surname=written.surname,
            Forename=written.forename,
            Born=None if written.born is None else slashed(written.born),
            Gender=child.sex,
            PncId=self._pnc() if pnc else None,
        )
        sure = child.steadfast or child.shielded
        for kind, value, rate in (("NHS", written.nhs, CARRIES_NHS), ("UPN", written.upn, CARRIES_UPN)):
            noted = clerk.chance(rate)
            if value is not None and (noted or sure):
                self._sheet.add(t.nominal_identifier, NominalRef=reference, Kind=kind, IdValue=value)
        if clerk.chance(WITH_MARKER) or child.steadfast:
            code = "VU" if child.steadfast else pick(clerk.random, tuple(_MARKERS))
            self._sheet.add(
                t.nominal_marker, NominalRef=reference, MarkerCode=code, SetOn=slashed(today), ClearedOn=None
            )
        if clerk.chance(WITH_INTELLIGENCE) or child.steadfast:
            self._sheet.add(
                t.intelligence,
                LogNo=next(self._log),
                NominalRef=reference,
                LoggedAt=f"{slashed(today)} 09:30",
                LogText=pick(clerk.random, _LOGS),
            )

    def _pnc(self) -> str:
        random, year = self._clerk.random, self._world.today.year
        letter = pick(random, "ABCDEFGHJKLMNPQRTUVWXYZ")
        return f"{between(random, year - 15, year)}/{between(random, 1, 9_999_999):07}{letter}"


def _reference(incident: Incident) -> str:
    return f"13{incident.at.year % 100:02}{incident.number + 1:08}"


def _occurrence(sheet: Sheet, world: World, nominals: _Nominals, incident: Incident) -> None:
    """Where it was is where the family lived at the time."""
    reference, household = _reference(incident), world.families.households[incident.household]
    day = incident.at.date()
    home = next((s.address for s in household.stays if s.start <= day and (s.end is None or day < s.end)), None)
    sheet.add(
        t.occurrence,
        OccurrenceRef=reference,
        OccurredAt=slashed_time(incident.at),
        DomesticAbuse=int(incident.domestic_abuse),
        Place=None if home is None else f"{home.line}, {home.town}, {home.postcode}",
        OfficerNo=_FIRST_OFFICER + incident.officer,
    )
    people = [(nominals.child(child), "SUBJ") for child in incident.subjects]
    people.extend((nominals.child(child), "CHPR") for child in incident.present)
    if incident.suspect is not None:
        people.append((nominals.adult(incident.household, incident.suspect), "SUSP"))
    for nominal, role in people:
        sheet.add(t.occurrence_nominal, OccurrenceRef=reference, NominalRef=nominal, RoleCode=role)


def _notices(sheet: Sheet, world: World, nominals: _Nominals) -> None:
    for number, notice in enumerate(world.police.notices, 1):
        reference = f"PPN{notice.raised.year % 100:02}{number:07}"
        sheet.add(
            t.ppn,
            PpnRef=reference,
            OccurrenceRef=_reference(world.police.incidents[notice.incident]),
            NominalRef=nominals.child(notice.child),
            RaisedAt=slashed_time(notice.raised),
            Grade=notice.grade[0],
            ConcernCode=notice.concern,
        )
        for line, part in enumerate(textwrap.wrap(notice.narrative, _LINE), 1):
            sheet.add(t.ppn_text, PpnRef=reference, LineNo=line, LineText=part)


def _missing(sheet: Sheet, world: World, nominals: _Nominals) -> None:
    for number, absence in enumerate(world.police.absences, 1):
        sheet.add(
            t.missing_report,
            MissingRef=f"MIS{absence.reported.year % 100:02}{number:07}",
            NominalRef=nominals.child(absence.child),
            ReportedAt=slashed_time(absence.reported),
            ReturnedAt=None if absence.returned is None else slashed_time(absence.returned),
        )
    for number, protection in enumerate(world.police.protections, 1):
        sheet.add(
            t.protection_power,
            PowerRef=f"PPO{protection.start.year % 100:02}{number:07}",
            NominalRef=nominals.child(protection.child),
            StartedAt=slashed_time(protection.start),
            EndedAt=slashed_time(protection.end),
        )
