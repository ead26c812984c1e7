"""Federation's directives: in which version each came, and its definition (Federation specification, v2.0 to v2.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

FEDERATION: Final = "https://specs.apollo.dev/federation"
COST: Final = "https://specs.apollo.dev/cost"
LATEST: Final = (2, 12)


class Directive(NamedTuple):
    """`text` is its definition after the name; in it `%S` stands for the namespace of the specification's types."""

    since: tuple[int, int]
    text: str
    added: tuple[tuple[int, int], str] | None = None

    def definition(self, version: tuple[int, int]) -> str:
        """The definition as it was in a version: `added` is what came later than the directive, and when."""
        return self.text.replace(self.added[1], "") if self.added and version < self.added[0] else self.text


_TAGGED = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE"
    " | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
)
_PROTECTED = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"

DIRECTIVES: Final[Mapping[str, Directive]] = {
    "key": Directive((1, 0), "(fields: %S__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"),
    "requires": Directive((1, 0), "(fields: %S__FieldSet!) on FIELD_DEFINITION"),
    "provides": Directive((1, 0), "(fields: %S__FieldSet!) on FIELD_DEFINITION"),
    "external": Directive((1, 0), "(reason: String) on OBJECT | FIELD_DEFINITION"),
    "extends": Directive((1, 0), " on OBJECT | INTERFACE"),
    "tag": Directive((1, 0), f"(name: String!) repeatable on {_TAGGED} | SCHEMA"),
    "inaccessible": Directive((1, 0), f" on {_TAGGED}"),
    "shareable": Directive((2, 0), " repeatable on OBJECT | FIELD_DEFINITION"),
    "override": Directive((2, 0), "(from: String!, label: String) on FIELD_DEFINITION", ((2, 7), ", label: String")),
    "composeDirective": Directive((2, 1), "(name: String!) repeatable on SCHEMA"),
    "interfaceObject": Directive((2, 3), " on OBJECT"),
    "authenticated": Directive((2, 5), f" on {_PROTECTED}"),
    "requiresScopes": Directive((2, 5), f"(scopes: [[%S__Scope!]!]!) on {_PROTECTED}"),
    "policy": Directive((2, 6), f"(policies: [[%S__Policy!]!]!) on {_PROTECTED}"),
    "context": Directive((2, 8), "(name: String!) repeatable on INTERFACE | OBJECT | UNION"),
    "fromContext": Directive((2, 8), "(field: %S__ContextFieldValue) on ARGUMENT_DEFINITION"),
    "cost": Directive(
        (2, 9),
        "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
    ),
    "listSize": Directive(
        (2, 9),
        "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],"
        " requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
    ),
    "cacheTag": Directive((2, 12), "(format: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE"),
}

TYPES: Final = ("FieldSet", "Scope", "Policy", "ContextFieldValue")

LINK: Final = (
    "directive @link(url: String!, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA"
)
