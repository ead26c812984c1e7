"""Which claims a guardian reviews: a random tenth, and all that are unusual (partnership's protocol on claims)."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from authz.working_time import is_working_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAMPLED_OF: Final = 10
"""One of so many claims is reviewed whatever it is."""


class Selection(StrEnum):
    """Why a claim is to be reviewed."""

    SAMPLE = "SAMPLE"
    SAME_SURNAME = "SAME_SURNAME"
    SURNAME_NOT_KNOWN = "SURNAME_NOT_KNOWN"
    OUT_OF_HOURS = "OUT_OF_HOURS"
    NO_FURTHER_ACT = "NO_FURTHER_ACT"


def selected(
    family_name: str,
    surnames: Iterable[str] | None,
    at: dt.datetime,
    draw: Callable[[int], int] = secrets.randbelow,
) -> tuple[Selection, ...]:
    """Return why a claim is to be reviewed, as far as it is known when it is made.

    `family_name` is the practitioner's, "" where the token does not say it; `surnames` are the child's, None where the
    index does not say them. What is not known is reviewed. `draw` gives a random number below its argument.
    """
    found: list[Selection] = []
    if draw(SAMPLED_OF) == 0:
        found.append(Selection.SAMPLE)
    theirs = _parts(family_name)
    child_s = frozenset[str]().union(*map(_parts, surnames)) if surnames is not None else frozenset[str]()
    if not theirs or not child_s:
        found.append(Selection.SURNAME_NOT_KNOWN)
    elif theirs & child_s:
        found.append(Selection.SAME_SURNAME)
    if not is_working_time(at):
        found.append(Selection.OUT_OF_HOURS)
    return tuple(found)


def _parts(name: str) -> frozenset[str]:
    """Return a surname's parts as they are compared: without accents, case and punctuation; `Smith-Jones` has two."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    words = "".join(each if each.isalnum() or each in "'’" else " " for each in plain.casefold()).split()
    return frozenset(filter(None, (word.replace("'", "").replace("’", "") for word in words)))
