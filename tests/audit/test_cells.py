"""No spreadsheet takes a cell for a formula, and what was written is read back."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.cells import SIGNS, cell, plain

SEPARATORS = [",", ";", "\t", "|", ":", " ", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", '"', "/", "~", "^"]
BLANKS = ["\t", "\n", "\r", " ", "\xa0", "\u200b", "\u2060", "\ufeff", "\xad", "\u3000", "\u202e", "\x00", '"']
texts = st.text(
    st.sampled_from([*SIGNS, *SEPARATORS, *BLANKS, *"aB1_'é{}[]\\$"]) | st.characters(codec="utf-8"), max_size=40
)


def begins(piece: str) -> str:
    """Return how a spreadsheet sees a cell begin: without quotes, blanks and what can't be seen."""
    return next((each for each in piece if each not in BLANKS and unicodedata.category(each)[0] not in "CZ"), "")


@settings(max_examples=1_000, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_no_part_of_a_line_begins_as_a_formula_does(row: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(map(cell, row))
    line = out.getvalue()
    for separator in SEPARATORS:
        for piece in line.split(separator):
            assert begins(piece) not in (*SIGNS,), (separator, piece)
    (read,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert list(map(plain, read)) == row


@settings(max_examples=1_000, deadline=None)
@given(texts)
def test_what_is_written_is_read_back(text: str) -> None:
    assert plain(cell(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""), ("police record", "police record"), ("2026-03-30T09:00:00+00:00", "2026-03-30T09:00:00+00:00"),
        ("someone@agency.example", "someone@agency.example"), ("=1+1", "'=1+1"), ("\t=1", "\t'=1"), ("x;=1", "x;'=1"),
        ("\n@SUM(A1)", "\n'@SUM(A1)"), ("\u200b+1", "\u200b'+1"), ("\uff1d1", "'\uff1d1"), ("'=1", "''=1"),
        ("a=1", "a=1"),
        ('{"subject":"=1"}', '{"subject":"\'=1"}'), ("--", "'-'-"), ("query($v0: Int = 5)", "query($v0: Int '= 5)"),
    ],
)  # fmt: skip
def test_a_quote_stands_where_a_formula_could_begin(text: str, written: str) -> None:
    assert cell(text) == written
    assert plain(written) == text
