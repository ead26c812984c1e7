"""What `@fromContext(field: "$name { selection }")` says."""

from __future__ import annotations

import re
from typing import NamedTuple

_FROM = re.compile(r"\s*\$(?P<context>[_A-Za-z]\w*)\s*(?P<rest>[{.].*)", re.DOTALL)


class FromContext(NamedTuple):
    """`selection` is a selection set in braces."""

    context: str
    selection: str


def from_context(text: str | None) -> FromContext | None:
    """The context that is named, and what is taken from it; None where the text is not of that form."""
    match = _FROM.fullmatch(text or "")
    if match is None:
        return None
    rest = match["rest"].strip()
    return FromContext(match["context"], rest if rest.startswith("{") else f"{{ {rest} }}")
