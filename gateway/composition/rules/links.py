"""`@link`: known versions, one link a specification, imports that are there.

INVALID_LINK_IDENTIFIER, INVALID_LINK_DIRECTIVE_USAGE, UNKNOWN_LINK_VERSION, UNKNOWN_FEDERATION_LINK_VERSION.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from gateway.composition.specification import DIRECTIVES, FEDERATION, LATEST, TYPES

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import Subgraph
    from gateway.supergraph.links import Link


_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


_LINK = "https://specs.apollo.dev/link"


def check_links(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        for link in subgraph.links:
            _check(subgraph, link, collected)
        for identity, number in Counter(link.identity for link in subgraph.links).items():
            if number > 1:
                message = f"[{subgraph.name}] `{identity}` is linked {number} times"
                places = (subgraph.place(link) for link in subgraph.links if link.identity == identity)
                collected.error("INVALID_LINK_DIRECTIVE_USAGE", message, *places)


def _check(subgraph: Subgraph, link: Link, collected: Collected) -> None:
    here = f"[{subgraph.name}] `{link.identity}`"
    place = subgraph.place(link)
    unversioned = link.identity == FEDERATION and link.version == (0, 0)
    if link.identity.count("/") < 3 or not link.name or unversioned or link.identity.startswith(f"{FEDERATION}/"):
        collected.error("INVALID_LINK_IDENTIFIER", f"{here} names no specification: a link ends in `/name/v1.0`", place)
    elif not _NAME.fullmatch(link.namespace):
        collected.error("INVALID_LINK_IDENTIFIER", f"{here}: `{link.namespace}` is no name", place)
    elif link.identity == _LINK and link.version != (1, 0):
        collected.error("UNKNOWN_LINK_VERSION", f"{here}: version {_text(link)} is not known; v1.0 is", place)
    elif link.identity == FEDERATION and not (1, 0) <= link.version <= LATEST:
        collected.error("UNKNOWN_FEDERATION_LINK_VERSION", f"{here}: version {_text(link)} is not known", place)
    elif link.identity == FEDERATION:
        for name in link.imports:
            known = DIRECTIVES.get(name.removeprefix("@")) if name.startswith("@") else None
            if name != "@link" and name not in TYPES and (known is None or known.since > link.version):
                message = f"{here}: `{name}` is not in version {_text(link)}"
                collected.error("INVALID_LINK_DIRECTIVE_USAGE", message, place)


def _text(link: Link) -> str:
    return f"v{link.version[0]}.{link.version[1]}"
