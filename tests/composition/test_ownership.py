"""What the partnership's configuration lets a subgraph have of another's."""

from __future__ import annotations

import pytest

from gateway.composition import SubgraphSource, compose
from tests.composition.cases.ownership import RULES
from tests.composition.composed import MARK

EXCEPTIONS = {
    "nor the shield": "Child.shielded",
    "what facts are made of is not resolved": "Holder.agency",
    "a root of the authority is not shared": "Query.child",
    "another's field is not overridden": "Note.text",
    "nor shared, of an entity": "Note.text",
}


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_what_is_agreed_is_composed_and_only_for_whom_it_is_agreed(name: str) -> None:
    rule = next(rule for rule in RULES if rule.name == name)
    sdls = [sdl.replace(MARK, "") for sdl in rule.bad]
    for exceptions, refused in ((EXCEPTIONS[name], False), ("Child.forename", True)):
        sources = [
            SubgraphSource(name, f"http://{name}/", sdl, frozenset((exceptions,)) if name != "a" else frozenset())
            for name, sdl in zip("abc", sdls, strict=False)
        ]
        codes = {error.code for error in compose(sources).errors}
        assert (rule.code in codes) is refused


def test_a_schema_without_a_subject_may_override_as_it_likes() -> None:
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@override"]) '
        'type Query { q: T } type T @key(fields: "id") { id: ID! n: Int '
    )
    first = SubgraphSource("a", "http://a/", link + "}")
    second = SubgraphSource("b", "http://b/", link.replace("type Query { q: T }", "") + '@override(from: "a") }')
    assert compose([first, second]).errors == ()
