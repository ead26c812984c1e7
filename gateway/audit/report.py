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

import orjson

from authz.working_time import ENGLAND
from gateway.audit.cells import cell
from gateway.audit.given import GivenBy, given_by
from gateway.audit.questions import MAX_PAGE, Question
from gateway.errors import ConfigError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gateway.audit.questions import Found, Questions
    from gateway.supergraph import Supergraph

MAX_LINES: Final = 1_000
NAMES: Final = "agency-names.json"
"""A file of the log's folder: the names of agencies by their codes, as the report has them."""

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
"""What each of them was given about is not told apart in entries of before, and one's is not another's to read."""

PURPOSES: Final[Mapping[str, str]] = {
    "TRIAGE": "deciding what is to be done about a concern",
    "EH": "early help",
    "CIN": "help for a child in need (section 17)",
    "S47": "an enquiry whether a child is being harmed (section 47)",
    "CPP": "a child protection plan",
    "EMERG": "an emergency",
    "SCHOOL": "the school's duty to keep its pupils safe",
}
ROLES: Final[Mapping[str, str]] = {
    "mash_practitioner": "practitioner at the front door (MASH)",
    "conference_chair": "chair of child protection conferences",
    "police_public_protection": "police officer in public protection",
    "health_visitor": "health visitor or school nurse",
    "named_doctor": "named or designated doctor",
    "ae_clinician": "emergency department clinician",
    "school_dsl": "safeguarding lead of a school",
}
"""Roles whose own word is not how people speak of them."""

BREAK_GLASS: Final = "EMERGENCY ACCESS (break-glass), reviewed afterwards"
_GROUNDS: Final[Mapping[str, str]] = {
    "break_glass": BREAK_GLASS,
    "claimed": "said that they work with the person",
    "none": "no work with the person was on record",
}
_WORKS: Final = "works with the person"

COLUMNS: Final = ("time", "agency", "role", "purpose", "ground", "information", "held by")


class Line(NamedTuple):
    """One access. `agency` and `roles` are the practitioner's, `held_by` the agencies whose information it was."""

    at: datetime
    agency: str
    roles: tuple[str, ...]
    purpose: str
    grounds: tuple[str, ...]
    information: tuple[str, ...]
    held_by: tuple[str, ...]


class Report(NamedTuple):
    """`whom`: the identifier by which it was asked for; `child` the person's pseudonym.

    `whole`: there is nothing more of the time that it is about.
    """

    whom: str
    child: str
    made: datetime
    lines: list[Line]
    whole: bool


class Words(NamedTuple):
    """What a report is put into words by: what fields hold (`supergraph`), and agencies' `names` by their codes."""

    supergraph: Supergraph | None
    names: Mapping[str, str]

    def agency(self, code: str) -> str:
        return self.names.get(code, code)


def read_names(folder: Path) -> Mapping[str, str]:
    """Return the names of agencies that a folder has; none where it has no such file. Raises `ConfigError`."""
    try:
        found = orjson.loads((folder / NAMES).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigError(f"`{NAMES}` can't be read: {type(error).__name__}") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise ConfigError(f"`{NAMES}` is a JSON object of names by agencies' codes")
    return found


def report(questions: Questions, question: Question, words: Words, most: int = MAX_LINES) -> Report:
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
        lines += [_line(item, children, words) for item in found if _concerns(item, children)]
        before = found[-1].seq if found else None
    whole = not more and len(lines) <= most
    return Report(question.child, questions.token(question.child), datetime.now(UTC), lines[:most], whole)


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
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1d1d1f }}
table {{ border-collapse: collapse; width: 100% }} caption {{ text-align: left; padding: .5rem 0 }}
th, td {{ border: 1px solid #999; padding: .35rem .5rem; text-align: left; vertical-align: top }}
th {{ background: #eee }}
</style></head><body>
<h1>Who was given information</h1>
<p>About the person whose identifier is <strong>{escape(made.whom)}</strong>. Made on {_time(made.made)}.
In the log the person's reference is {escape(made.child)}.</p>
<p>Practitioners are named by their agency and role. Nobody else is named, and nothing about other people is listed.
Times are those of the United Kingdom.</p>
{rest}{none}
<table><caption>{len(made.lines)} times that information about the person was given, the newest first</caption>
<thead><tr>{"".join(f"<th scope='col'>{escape(name.capitalize())}</th>" for name in COLUMNS)}</tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def _concerns(item: Found, children: set[str]) -> bool:
    """Whether it gave something about the person: not what only asked, and not what auditors read of it."""
    body: Mapping[str, Any] = item.body
    if body["outcome"] not in _DISCLOSING or children.isdisjoint(body["children"]):
        return False
    return "given" not in body or bool(_given(body, children))


def _given(body: Mapping[str, Any], children: set[str]) -> list[GivenBy]:
    """What was given of these children (one person's pseudonyms); of an entry of before, of all its children."""
    return [each for each in given_by(body) if each.fields and not children.isdisjoint(each.children)]


def _line(item: Found, children: set[str], words: Words) -> Line:
    body: Mapping[str, Any] = item.body
    given = _given(body, children)
    told = "given" in body or len(body["children"]) == 1
    kinds = tuple(sorted({kind for each in given for kind in _kinds(each.fields, words.supergraph)})) or (OTHER,)
    return Line(
        datetime.fromtimestamp(body["time"], UTC),
        words.agency(body["agency"]),
        tuple(ROLES.get(role, role.replace("_", " ")) for role in body["roles"]),
        PURPOSES.get(body["purpose"] or "", body["purpose"] or ""),
        _grounds({tie for each in given for tie in each.relationships}) if told else (),
        kinds if told else (SEVERAL,),
        tuple(sorted({words.agency(each.agency) for each in given})) if told else (),
    )


def _grounds(ties: set[str]) -> tuple[str, ...]:
    """On what ground it was given: the glass that was broken counts before all else."""
    said = [words for tie, words in _GROUNDS.items() if tie in ties]
    if ties - _GROUNDS.keys():
        said.append(_WORKS)
    return tuple(said)


def _kinds(coordinates: Iterable[str], supergraph: Supergraph | None) -> Iterable[str]:
    for coordinate in coordinates:
        type_name, _, name = coordinate.partition(".")
        if supergraph is None or not supergraph.has_field(type_name, name):
            yield OTHER
            continue
        for policy in {policy for row in supergraph.access(type_name, name).policies for policy in row}:
            yield KINDS.get(policy.partition(".")[0], OTHER)


def _time(at: datetime) -> str:
    local = at.astimezone(ENGLAND)
    return f"{local.day} {local:%B %Y at %H:%M}"


def _texts(line: Line) -> tuple[str, ...]:
    return (
        _time(line.at),
        line.agency,
        ", ".join(line.roles),
        line.purpose,
        "; ".join(line.grounds),
        "; ".join(line.information),
        ", ".join(line.held_by),
    )
