"""What an entry says was given of each child, as people ask for it: by agency, with the children's pseudonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class GivenBy(NamedTuple):
    """What an agency (code) gave of children (pseudonyms; none: it is about nobody), and on which ground."""

    agency: str
    children: Sequence[str]
    relationships: Sequence[str]
    fields: Sequence[str]


def given_by(body: Mapping[str, Any]) -> Iterator[GivenBy]:
    """Give what an entry says; of one of before it was told of each child, all of all its children."""
    if "given" not in body:
        for agency, fields in body["fields"].items():
            yield GivenBy(agency, body["children"], body["relationships"], fields)
        return
    children = body["children"]
    for each in body["given"]:
        agencies = each["agencies"]
        by_code: dict[str, list[str]] = {agencies[0]: []} if len(agencies) == 1 else {}
        for at, number in enumerate(each["children"]):
            code = agencies[0] if len(agencies) == 1 else agencies[at]
            by_code.setdefault(code, []).append(children[number])
        for code, named in by_code.items():
            yield GivenBy(code, named, each["relationships"], each["fields"])


def disclosed(body: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Return the fields of which a value was returned, of all children together, by agency."""
    found: dict[str, set[str]] = {}
    for each in given_by(body):
        if each.fields:
            found.setdefault(each.agency, set()).update(each.fields)
    return {agency: sorted(found[agency]) for agency in sorted(found)}


def not_given(body: Mapping[str, Any]) -> Iterator[tuple[list[str], Sequence[Mapping[str, str]]]]:
    """Give what was withheld of which children (pseudonyms)."""
    for each in body.get("not_given", ()):
        yield [body["children"][number] for number in each["children"]], each["withheld"]
