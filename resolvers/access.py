"""What a field needs of the person who asks: the directives that the gateway's policies are keyed by.

A policy's name is `category.level`. The subgraph only says which policy a field is under; the gateway decides.
"""

from typing import Final

from strawberry.federation.schema_directive import schema_directive
from strawberry.schema_directive import Location

from authz.policy.names import CATEGORIES, LEVELS
from resolvers.errors import DeclarationError

READ_SCOPE: Final = "cps.read"


@schema_directive(
    locations=[Location.OBJECT],
    name="subject",
    compose=True,
    import_url="https://cps.example/subject/v1.0",
    description="The type is a person whom the data is about: access is decided for each one of them.",
)
class Subject:
    """`@subject`, composed into the supergraph by `@composeDirective`.

    `facts` is a selection set on the type: what a decision about one of these people depends on.
    """

    facts: str


def policies(name: str | None) -> list[list[str]] | None:
    """The argument of `@policy` for one policy's name, or None for a field that needs none.

    Raises DeclarationError if the name is not `category.level` with a known category and level.
    """
    if name is None:
        return None
    category, _, level = name.partition(".")
    if category not in CATEGORIES or level not in LEVELS:
        raise DeclarationError(
            f"policy `{name}` is not `category.level`: categories are {', '.join(sorted(CATEGORIES))}; "
            f"levels are {', '.join(sorted(LEVELS))}"
        )
    return [[name]]
