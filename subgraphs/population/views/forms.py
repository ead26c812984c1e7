"""The forms in which the old systems keep a date: each way, and back where the index needs it."""

from datetime import date, datetime, timedelta

_HOROLOG = date(1840, 12, 31)
_DESKTOP = date(1899, 12, 30)


def compact(day: date) -> str:
    """`YYYYMMDD`."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def compact_or_none(day: date | None) -> str | None:
    return None if day is None else compact(day)


def from_compact(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def slashed(day: date) -> str:
    """`DD/MM/YYYY`."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def slashed_time(at: datetime) -> str:
    """`DD/MM/YYYY HH:MM`."""
    return f"{slashed(at.date())} {at.hour:02}:{at.minute:02}"


def from_slashed(text: str) -> date:
    return date(int(text[6:10]), int(text[3:5]), int(text[:2]))


def horolog(day: date) -> int:
    """Days since 31 December 1840."""
    return (day - _HOROLOG).days


def seconds(at: datetime) -> int:
    """Since midnight."""
    return at.hour * 3600 + at.minute * 60 + at.second


def from_horolog(days: int) -> date:
    return _HOROLOG + timedelta(days=days)


def desktop(day: date) -> int:
    """Days since 30 December 1899."""
    return (day - _DESKTOP).days


def from_desktop(days: int) -> date:
    return _DESKTOP + timedelta(days=days)
