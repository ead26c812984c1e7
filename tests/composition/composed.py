"""Short ways to compositions, and to the places in an SDL that an error is to name."""

from __future__ import annotations

from typing import Final, NamedTuple

from gateway.composition import CompositionResult, Place, SubgraphSource, compose

IMPORTED: Final = (
    "key", "requires", "provides", "external", "shareable", "override", "inaccessible", "interfaceObject", "tag",
    "composeDirective", "authenticated", "requiresScopes", "policy",
)  # fmt: skip
FEDERATION_1: Final = "# Federation 1\n"
MARK: Final = "»"


class Rule(NamedTuple):
    """`bad` breaks the rule `code` where `»` stands, and those `beside` it that it can't but break; `good` keeps it."""

    name: str
    code: str
    bad: list[str]
    good: list[str]
    beside: frozenset[str] = frozenset()


def link(version: str, *imports: str) -> str:
    """How an SDL of Federation 2 begins."""
    listed = ", ".join(f'"{name}"' for name in imports)
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v{version}", import: [{listed}]) '


def exporting(specification: str) -> str:
    """How one begins that exports a directive `@mine` of this specification."""
    return (
        f'{link("2.7", "@composeDirective")}@link(url: "https://example.org/{specification}", import: ["@mine"]) '
        '@composeDirective(name: "@mine") directive @mine on OBJECT '
    )


def roots(named: str) -> str:
    """How one begins that names its root types."""
    return f'schema @link(url: "https://specs.apollo.dev/federation/v2.7") {{ {named} }} '


LINK: Final = link("2.7", *(f"@{name}" for name in IMPORTED))


def sources(*sdls: str) -> list[SubgraphSource]:
    """Subgraphs `a`, `b`, ...; those that say nothing of links use Federation 2, unless they say so."""
    texts = [sdl if "@link(" in sdl or sdl.startswith(FEDERATION_1) else LINK + sdl for sdl in sdls]
    return [SubgraphSource(name, f"http://{name}/", text) for name, text in zip("abcdef", texts, strict=False)]


def composed(*sdls: str) -> CompositionResult:
    return compose(sources(*(sdl.replace(MARK, "") for sdl in sdls)))


def supergraph(*sdls: str) -> str:
    """The supergraph of subgraphs that compose."""
    result = composed(*sdls)
    assert result.supergraph is not None, [str(error) for error in result.errors]
    return result.supergraph


def codes(*sdls: str) -> set[str]:
    return {error.code for error in composed(*sdls).errors}


def marked(*sdls: str) -> list[Place]:
    """Where the marks stand."""
    found: list[Place] = []
    for source in sources(*sdls):
        text = source.sdl
        while MARK in text:
            before, text = text.split(MARK, 1)
            lines = before.split("\n")
            found.append(Place(source.name, len(lines), len(lines[-1]) + 1))
            text = before + text
    return found
