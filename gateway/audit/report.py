"""The subject access report: who was given what about a person, for that person (UK GDPR, article 15).

Third parties are left out: practitioners are named by agency and role, other children not at all, and of what is about
somebody else it is only said that it was.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.audit.cells import cell
from gateway.audit.questions import MAX_PAGE, Question
from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.audit.questions import Found, Questions
    from gateway.supergraph import Supergraph

MAX_LINES: Final = 1_000
_DISCLOSING: Final = frozenset(("ANSWERED", "PARTIAL"))
"""Outcomes of requests by which something may have been given."""

KINDS: Final[Mapping[str, str]] = {
    "locator": "which agencies know the person, and who leads",
    "identity": "name, date of birth and identifiers",
    "contact": "addresses and contacts",
    "status": "status and dates of the work with the person",
    "case": "what the work is about",
    "plan": "plans, actions and minutes",
    "education": "education",
    "health": "health",
    "sensitive": "sensitive health services",
    "police": "police records",
    "third_party": "something about another person (not listed here)",
}
"""What the categories of policies hold, in the words of the people whom it is about."""

OTHER: Final = "other information"
SEVERAL: Final = "part of one answer about several people"
"""What each of them was given about is not told apart in the log, and one's is not another's to read."""

COLUMNS: Final = ("time (UTC)", "agency", "roles", "purpose", "information", "held by")


class Line(NamedTuple):
    """One access. `agency` and `roles` are the practitioner's, `held_by` the parts of the partnership asked."""

    at: str
    agency: str
    roles: tuple[str, ...]
    purpose: str
    information: tuple[str, ...]
    held_by: tuple[str, ...]


class Report(NamedTuple):
    """`whole`: there is nothing more of the time that it is about."""

    child: str
    made: str
    lines: list[Line]
    whole: bool


def report(questions: Questions, question: Question, supergraph: Supergraph | None, most: int = MAX_LINES) -> Report:
    """The report about `question.child`, the newest first, so many lines at most.

    Without a supergraph it can't be told what a field holds, and all is other information. Blocks; raises what asking
    the log does.
    """
    assert question.child is not None
    children = set(questions.children(question.child))
    if not children:
        raise RequestError.of("UNKNOWN_IDENTIFIER", "the log knows no child by this: ask by the regional id")
    lines: list[Line] = []
    before: int | None = None
    more = True
    while more and len(lines) < most:
        found, more = questions.page(question, MAX_PAGE, before)
        lines += [_line(item, supergraph) for item in found if _concerns(item, children)]
        before = found[-1].seq if found else None
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Report(questions.token(question.child), made, lines[:most], not more and len(lines) <= most)


def as_csv(made: Report) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in made.lines:
        writer.writerow([cell(text) for text in _texts(line)])
    return out.getvalue()


def as_html(made: Report) -> str:
    """A page by itself."""
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in _texts(line))}</tr>" for line in made.lines)
    rest = "" if made.whole else "<p><strong>This is not all: there is more than one report holds.</strong></p>"
    none = "" if made.lines else "<p>Nothing was given in this time.</p>"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Who was given information</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d1d1f }}
table {{ border-collapse: collapse; width: 100% }} caption {{ text-align: left; padding: .5rem 0 }}
th, td {{ border: 1px solid #999; padding: .35rem .5rem; text-align: left; vertical-align: top }}
th {{ background: #eee }}
</style></head><body>
<h1>Who was given information</h1>
<p>Made {escape(made.made)}. Reference {escape(made.child)}. Nobody but the subject of this report is named.</p>
{rest}{none}
<table><caption>{len(made.lines)} accesses, the newest first</caption>
<thead><tr>{"".join(f"<th scope='col'>{escape(name)}</th>" for name in COLUMNS)}</tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def _concerns(item: Found, children: set[str]) -> bool:
    """Whether it gave something about the person: not what only asked, and not what auditors read of it."""
    told = item.body["children"]
    return item.body["outcome"] in _DISCLOSING and isinstance(told, list) and not children.isdisjoint(told)


def _line(item: Found, supergraph: Supergraph | None) -> Line:
    body: Mapping[str, Any] = item.body
    coordinates = [each for fields in body["fields"].values() for each in fields]
    alone = len(body["children"]) == 1
    kinds = tuple(sorted(set(_kinds(coordinates, supergraph)))) or (OTHER,)
    return Line(
        datetime.fromtimestamp(body["time"], UTC).isoformat(timespec="seconds"),
        body["agency"],
        tuple(body["roles"]),
        body["purpose"] or "",
        kinds if alone else (SEVERAL,),
        tuple(body["answered"]) if alone else (),
    )


def _kinds(coordinates: Iterable[str], supergraph: Supergraph | None) -> Iterable[str]:
    for coordinate in coordinates:
        type_name, _, name = coordinate.partition(".")
        if supergraph is None or not supergraph.has_field(type_name, name):
            yield OTHER
            continue
        for policy in {policy for row in supergraph.access(type_name, name).policies for policy in row}:
            yield KINDS.get(policy.partition(".")[0], OTHER)


def _texts(line: Line) -> tuple[str, ...]:
    return (
        line.at.replace("T", " ").removesuffix("+00:00"),
        line.agency,
        ", ".join(role.replace("_", " ") for role in line.roles),
        line.purpose,
        "; ".join(line.information),
        ", ".join(line.held_by),
    )
