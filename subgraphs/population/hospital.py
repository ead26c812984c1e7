"""What the hospital knows: attendances at its emergency departments, and examinations for safeguarding.

A referral from A&E has an attendance with a concern on the day; a third of enquiries have an examination.
"""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from subgraphs.population import rates
from subgraphs.population.families import Families
from subgraphs.population.model import Attendance, Child, Episode, Examination
from subgraphs.population.streams import Weighted, between, day_between, pick, stream

REASONS = {
    "FALL": "Fall",
    "FEVR": "Fever",
    "RESP": "Breathing difficulty",
    "INJL": "Limb injury",
    "HEAD": "Head injury",
    "BURN": "Burn or scald",
    "INGE": "Ingestion",
    "SELF": "Self harm",
    "ABDO": "Abdominal pain",
}
ACCOMPANIED_BY = {
    "MUM": "Mother",
    "DAD": "Father",
    "GRAN": "Grandparent",
    "SIB": "Older sibling",
    "SCH": "School staff",
}
_REASON: Weighted[str] = Weighted(
    ("FALL", 0.2),
    ("FEVR", 0.22),
    ("RESP", 0.18),
    ("INJL", 0.14),
    ("HEAD", 0.1),
    ("BURN", 0.04),
    ("INGE", 0.04),
    ("ABDO", 0.08),
)
_BROUGHT_BY: Weighted[str] = Weighted(("MUM", 0.66), ("DAD", 0.2), ("GRAN", 0.06), ("SIB", 0.03), ("SCH", 0.05))
_DEPARTMENT: Weighted[str] = Weighted(("PED", 0.7), ("AE", 0.22), ("UTC", 0.08))
_INJURIES = {
    "FALL": "Bruising to the knee",
    "INJL": "Closed fracture of the forearm",
    "HEAD": "Laceration to the scalp",
    "BURN": "Superficial scald to the hand",
}
_CONCERNS = (
    "History given does not fit the injury; safeguarding form completed.",
    "Delay in presentation; safeguarding form completed.",
    "Third attendance in six months; discussed with the named nurse.",
    "Interaction with the accompanying adult noted; health visitor told.",
)
_FINDINGS = (
    ("BM", "Two areas of bruising marked on the body map, left forearm."),
    ("MR", "Examined with consent. Findings are neither specific nor excluded; see report."),
)
_SENSITIVE = (
    ("SH", "Superficial self harm disclosed; crisis plan agreed."),
    ("SX", "Seen by the sexual health team; follow-up arranged."),
)


class HospitalHistory(NamedTuple):
    attendances: tuple[Attendance, ...]
    examinations: tuple[Examination, ...]


def make_hospital(
    seed: int, today: date, families: Families, episodes: tuple[Episode, ...], fixed: HospitalHistory
) -> HospitalHistory:
    """In order of child and time."""
    random = stream(seed, "hospital")
    attendances, examinations = list(fixed.attendances), list(fixed.examinations)
    yesterday = today - timedelta(days=1)
    for episode in episodes:
        child = families.children[episode.child]
        if child.steadfast or child.born is None or child.born >= episode.referral.made:
            continue
        if episode.referral.source == "3E":
            attendances.append(_attend(random, child, min(episode.referral.made, yesterday), pick(random, _CONCERNS)))
        if episode.enquiry is not None and random.random() < 0.35:
            on = min(episode.enquiry.start + timedelta(days=between(random, 0, 3)), today)
            examinations.append(Examination(child.number, on, _findings(random, child, on)))
    for child in families.children:
        if child.born is None or child.steadfast:
            continue
        for _ in range(rates.BACKGROUND_ATTENDANCES.draw(random)):
            day = day_between(random, max(child.born, today - timedelta(days=1800)), yesterday)
            attendances.append(_attend(random, child, day, None))
    return HospitalHistory(
        tuple(sorted(attendances, key=lambda attendance: (attendance.child, attendance.arrived))),
        tuple(sorted(examinations, key=lambda examination: (examination.child, examination.on))),
    )


def _attend(random: Random, child: Child, day: date, concern: str | None) -> Attendance:
    """Arrival by day, so that it ends on the day that it began."""
    arrived = datetime.combine(day, time(between(random, 7, 18), between(random, 0, 59)))
    unseen = concern is None and random.random() < 0.04
    seen = None if unseen else arrived + timedelta(minutes=between(random, 8, 150))
    reason = _REASON.draw(random) if concern is None else pick(random, tuple(_INJURIES))
    if concern is None and child.age_on(day) >= 11 and random.random() < 0.05:
        reason = "SELF"
    return Attendance(
        child=child.number,
        arrived=arrived,
        seen=seen,
        left=(seen or arrived) + timedelta(minutes=between(random, 15, 140)),
        department=_DEPARTMENT.draw(random),
        reason=reason,
        accompanied_by=_BROUGHT_BY.draw(random),
        injury=None if unseen else _INJURIES.get(reason),
        concern=concern,
    )


def _findings(random: Random, child: Child, on: date) -> tuple[tuple[str, str], ...]:
    older = child.age_on(on) >= 12 and random.random() < 0.3
    return (*_FINDINGS, pick(random, _SENSITIVE)) if older else _FINDINGS
