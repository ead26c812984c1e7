"""`@link`: specifications and the names that they have here."""

import pytest
from graphql import parse

from gateway.supergraph.links import Link, links


def only(sdl: str) -> Link:
    (found,) = links(parse(sdl))
    return found


def test_the_url_gives_the_identity_the_version_and_the_name() -> None:
    link = only('extend schema @link(url: "https://specs.apollo.dev/federation/v2.7")')
    assert (link.identity, link.version, link.name) == ("https://specs.apollo.dev/federation", (2, 7), "federation")


@pytest.mark.parametrize(
    ("written", "directive", "local"),
    [
        ('url: "https://x.org/federation/v2.0", import: ["@key"]', "key", "key"),
        ('url: "https://x.org/federation/v2.0", import: [{name: "@key", as: "@id"}]', "key", "id"),
        ('url: "https://x.org/federation/v2.0"', "key", "federation__key"),
        ('url: "https://x.org/federation/v2.0", as: "fed"', "key", "fed__key"),
        ('url: "https://x.org/inaccessible/v0.2"', "inaccessible", "inaccessible"),
        ('url: "https://x.org/inaccessible/v0.2", as: "hidden"', "inaccessible", "hidden"),
    ],
)
def test_a_directive_has_the_name_that_the_link_gives_it(written: str, directive: str, local: str) -> None:
    assert only(f"schema @link({written}) {{ query: Query }}").directive(directive) == local


def test_a_type_has_the_name_that_the_link_gives_it() -> None:
    url = 'url: "https://x.org/federation/v2.0"'
    assert only(f"extend schema @link({url})").type("FieldSet") == "federation__FieldSet"
    assert only(f'extend schema @link({url}, import: ["FieldSet"])').type("FieldSet") == "FieldSet"


def test_core_is_the_old_name_of_link() -> None:
    link = only('schema @core(feature: "https://specs.apollo.dev/join/v0.1") { query: Query }')
    assert (link.name, link.version) == ("join", (0, 1))


def test_a_url_without_a_version_and_a_link_without_a_url() -> None:
    assert only('extend schema @link(url: "https://x.org/mine")').version == (0, 0)
    assert links(parse('extend schema @link(as: "x")')) == []
