"""Cells of CSV of which no spreadsheet takes anything for a formula, whatever it parts cells by.

A spreadsheet may part a line at other signs than commas, and passes over blanks, tabs and what can't be seen before it
looks how a cell begins. So a quote stands before each sign that may begin a formula, unless a letter, a digit or an
underscore does: then it begins nothing. What was written can be read back.
"""

from __future__ import annotations

import re
from typing import Final

SIGNS: Final = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
"""Equals, plus, minus and at: as ASCII, in full width, small, and the minus of mathematics."""

_BEGINNING: Final = re.compile(rf"(?<!\w)([{re.escape(SIGNS)}])")
_QUOTED: Final = re.compile(rf"'([{re.escape(SIGNS)}])")


def cell(text: str) -> str:
    """Return a text as it is written into a cell."""
    return _BEGINNING.sub(r"'\1", text)


def plain(written: str) -> str:
    """Return the text that a cell was made of."""
    return _QUOTED.sub(r"\1", written)
